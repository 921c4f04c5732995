package server

import (
	"encoding/json"
	"strconv"
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
	return c.pieces(tok, ids)
}

// pieces answers with tokens and what each stands for: a string, or bytes where it is a part of a character. Of a long
// text that is far more than the text, so it is written as it is made.
func (c *call) pieces(tok *tokenizer.Tokenizer, ids []int32) error {
	c.w.Header().Set("Content-Type", "application/json")
	buffer := append(make([]byte, 0, 1<<16), `{"tokens":[`...)
	known := map[int32][]byte{}
	for i, id := range ids {
		piece, ok := known[id]
		if !ok {
			piece = pieceJSON(tok.Bytes(id))
			known[id] = piece
		}
		if i > 0 {
			buffer = append(buffer, ',')
		}
		buffer = append(strconv.AppendInt(append(buffer, `{"id":`...), int64(id), 10), `,"piece":`...)
		buffer = append(append(buffer, piece...), '}')
		if len(buffer) < cap(buffer)/2 {
			continue
		}
		c.w.limit(c.s.o.WriteTime)
		if _, err := c.w.Write(buffer); err != nil {
			return errGone
		}
		buffer = buffer[:0]
	}
	c.w.limit(c.s.o.WriteTime)
	if _, err := c.w.Write(append(buffer, "]}\n"...)); err != nil {
		return errGone
	}
	return nil
}

func pieceJSON(b []byte) []byte {
	var v any = string(b)
	if !utf8.Valid(b) {
		parts := make([]int, len(b))
		for i, x := range b {
			parts[i] = int(x)
		}
		v = parts
	}
	text, _ := json.Marshal(v) // a string or numbers never fail
	return text
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
