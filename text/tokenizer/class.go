package tokenizer

import (
	"sync"
	"unicode"
	"unicode/utf8"
)

// A class is a set of properties of a character, as the reference's libraries
// define them.
type class uint8

const (
	letter  class = 1 << iota // \p{L}
	number                    // \p{N}: Nd, Nl, No, which is also Rust's is_numeric
	space                     // White_Space
	punct                     // ASCII punctuation (with the symbols), or P*
	word                      // \w of Rust's regex crate
	newline                   // CR, LF
)

// classes holds the Basic Multilingual Plane; the tables behind it take a
// binary search for each property.
var classes [1 << 16]class

var fillClasses = sync.OnceFunc(func() {
	fill := func(c class, tables ...*unicode.RangeTable) {
		for _, t := range tables {
			for _, r := range t.R16 {
				for i := int(r.Lo); i <= int(r.Hi); i += int(r.Stride) {
					classes[i] |= c
				}
			}
		}
	}
	fill(letter, unicode.L)
	fill(number, unicode.N)
	fill(space, unicode.White_Space)
	fill(punct, unicode.P)
	fill(word, wordTables...)
	for _, r := range punctSince8.R16 {
		for i := int(r.Lo); i <= int(r.Hi); i += int(r.Stride) {
			classes[i] &^= punct
		}
	}
	for r := rune('!'); r <= '~'; r++ {
		if classes[r]&(letter|number) == 0 {
			classes[r] |= punct
		}
	}
	classes['\r'] |= newline
	classes['\n'] |= newline
	classes[0x166d] |= punct // CANADIAN SYLLABICS CHI SIGN was Po until Unicode 12
})

// classOf needs fillClasses to have run.
func classOf(r rune) class {
	if uint32(r) < 1<<16 {
		return classes[r]
	}
	var c class
	if unicode.Is(unicode.L, r) {
		c |= letter
	}
	if unicode.Is(unicode.N, r) {
		c |= number
	}
	// No character above the BMP is White_Space.
	if unicode.Is(unicode.P, r) && !unicode.Is(punctSince8, r) || r == 0x111c9 {
		// U+111C9, SHARADA SANDHI MARK, was Po until Unicode 11.
		c |= punct
	}
	if unicode.In(r, wordTables...) {
		c |= word
	}
	return c
}

// classAt returns the class and length of the character at s[i:], for valid s.
func classAt(s string, i int) (class, int) {
	if c := s[i]; c < utf8.RuneSelf {
		return classes[c], 1
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	return classOf(r), n
}

// skipClass returns the end of the run of characters in c that begins at i.
func skipClass(s string, i int, c class) int {
	for i < len(s) {
		k, n := classAt(s, i)
		if k&c == 0 {
			break
		}
		i += n
	}
	return i
}

// wordTables: Alphabetic, M, Nd, Pc and Join_Control (UTS 18, annex C).
// Alphabetic is L, Nl and Other_Alphabetic; M covers some of the last.
var wordTables = []*unicode.RangeTable{
	unicode.L, unicode.Nl, unicode.Other_Alphabetic, unicode.M, unicode.Nd, unicode.Pc, unicode.Join_Control,
}

// punctSince8 is the punctuation that came after Unicode 8. The tokenizers library uses the
// crate unicode_categories 0.1.1 with tables of 2016, so to it these are no punctuation.
var punctSince8 = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x061d, Hi: 0x061d, Stride: 1},
		{Lo: 0x09fd, Hi: 0x09fd, Stride: 1},
		{Lo: 0x0a76, Hi: 0x0a76, Stride: 1},
		{Lo: 0x0c77, Hi: 0x0c84, Stride: 13},
		{Lo: 0x1b7d, Hi: 0x1b7e, Stride: 1},
		{Lo: 0x2e43, Hi: 0x2e4f, Stride: 1},
		{Lo: 0x2e52, Hi: 0x2e5d, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x10ead, Hi: 0x10ead, Stride: 1},
		{Lo: 0x10f55, Hi: 0x10f59, Stride: 1},
		{Lo: 0x10f86, Hi: 0x10f89, Stride: 1},
		{Lo: 0x1144b, Hi: 0x1144f, Stride: 1},
		{Lo: 0x1145a, Hi: 0x1145b, Stride: 1},
		{Lo: 0x1145d, Hi: 0x1145d, Stride: 1},
		{Lo: 0x11660, Hi: 0x1166c, Stride: 1},
		{Lo: 0x116b9, Hi: 0x116b9, Stride: 1},
		{Lo: 0x1183b, Hi: 0x1183b, Stride: 1},
		{Lo: 0x11944, Hi: 0x11946, Stride: 1},
		{Lo: 0x119e2, Hi: 0x119e2, Stride: 1},
		{Lo: 0x11a3f, Hi: 0x11a46, Stride: 1},
		{Lo: 0x11a9a, Hi: 0x11a9c, Stride: 1},
		{Lo: 0x11a9e, Hi: 0x11aa2, Stride: 1},
		{Lo: 0x11b00, Hi: 0x11b09, Stride: 1},
		{Lo: 0x11c41, Hi: 0x11c45, Stride: 1},
		{Lo: 0x11c70, Hi: 0x11c71, Stride: 1},
		{Lo: 0x11ef7, Hi: 0x11ef8, Stride: 1},
		{Lo: 0x11f43, Hi: 0x11f4f, Stride: 1},
		{Lo: 0x11fff, Hi: 0x11fff, Stride: 1},
		{Lo: 0x12ff1, Hi: 0x12ff2, Stride: 1},
		{Lo: 0x16e97, Hi: 0x16e9a, Stride: 1},
		{Lo: 0x16fe2, Hi: 0x16fe2, Stride: 1},
		{Lo: 0x1e95e, Hi: 0x1e95f, Stride: 1},
	},
}
