package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"", 10, ""},
		{"one two three", 9, "one two |three"},
		{"one two three", 7, "one two|three"},
		{"one\ntwo\n", 9, "one|two|"},
		{"incomprehensible", 6, "incomp|rehens|ible"},
		{"a incomprehensible", 6, "a |incomp|rehens|ible"},
		{"über ✓", 3, "übe|r ✓"},
		{"a\tb\r\n", 9, "a    b|"},
		{"ab", 1, "a|b"},
	} {
		var got []string
		for _, l := range wrap([]span{{c.text, false}}, c.width) {
			var s strings.Builder
			for _, x := range l {
				s.WriteRune(x.r)
			}
			got = append(got, s.String())
		}
		if g := strings.Join(got, "|"); g != c.want {
			t.Errorf("%q in %d: %q, want %q", c.text, c.width, g, c.want)
		}
	}
	lines := wrap([]span{{"ab ", true}, {"cdef", false}}, 5)
	if len(lines) != 2 || lines[0][0].fore != typed || lines[1][0].fore != ink {
		t.Errorf("colours of %v", lines)
	}
}

// A page can be laid in a window of any size, and scrolls as far as there is text.
func TestLay(t *testing.T) {
	text := []span{{strings.Repeat("some words\n", 100), false}}
	for _, size := range [][2]int{{1, 1}, {8, 17}, {100, 40}, {250, 120}, {1200, 800}, {4000, 30}, {30, 4000}} {
		p := newPage(size[0], size[1], 1)
		v := view{title: "title", tabs: []string{"a", "b"}, text: text, layers: 64,
			prompt: strings.Repeat("prompt", 50), scroll: 1e6}
		most := p.lay(v)
		if most < 0 || most > 1100 {
			t.Errorf("%v: scrolls by %d lines", size, most)
		}
		if r := p.picture; r.Min.X < 0 || r.Min.Y < 0 || r.Max.X > size[0] || r.Max.Y > size[1] {
			t.Errorf("%v: the picture is at %v", size, r)
		}
		if v.scroll = 0; p.lay(v) != most {
			t.Errorf("%v: it scrolls differently at its end", size)
		}
	}
}

func TestGlyphs(t *testing.T) {
	n := len(fontBytes()) / (glyphWidth * glyphHeight)
	for _, r := range "A~ÿ\ufffd漢\u0301😀\x00" {
		if g := glyphOf(r); int(g) >= n {
			t.Errorf("%q has glyph %d of %d", r, g, n)
		}
	}
	if glyphOf('漢') != glyphOf('\ufffd') || glyphOf('漢') == glyphOf('?') {
		t.Errorf("a character without a glyph has %d", glyphOf('漢'))
	}
}

func TestScripts(t *testing.T) {
	if s, err := readScript("testdata/tour.script"); err != nil || len(s.lines) < 20 {
		t.Errorf("%v, %v", s, err)
	}
	for _, bad := range []string{"type", "typo", "wait x", "wait -1", "size 3", "size 0 5", "pause", "close now",
		"shot", "minimise 3", "enter x"} {
		path := filepath.Join(t.TempDir(), "script")
		os.WriteFile(path, []byte("# a comment\n\n"+bad+"\n"), 0o644)
		if _, err := readScript(path); err == nil || !strings.Contains(err.Error(), ":3: ") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
