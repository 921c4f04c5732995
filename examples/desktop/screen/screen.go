// Package screen lays a window out: what stands where, in cells, and what a click there does. It draws nothing.
package screen

import (
	"fmt"
	"image"
	"strings"

	"falconmamba/examples/desktop/edit"
	"falconmamba/examples/desktop/grid"
	"falconmamba/examples/desktop/shelf"
	"falconmamba/examples/desktop/talk"
)

// A View is what a window shows.
type View struct {
	talk.View
	Model, Device string // names of what is open; Model is empty where nothing is
	Dark          bool
	Prompt        *edit.Field
	States        string // what the picture shows
	Layers        int    // of it
	Picker        *shelf.Picker
	Opening       string // what is being opened, or ""
	Percent       int    // of that
	Keys          string
}

// A Screen is a window's layout. Its fields say where things are after Lay.
type Screen struct {
	Page    *grid.Page
	Picture grid.Rect // of the states; empty where there is no room

	Scroll, TreeScroll int // lines from the end of the text; rows from the beginning of the tree
	Mark, Point        int // what is selected of the text, in bytes, either way round

	text, prompt   grid.Rect
	lines, typed   []grid.Line
	first, firstOf int // lines on top of the text and the prompt
	whole          string
	version, cols  int
	most, mostTree int
}

// New returns a screen of a size in cells.
func New(cols, rows int) *Screen { return &Screen{Page: grid.NewPage(cols, rows), version: -1} }

// Resize changes the size. What is scrolled and selected stays.
func (s *Screen) Resize(cols, rows int) { s.Page = grid.NewPage(cols, rows) }

// The widths of the panes, in cells.
const (
	treeCols = 30
	least    = 24  // of a text
	roomy    = 100 // from there on the tree is shown
	rowsHigh = 6   // of a prompt
)

// Lay lays v out.
func (s *Screen) Lay(v View) {
	p := s.Page
	p.Clear()
	s.layTitle(v)
	high := s.layPrompt(v)
	bottom := p.Rows - 3 - high
	left := 1
	if p.Cols >= roomy {
		s.layTree(v, grid.Rect{X: 0, Y: 1, W: treeCols, H: bottom - 1})
		left = treeCols + 1
	} else {
		s.mostTree = 0
	}
	right := p.Cols - 1
	s.Picture = grid.Rect{}
	if side := (p.Cols - left) * 2 / 5; p.Cols-left-side-6 >= least && bottom > 6 && v.Layers > 0 {
		at := p.Cols - side - 1
		p.Put(at, 2, side, v.States, grid.Dim, grid.Paper)
		s.Picture = grid.Rect{X: at, Y: 3, W: side, H: bottom - 4}
		p.Hole(s.Picture)
		s.number(at-3, v.Layers)
		right = at - 4
	}
	s.layText(v, grid.Rect{X: left, Y: 2, W: max(1, right-left), H: max(1, bottom-3)})
	switch {
	case v.Opening != "":
		s.layOpening(v)
	case v.Picker != nil:
		s.layPicker(v)
	}
}

// layTitle writes the first row: buttons for what is open.
func (s *Screen) layTitle(v View) {
	p := s.Page
	p.Fill(grid.Rect{W: p.Cols, H: 1}, grid.Bar)
	x := p.Put(1, 0, p.Cols-2, "FalconMamba", grid.Accent, grid.Bar) + 2
	model := v.Model
	if model == "" {
		model = "no model"
	}
	what := fmt.Sprintf("▾ %s on %s", model, v.Device)
	theme := "light"
	if !v.Dark {
		theme = "dark"
	}
	at := p.Cols - len(theme) - 2
	if room := at - x - 2; room > 8 {
		end := p.Put(x, 0, room, what, grid.Ink, grid.Bar)
		p.Area(grid.Rect{X: x - 1, W: end - x + 2, H: 1}, "open", 0)
	}
	if at > x {
		p.Put(at, 0, len(theme), theme, grid.Dim, grid.Bar)
		p.Area(grid.Rect{X: at - 1, W: len(theme) + 2, H: 1}, "theme", 0)
	}
}

