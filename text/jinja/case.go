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

// titleCase is the first letter of a word as Python's str.title has it.
func titleCase(c rune) string {
	if c < utf8.RuneSelf {
		return string(unicode.ToUpper(c))
	}
	return cases.Title(language.Und, cases.NoLower).String(string(c))
}

// cased reports whether a rune has a case.
func cased(c rune) bool {
	return unicode.IsUpper(c) || unicode.IsLower(c) || unicode.IsTitle(c) ||
		unicode.In(c, unicode.Other_Uppercase, unicode.Other_Lowercase)
}

// byRune maps rune after rune, over all stretches of a text.
func byRune(t text, f func(c rune) string) text {
	return t.mapped(func(s string) string {
		var b strings.Builder
		for _, c := range s {
			b.WriteString(f(c))
		}
		return b.String()
	})
}

// titled is Python's str.title: a word is a run of letters that have a case.
func titled(t text) text {
	inside := false
	return byRune(t, func(c rune) string {
		was := inside
		if inside = cased(c); was {
			return lowerCase(string(c))
		}
		return titleCase(c)
	})
}

// capitalizedWords is jinja2's filter title: words are cut at white space, hyphens and opening
// brackets alone, and all but their first letter become small.
func capitalizedWords(t text) text {
	first := true
	return byRune(t, func(c rune) string {
		was := first
		if first = isSpace(c) || strings.ContainsRune("-({[<", c); was {
			return upperCase(string(c))
		}
		return lowerCase(string(c))
	})
}

// capitalized is Python's str.capitalize.
func capitalized(t text) text {
	first := true
	return byRune(t, func(c rune) string {
		if first {
			first = false
			return titleCase(c)
		}
		return lowerCase(string(c))
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
