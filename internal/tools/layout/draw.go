package main

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// Sizes of the picture, in its pixels.
const (
	margin   = 28.0
	gap      = 26.0 // between boxes of a row
	between  = 50.0 // between rows
	crossing = 8.0  // what an arrow takes of a row that it crosses
	line     = 17.0
	padding  = 11.0
)

// style is readable on a light page and on a dark one: the picture has a ground of its own.
const style = `
  .ground { fill: #ffffff }
  text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", Helvetica, Arial, sans-serif;
    font-size: 12px; text-anchor: middle; fill: #3d4652 }
  .name { font-size: 14px; font-weight: 600; fill: #14181d }
  .parts { font-size: 11px; fill: #66707c }
  rect { stroke-width: 1.2 }
  .above { fill: #e8f0fd; stroke: #7ea2dc }
  .below { fill: #e7f5ec; stroke: #76b38d }
  .seam { fill: #fdf1d6; stroke: #d2a043 }
  .rest { fill: #f1f3f5; stroke: #a9b2bb }
  .arrow { fill: none; stroke: #7b8794; stroke-width: 1.3 }
  .head { fill: #7b8794 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0f1318 }
    text { fill: #b9c3ce }
    .name { fill: #f0f4f8 }
    .parts { fill: #8c97a3 }
    .above { fill: #17263d; stroke: #4a74b5 }
    .below { fill: #142b1e; stroke: #45855e }
    .seam { fill: #382b10; stroke: #a97f2e }
    .rest { fill: #1c2229; stroke: #525d68 }
    .arrow { stroke: #7d8996 }
    .head { fill: #7d8996 }
  }
`

// say writes what stands in a room's box: its name, its line, and the packages in it
// that others may import.
func (n *node) say(packages []string) {
	name := n.room.name
	if name == "." {
		name = "falconmamba"
	}
	n.lines = []string{name, n.room.is}
	slices.Sort(packages)
	var parts []string
	for _, p := range slices.Compact(packages) {
		if rest, ok := strings.CutPrefix(p, n.room.name+"/"); ok && !strings.Contains("/"+p+"/", "/tools/") {
			if n.room.name == "internal" || !strings.Contains("/"+rest+"/", "/internal/") {
				parts = append(parts, rest)
			}
		}
	}
	if parts != nil {
		n.lines = append(n.lines, strings.Join(parts, " · "))
	}
	for i, s := range n.lines {
		each := []float64{9.2, 6.9, 6.5}[i] // a letter's width, roughly
		n.width = max(n.width, 2*padding+float64(each*float64(len([]rune(s)))))
	}
}

// draw returns the picture of the rooms and their imports. The same imports give the
// same bytes.
func (t *table) draw(edges []edge) ([]byte, error) {
	g, err := t.newGraph(edges)
	if err != nil {
		return nil, err
	}
	left, right := math.Inf(1), math.Inf(-1)
	for _, row := range g.rows {
		for _, n := range row {
			left, right = min(left, n.x-n.width/2), max(right, n.x+n.width/2)
		}
	}
	tops := make([]float64, len(g.rows))
	bottoms := make([]float64, len(g.rows))
	y := margin
	for i, row := range g.rows {
		most := 0
		for _, n := range row {
			n.x += margin - left
			most = max(most, len(n.lines))
		}
		tops[i] = y
		bottoms[i] = y + float64(float64(most)*line) + 2*padding - 4
		y = bottoms[i] + between
	}
	width := right - left + 2*margin
	for _, row := range g.rows {
		for _, n := range row {
			if n.wide() {
				n.x, n.width = width/2, width-2*margin
			}
		}
	}

	var out bytes.Buffer
	fmt.Fprintf(&out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "+
		"height=\"%.0f\" role=\"img\">\n",
		width, y-between+margin, width, y-between+margin)
	fmt.Fprintf(&out, "<!-- Made by internal/tools/layout from the imports; make architecture remakes it. -->\n")
	fmt.Fprintf(&out, "<title>The packages of falconmamba, and what they import</title>\n<style>%s</style>\n", style)
	fmt.Fprintf(&out, "<rect class=\"ground\" width=\"100%%\" height=\"100%%\" rx=\"8\"/>\n")
	g.drawArrows(&out, tops, bottoms)
	seam := len(g.rows)
	for i, row := range g.rows {
		for _, n := range row {
			if n.room != nil && n.room.name == "backend" {
				seam = i
			}
		}
	}
	for i, row := range g.rows {
		for _, n := range row {
			if n.room != nil {
				n.drawBox(&out, tops[i], bottoms[i], class(n.room, i, seam, len(g.rows)-1))
			}
		}
	}
	out.WriteString("</svg>\n")
	return out.Bytes(), nil
}

// class says how a box looks: the model's side, the devices' side, or what both stand on.
func class(r *room, row, seam, last int) string {
	switch {
	case row == seam:
		return "seam"
	case row == last:
		return "rest"
	case strings.HasPrefix(r.name, "backend/") || r.name == "shaders":
		return "below"
	}
	return "above"
}

func (n *node) drawBox(out *bytes.Buffer, top, bottom float64, class string) {
	height := bottom - top
	fmt.Fprintf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"6\"/>\n",
		class, n.x-float64(n.width/2), top, n.width, height)
	y := (top+bottom)/2 - float64(line*float64(len(n.lines)-1)/2) + 4.5
	for i, s := range n.lines {
		fmt.Fprintf(out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>\n",
			[]string{"name", "is", "parts"}[i], n.x, y+float64(float64(i)*line), html.EscapeString(s))
	}
}

func (g *graph) drawArrows(out *bytes.Buffer, tops, bottoms []float64) {
	row := map[*node]int{}
	for i, list := range g.rows {
		for _, n := range list {
			row[n] = i
		}
	}
	ports := g.ports()
	for _, a := range g.arrows {
		var d strings.Builder
		for i := 1; i < len(a.path); i++ {
			from, to := a.path[i-1], a.path[i]
			x0, y0 := ports[side{from, false}][to], bottoms[row[from]]
			x1, y1 := ports[side{to, true}][from], tops[row[to]]
			if to.wide() {
				x1 = x0
			}
			if i == 1 {
				fmt.Fprintf(&d, "M%.1f %.1f", x0, y0)
			}
			if to.room != nil {
				y1 -= 6 // the head's length
			}
			bend := float64((y1 - y0) * 0.6)
			fmt.Fprintf(&d, " C%.1f %.1f %.1f %.1f %.1f %.1f", x0, y0+bend, x1, y1-bend, x1, y1)
			if to.room == nil {
				fmt.Fprintf(&d, " V%.1f", bottoms[row[to]])
			} else {
				fmt.Fprintf(out, "<path class=\"head\" d=\"M%.1f %.1f l-3.6 -7.5 h7.2 z\"/>\n", x1, y1+6)
			}
		}
		fmt.Fprintf(out, "<path class=\"arrow\" d=\"%s\"/>\n", d.String())
	}
	for _, a := range g.beside {
		from, to := a.path[0], a.path[1]
		y := (tops[row[from]] + bottoms[row[from]]) / 2
		sign := 1.0
		if to.x < from.x {
			sign = -1
		}
		x0, x1 := from.x+sign*from.width/2, to.x-sign*to.width/2
		fmt.Fprintf(out, "<path class=\"head\" d=\"M%.1f %.1f l%.1f -3.6 v7.2 z\"/>\n", x1, y, -sign*7.5)
		fmt.Fprintf(out, "<path class=\"arrow\" d=\"M%.1f %.1f H%.1f\"/>\n", x0, y, x1-sign*6)
	}
}
