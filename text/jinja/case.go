package jinja

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c >= utf8.RuneSelf })
}

// upperCase is Python's str.upper: a letter may become several, as ß becomes SS.
func upperCase(s string) string {
	if ascii(s) {
		return strings.ToUpper(s)
	}
	return cases.Upper(language.Und).String(s)
}

// lowerCase is Python's str.lower.
func lowerCase(s string) string {
	if ascii(s) {
		return strings.ToLower(s)
	}
	return cases.Lower(language.Und).String(s)
}

// cased reports whether a rune has a case.
func cased(c rune) bool {
	if c < utf8.RuneSelf {
		return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
	}
	return unicode.IsUpper(c) || unicode.IsLower(c) || unicode.IsTitle(c) ||
		unicode.In(c, unicode.Other_Uppercase, unicode.Other_Lowercase)
}

// A letterCase is what becomes of one rune of a text.
type letterCase int

const (
	toLower letterCase = iota
	toUpper
	toTitle // as Python's str.title has the first letter of a word
)

// byRune gives rune after rune the case that f says, over all stretches of a text. A rune gets
// it by itself, whatever stands beside it. That takes several times as long as
// going through bytes does, and is charged so before it is done.
func byRune(r *renderer, t text, f func(c rune) letterCase) text {
	r.spend(len(t.s))
	casers := [...]cases.Caser{
		toLower: cases.Lower(language.Und), toUpper: cases.Upper(language.Und),
		toTitle: cases.Title(language.Und, cases.NoLower),
	}
	var into [utf8.UTFMax * 4]byte // a letter becomes at most three
	return t.mapped(func(s string) string {
		var b strings.Builder
		b.Grow(len(s))
		for _, c := range s {
			to := f(c)
			switch {
			case c < utf8.RuneSelf && to == toLower:
				b.WriteByte(byte(unicode.ToLower(c)))
			case c < utf8.RuneSelf:
				b.WriteByte(byte(unicode.ToUpper(c)))
			case !letter(c):
				b.WriteRune(c)
			default:
				from := utf8.AppendRune(into[:0:utf8.UTFMax], c)
				casers[to].Reset()
				n, _, _ := casers[to].Transform(into[utf8.UTFMax:], from, true)
				b.Write(into[utf8.UTFMax:][:n])
			}
		}
		return b.String()
	})
}

// letter reports whether a rune may have other cases: a letter, a mark, or a number or sign in
// a circle.
func letter(c rune) bool { return unicode.In(c, unicode.L, unicode.M, unicode.Nl, unicode.So) }

// titled is Python's str.title: a word is a run of letters that have a case.
func titled(r *renderer, t text) text {
	inside := false
	return byRune(r, t, func(c rune) letterCase {
		was := inside
		if inside = cased(c); was {
			return toLower
		}
		return toTitle
	})
}

// capitalizedWords is jinja2's filter title: words are cut at white space, hyphens and opening
// brackets alone, and all but their first letter become small.
func capitalizedWords(r *renderer, t text) text {
	first := true
	return byRune(r, t, func(c rune) letterCase {
		was := first
		if first = isSpace(c) || strings.ContainsRune("-({[<", c); was {
			return toUpper
		}
		return toLower
	})
}

// capitalized is Python's str.capitalize.
func capitalized(r *renderer, t text) text {
	first := true
	return byRune(r, t, func(c rune) letterCase {
		if first {
			first = false
			return toTitle
		}
		return toLower
	})
}

// digits are the numbers that str.isdigit takes beside the decimal digits (Numeric_Type=Digit):
// superscripts, subscripts, and digits in circles and the like.
var digits = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0xb2, 0xb3, 1}, {0xb9, 0xb9, 1}, {0x1369, 0x1371, 1}, {0x19da, 0x19da, 1}, {0x2070, 0x2070, 1},
		{0x2074, 0x2079, 1}, {0x2080, 0x2089, 1}, {0x2460, 0x2468, 1}, {0x2474, 0x247c, 1}, {0x2488, 0x2490, 1},
		{0x24ea, 0x24ea, 1}, {0x24f5, 0x24fd, 1}, {0x24ff, 0x24ff, 1}, {0x2776, 0x277e, 1}, {0x2780, 0x2788, 1},
		{0x278a, 0x2792, 1},
	},
	R32: []unicode.Range32{
		{0x10a40, 0x10a43, 1}, {0x10e60, 0x10e68, 1}, {0x11052, 0x1105a, 1}, {0x1f100, 0x1f10a, 1},
	},
	LatinOffset: 2,
}

func isDigit(c rune) bool { return unicode.IsDigit(c) || unicode.Is(digits, c) }
