package tokenizer

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestNFC(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain", "plain"},
		{"e\u0301", "é"},
		{"a\u0301\u0323", "\u1ea1\u0301"}, // sorted by class first
		{"\u212b", "\u00c5"},
		{"\u0958", "\u0915\u093c"},       // excluded from composition
		{"\u1100\u1161\u11a8", "\uac01"}, // Hangul
		{"e" + strings.Repeat("\u0301", 40), "é" + strings.Repeat("\u0301", 39)},
		{"e" + strings.Repeat("\u0323\u0301", 20) + "x",
			"\u1eb9" + strings.Repeat("\u0323", 19) + strings.Repeat("\u0301", 20) + "x"},
	} {
		if got := toNFC(c.in); got != c.want {
			t.Errorf("toNFC(%+q) = %+q, want %+q", c.in, got, c.want)
		}
		if got := slowNFC(c.in); got != c.want {
			t.Errorf("slowNFC(%+q) = %+q, want %+q", c.in, got, c.want)
		}
	}
}

// Below 30 combining characters in a row both ways give the same.
func TestNFCLaw(t *testing.T) {
	runes := rapid.OneOf(
		rapid.SampledFrom([]rune("aeoAEOsd\u0301\u0300\u0323\u0327\u0308\u0304\u031b\u0345\u05b0\u3099かは\u1100\u1161\u11a8\uac00\uac01\u0915\u093c\u0958\u212b\u1e9b\u0344\u0f73\u0f71")),
		rapid.Rune(),
	)
	rapid.Check(t, func(rt *rapid.T) {
		s := toValid(rapid.StringOfN(runes, 0, 12, -1).Draw(rt, "text"))
		if got, want := slowNFC(s), norm.NFC.String(s); got != want {
			rt.Errorf("slowNFC(%+q) = %+q, want %+q", s, got, want)
		}
	})
}
