package falconmamba

import (
	"errors"
	"fmt"
	"slices"

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
	late    []int32 // ids that end the text where it cannot go on, and not before; nil: wherever it may end
}

// ErrNoEOS is returned where a text is held to a grammar and no eos id can end it.
var ErrNoEOS = errors.New("a text with a grammar ends by an eos id, and the model has none: give EOS")

// held returns the Allow function of a grammar, and the ids that end its text.
func (m *Model) held(o *GenerateOptions) (func([]int32, Mask) error, []int32, error) {
	eos := m.eos(o)
	var late []int32
	if o.EOS != nil && len(eos) == 0 {
		eos = m.EOS()
		late = eos
	}
	switch {
	case o.Allow != nil:
		return nil, nil, errors.New("a grammar and Allow both say which tokens may come: give one of them")
	case m.tok == nil:
		return nil, nil, fmt.Errorf("a grammar is of texts, and the model %w", m.noTok)
	case len(eos) == 0:
		return nil, nil, ErrNoEOS
	case o.GrammarTokens < 0:
		return nil, nil, fmt.Errorf("%d tokens of the grammar's text: want 0 or more", o.GrammarTokens)
	}
	h := &heldText{m: o.Grammar.Matcher(m.vocabulary(), eos...), before: o.GrammarTokens, late: late}
	return h.allow, eos, nil
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
	if err := h.m.Mask(mask); err != nil || h.late == nil || !h.m.Ends() {
		return err
	}
	for _, id := range h.late {
		mask[id/32] &^= 1 << (id % 32)
	}
	if !slices.ContainsFunc(mask, func(word int32) bool { return word != 0 }) {
		mask.Allow(h.late...)
	}
	return nil
}
