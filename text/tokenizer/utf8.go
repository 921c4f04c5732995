package tokenizer

import (
	"strings"
	"unicode/utf8"
)

const replacement = "\uFFFD"

// prefixLen looks at the start of b, which is no complete, valid character,
// and returns the length of its maximal subpart: the longest prefix with which
// a valid character could begin, or 1. more reports that b ends there, so that
// further bytes could complete it. (Unicode 15, section 3.9, table 3-7.)
func prefixLen[T string | []byte](b T) (n int, more bool) {
	lo, hi, size := byte(0x80), byte(0xbf), 0
	switch c := b[0]; {
	case c < 0xc2:
		return 1, false
	case c < 0xe0:
		size = 2
	case c < 0xf0:
		size = 3
		if c == 0xe0 {
			lo = 0xa0 // shorter forms exist
		} else if c == 0xed {
			hi = 0x9f // surrogates
		}
	case c < 0xf5:
		size = 4
		if c == 0xf0 {
			lo = 0x90
		} else if c == 0xf4 {
			hi = 0x8f // U+10FFFF is the last
		}
	default:
		return 1, false
	}
	for n = 1; n < size; n++ {
		if n == len(b) {
			return n, true
		}
		if b[n] < lo || b[n] > hi {
			return n, false
		}
		lo, hi = 0x80, 0xbf
	}
	return n, false
}

// toValid replaces every maximal subpart of an invalid sequence by U+FFFD, as
// Rust's String::from_utf8_lossy does.
func toValid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var out strings.Builder
	out.Grow(len(s) + 8)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			n, _ = prefixLen(s[i:])
			out.WriteString(replacement)
		} else {
			out.WriteString(s[i : i+n])
		}
		i += n
	}
	return out.String()
}

// cutComplete splits b into characters that are complete or hopeless and a
// tail of at most three bytes that further bytes could complete.
func cutComplete(b []byte) (done, tail []byte) {
	for back := 1; back <= 3 && back <= len(b); back++ {
		at := len(b) - back
		if !utf8.RuneStart(b[at]) {
			continue
		}
		if n, more := prefixLen(b[at:]); more && n == back {
			return b[:at], b[at:]
		}
		break
	}
	return b, nil
}
