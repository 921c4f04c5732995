package server

import (
	"encoding/json"
	"unicode/utf8"

	"falconmamba"
	"falconmamba/text/chat"
	"falconmamba/text/tokenizer"
)

// tokenizer returns the model's, or refuses.
func (c *call) tokenizer() (*tokenizer.Tokenizer, error) {
	if t := c.s.m.Tokenizer(); t != nil {
		return t, nil
	}
	return nil, unsupported("", "texts are not supported: %v", errNoTokenizer)
}

// tokenize answers POST /tokenize.
func (c *call) tokenize() error {
	o, err := c.object()
	if err != nil {
		return err
	}
	tok, err := c.tokenizer()
	if err != nil {
		return err
	}
	if !o.has("content") {
		o.fail(invalid("content", "missing_required_parameter", "content is missing"))
	}
	content := o.text("content")
	e := tokenizer.EncodeOptions{AddSpecial: o.flag("add_special")}
	if o.has("parse_special") {
		e.NoSpecial = !o.flag("parse_special")
	}
	pieces := o.flag("with_pieces")
	o.ignore("model")
	if bad := o.done(); bad != nil {
		return bad
	}
	ids := tok.Encode(content, e)
	if !pieces {
		return c.reply(map[string][]int32{"tokens": append([]int32{}, ids...)})
	}
	type token struct {
		ID    int32 `json:"id"`
		Piece any   `json:"piece"` // a string, or bytes where it is a part of a character
	}
	tokens := make([]token, len(ids))
	for i, id := range ids {
		b := tok.Bytes(id)
		tokens[i] = token{id, string(b)}
		if !utf8.Valid(b) {
			parts := make([]int, len(b))
			for k, x := range b {
				parts[k] = int(x)
			}
			tokens[i].Piece = parts
		}
	}
	return c.reply(map[string][]token{"tokens": tokens})
}

// detokenize answers POST /detokenize.
func (c *call) detokenize() error {
	o, err := c.object()
	if err != nil {
		return err
	}
	tok, err := c.tokenizer()
	if err != nil {
		return err
	}
	raw := o.raw("tokens")
	if raw == nil {
		o.fail(invalid("tokens", "missing_required_parameter", "tokens are missing"))
		raw = json.RawMessage("[]")
	}
	ids := o.ids("tokens", raw, tok.VocabSize())
	o.ignore("model")
	if bad := o.done(); bad != nil {
		return bad
	}
	return c.reply(map[string]string{"content": tok.Decode(ids, false)})
}

// applyTemplate answers POST /apply-template: the prompt that a conversation becomes.
func (c *call) applyTemplate() error {
	o, err := c.object()
	if err != nil {
		return err
	}
	all := messages(o)
	var g falconmamba.GenerateOptions
	t := c.s.tools(o, &g)
	o.ignore("model")
	if bad := o.done(); bad != nil {
		return bad
	}
	segments, err := c.s.chats.render(c.ctx, all, t)
	if err != nil {
		return err
	}
	return c.reply(map[string]string{"prompt": chat.Join(segments)})
}
