package grid

import (
	"strings"
	"testing"
)

func TestClusters(t *testing.T) {
	for _, c := range []struct {
		text, want string // clusters, wide ones with a +
	}{
		{"", ""},
		{"abc", "a|b|c"},
		{"e\u0301a", "e\u0301|a"},
		{"漢字a", "漢+|字+|a"},
		{"ｶﾞ", "ｶﾞ"},                                  // halfwidth katakana with its mark
		{"👩‍💻x", "👩‍💻+|x"},                            // joined
		{"🇫🇷🇩🇪", "🇫🇷+|🇩🇪+"},                           // flags
		{"❤\ufe0f❤", "❤\ufe0f+|❤"},                    // as an emoji, and as a sign
		{"한국", "한+|국+"},                               // precomposed
		{"\u1112\u1161\u11ab", "\u1112\u1161\u11ab+"}, // of jamo
		{"\u0301x", "\u0301|x"},                       // a mark on nothing
		{"a\xffb", "a|\xff|b"},                        // no UTF-8
		{"\xe6\xbc", "\xe6|\xbc"},                     // the beginning of a character
		{"\r\nx", "\r\n|x"},
		{"नि", "नि"},
	} {
		var got []string
		at := 0
		for x := range Clusters(c.text) {
			if x.At != at {
				t.Errorf("%q: a cluster at %d, want %d", c.text, x.At, at)
			}
			at += len(x.Text)
			s := x.Text
			if x.Wide {
				s += "+"
			}
			got = append(got, s)
		}
		if g := strings.Join(got, "|"); g != c.want || at != len(c.text) {
			t.Errorf("%q: %q, want %q", c.text, g, c.want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{{"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"漢字", 3, "漢…"}, {"漢字", 2, "…"}, {"漢字", 4, "漢字"}, {"a", 0, ""}} {
		if got := Cut(c.text, c.n); got != c.want || Cells(got) > c.n {
			t.Errorf("%q in %d: %q, want %q", c.text, c.n, got, c.want)
		}
	}
}

func shown(l Line) (s string) {
	for _, x := range l.Letters {
		s += x.Text
	}
	return s
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text string
		cols int
		want string
	}{
		{"", 10, ""},
		{"one two three", 9, "one two |three"},
		{"one two three", 7, "one two |three"}, // the space hangs over the end
		{"one\ntwo\n", 9, "one|two|"},
		{"incomprehensible", 6, "incomp|rehens|ible"},
		{"a incomprehensible", 6, "a |incomp|rehens|ible"},
		{"a\tb\r\n", 9, "a b|"},
		{"well-known fact", 8, "well-|known |fact"},
		{"漢字仮名", 4, "漢字|仮名"},
		{"漢字仮名", 5, "漢字|仮名"},  // half a character does not fit
		{"漢字。仮", 4, "漢|字。|仮"}, // no line begins with a full stop
		{"ae\u0301i", 2, "ae\u0301|i"},
		{"漢", 1, "漢"},
		{"ab", 0, "ab"},
	} {
		lines := Wrap([]Span{{c.text, Ink}}, c.cols)
		var got []string
		at := 0
		for _, l := range lines {
			got = append(got, shown(l))
			if l.From != at || l.To < l.From {
				t.Errorf("%q: a line from %d to %d, want from %d", c.text, l.From, l.To, at)
			}
			at = l.To
		}
		if g := strings.Join(got, "|"); g != c.want || at != len(c.text) {
			t.Errorf("%q in %d: %q to %d, want %q", c.text, c.cols, g, at, c.want)
		}
	}
	lines := Wrap([]Span{{"ab ", Typed}, {"cdef", Ink}}, 5)
	if len(lines) != 2 || lines[0].Letters[0].Fore != Typed || lines[1].Letters[0].Fore != Ink {
		t.Errorf("colours of %v", lines)
	}
	if l := Wrap([]Span{{"a\tb", Ink}}, 9)[0]; l.Letters[2].X != tab {
		t.Errorf("after a tab comes cell %d", l.Letters[2].X)
	}
}

// Every place that begins a cluster is found again where it is shown.
func TestWhere(t *testing.T) {
	text := "one 漢字 e\u0301 two three\n\nfour"
	for cols := 2; cols < 20; cols++ {
		lines := Wrap([]Span{{text, Ink}}, cols)
		for c := range Clusters(text) {
			y, x := Where(lines, c.At)
			if x > cols && c.Text != " " {
				t.Errorf("in %d cells %d is at cell %d", cols, c.At, x)
			}
			if got := Place(lines, y, x); got != c.At && c.Text != "\n" && c.Text != " " {
				t.Errorf("in %d cells %q at %d is shown at line %d, cell %d, where %d is", cols, c.Text, c.At, y, x, got)
			}
		}
		if y, x := Where(lines, len(text)); y != len(lines)-1 || Place(lines, y, x) != len(text) {
			t.Errorf("in %d cells the end is at line %d of %d", cols, y, len(lines))
		}
		if Place(lines, -1, 3) != 0 || Place(lines, 99, 0) != len(text) {
			t.Error("places outside are not the ends")
		}
	}
}

func TestPage(t *testing.T) {
	p := NewPage(6, 2)
	p.Clear()
	if x := p.Put(1, 0, 9, "漢é", Ink, Paper); x != 4 || p.Line(0) != " 漢é  " {
		t.Errorf("%q to %d", p.Line(0), x)
	}
	p.Put(5, 1, 9, "漢x", Ink, Paper) // over the edge
	p.Put(-1, 1, 9, "漢x", Ink, Paper)
	p.Put(0, 9, 9, "x", Ink, Paper)
	if c := p.Cells[6]; c.Part != 1 || c.Text != "漢" {
		t.Errorf("half a character at the edge is %+v", c)
	}
	p.Area(Rect{0, 0, 6, 2}, "all", 0)
	p.Area(Rect{1, 1, 2, 1}, "some", 7)
	for _, c := range []struct {
		x, y int
		want string
	}{{0, 0, "all"}, {1, 1, "some"}, {2, 1, "some"}, {3, 1, "all"}, {6, 0, ""}} {
		if a, _ := p.At(c.x, c.y); a.Name != c.want {
			t.Errorf("at %d, %d is %q, want %q", c.x, c.y, a.Name, c.want)
		}
	}
}
