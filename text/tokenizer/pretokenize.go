package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// A stage is one pre-tokenizer. It splits every piece of text that it is given and hands the
// parts to the next stage. The last stage hands them to the model.
//
// Pieces are always raw text. A stage after ByteLevel must see the byte-level alphabet, in
// which every byte is a character: it has a finder over bytes, or is alphabetic.
type stage struct {
	find        finder // nil: the piece stays whole
	behavior    behavior
	invert      bool
	prefixSpace bool
	alphabetic  bool // find wants the piece spelled in the byte-level alphabet
}

// A finder returns the first match in s at or after i, which is below len(s):
// its start is len(s) if there is none. Matches are never empty.
type finder interface {
	find(s string, i int) (start, end int)
}

// finderOver returns f for all of one text: a pattern remembers what it found out about it.
func finderOver(f finder, s string) finder {
	if m, ok := f.(*matcher); ok {
		return m.over(s)
	}
	return f
}

// A behavior says what becomes of the matches that a piece is split at.
type behavior uint8

const (
	isolated behavior = iota
	removed
	mergedWithPrevious
	mergedWithNext
	contiguous
)

var behaviors = map[string]behavior{
	"Isolated":           isolated,
	"Removed":            removed,
	"MergedWithPrevious": mergedWithPrevious,
	"MergedWithNext":     mergedWithNext,
	"Contiguous":         contiguous,
}

// pieces runs s, which is not empty, through the stages from number at on.
func (e *encoder) pieces(at int, s string) {
	if at == len(e.t.stages) {
		e.piece(s)
		return
	}
	st := &e.t.stages[at]
	if st.prefixSpace && s[0] != ' ' {
		s = " " + s
	}
	if st.find == nil {
		e.pieces(at+1, s)
		return
	}
	c := splitter{e: e, stage: st, at: at, s: s}
	if st.alphabetic {
		c.alphabet(toAlphabet(s))
	} else {
		find := finderOver(st.find, s)
		for i := 0; i < len(s); {
			start, end := find.find(s, i)
			c.add(i, start, false)
			c.add(start, end, true)
			i = end
		}
	}
	c.flush()
}

// A splitter is a stage at work on one piece. The last part is held back while
// more may have to be merged with it.
type splitter struct {
	e          *encoder
	stage      *stage
	at         int
	s          string
	start, end int
	match      bool
}

// alphabet splits by the matches in spelled, which is the piece with a character
// for every byte.
func (c *splitter) alphabet(spelled string) {
	at := 0 // in c.s
	find := finderOver(c.stage.find, spelled)
	for i := 0; i < len(spelled); {
		start, end := find.find(spelled, i)
		from := at + utf8.RuneCountInString(spelled[i:start])
		to := from + utf8.RuneCountInString(spelled[start:end])
		c.add(at, from, false)
		c.add(from, to, true)
		i, at = end, to
	}
}

func (c *splitter) add(start, end int, match bool) {
	if start == end {
		return
	}
	match = match != c.stage.invert
	merge := false
	switch c.stage.behavior {
	case isolated:
		c.e.pieces(c.at+1, c.s[start:end])
		return
	case removed:
		if !match {
			c.e.pieces(c.at+1, c.s[start:end])
		}
		return
	case mergedWithPrevious:
		merge = match && !c.match
	case mergedWithNext:
		merge = !match && c.match
	case contiguous:
		merge = match == c.match
	}
	if !merge {
		c.flush()
		c.start = start
	}
	c.end, c.match = end, match
}

func (c *splitter) flush() {
	if c.start < c.end {
		c.e.pieces(c.at+1, c.s[c.start:c.end])
	}
}

// A classFinder matches single characters.
type classFinder class

func (c classFinder) find(s string, i int) (start, end int) {
	for i < len(s) {
		k, n := classAt(s, i)
		if k&class(c) != 0 {
			return i, i + n
		}
		i += n
	}
	return i, i
}

// A byteSet is a set of single characters of the byte-level alphabet.
type byteSet [256]bool

func (b *byteSet) find(s string, i int) (start, end int) {
	for ; i < len(s); i++ {
		if b[s[i]] {
			return i, i + 1
		}
	}
	return i, i
}

// byteClass returns the bytes whose characters are in c. They include
// surprises: ², ³, ¹, ¼, ½ and ¾ stand for themselves, so the last byte of
// "½" is a digit to what follows ByteLevel.
func byteClass(c class) *byteSet {
	var set byteSet
	for b, r := range byteRunes {
		set[b] = classOf(r)&c != 0
	}
	return &set
}

// A byteSequence matches as many bytes as it has sets.
type byteSequence []byteSet

func (q byteSequence) find(s string, i int) (start, end int) {
search:
	for ; i+len(q) <= len(s); i++ {
		for k := range q {
			if !q[k][s[i+k]] {
				continue search
			}
		}
		return i, i + len(q)
	}
	return len(s), len(s)
}

// A literal matches itself.
type literal string

func (l literal) find(s string, i int) (start, end int) {
	if k := strings.Index(s[i:], string(l)); k >= 0 {
		return i + k, i + k + len(l)
	}
	return len(s), len(s)
}

// nothing matches nothing.
type nothing struct{}

func (nothing) find(s string, _ int) (start, end int) { return len(s), len(s) }
