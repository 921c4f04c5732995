package tokenizer

import (
	"math"
	"slices"
	"sync"
	"unicode/utf8"
)

// A Tokenizer encodes and decodes with one vocabulary. Make one with [Parse]
// or [Load].
type Tokenizer struct {
	config     Config
	noTemplate error // why it has no ChatTemplate

	tokens  []string // by id, spelled as in the file
	ids     index    // the inverse of tokens
	plain   []byte   // what every token decodes to, one after the other
	ends    []uint32 // by id, where it ends in plain
	special []bool   // by id

	vocab          int // the largest id of a token that was not added, plus 1
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
	// Plain are the parts of a text that came from outside, such as the messages of a
	// chat. A special token that reaches into such a part is plain text there. If the
	// text is not UTF-8, all of it is plain.
	//
	// A special token that is a word of letters is recognized even so: FalconMamba's
	// instruct models have "assistant". People write it, models are trained on it as a
	// token, and alone it means nothing.
	Plain []Span
}

// A Span is a range of bytes, from From up to To. In a list, spans ascend and do not
// overlap.
type Span struct{ From, To int }

// plain reports whether bytes from … to−1 reach into a part that is plain.
func (o EncodeOptions) plain(from, to int) bool {
	i, _ := slices.BinarySearchFunc(o.Plain, from, func(s Span, from int) int { return s.To - from - 1 })
	return i < len(o.Plain) && o.Plain[i].From < to
}

// Encode returns the ids of text. Invalid UTF-8 counts as U+FFFD (see the
// package comment). It takes n·log n at worst, whatever the text. Only a Split pattern
// that is the file's own takes as long as its regular expression does.
func (t *Tokenizer) Encode(text string, o EncodeOptions) []int32 {
	if len(o.Plain) > 0 && !utf8.ValidString(text) {
		o.Plain = []Span{{0, math.MaxInt}}
	}
	text = toValid(text)
	e := t.encoder()
	e.out = make([]int32, 0, len(text)/3+len(t.prefix)+len(t.suffix)+1)
	if o.AddSpecial {
		e.out = append(e.out, t.prefix...)
	}
	t.verbatim.split(text, 0, o, func(from, to int, id int32) {
		if id >= 0 {
			e.out = append(e.out, id)
			return
		}
		s := text[from:to]
		if t.nfc {
			if n := toNFC(s); n != s {
				t.normalized(e, text, from, to, o)
				return
			}
		}
		t.unnormalized(e, s, from, o)
	})
	if o.AddSpecial {
		e.out = append(e.out, t.suffix...)
	}
	ids := e.out
	t.release(e)
	return ids
}

// unnormalized encodes a part between verbatim tokens. The part begins at byte at of the
// text that o is about.
func (t *Tokenizer) unnormalized(e *encoder, s string, at int, o EncodeOptions) {
	t.afterNormalize.split(s, at, o, func(from, to int, id int32) {
		if id >= 0 {
			e.out = append(e.out, id)
			return
		}
		e.pieces(0, s[from:to])
	})
}

// normalized encodes bytes from … to−1 of a text that NFC changes. The places of plain parts
// in the normalized text are not known, so each plain part, and each part between, is
// encoded by itself.
func (t *Tokenizer) normalized(e *encoder, text string, from, to int, o EncodeOptions) {
	plain := o.Plain
	o.Plain = nil
	for _, p := range plain {
		if p.To <= from || p.From >= to {
			continue
		}
		t.unnormalized(e, toNFC(text[from:max(from, p.From)]), 0, o)
		inner := o
		inner.Plain = []Span{{0, math.MaxInt}}
		t.unnormalized(e, toNFC(text[max(from, p.From):min(to, p.To)]), 0, inner)
		from = min(to, p.To)
	}
	t.unnormalized(e, toNFC(text[from:to]), 0, o)
}

// VocabSize returns the largest id plus one. Every id below it has a token. A
// model's embedding may have more rows.
func (t *Tokenizer) VocabSize() int { return len(t.tokens) }

// OwnVocabSize returns the largest id of a token that is not an added one, plus one: what
// a model that the tokenizer belongs to has at least. Tokens that were added later need no
// place in the model until a text has them.
func (t *Tokenizer) OwnVocabSize() int { return t.vocab }

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
	id := t.ids.find([]byte(token))
	return id, id >= 0
}

// IsSpecial reports whether id is a special token, one that Decode leaves out
// when asked to.
func (t *Tokenizer) IsSpecial(id int32) bool { return t.has(id) && t.special[id] }

// Config returns what tokenizer_config.json says. It is empty for a Tokenizer
// made by [Parse].
func (t *Tokenizer) Config() Config { return t.config }

func (t *Tokenizer) has(id int32) bool { return id >= 0 && int(id) < len(t.tokens) }

// Bytes returns what id decodes to, nothing for an unknown id. They may be a part of a character,
// and must not be changed.
func (t *Tokenizer) Bytes(id int32) []byte {
	if !t.has(id) {
		return nil
	}
	start := uint32(0)
	if id > 0 {
		start = t.ends[id-1]
	}
	return t.plain[start:t.ends[id]:t.ends[id]]
}
