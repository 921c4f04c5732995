package tokenizer

import (
	"slices"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// toNFC normalizes valid UTF-8. The norm package implements the Stream-Safe
// Text Process and would put U+034F into runs of more than 30 combining
// characters; such text takes the long way.
func toNFC(s string) string {
	ascii := true
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return s
	}
	// A character decomposes into four at most, so that runs below 30 here
	// are still no longer than that when decomposed.
	run := 0
	for i := 0; i < len(s); {
		p := norm.NFD.PropertiesString(s[i:])
		if p.TrailCCC() == 0 {
			run = 0
		} else if run += 4; run > 28 {
			return slowNFC(s)
		}
		i += max(p.Size(), 1)
	}
	return norm.NFC.String(s)
}

// slowNFC is the algorithm of Unicode 15, section 3.11, to the letter: decompose,
// sort combining characters by class, compose. Hangul syllables are left
// composed, which comes to the same.
func slowNFC(s string) string {
	type char struct {
		r   rune
		ccc uint8
	}
	var chars []char
	add := func(r rune) {
		chars = append(chars, char{r, norm.NFD.PropertiesString(string(r)).CCC()})
	}
	for _, r := range s {
		if d := norm.NFD.PropertiesString(string(r)).Decomposition(); d != nil {
			for _, r := range string(d) {
				add(r)
			}
		} else {
			add(r)
		}
	}

	for i := 0; i < len(chars); {
		end := i + 1
		if chars[i].ccc != 0 {
			for end < len(chars) && chars[end].ccc != 0 {
				end++
			}
			slices.SortStableFunc(chars[i:end], func(a, b char) int { return int(a.ccc) - int(b.ccc) })
		}
		i = end
	}

	starter := -1
	out := chars[:0]
	for _, c := range chars {
		// c is blocked from the starter by a character between them that
		// is a starter too or has no lower class than c.
		if starter >= 0 && (starter == len(out)-1 || c.ccc > out[len(out)-1].ccc) {
			if r, ok := compose(out[starter].r, c.r); ok {
				out[starter].r = r
				continue
			}
		}
		if c.ccc == 0 {
			starter = len(out)
		}
		out = append(out, c)
	}
	b := make([]byte, 0, len(s))
	for _, c := range out {
		b = utf8.AppendRune(b, c.r)
	}
	return string(b)
}

// compose returns the primary composite of two characters that are normalized.
func compose(a, b rune) (rune, bool) {
	pair := string(a) + string(b)
	c := norm.NFC.String(pair)
	r, n := utf8.DecodeRuneInString(c)
	return r, n == len(c)
}
