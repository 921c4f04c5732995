package tokenizer

import (
	"sync"
)

// A Tokenizer encodes and decodes with one vocabulary. Make one with [Parse]
// or [Load].
type Tokenizer struct {
	config Config

	tokens  []string         // by id, spelled as in the file
	ids     map[string]int32 // the inverse of tokens
	plain   []byte           // what every token decodes to, one after the other
	ends    []uint32         // by id, where it ends in plain
	special []bool           // by id

	added          []addedToken
	verbatim       *addedSet // tokens looked for in the text as it comes
	afterNormalize *addedSet // tokens looked for in normalized text

	nfc            bool
	stages         []stage
	model          *bpe
	prefix, suffix []int32 // what the post-processor puts around a text

	encoders sync.Pool // of *encoder
}

// EncodeOptions changes what [Tokenizer.Encode] does. The zero value
// recognizes special tokens in the text and adds none.
type EncodeOptions struct {
	// NoSpecial treats the text of special tokens as plain text: for input
	// that must not be able to forge a turn of a chat. Added tokens that are
	// not special are still recognized.
	NoSpecial bool
	// AddSpecial adds the tokens of the post-processor's template, usually a
	// bos token. Falcon's files have no template.
	AddSpecial bool
}

// Encode returns the ids of text. Invalid UTF-8 counts as U+FFFD (see the
// package comment). The time taken is n·log n at worst, whatever the text, but
// for Split patterns of a file's own, which take what their regular expression
// takes.
func (t *Tokenizer) Encode(text string, o EncodeOptions) []int32 {
	text = toValid(text)
	e := t.encoder()
	e.out = make([]int32, 0, len(text)/3+len(t.prefix)+len(t.suffix)+1)
	if o.AddSpecial {
		e.out = append(e.out, t.prefix...)
	}
	t.verbatim.split(text, o.NoSpecial, func(s string, id int32) {
		if id >= 0 {
			e.out = append(e.out, id)
			return
		}
		if t.nfc {
			s = toNFC(s)
		}
		t.afterNormalize.split(s, o.NoSpecial, func(s string, id int32) {
			if id >= 0 {
				e.out = append(e.out, id)
				return
			}
			e.pieces(0, s)
		})
	})
	if o.AddSpecial {
		e.out = append(e.out, t.suffix...)
	}
	ids := e.out
	t.release(e)
	return ids
}

// VocabSize returns the largest id plus one. Every id below it has a token. A
// model's embedding may have more rows.
func (t *Tokenizer) VocabSize() int { return len(t.tokens) }

// Token returns the token with this id as the file spells it: in the byte-level
// alphabet, where "Ġ" stands for a space. See [Tokenizer.Decode] for its text.
func (t *Tokenizer) Token(id int32) (string, bool) {
	if !t.has(id) {
		return "", false
	}
	return t.tokens[id], true
}

// ID returns the id of a token that is spelled as in the file.
func (t *Tokenizer) ID(token string) (int32, bool) {
	id, ok := t.ids[token]
	return id, ok
}

// IsSpecial reports whether id is a special token, one that Decode leaves out
// when asked to.
func (t *Tokenizer) IsSpecial(id int32) bool { return t.has(id) && t.special[id] }

// Config returns what tokenizer_config.json says. It is empty for a Tokenizer
// made by [Parse].
func (t *Tokenizer) Config() Config { return t.config }

func (t *Tokenizer) has(id int32) bool { return id >= 0 && int(id) < len(t.tokens) }

// bytes returns what id decodes to, nothing for an unknown id.
func (t *Tokenizer) bytes(id int32) []byte {
	if !t.has(id) {
		return nil
	}
	start := uint32(0)
	if id > 0 {
		start = t.ends[id-1]
	}
	return t.plain[start:t.ends[id]]
}
