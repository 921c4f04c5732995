package main

import (
	"image"

	"golang.org/x/image/font/inconsolata"
)

// The font is Inconsolata as golang.org/x/image has it: 8×17 coverages each of
// Latin-1's characters, some more, and a mark for all others.

const glyphWidth, glyphHeight = 8, 17

// fontBytes returns the coverages, glyph by glyph.
func fontBytes() []byte {
	m := inconsolata.Regular8x16.Mask.(*image.Alpha)
	var out []byte
	for y := range m.Rect.Dy() {
		out = append(out, m.Pix[y*m.Stride:][:glyphWidth]...)
	}
	return out
}

// glyphOf returns the number of r's glyph.
func glyphOf(r rune) uint32 {
	other := 0
	for _, x := range inconsolata.Regular8x16.Ranges {
		if x.Low <= r && r < x.High {
			return uint32(x.Offset + int(r-x.Low))
		}
		if x.Low == '\ufffd' {
			other = x.Offset
		}
	}
	return uint32(other)
}