// layPrompt writes the rows at the bottom: the status, what is typed, the keys. It returns how many rows are typed.
func (s *Screen) layPrompt(v View) int {
	p := s.Page
	cols := max(2, p.Cols-5)
	s.typed = grid.Wrap([]grid.Span{{Text: v.Prompt.Text(), Fore: grid.Typed}}, cols)
	y, x := grid.Where(s.typed, v.Prompt.Cursor())
	high := max(1, min(len(s.typed), rowsHigh, p.Rows-8))
	s.firstOf = min(max(s.firstOf, y-high+1), y, max(0, len(s.typed)-high))
	top := p.Rows - 1 - high
	s.prompt = grid.Rect{X: 3, Y: top, W: p.Cols - 3, H: high}

	fore := grid.Dim
	if v.Failed {
		fore = grid.Alarm
	}
	kept := fmt.Sprintf("states kept: %d, %.1f of %.0f MB", v.View.States, float64(v.Bytes)/1e6, float64(v.Limit)/1e6)
	end := p.Cols - 1
	if n := grid.Cells(kept); n < p.Cols/2 && grid.Cells(v.Status)+n < p.Cols-4 {
		end -= n
		p.Put(end, top-1, n, kept, grid.Dim, grid.Paper)
	}
	p.Put(1, top-1, end-2, v.Status, fore, grid.Paper)

	p.Fill(grid.Rect{Y: top, W: p.Cols, H: high}, grid.Bar)
	p.Put(1, top, 1, ">", grid.Accent, grid.Bar)
	from, to := v.Prompt.Selection()
	for i := range high {
		l := s.firstOf + i
		if l >= len(s.typed) {
			break
		}
		for _, c := range s.typed[l].Letters {
			back := grid.Bar
			if c.At >= from && c.At < to {
				back = grid.Chosen
			}
			if c.X < cols {
				p.Set(3+c.X, top+i, c.Text, c.Wide, c.Fore, back)
			}
		}
	}
	n := 1
	for _, c := range s.typed[y].Letters { // the cursor is as wide as what it stands on
		if c.X == x && c.Wide {
			n = 2
		}
	}
	p.Tint(3+min(x, cols), top+y-s.firstOf, n, grid.Accent)
	p.Area(s.prompt, "prompt", 0)
	p.Put(1, p.Rows-1, p.Cols-2, v.Keys, grid.Dim, grid.Paper)
	return high
}

// layText writes the text on show and what is selected of it.
func (s *Screen) layText(v View, r grid.Rect) {
	p := s.Page
	s.text = r
	if s.version != v.Version || s.cols != r.W || s.lines == nil {
		s.version, s.cols = v.Version, r.W
		var spans []grid.Span
		var all strings.Builder
		for _, t := range v.Turns {
			spans = append(spans, grid.Span{Text: t.Typed, Fore: grid.Typed},
				grid.Span{Text: t.Written, Fore: grid.Ink})
			all.WriteString(t.Typed + t.Written)
		}
		if now := all.String(); now != s.whole {
			if !strings.HasPrefix(now, s.whole) { // another text
				s.Mark, s.Point = 0, 0
			}
			s.whole = now
		}
		s.lines = grid.Wrap(spans, r.W)
	}
	s.most = max(0, len(s.lines)-r.H)
	s.Scroll = max(0, min(s.Scroll, s.most))
	s.first = max(0, len(s.lines)-r.H-s.Scroll)
	from, to := min(s.Mark, s.Point), max(s.Mark, s.Point)
	for i := 0; i < r.H && s.first+i < len(s.lines); i++ {
		for _, c := range s.lines[s.first+i].Letters {
			back := grid.Paper
			if c.At >= from && c.At < to {
				back = grid.Chosen
			}
			if c.X < r.W {
				p.Set(r.X+c.X, r.Y+i, c.Text, c.Wide, c.Fore, back)
			}
		}
	}
	if s.whole == "" {
		p.Put(r.X, r.Y, r.W, "Type the beginning of a text.", grid.Dim, grid.Paper)
	}
	p.Area(r, "text", 0)
}

