package tokenizer

import (
	"slices"
	"unicode/utf8"
)

// Decode returns the text of ids. Special tokens are left out when skipSpecial
// is set, unknown ids always. Bytes that form no UTF-8 become U+FFFD.
//
// An added token stands for its content. If all its characters belong to the byte-level
// alphabet, it is read in that alphabet, as in the tokenizers library: an added "é" decodes
// to the byte E9.
func (t *Tokenizer) Decode(ids []int32, skipSpecial bool) string {
	n := 0
	for _, id := range ids {
		n += len(t.Bytes(id))
	}
	b := make([]byte, 0, n)
	for _, id := range ids {
		if skipSpecial && t.IsSpecial(id) {
			continue
		}
		b = append(b, t.Bytes(id)...)
	}
	return toValid(string(b))
}

// A Decoder decodes ids one at a time. It belongs to one goroutine.
type Decoder struct {
	t           *Tokenizer
	skipSpecial bool
	pending     []byte // the start of a character
}

// NewDecoder returns a Decoder. Its pieces, put together, are the text that Decode returns
// for all ids at once.
func (t *Tokenizer) NewDecoder(skipSpecial bool) *Decoder {
	return &Decoder{t: t, skipSpecial: skipSpecial}
}

// Resume begins a text that goes on behind ids: a character that they begin and do not
// complete comes with the id that completes it.
func (d *Decoder) Resume(ids []int32) {
	var end []byte
	for i := len(ids) - 1; i >= 0 && len(end) < utf8.UTFMax-1; i-- {
		if !d.skipSpecial || !d.t.IsSpecial(ids[i]) {
			end = append(slices.Clone(d.t.Bytes(ids[i])), end...)
		}
	}
	_, tail := cutComplete(end)
	d.pending = append(d.pending[:0], tail...)
}

// Push takes the next id and returns the text that is complete with it: always
// valid UTF-8, possibly empty, never a part of a character.
func (d *Decoder) Push(id int32) string {
	if d.skipSpecial && d.t.IsSpecial(id) {
		return ""
	}
	d.pending = append(d.pending, d.t.Bytes(id)...)
	done, tail := cutComplete(d.pending)
	s := toValid(string(done))
	d.pending = append(d.pending[:0], tail...)
	return s
}

// Flush ends the text: it returns U+FFFD if a character was begun and not
// completed, otherwise nothing. The Decoder can then be used for another text.
func (d *Decoder) Flush() string {
	s := toValid(string(d.pending))
	d.pending = d.pending[:0]
	return s
}
