package edit

import (
	"math/rand"
	"strings"
	"testing"
	"unicode/utf8"

	"falconmamba/examples/desktop/grid"
)

// show writes a field with | for the cursor and [ ] around what is selected.
func show(f *Field) string {
	from, to := f.Selection()
	if from == to {
		return f.text[:f.at] + "|" + f.text[f.at:]
	}
	return f.text[:from] + "[" + f.text[from:to] + "]" + f.text[to:]
}

func TestField(t *testing.T) {
	type do = func(f *Field)
	move := func(s Step, times int) do {
		return func(f *Field) {
			for range times {
				f.Move(s, false)
			}
		}
	}
	choose := func(s Step, times int) do {
		return func(f *Field) {
			for range times {
				f.Move(s, true)
			}
		}
	}
	insert := func(s string) do { return func(f *Field) { f.Insert(s) } }
	remove := func(s Step) do { return func(f *Field) { f.Delete(s) } }
	undo := func(f *Field) { f.Undo() }
	redo := func(f *Field) { f.Redo() }
	for _, c := range []struct {
		name, text, want string
		do               []do
	}{
		{"backspace takes a letter and its mark", "ae\u0301", "a|", []do{remove(Left)}},
		{"backspace takes a family", "a👩‍👩‍👦", "a|", []do{remove(Left)}},
		{"delete takes a flag", "🇫🇷🇩🇪", "|🇩🇪", []do{move(Start, 1), remove(Right)}},
		{"nothing before the start", "ab", "|ab", []do{move(Start, 1), remove(Left), move(Left, 1)}},
		{"nothing behind the end", "ab", "ab|", []do{remove(Right), move(Right, 2)}},
		{"left by clusters", "漢e\u0301字", "漢|e\u0301字", []do{move(Left, 2)}},
		{"a mark joins what is before it", "e", "e\u0301|", []do{insert("\u0301")}},
		{"a joiner in the middle", "👩👦", "👩‍👦|", []do{move(Left, 1), insert("\u200d")}},
		{"words", "one two, three", "one |two, three", []do{move(WordLeft, 2)}},
		{"words to the right", "one two", "one two|", []do{move(Start, 1), move(WordRight, 2)}},
		{"a word goes", "one two", "one |", []do{remove(WordLeft)}},
		{"lines", "one\ntwo\nthree", "one\n|two\nthree", []do{move(LineStart, 1), move(Left, 1), move(LineStart, 1)}},
		{"a line's end", "one\ntwo", "one|\ntwo", []do{move(Start, 1), move(LineEnd, 1)}},
		{"select and replace", "one two", "one 2|", []do{choose(WordLeft, 1), insert("2")}},
		{"select all", "one", "[one]", []do{func(f *Field) { f.All() }}},
		{"left leaves a selection at its start", "one two", "one |two", []do{choose(WordLeft, 1), move(Left, 1)}},
		{"right leaves it at its end", "one two", "one two|", []do{choose(WordLeft, 1), move(Right, 1)}},
		{"the selection shrinks", "abc", "ab[c]", []do{choose(Left, 2), choose(Right, 1)}},
		{"pasted line ends", "", "a\nb\nc|", []do{insert("a\r\nb\rc")}},
		{"control characters", "", "ab\t|", []do{insert("a\x00\x1b\u0085b\t")}},
		{"no UTF-8", "", "a\ufffdb|", []do{insert("a\xff\xfeb")}},
		{"undo a word at once", "", "one|", []do{insert("one"), insert(" "), insert("t"), insert("w"), undo}},
		{"undo and redo", "ab", "a|", []do{remove(Left), undo, redo}},
		{"undo a deletion", "ab", "ab|", []do{remove(Left), undo}},
		{"undo a cut", "one two", "one [two]", []do{choose(WordLeft, 1), func(f *Field) { f.Cut() }, undo}},
		{"undo of nothing", "", "|", []do{undo, redo}},
		{"redo goes with a change", "ab", "ac|", []do{remove(Left), undo, remove(Left), insert("c"), redo}},
		{"what was taken comes back", "ab", "[ab]", []do{func(f *Field) { f.Take() }, undo}},
	} {
		f := &Field{}
		if c.text != "" {
			f.Insert(c.text)
		}
		for _, d := range c.do {
			d(f)
		}
		if got := show(f); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestMost(t *testing.T) {
	f := &Field{}
	if !f.Insert(strings.Repeat("a", Most-2)) || f.Insert("漢字") || len(f.Text()) > Most || !utf8.ValidString(f.Text()) {
		t.Errorf("a field of %d bytes, of at most %d", len(f.Text()), Most)
	}
}

// However large its texts are, a field keeps no more than a bounded number of bytes to go back to.
func TestUndoIsBounded(t *testing.T) {
	f := &Field{}
	f.Insert(strings.Repeat("a", Most))
	for range 24 {
		f.Delete(Left)
	}
	held := 0
	for _, m := range f.undo[:cap(f.undo)] { // what lies behind the end is held too
		held += len(m.text)
	}
	if held > 16<<20 {
		t.Errorf("undo holds %d bytes", held)
	}
	steps, last := 0, len(f.text)
	for f.Undo() {
		steps++
		if len(f.text) != last+1 {
			t.Fatalf("step %d has %d bytes, behind one of %d", steps, len(f.text), last)
		}
		last = len(f.text)
	}
	if want := 16; steps != want {
		t.Errorf("%d steps of a MiB can be undone, want %d", steps, want)
	}
	for _, m := range f.undo[:cap(f.undo)] {
		if m.text != "" {
			t.Fatal("a step that was undone is held twice")
		}
	}

	small := &Field{}
	for range Steps + 5 {
		small.Insert("ab")
	}
	for steps = 0; small.Undo(); steps++ {
	}
	if steps != Steps {
		t.Errorf("%d small steps can be undone, want %d", steps, Steps)
	}
}

// Whatever is done, the cursor stands between clusters and the text is UTF-8; and undoing everything gives the first
// text.
func TestAnything(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	pieces := []string{"a", " ", "\n", "漢", "e\u0301", "\u0301", "\u200d", "👩", "🇫", "\ufe0f", "\xff", "한", "\u1112", "नि", "\r"}
	for range 200 {
		f := &Field{}
		for range 60 {
			switch step := Step(r.Intn(int(End) + 1)); r.Intn(5) {
			case 0, 1:
				f.Insert(pieces[r.Intn(len(pieces))])
			case 2:
				f.Move(step, r.Intn(2) == 0)
			case 3:
				f.Delete(step)
			case 4:
				f.MoveTo(r.Intn(40)-5, r.Intn(2) == 0)
			}
			if !utf8.ValidString(f.text) {
				t.Fatalf("%q is no UTF-8", f.text)
			}
			between := f.at == len(f.text)
			for c := range grid.Clusters(f.text) {
				between = between || c.At == f.at
			}
			if !between {
				t.Fatalf("the cursor is in a cluster: %q", show(f))
			}
		}
		for f.Undo() {
		}
		if f.text != "" {
			t.Fatalf("all undone, and there is %q", f.text)
		}
	}
}
