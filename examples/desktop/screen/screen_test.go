package screen

import (
	"fmt"
	"strings"
	"testing"

	"falconmamba/examples/desktop/edit"
	"falconmamba/examples/desktop/grid"
	"falconmamba/examples/desktop/shelf"
	"falconmamba/examples/desktop/talk"
	"falconmamba/examples/desktop/tree"
)

func view(text string) View {
	x := tree.New(0)
	a := x.Add(x.Root(), text)
	b := x.Add(a, "漢字 and so on, for longer than the pane is wide")
	x.Add(a, "other")
	return View{View: talk.View{Version: 1, Turns: tree.Turns(b), Rows: x.Rows(b), Status: "a status"}, Model: "a model",
		Device: "a device", Prompt: &edit.Field{}, States: "states", Layers: 64, Keys: "keys"}
}

// all is the page in one string.
func all(s *Screen) (out string) {
	for y := range s.Page.Rows {
		out += s.Page.Line(y) + "\n"
	}
	return out
}

// A screen of any size can be laid, with anything on it, and what it tells of places is inside.
func TestSizes(t *testing.T) {
	long := strings.Repeat("some words 漢字 ", 300)
	for cols := 1; cols < 300; cols = cols*3/2 + 1 {
		for rows := 1; rows < 120; rows = rows*3/2 + 1 {
			s := New(cols, rows)
			for i := range 4 {
				v := view(long)
				v.Prompt.Insert(long)
				switch i {
				case 1:
					v.Picker = &shelf.Picker{Models: make([]shelf.Model, 40), Devices: make([]shelf.Device, 2), Model: 30}
				case 2:
					v.Opening, v.Percent = "opening", 100
				case 3:
					v.Prompt, v.Turns, v.Rows = &edit.Field{}, nil, nil
					v.Version++
				}
				s.Scroll, s.TreeScroll = 1e6, 1e6
				s.Lay(v)
				if r := s.Pixels(9, 18); r.Min.X < 0 || r.Min.Y < 0 || r.Max.X > 9*cols || r.Max.Y > 18*rows {
					t.Fatalf("%d × %d: the picture is at %v", cols, rows, r)
				}
				for y := -1; y <= rows; y++ {
					for _, x := range []int{-1, 0, cols / 2, cols} {
						if at := s.TextAt(x, y); at < 0 || at > len(s.Whole()) {
							t.Fatalf("%d × %d: a click is at %d of %d", cols, rows, at, len(s.Whole()))
						}
						if at := s.PromptAt(x, y); at < 0 || at > len(v.Prompt.Text()) {
							t.Fatalf("%d × %d: a click is at %d of %d", cols, rows, at, len(v.Prompt.Text()))
						}
					}
				}
			}
		}
	}
}

// find returns where a string stands.
func find(t *testing.T, s *Screen, what string) (x, y int) {
	t.Helper()
	for y := range s.Page.Rows {
		if at := strings.Index(s.Page.Line(y), what); at >= 0 {
			return grid.Cells(s.Page.Line(y)[:at]), y
		}
	}
	t.Fatalf("%q is not on the screen:\n%s", what, all(s))
	return 0, 0
}

func TestClicks(t *testing.T) {
	s := New(160, 40)
	v := view("first turn")
	s.Lay(v)
	for what, want := range map[string]string{"▾ a model on a device": "open 0", "light": "", "dark": "theme 0",
		"the beginning": "turn 0", "○ first turn": "turn 1", "├ ○ 漢字": "turn 2", "└ ○ other": "turn 3", "> ": "prompt 0"} {
		if want == "" {
			continue
		}
		x, y := find(t, s, what)
		if what == "> " {
			x += 2
		}
		a, _ := s.Page.At(x, y)
		if got := fmt.Sprint(a.Name, " ", a.N); got != want {
			t.Errorf("a click on %q is %q, want %q", what, got, want)
		}
	}
	x, y := find(t, s, "turn漢字 and")
	if at := s.TextAt(x, y); s.Whole()[at:at+4] != "turn" {
		t.Errorf("a click on turn is at %q", s.Whole()[at:])
	}
	s.Mark, s.Point = s.TextAt(x+6, y), s.TextAt(x, y)
	if got := s.Selected(); got != "turn漢" {
		t.Errorf("%q is selected", got)
	}
	s.Lay(v)
	if c := s.Page.Cells[y*160+x]; c.Back != grid.Chosen {
		t.Error("what is selected does not look so")
	}

	v.Picker = &shelf.Picker{Models: []shelf.Model{{Label: "one"}, {Label: "two"}}, Devices: []shelf.Device{{Label: "gpu"}}}
	s.Lay(v)
	for what, want := range map[string]string{"two": "pick model 1", "gpu": "pick device 0", "Enter open": "pick 0",
		"Esc back": "stop 0", "the beginning": "aside 0"} {
		x, y := find(t, s, what)
		a, _ := s.Page.At(x, y)
		if got := fmt.Sprint(a.Name, " ", a.N); got != want {
			t.Errorf("with the picker a click on %q is %q, want %q", what, got, want)
		}
	}
	if x, y := find(t, s, "gpu"); s.Page.Cells[y*160+x].Hole || !s.Page.Cells[s.Picture.Y*160+s.Picture.X].Hole {
		t.Error("the picture is seen through the panel, or nowhere")
	}
	v.Opening, v.Percent = "opening a model", 40
	s.Lay(v)
	find(t, s, "40 %")
	find(t, s, "opening a model")
}

// The prompt grows with what is typed, keeps the cursor in sight, and shows what is selected.
func TestPrompt(t *testing.T) {
	s := New(60, 30)
	v := view("x")
	v.Prompt.Insert("one\ntwo\n仮名")
	s.Lay(v)
	_, y := find(t, s, "one")
	if _, last := find(t, s, "仮名"); last != y+2 || last != 28 {
		t.Errorf("three lines are in rows %d to %d", y, last)
	}
	if at, ok := s.PromptLine(len("one\ntwo\n仮"), -1); !ok || at != len("one\ntw") {
		t.Errorf("a line up is %d, %t", at, ok)
	}
	if _, ok := s.PromptLine(0, -1); ok {
		t.Error("there is a line above the first")
	}
	if at := s.PromptAt(3+2, 28); at != len("one\ntwo\n仮") {
		t.Errorf("a click on the last character is at %d", at)
	}
	v.Prompt.All()
	s.Lay(v)
	if c := s.Page.Cells[28*60+3]; c.Back != grid.Chosen {
		t.Error("what is selected does not look so")
	}
	v.Prompt.Insert(strings.Repeat("line\n", 40) + "end")
	s.Lay(v)
	find(t, s, "end")
	v.Prompt.Move(edit.Start, false)
	v.Prompt.Insert("begin")
	s.Lay(v)
	find(t, s, "beginline")
}
