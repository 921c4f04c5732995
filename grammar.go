package falconmamba

import (
	"errors"
	"fmt"

	"falconmamba/text/constrain"
)

// vocabulary returns the model's tokens as grammars see them. It is made when it is first asked for, which takes a
// part of a second.
func (m *Model) vocabulary() *constrain.Vocab {
	m.vocabOnce.Do(func() { m.vocab = constrain.NewVocab(m.tok, m.Config().VocabSize) })
	return m.vocab
}

// A heldText says which tokens may follow a text that is held to a grammar.
type heldText struct {
	m       *constrain.Matcher
	before  int // tokens of the grammar's text that are written already; −1: counted
	begin   int // where in the session's text the grammar's begins
	written []int32
}

// held returns the Allow function of a grammar.
func (m *Model) held(o *GenerateOptions, eos []int32) (func([]int32, Mask) error, error) {
	switch {
	case o.Allow != nil:
		return nil, errors.New("a grammar and Allow both say which tokens may come: give one of them")
	case m.tok == nil:
		return nil, fmt.Errorf("a grammar is of texts, and the model %w", m.noTok)
	case len(eos) == 0:
		return nil, errors.New("a text with a grammar ends by an eos id, and this one has none: leave EOS nil")
	case o.GrammarTokens < 0:
		return nil, fmt.Errorf("%d tokens of the grammar's text: want 0 or more", o.GrammarTokens)
	}
	h := &heldText{m: o.Grammar.Matcher(m.vocabulary(), eos...), before: o.GrammarTokens}
	return h.allow, nil
}

// allow is GenerateOptions.Allow. A device that was lost may have it called again for the same text.
func (h *heldText) allow(text []int32, mask Mask) error {
	if h.before >= 0 {
		if h.before > len(text) {
			return fmt.Errorf("%d tokens of the text belong to the grammar's, and it has %d", h.before, len(text))
		}
		h.begin, h.before = len(text)-h.before, -1
	}
	text = text[h.begin:]
	same := 0
	for same < len(text) && same < len(h.written) && text[same] == h.written[same] {
		same++
	}
	h.m.Rollback(len(h.written) - same)
	h.written = h.written[:same]
	for i, id := range text[same:] {
		if err := h.m.Accept(id); err != nil {
			return fmt.Errorf("token %d of the grammar's text: %w", same+i, err)
		}
		h.written = append(h.written, id)
	}
	return h.m.Mask(mask)
}
