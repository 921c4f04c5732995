// Package plot draws charts as SVG that stands in a page: lines and points with error bars, and bars. Colours are the
// page's, by classes, so that one drawing is for light, dark and paper: s0, s1, … are series, axis, grid and text the
// rest. Every series has a shape and a dash of its own, for eyes and printers that know no colours.
package plot

import (
	"encoding/xml"
	"fmt"
	"math"
	"strings"
)

// Styles is how many series differ from each other; further ones begin again.
const Styles = 8

// A drawing is an SVG that grows.
type drawing struct{ strings.Builder }

func (d *drawing) add(format string, args ...any) {
	fmt.Fprintf(&d.Builder, format+"\n", args...)
}

// open begins a drawing so large, with what it is called for people who hear it.
func (d *drawing) open(w, h float64, title string) {
	d.add(`<svg class="plot" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" role="img" aria-label="%s">`,
		px(w), px(h), escape(title))
}

func (d *drawing) close() string {
	d.add("</svg>")
	return d.String()
}

// text writes at a place; anchor is start, middle or end.
func (d *drawing) text(x, y float64, anchor, class, words string) {
	d.add(`<text x="%s" y="%s" text-anchor="%s" class="%s">%s</text>`, px(x), px(y), anchor, class, escape(words))
}

func (d *drawing) line(x1, y1, x2, y2 float64, class string) {
	d.add(`<line x1="%s" y1="%s" x2="%s" y2="%s" class="%s"/>`, px(x1), px(y1), px(x2), px(y2), class)
}

// marker draws the shape of a style, with a note that a pointer shows.
func (d *drawing) marker(x, y float64, style int, note string) {
	const r = 4.0
	var points []float64
	switch style % 4 {
	case 0:
		d.add(`<circle cx="%s" cy="%s" r="%s" class="mark s%d">%s</circle>`, px(x), px(y), px(r), style%Styles,
			title(note))
		return
	case 1:
		points = []float64{-r, -r, r, -r, r, r, -r, r}
	case 2:
		points = []float64{0, -r - 1, r + 1, r, -r - 1, r}
	case 3:
		points = []float64{0, -r - 1.5, r + 1.5, 0, 0, r + 1.5, -r - 1.5, 0}
	}
	var all []string
	for i := 0; i < len(points); i += 2 {
		all = append(all, px(x+points[i])+","+px(y+points[i+1]))
	}
	d.add(`<polygon points="%s" class="mark s%d">%s</polygon>`, strings.Join(all, " "), style%Styles, title(note))
}

func title(note string) string {
	if note == "" {
		return ""
	}
	return "<title>" + escape(note) + "</title>"
}

// px is a place with a digit behind the point.
func px(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "0"
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
}

// escape is a text in XML, which has no place for most control characters.
func escape(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a Builder does not fail
	return b.String()
}

// wide is about what a text takes of a line.
func wide(s string) float64 { return 6.8 * float64(len([]rune(s))) }

// cut is a text in at most n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
