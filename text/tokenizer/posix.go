package tokenizer

import (
	"fmt"
	"strings"
	"sync"
	"unicode"
)

// posixClasses are the brackets of Oniguruma, by the properties of Unicode that it gives
// them (checked against version 6.9.8, character by character).
var posixClasses = map[string]func(r rune) bool{
	"alnum":  func(r rune) bool { return isAlphabetic(r) || unicode.Is(unicode.Nd, r) },
	"alpha":  isAlphabetic,
	"ascii":  func(r rune) bool { return r <= unicode.MaxASCII },
	"blank":  func(r rune) bool { return r == '\t' || unicode.Is(unicode.Zs, r) },
	"cntrl":  func(r rune) bool { return unicode.Is(unicode.Cc, r) },
	"digit":  func(r rune) bool { return unicode.Is(unicode.Nd, r) },
	"graph":  isGraphic,
	"lower":  func(r rune) bool { return unicode.In(r, unicode.Ll, unicode.Other_Lowercase) },
	"print":  func(r rune) bool { return isGraphic(r) || unicode.Is(unicode.Zs, r) },
	"punct":  func(r rune) bool { return unicode.Is(unicode.P, r) },
	"space":  func(r rune) bool { return unicode.Is(unicode.White_Space, r) },
	"upper":  func(r rune) bool { return unicode.In(r, unicode.Lu, unicode.Other_Uppercase) },
	"word":   isPOSIXWord,
	"xdigit": isHex,
	`\w`:     isWord,
}

func isAlphabetic(r rune) bool { return unicode.In(r, unicode.L, unicode.Nl, unicode.Other_Alphabetic) }

func isPOSIXWord(r rune) bool {
	return isAlphabetic(r) || unicode.In(r, unicode.M, unicode.Nd, unicode.Pc)
}

// isWord is \w, which has some numbers of Latin-1 that [:word:] has not.
func isWord(r rune) bool { return isPOSIXWord(r) || strings.ContainsRune("²³¹¼½¾", r) }

func isHex(r rune) bool { return '0' <= r && r <= '9' || 'A' <= r && r <= 'F' || 'a' <= r && r <= 'f' }

func isGraphic(r rune) bool {
	return unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Cf, unicode.Co)
}

// translatePOSIX returns the bracket that p starts with, such as [:alpha:] or [:^alpha:], as
// the inside of a character class, and its length.
func translatePOSIX(p string) (inside string, n int, err error) {
	name, _, ok := strings.Cut(p[2:], ":]")
	plain, not := strings.CutPrefix(name, "^")
	if !ok || posixClasses[plain] == nil {
		return "", 0, fmt.Errorf("the bracket in %.12q is not supported", p)
	}
	return insideOf(plain, not), len("[::]") + len(name), nil
}

// insides are what insideOf has found out.
var insides sync.Map

// insideOf returns the characters that are in a class, or those that are not, as the inside
// of a character class of Go's.
func insideOf(name string, not bool) string {
	type key struct {
		name string
		not  bool
	}
	if known, ok := insides.Load(key{name, not}); ok {
		return known.(string)
	}
	in := posixClasses[name]
	var out strings.Builder
	from := rune(-1)
	for r := rune(0); r <= unicode.MaxRune+1; r++ {
		is := r <= unicode.MaxRune && in(r) != not
		if is && from < 0 {
			from = r
		} else if !is && from >= 0 {
			out.WriteString(hex(from) + "-" + hex(r-1))
			from = -1
		}
	}
	insides.Store(key{name, not}, out.String())
	return out.String()
}
