package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
)

// parsePostProcessor fills prefix and suffix from a TemplateProcessing's
// template for a single text. ByteLevel changes offsets only, which nobody asks
// for here.
func (t *Tokenizer) parsePostProcessor(what string, raw []byte, depth int) error {
	if isNull(raw) {
		return nil
	}
	m, kind, err := kindOf(what, raw, depth)
	if err != nil {
		return err
	}
	switch kind {
	case "ByteLevel":
		return nil
	case "Sequence":
		return each(what, m, "processors", func(raw []byte) error {
			return t.parsePostProcessor(what, raw, depth+1)
		})
	case "TemplateProcessing":
		if t.prefix != nil {
			return fmt.Errorf("%s has TemplateProcessing twice, which is not supported", what)
		}
		return t.parseTemplate(m)
	}
	return unsupported(what, kind, "ByteLevel, Sequence, TemplateProcessing")
}

func (t *Tokenizer) parseTemplate(m map[string]json.RawMessage) error {
	const what = "TemplateProcessing"
	var specials map[string]struct{ IDs []json.RawMessage }
	if err := field(what, m, "special_tokens", &specials); err != nil {
		return err
	}
	var single []struct {
		SpecialToken, Sequence *struct{ ID string }
	}
	if err := field(what, m, "single", &single); err != nil {
		return err
	}
	t.prefix = []int32{}
	around, texts := &t.prefix, 0
	for _, piece := range single {
		switch {
		case piece.Sequence != nil && piece.Sequence.ID == "A":
			texts++
			around = &t.suffix
		case piece.Sequence != nil:
			return fmt.Errorf("%s.single names the sequence %q, want A", what, piece.Sequence.ID)
		case piece.SpecialToken != nil:
			special, ok := specials[piece.SpecialToken.ID]
			if !ok {
				return fmt.Errorf("%s.single names %q, which is not in its special_tokens", what, piece.SpecialToken.ID)
			}
			for _, raw := range special.IDs {
				id, err := parseID(raw)
				if err != nil {
					return fmt.Errorf("%s: token %q has %w", what, piece.SpecialToken.ID, err)
				}
				if !t.has(id) {
					return fmt.Errorf("%s: token %q has id %d, but the vocabulary ends at %d",
						what, piece.SpecialToken.ID, id, len(t.tokens)-1)
				}
				*around = append(*around, id)
			}
		default:
			return errors.New(what + ".single has a piece that is neither SpecialToken nor Sequence")
		}
	}
	if texts != 1 {
		return fmt.Errorf("%s.single has the text %d times, want once", what, texts)
	}
	return nil
}
