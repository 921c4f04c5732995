package jinja

import (
	"strings"
	"testing"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// Rune by rune each letter gets the case that it has by itself.
func TestCaseByRune(t *testing.T) {
	want := map[letterCase]cases.Caser{
		toLower: cases.Lower(language.Und), toUpper: cases.Upper(language.Und),
		toTitle: cases.Title(language.Und, cases.NoLower),
	}
	r := newRenderer(t.Context(), conversation(""))
	for c := rune(1); c < 0x1f000; c++ {
		if c == 0x3400 {
			c = 0xa000 // past what has no case
		}
		for to, caser := range want {
			got := byRune(r, plain(string(c)), func(rune) letterCase { return to }).s
			if letter := caser.String(string(c)); got != letter {
				t.Errorf("%q in case %d is %q, want %q", c, to, got, letter)
			}
		}
	}
}

// What changes a text rune by rune costs several times what goes through its bytes does.
func TestCaseIsChargedByRune(t *testing.T) {
	for _, c := range []struct {
		expr    string
		refused bool
	}{
		{"x | title", true}, {"x | capitalize", true}, {"x.title()", true}, {"x.capitalize()", true},
		{"x | upper", false}, {"x.lower()", false},
	} {
		template, err := Parse(`{% set x = "AAAAAAA " * 50000 %}{% for i in range(8) %}{% if ` + c.expr +
			` %}{% endif %}{% endfor %}`)
		if err != nil {
			t.Fatal(err)
		}
		_, err = template.Render(t.Context(), conversation(""))
		if refused := err != nil && strings.Contains(err.Error(), "too long"); refused != c.refused || err != nil && !refused {
			t.Errorf("%s of 8 · 400 kB: error %v, want a refusal %v", c.expr, err, c.refused)
		}
	}
}
