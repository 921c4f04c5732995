package main

import (
	"bytes"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Package term takes every character of a line for one column, but some have two, and those that
// combine with the one before have none. So its lines have cells. A character of two columns is
// followed by a filler, which is not written. One with others that combine with it is a rune of
// private use that stands for them all. Keys that may part a character from its filler are followed
// by a key that tidies up.
const (
	firstCell = '\U00100000'
	filler    = '\U0010FF00'
	tidyLeft  = '\U0010FF01'
	tidyRight = '\U0010FF02'
	lastOwn   = '\U0010FF02'
)

// Cells are the texts that runes of private use stand for.
type cells struct {
	texts []string
	at    map[string]rune
}

// isOwn reports whether a rune is one of those that stand for something here.
func isOwn(r rune) bool { return firstCell <= r && r <= lastOwn }

// combines reports whether a rune takes no column, but belongs to the one before.
func combines(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) && r != '\u00ad' ||
		0x1160 <= r && r <= 0x11ff // vowels and finals of Hangul
}

// of returns the rune that stands for a text of one cell.
func (c *cells) of(text string) rune {
	if r, n := utf8.DecodeRuneInString(text); n == len(text) && !combines(r) {
		return r
	}
	if r, ok := c.at[text]; ok {
		return r
	}
	r := firstCell + rune(len(c.texts))
	if r >= filler {
		return unicode.ReplacementChar
	}
	if c.at == nil {
		c.at = map[string]rune{}
	}
	c.at[text] = r
	c.texts = append(c.texts, text)
	return r
}

// text is what a rune of a line stands for.
func (c *cells) text(r rune) string {
	switch {
	case !isOwn(r):
		return string(r)
	case int(r-firstCell) < len(c.texts):
		return c.texts[r-firstCell]
	}
	return ""
}

// shown is text as a terminal gets it: what has nothing to combine with combines with a circle.
func (c *cells) shown(r rune) string {
	t := c.text(r)
	if first, _ := utf8.DecodeRuneInString(t); isOwn(r) && t != "" && combines(first) {
		return "\u25cc" + t
	}
	return t
}

func (c *cells) isWide(r rune) bool {
	first, _ := utf8.DecodeRuneInString(c.text(r))
	k := width.LookupRune(first).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}

// tidy puts a line right after a key. Wide characters and fillers that have lost one another go,
// and the cursor leaves the place between the two. A key that combines joins the cell before it.
func (c *cells) tidy(line string, pos int, key rune) (string, int, bool) {
	if mark := c.text(key); isOwn(key) && mark != "" && combines([]rune(mark)[0]) && pos > 0 {
		before := strings.TrimSuffix(line[:pos], string(filler))
		r, n := utf8.DecodeLastRuneInString(before)
		head := before[:len(before)-n] + string(c.of(c.text(r)+mark)) + line[len(before):pos]
		return head + line[pos:], len(head), true
	}
	if key != tidyLeft && key != tidyRight {
		return "", 0, false
	}
	var out strings.Builder
	at := -1 // of the cursor
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRuneInString(line[i:])
		whole, wide := n, c.isWide(r)
		if wide && strings.HasPrefix(line[i+n:], string(filler)) {
			whole += utf8.RuneLen(filler)
		}
		if keep := r != filler && wide == (whole > n); keep {
			if pos <= i && at < 0 {
				at = out.Len()
			}
			if pos > i && pos < i+whole && key == tidyLeft {
				at = out.Len()
			}
			out.WriteString(line[i : i+whole])
		}
		i += whole
	}
	if at < 0 {
		at = out.Len()
	}
	return out.String(), at, true
}

// replaced puts text in the place of cells.
func replaced(line string, text func(rune) string) string {
	if !strings.ContainsFunc(line, isOwn) {
		return line
	}
	var out strings.Builder
	for _, r := range line {
		out.WriteString(text(r))
	}
	return out.String()
}

// untidy is the text of a line.
func (c *cells) untidy(line string) string { return replaced(line, c.text) }

// A cellScreen writes what cells look like.
type cellScreen struct {
	out   io.Writer
	cells *cells
}

func (s cellScreen) Write(p []byte) (int, error) {
	if !bytes.ContainsFunc(p, isOwn) {
		return s.out.Write(p)
	}
	_, err := io.WriteString(s.out, replaced(string(p), s.cells.shown))
	return len(p), err
}