// layTree lists the turns: a click goes there.
func (s *Screen) layTree(v View, r grid.Rect) {
	p := s.Page
	for y := range r.H {
		p.Put(r.X+r.W-1, r.Y+y, 1, "│", grid.Rule, grid.Paper)
	}
	room := max(1, r.H-2)
	s.mostTree = max(0, len(v.Rows)-room)
	s.TreeScroll = max(0, min(s.TreeScroll, s.mostTree))
	p.Put(1, r.Y+1, r.W-3, "turns to go on from", grid.Dim, grid.Paper)
	for i := 0; i < room && s.TreeScroll+i < len(v.Rows); i++ {
		row, y := v.Rows[s.TreeScroll+i], r.Y+2+i
		fore := grid.Dim
		if row.OnPath {
			fore = grid.Ink
		}
		back := grid.Paper
		if row.Here {
			back = grid.Chosen
			p.Fill(grid.Rect{X: 0, Y: y, W: r.W - 1, H: 1}, back)
		}
		lead := ""
		for _, open := range row.Open {
			if lead += "  "; open {
				lead = lead[:len(lead)-2] + "│ "
			}
		}
		switch {
		case row.Branch && row.Last:
			lead += "└ "
		case row.Branch:
			lead += "├ "
		}
		if n := grid.Cells(lead); n > r.W/2 { // a branch of a branch of a branch …
			lead = "… " + lead[len(lead)-len(strings.TrimLeft(lead, "│ ")):]
		}
		mark, label := "○ ", strings.Join(strings.Fields(row.Typed), " ")
		if row.Ready {
			mark = "● "
		}
		if label == "" {
			label = strings.Join(strings.Fields(grid.Cut(row.Text, 4*r.W)), " ")
		}
		if row.ID == 0 {
			mark, label = "● ", "the beginning"
		}
		x := p.Put(1, y, r.W/2+1, lead, grid.Rule, back)
		x = p.Put(x, y, 2, mark, fore, back)
		p.Put(x, y, r.X+r.W-2-x, label, fore, back)
		p.Area(grid.Rect{X: 0, Y: y, W: r.W - 1, H: 1}, "turn", row.ID)
	}
}

// number writes the layers' numbers beside the picture, as many as fit.
func (s *Screen) number(x, layers int) {
	step := 1
	for s.Picture.H*step*2 < layers*3 {
		step *= 2
	}
	for i := 0; i < layers; i += step {
		y := s.Picture.Y + s.Picture.H*(2*i+1)/(2*layers)
		s.Page.Put(x, y, 2, fmt.Sprintf("%2d", i), grid.Dim, grid.Paper)
	}
}

// Pixels returns the picture's rectangle where a cell is w × h pixels.
func (s *Screen) Pixels(w, h int) image.Rectangle {
	r := s.Picture
	return image.Rect(r.X*w, r.Y*h, (r.X+r.W)*w, (r.Y+r.H)*h)
}

// TextAt returns the place in the text on show that a cell is nearest to, PromptAt that in what is typed.
func (s *Screen) TextAt(x, y int) int { return grid.Place(s.lines, s.first+y-s.text.Y, x-s.text.X) }

// PromptAt see TextAt.
func (s *Screen) PromptAt(x, y int) int {
	return grid.Place(s.typed, s.firstOf+y-s.prompt.Y, x-s.prompt.X)
}

// PromptLine returns the place a line above or below the cursor's; ok is false at the first and the last.
func (s *Screen) PromptLine(cursor, by int) (at int, ok bool) {
	y, x := grid.Where(s.typed, cursor)
	if y+by < 0 || y+by >= len(s.typed) {
		return cursor, false
	}
	return grid.Place(s.typed, y+by, x), true
}

// Selected returns what is selected of the text on show.
func (s *Screen) Selected() string {
	from, to := min(s.Mark, s.Point), max(s.Mark, s.Point)
	return s.whole[min(from, len(s.whole)):min(to, len(s.whole))]
}

// Whole returns the text on show.
func (s *Screen) Whole() string { return s.whole }

// WheelLines is how many lines a step of the mouse's wheel scrolls.
const WheelLines = 3

// OnTree reports whether column x is the tree's.
func (s *Screen) OnTree(x int) bool { return s.Page.Cols >= roomy && x < treeCols }
