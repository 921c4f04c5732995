// Package face draws characters into tiles of one size, for a grid. Go Mono, which golang.org/x/image has, is the font;
// what it lacks comes from the system's fonts, and what these lack is a box.
package face

import (
	"bytes"
	"io"
	"log"
	"math"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/fontscan"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// A Face draws characters of one size.
type Face struct {
	Width, Height int // pixels of a cell
	size          fixed.Int26_6
	base          *font.Face
	baseline      float32 // pixels below a cell's top
	more          *Fonts  // nil: none
	shaper        shaping.HarfbuzzShaper
}

// New returns a face of size pixels an em, that draws what Go Mono lacks from more, if that is not nil.
func New(size float64, more *Fonts) *Face {
	base, err := font.ParseTTF(bytes.NewReader(gomono.TTF))
	if err != nil {
		panic(err) // it is part of the program
	}
	f := &Face{size: fixed.Int26_6(size * 64), base: base, more: more}
	em := size / float64(base.Upem())
	g, _ := base.NominalGlyph('0')
	lines, _ := base.FontHExtents()
	f.Width = max(1, int(math.Round(float64(base.HorizontalAdvance(g))*em)))
	above, below := math.Ceil(float64(lines.Ascender)*em), math.Ceil(-float64(lines.Descender)*em)
	f.Height, f.baseline = max(1, int(above+below)), float32(above)
	return f
}

// Fonts are those of the system. They belong to one goroutine at a time.
type Fonts struct{ fonts *fontscan.FontMap }

// SystemFonts finds the fonts that are installed. This may take seconds at first; an index is kept in folder cache.
func SystemFonts(cache string) (*Fonts, error) {
	m := fontscan.NewFontMap(log.New(io.Discard, "", 0))
	if err := m.UseSystemFonts(cache); err != nil {
		return nil, err
	}
	m.SetQuery(fontscan.Query{Families: []string{fontscan.Monospace}})
	return &Fonts{m}, nil
}

// Draw returns the coverages of a cluster in n cells, row by row, n·Width × Height bytes. It reports false if no font
// has the cluster: then they are a box.
func (f *Face) Draw(cluster string, n int) (pixels []byte, found bool) {
	if arms, ok := joints[cluster]; ok {
		return f.joint(arms), true
	}
	text := []rune(cluster)
	if out, ok := f.shape(text, f.base); ok {
		return f.draw(out, f.base, n), true
	}
	if f.more != nil {
		for _, r := range text {
			f.more.fonts.SetScript(language.LookupScript(r))
			other := f.more.fonts.ResolveFace(r)
			if other == nil {
				continue
			}
			if out, ok := f.shape(text, other); ok {
				return f.draw(out, other, n), true
			}
		}
	}
	return f.box(n), false
}

// shape turns a cluster into glyphs. It reports false if the font lacks one, or has it as a picture alone.
func (f *Face) shape(text []rune, with *font.Face) (shaping.Output, bool) {
	script := language.LookupScript(text[0])
	out := f.shaper.Shape(shaping.Input{Text: text, RunEnd: len(text), Direction: di.DirectionLTR, Face: with,
		Size: f.size, Script: script, Language: language.NewLanguage("en")})
	for _, g := range out.Glyphs {
		if g.GlyphID == 0 {
			return out, false
		}
		outline, ok := with.GlyphData(g.GlyphID).(font.GlyphOutline)
		if !ok || len(outline.Segments) == 0 && g.Height != 0 {
			return out, false
		}
	}
	return out, true
}

// draw fills the outlines of glyphs, in the middle of the cells and no wider than these.
func (f *Face) draw(out shaping.Output, with *font.Face, n int) []byte {
	em := float32(f.size) / 64 / float32(with.Upem())
	advance, room := float32(out.Advance)/64, float32(n*f.Width)
	shrink := float32(1)
	if advance > room {
		shrink = room / advance
	}
	r := vector.NewRasterizer(n*f.Width, f.Height)
	x := max(0, (room-advance*shrink)/2)
	for _, g := range out.Glyphs {
		at := func(p opentype.SegmentPoint) (float32, float32) {
			return x + (float32(g.XOffset)/64+p.X*em)*shrink, f.baseline - (float32(g.YOffset)/64+p.Y*em)*shrink
		}
		outline, _ := with.GlyphData(g.GlyphID).(font.GlyphOutline)
		for _, s := range outline.Segments {
			ax, ay := at(s.Args[0])
			bx, by := at(s.Args[1])
			cx, cy := at(s.Args[2])
			switch s.Op {
			case opentype.SegmentOpMoveTo:
				r.ClosePath()
				r.MoveTo(ax, ay)
			case opentype.SegmentOpLineTo:
				r.LineTo(ax, ay)
			case opentype.SegmentOpQuadTo:
				r.QuadTo(ax, ay, bx, by)
			case opentype.SegmentOpCubeTo:
				r.CubeTo(ax, ay, bx, by, cx, cy)
			}
		}
		r.ClosePath()
		x += float32(g.Advance) / 64 * shrink
	}
	return filled(r)
}

// joints are the lines of trees. They are drawn to the edges of cells, where those of fonts may leave gaps: an arm up,
// one down, one to the right.
var joints = map[string][3]bool{"│": {true, true, false}, "├": {true, true, true}, "└": {true, false, true}}

func (f *Face) joint(arms [3]bool) []byte {
	pixels := make([]byte, f.Width*f.Height)
	thick := max(1, f.Height/18)
	x, y := (f.Width-thick)/2, (f.Height-thick)/2
	fill := func(x0, y0, x1, y1 int) {
		for y := y0; y < min(y1, f.Height); y++ {
			for x := x0; x < min(x1, f.Width); x++ {
				pixels[y*f.Width+x] = 255
			}
		}
	}
	if arms[0] {
		fill(x, 0, x+thick, y+thick)
	}
	if arms[1] {
		fill(x, y, x+thick, f.Height)
	}
	if arms[2] {
		fill(x, y, f.Width, y+thick)
	}
	return pixels
}

// box draws the outline of a rectangle.
func (f *Face) box(n int) []byte {
	w, h := float32(n*f.Width), float32(f.Height)
	thick := max(1, float32(math.Round(float64(f.Height)/18)))
	r := vector.NewRasterizer(n*f.Width, f.Height)
	inset := func(by float32) (x0, y0, x1, y1 float32) {
		return thick + by, h/5 + by, w - thick - by, f.baseline - by
	}
	x0, y0, x1, y1 := inset(0)
	r.MoveTo(x0, y0)
	r.LineTo(x1, y0)
	r.LineTo(x1, y1)
	r.LineTo(x0, y1)
	r.ClosePath()
	x0, y0, x1, y1 = inset(thick) // the other way round: a hole
	if x1 > x0 && y1 > y0 {
		r.MoveTo(x0, y0)
		r.LineTo(x0, y1)
		r.LineTo(x1, y1)
		r.LineTo(x1, y0)
		r.ClosePath()
	}
	return filled(r)
}
