package screen

import (
	"fmt"

	"falconmamba/examples/desktop/grid"
)

// panel clears a rectangle in the middle, as large as there is room for, and returns what is inside its frame.
func (s *Screen) panel(cols, rows int, title string) grid.Rect {
	p := s.Page
	r := grid.Rect{W: min(cols+4, p.Cols), H: min(rows+4, p.Rows)}
	r.X, r.Y = (p.Cols-r.W)/2, (p.Rows-r.H)/2
	p.Area(grid.Rect{W: p.Cols, H: p.Rows}, "aside", 0) // what lies below is out of reach
	p.Area(r, "", 0)
	p.Fill(r, grid.Bar)
	p.Put(r.X+2, r.Y+1, r.W-4, title, grid.Accent, grid.Bar)
	return grid.Rect{X: r.X + 2, Y: r.Y + 3, W: r.W - 4, H: r.H - 4}
}

// layOpening shows how far a model is opened, and the way out.
func (s *Screen) layOpening(v View) {
	p := s.Page
	in := s.panel(60, 3, v.Opening)
	done := in.W * v.Percent / 100
	p.Fill(grid.Rect{X: in.X, Y: in.Y, W: in.W, H: 1}, grid.Rule)
	p.Fill(grid.Rect{X: in.X, Y: in.Y, W: done, H: 1}, grid.Accent)
	p.Put(in.X, in.Y+2, in.W, fmt.Sprintf("%d %%", v.Percent), grid.Ink, grid.Bar)
	s.button(in.X+in.W-10, in.Y+2, "Esc cancel", "stop")
}

// layPicker shows the models and the devices to choose from.
func (s *Screen) layPicker(v View) {
	p, k := s.Page, v.Picker
	rows := 2 * max(3, len(k.Models), len(k.Devices))
	in := s.panel(min(110, p.Cols-8), min(rows+3, p.Rows-6), "Open a model on a device")
	left := in.W/2 - 1
	room := in.H - 2
	models := list(len(k.Models), func(i int) (string, string) { return k.Models[i].Label, k.Models[i].About })
	devices := list(len(k.Devices), func(i int) (string, string) { return k.Devices[i].Label, k.Devices[i].About })
	s.layList(grid.Rect{X: in.X, Y: in.Y, W: left, H: room}, models, k.Model, !k.OnRight, "pick model")
	s.layList(grid.Rect{X: in.X + left + 2, Y: in.Y, W: in.W - left - 2, H: room}, devices, k.Device, k.OnRight,
		"pick device")
	y := in.Y + in.H - 1
	x := s.button(in.X, y, "Enter open", "pick")
	s.button(x+3, y, "Esc back", "stop")
}

// list makes the entries of a list, each of a name and a line about it.
func list(n int, of func(i int) (name, about string)) (entries [][2]string) {
	for i := range n {
		name, about := of(i)
		entries = append(entries, [2]string{name, about})
	}
	return entries
}

// layList writes entries of two rows each, so that the chosen one is among them.
func (s *Screen) layList(r grid.Rect, entries [][2]string, chosen int, keys bool, name string) {
	p := s.Page
	room := max(1, r.H/2)
	first := max(0, min(chosen-room/2, len(entries)-room))
	for i := 0; i < room && first+i < len(entries); i++ {
		e, y := entries[first+i], r.Y+2*i
		back, fore := grid.Bar, grid.Ink
		if first+i == chosen {
			if back = grid.Chosen; keys {
				fore = grid.Accent
			}
			p.Fill(grid.Rect{X: r.X, Y: y, W: r.W, H: 2}, back)
		}
		p.Put(r.X+1, y, r.W-2, e[0], fore, back)
		p.Put(r.X+1, y+1, r.W-2, e[1], grid.Dim, back)
		p.Area(grid.Rect{X: r.X, Y: y, W: r.W, H: 2}, name, first+i)
	}
	if more := len(entries) - room; more > 0 {
		p.Put(r.X+r.W-5, r.Y+r.H-1, 5, fmt.Sprintf("%2d/%d", chosen+1, len(entries)), grid.Dim, grid.Bar)
	}
}

// button writes a word that can be clicked, and returns the cell behind it.
func (s *Screen) button(x, y int, label, name string) int {
	end := s.Page.Put(x, y, grid.Cells(label), label, grid.Accent, grid.Bar)
	s.Page.Area(grid.Rect{X: x, Y: y, W: end - x, H: 1}, name, 0)
	return end
}
