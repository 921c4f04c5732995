package face

import (
	"image"
	"image/draw"

	"golang.org/x/image/vector"

	"falconmamba/examples/desktop/grid"
)

// filled returns what a rasterizer covers, a byte a pixel.
func filled(r *vector.Rasterizer) []byte {
	m := image.NewAlpha(r.Bounds())
	r.DrawOp = draw.Src
	r.Draw(m, m.Rect, image.Opaque, image.Point{})
	return m.Pix
}

// An Atlas has the tiles of the characters that are shown: a tile is a cell, so that a wide character has two. It
// has room for Slots tiles; when more are wanted than that, those that were not wanted lately go.
type Atlas struct {
	face   *Face
	pixels []byte // Slots tiles of Width × Height bytes
	slots  map[key]uint32
	used   uint32
	full   bool
}

type key struct {
	text string
	part uint8
}

// Slots is how many tiles an atlas has. The first is empty, the next is the box.
const Slots = 4096

const (
	empty = iota
	boxed
	first
)

// NewAtlas returns an atlas of f's characters in pixels, which has to be AtlasBytes(f) bytes.
func NewAtlas(f *Face, pixels []byte) *Atlas {
	a := &Atlas{face: f, pixels: pixels}
	a.reset()
	return a
}

// AtlasBytes returns the size of an atlas.
func AtlasBytes(f *Face) int { return (Slots*f.Width*f.Height + 3) &^ 3 }

func (a *Atlas) reset() {
	a.slots, a.used, a.full = map[key]uint32{}, first, false
	clear(a.tile(empty))
	copy(a.tile(boxed), a.face.box(1))
}

func (a *Atlas) tile(slot uint32) []byte {
	n := a.face.Width * a.face.Height
	return a.pixels[int(slot)*n:][:n]
}

// Fill writes what cells show as page.comp reads it: the tile, the colours.
func (a *Atlas) Fill(words []uint32, cells []grid.Cell) {
	a.full = false
	a.fill(words, cells)
	if a.full { // of what is no longer shown: begin anew with this page
		a.reset()
		a.fill(words, cells)
	}
}

func (a *Atlas) fill(words []uint32, cells []grid.Cell) {
	for i, c := range cells {
		words[i] = a.slot(c) | uint32(c.Fore)<<16 | uint32(c.Back)<<20
		if c.Hole {
			words[i] |= 1 << 24
		}
	}
}

func (a *Atlas) slot(c grid.Cell) uint32 {
	if c.Text == "" || c.Text == " " {
		return empty
	}
	k := key{c.Text, c.Part}
	if s, ok := a.slots[k]; ok {
		return s
	}
	n := uint32(1)
	if c.Wide {
		n = 2
	}
	if a.used+n > Slots {
		a.full = true
		return boxed
	}
	pixels, _ := a.face.Draw(c.Text, int(n))
	for part := range n {
		tile := a.tile(a.used)
		for y := range a.face.Height {
			row := pixels[y*int(n)*a.face.Width:]
			copy(tile[y*a.face.Width:][:a.face.Width], row[int(part)*a.face.Width:])
		}
		a.slots[key{c.Text, uint8(part)}] = a.used
		a.used++
	}
	return a.slots[k]
}
