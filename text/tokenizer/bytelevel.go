package tokenizer

import "unicode/utf8"

// The byte-level alphabet of GPT-2 (encoder.py, bytes_to_unicode): bytes that
// are printable in Latin-1 stand for themselves, the others for U+0100 and
// upwards in their order.
var (
	byteRunes [256]rune
	runeBytes [0x144]int16 // -1: not in the alphabet
)

func init() {
	for i := range runeBytes {
		runeBytes[i] = -1
	}
	next := rune(0x100)
	for b := range byteRunes {
		r := rune(b)
		if !('!' <= b && b <= '~' || 0xa1 <= b && b <= 0xac || 0xae <= b) {
			r = next
			next++
		}
		byteRunes[b] = r
		runeBytes[r] = int16(b)
	}
}

// fromAlphabet appends the bytes that s stands for, or reports that s has a
// character outside the byte-level alphabet.
func fromAlphabet(dst []byte, s string) ([]byte, bool) {
	n := len(dst)
	for _, r := range s {
		if int(r) >= len(runeBytes) || runeBytes[r] < 0 {
			return dst[:n], false
		}
		dst = append(dst, byte(runeBytes[r]))
	}
	return dst, true
}

// toAlphabet spells s in the byte-level alphabet.
func toAlphabet(s string) string { return string(appendAlphabet(make([]byte, 0, len(s)*2), s)) }

// appendAlphabet appends s in the byte-level alphabet.
func appendAlphabet(dst []byte, s string) []byte {
	for i := range len(s) {
		dst = utf8.AppendRune(dst, byteRunes[s[i]])
	}
	return dst
}

// gpt2 finds the matches of
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// which begin wherever the last one ended: every character is of one of the
// classes.
type gpt2 struct{}

const gpt2Pattern = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

func (gpt2) find(s string, i int) (start, end int) {
	if s[i] == '\'' {
		if n := contraction(s[i+1:], false); n > 0 {
			return i, i + 1 + n
		}
	}
	at := i
	c, n := classAt(s, at)
	if s[at] == ' ' && at+1 < len(s) {
		at++
		c, n = classAt(s, at)
	}
	switch {
	case c&letter != 0:
		return i, skipClass(s, at+n, letter)
	case c&number != 0:
		return i, skipClass(s, at+n, number)
	case c&space == 0:
		return i, skipOther(s, at+n)
	}
	return i, whiteRun(s, i)
}

// cl100k finds the matches of
//
// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|
// ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
//
// with digits, where positive, in place of the 3. They too tile the text.
type cl100k struct{ digits int }

var cl100kPatterns = map[string]cl100k{
	cl100kHead + `\p{N}{1,3}` + cl100kTail: {3},
	cl100kHead + `\p{N}` + cl100kTail:      {1},
	cl100kHead + `\p{N}+` + cl100kTail:     {0},
}

const (
	cl100kHead = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|`
	cl100kTail = `| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
)

func (p cl100k) find(s string, i int) (start, end int) {
	if s[i] == '\'' {
		if n := contraction(s[i+1:], true); n > 0 {
			return i, i + 1 + n
		}
	}
	c, n := classAt(s, i)
	if c&letter != 0 {
		return i, skipClass(s, i+n, letter)
	}
	if c&number != 0 {
		if p.digits == 0 {
			return i, skipClass(s, i+n, number)
		}
		end = i + n
		for k := 1; k < p.digits && end < len(s); k++ {
			c, n := classAt(s, end)
			if c&number == 0 {
				break
			}
			end += n
		}
		return i, end
	}
	next, m := class(space), 0 // of the character after the first
	if i+n < len(s) {
		next, m = classAt(s, i+n)
	}
	if c&newline == 0 && next&letter != 0 {
		return i, skipClass(s, i+n+m, letter)
	}
	if c&space == 0 {
		return i, skipClass(s, skipOther(s, i+n), newline)
	}
	if s[i] == ' ' && next&(space|letter|number) == 0 {
		return i, skipClass(s, skipOther(s, i+n+m), newline)
	}
	// \s*[\r\n]+ ends after the last line break of the run.
	last := 0
	for end = i; end < len(s); end += n {
		if c, n = classAt(s, end); c&space == 0 {
			break
		}
		if c&newline != 0 {
			last = end + n
		}
	}
	if last > 0 {
		return i, last
	}
	return i, whiteRun(s, i)
}

// contraction returns the length of the English suffix at the start of s, which
// follows an apostrophe: s, t, re, ve, m, ll or d.
func contraction(s string, fold bool) int {
	if s == "" {
		return 0
	}
	lower := func(i int) byte {
		c := s[i]
		if fold && 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		return c
	}
	switch a := lower(0); a {
	case 's', 't', 'm', 'd':
		return 1
	case 'r', 'v', 'l':
		if len(s) > 1 && (a == 'l' && lower(1) == 'l' || a != 'l' && lower(1) == 'e') {
			return 2
		}
	case 0xc5:
		if fold && len(s) > 1 && s[1] == 0xbf { // U+017F, long s, folds to s
			return 2
		}
	}
	return 0
}

// skipOther returns the end of a run of [^\s\p{L}\p{N}].
func skipOther(s string, i int) int {
	for i < len(s) {
		c, n := classAt(s, i)
		if c&(space|letter|number) != 0 {
			break
		}
		i += n
	}
	return i
}

// whiteRun is \s+(?!\S)|\s+ at i: a run of white space gives its last character
// to what follows, unless it has no other.
func whiteRun(s string, i int) int {
	end, last := i, 0
	for end < len(s) {
		c, n := classAt(s, end)
		if c&space == 0 {
			break
		}
		end, last = end+n, n
	}
	if end < len(s) && end-last > i {
		return end - last
	}
	return end
}
