package main

import (
	"fmt"
	"image"
	"slices"
	"strings"
)

// A page is what the window shows: a grid of characters, and the place of the
// picture of the states.
type page struct {
	cols, rows int
	scale      int      // pixels of the window for one of the font
	cells      []uint32 // as page.comp reads them
	picture    image.Rectangle

	wrapped []span // what lines was made of
	lines   [][]letter
}

// Colours of page.comp's palette.
const (
	paper = iota
	ink
	dim
	typed // what the user wrote
	bar
	accent
	alarm
)

// newPage returns an empty page for a window of width × height pixels.
func newPage(width, height, scale int) *page {
	p := &page{cols: max(1, width/(glyphWidth*scale)), rows: max(1, height/(glyphHeight*scale)), scale: scale}
	p.cells = make([]uint32, p.cols*p.rows)
	return p
}

// put writes text from (x, y) on, as far as the page goes.
func (p *page) put(x, y int, text string, fore, back uint32) {
	for _, r := range text {
		if x >= 0 && x < p.cols && y >= 0 && y < p.rows {
			p.cells[y*p.cols+x] = glyphOf(r) | fore<<16 | back<<20
		}
		x++
	}
}

// fill gives row y one paper.
func (p *page) fill(y int, back uint32) { p.put(0, y, strings.Repeat(" ", p.cols), ink, back) }

// A span is a piece of a text of one colour.
type span struct {
	text  string
	typed bool // by the user, not by the model
}

// A letter is a character of a text with its colour.
type letter struct {
	r    rune
	fore uint32
}

// wrap breaks a text into lines of at most width characters, between words where
// it can.
func wrap(text []span, width int) [][]letter {
	lines := [][]letter{nil}
	last := func() *[]letter { return &lines[len(lines)-1] }
	for _, s := range text {
		fore := uint32(ink)
		if s.typed {
			fore = typed
		}
		for _, r := range strings.ReplaceAll(s.text, "\t", "    ") {
			if r == '\n' {
				lines = append(lines, nil)
				continue
			}
			if r == '\r' {
				continue
			}
			if l := last(); len(*l) == width {
				if r == ' ' { // the break stands for it
					lines = append(lines, nil)
					continue
				}
				at := width
				for i := width - 1; i > 0; i-- {
					if (*l)[i].r == ' ' {
						at = i + 1
						break
					}
				}
				rest := append([]letter(nil), (*l)[at:]...)
				*l = (*l)[:at]
				lines = append(lines, rest)
			}
			*last() = append(*last(), letter{r, fore})
		}
	}
	return lines
}

// A view is what a page is made from.
type view struct {
	title  string
	tabs   []string
	tab    int
	text   []span
	states string // what the picture shows
	layers int    // of it
	status string
	failed bool // status is an error
	prompt string
	scroll int // lines from the end of the text
	keys   string
}

// lay writes v to a page. It returns how far the text can be scrolled.
func (p *page) lay(v view) (most int) {
	clear(p.cells)
	for y := range p.rows {
		p.fill(y, paper)
	}
	p.fill(0, bar)
	p.put(1, 0, v.title, accent, bar)
	x := 3 + len([]rune(v.title))
	for i, t := range v.tabs {
		fore := uint32(dim)
		if i == v.tab {
			fore = ink
		}
		p.put(x, 0, t, fore, bar)
		x += len([]rune(t)) + 2
	}

	// The picture takes two fifths of the width, beside the text.
	side := p.cols * 2 / 5
	textCols, top, bottom := p.cols-side-6, 2, p.rows-4
	unit := image.Pt(glyphWidth*p.scale, glyphHeight*p.scale)
	if textCols >= 20 && bottom > top+4 {
		left := p.cols - side - 1
		p.put(left, top, v.states, dim, paper)
		p.picture = image.Rect(left*unit.X, (top+1)*unit.Y+unit.Y/2, (left+side)*unit.X, bottom*unit.Y)
		p.number(left-3, v.layers, unit.Y)
	} else { // no room for both
		textCols, p.picture = max(1, p.cols-2), image.Rectangle{}
	}
	if p.lines == nil || !slices.Equal(p.wrapped, v.text) {
		p.wrapped, p.lines = v.text, wrap(v.text, textCols)
	}
	lines := p.lines
	room := max(1, bottom-top)
	most = max(0, len(lines)-room)
	lines = lines[max(0, len(lines)-room-min(v.scroll, most)):]
	for y, l := range lines[:min(room, len(lines))] {
		for x, c := range l {
			p.put(1+x, top+y, string(c.r), c.fore, paper)
		}
	}

	fore := uint32(dim)
	if v.failed {
		fore = alarm
	}
	p.put(1, p.rows-3, v.status, fore, paper)
	p.fill(p.rows-2, bar)
	p.put(1, p.rows-2, ">", accent, bar)
	shown := []rune(strings.ReplaceAll(v.prompt, "\n", "¶"))
	shown = shown[max(0, len(shown)-max(0, p.cols-5)):]
	p.put(3, p.rows-2, string(shown), typed, bar)
	p.put(3+len(shown), p.rows-2, " ", ink, accent) // the cursor
	p.put(1, p.rows-1, v.keys, dim, paper)
	return most
}

// number writes the layers' numbers beside the picture, as many as fit.
func (p *page) number(x, layers, height int) {
	step := 1
	for p.picture.Dy()*step < layers*height*3/2 {
		step *= 2
	}
	for i := 0; i < layers; i += step {
		y := p.picture.Min.Y + p.picture.Dy()*(2*i+1)/(2*layers)
		p.put(x, y/height, fmt.Sprintf("%2d", i), dim, paper)
	}
}

// count writes n of a thing.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", many)
}
