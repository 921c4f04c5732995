package main

import (
	"strings"
	"testing"
)

// What a person types as one character has one place in a line, and the text is what was typed.
func TestCells(t *testing.T) {
	for _, c := range []struct{ typed, shown, text string }{
		{"abc", "abc", "abc"},
		{"世a", "世" + string(filler) + "a", "世a"},
		{"e\u0301x", "\U00100000x", "e\u0301x"},
		{"👩\u200d🚀", "\U00100000" + string(filler) + "🚀" + string(filler), "👩\u200d🚀"},
		{"\u1112\u1161\u11ab", "\U00100000" + string(filler), "\u1112\u1161\u11ab"}, // a syllable of Hangul in its letters
		{"e\u0301e\u0301", "\U00100000\U00100000", "e\u0301e\u0301"},
		{"\u0301", "\U00100000", "\u0301"},
		{"a\U00100000\U0010FF00b", "a\uFFFD\uFFFDb", "a\uFFFD\uFFFDb"},
		{"co\u00adop", "co\u00adop", "co\u00adop"}, // a soft hyphen has a column
		{"\x7f", "\x7f" + string(tidyLeft), "\x7f"},
	} {
		y := &typing{}
		k := &keys{y: y, in: []byte(c.typed)}
		k.translate()
		if got := string(k.out); got != c.shown || y.cells.untidy(got) != c.text {
			t.Errorf("%q: %q, text %q; want %q, %q", c.typed, got, y.cells.untidy(got), c.shown, c.text)
		}
	}
}

// A mark that comes later joins what is before the cursor.
func TestLateMarks(t *testing.T) {
	var c cells
	mark := c.of("\u0301")
	for _, tc := range []struct{ before, after, want string }{
		{"e", "x", "e\u0301|x"}, {"世" + string(filler), "", "世\u0301|"}, {string(c.of("a\u0302")), "", "a\u0302\u0301|"},
	} {
		line, pos, ok := c.tidy(tc.before+tc.after, len(tc.before), mark)
		if got := c.untidy(line[:pos]) + "|" + c.untidy(line[pos:]); !ok || got != tc.want {
			t.Errorf("%q: %q, %v, want %q", tc.before, got, ok, tc.want)
		}
	}
	if _, _, ok := c.tidy("x", 0, mark); ok {
		t.Error("a mark at the beginning joins something")
	}
	var out strings.Builder
	n, err := cellScreen{&out, &c}.Write([]byte("x" + string(mark) + string(filler)))
	if n == 0 || err != nil || out.String() != "x\u25cc\u0301" {
		t.Errorf("%q is shown (%d bytes, %v)", &out, n, err)
	}
}
