package grid

import "strings"

// A Span is a piece of a text in one colour.
type Span struct {
	Text string
	Fore Colour
}

// A Line is a part of a wrapped text, with the bytes that it has of the whole: those of the space or the line's end
// at which it was broken are its own, though not shown.
type Line struct {
	From, To int
	Letters  []Letter
}

// A Letter is a cluster in its place.
type Letter struct {
	Text string
	At   int // bytes before it in the whole text
	X    int // the cell that it begins in
	Wide bool
	Fore Colour
}

const tab = 4 // cells from one stop to the next

// Wrap breaks a text into lines of at most cols cells: at its line ends, where Unicode lets a line be broken, and
// in words that are longer than a line. There is at least one line.
func Wrap(text []Span, cols int) []Line {
	cols = max(cols, 2) // the widest cluster
	var whole strings.Builder
	for _, s := range text {
		whole.WriteString(s.Text)
	}
	all := whole.String()
	colours := colouring{text: text}
	lines := []Line{}
	for from := 0; ; {
		n := strings.IndexByte(all[from:], '\n')
		end, next := from+n, from+n+1
		if n < 0 {
			end, next = len(all), len(all)
		}
		lines = wrapParagraph(lines, strings.TrimSuffix(all[from:end], "\r"), from, cols, &colours)
		lines[len(lines)-1].To = next
		if n < 0 {
			return lines
		}
		from = next
	}
}

// wrapParagraph appends the lines of a text without line ends that begins at from of the whole.
func wrapParagraph(lines []Line, p string, from, cols int, colours *colouring) []Line {
	line := Line{From: from}
	x, mayEnd := 0, 0 // letters of the line before which it may be broken
	for c := range Clusters(p) {
		at := from + c.At
		l := Letter{Text: c.Text, At: at, X: x, Wide: c.Wide, Fore: colours.at(at)}
		n := c.cells()
		if c.Text == "\t" {
			l.Text, n = " ", tab-x%tab
		}
		space := c.Text == " " || c.Text == "\t"
		if x+n > cols && !space { // a space hangs over the line's end
			cut := mayEnd
			if cut == 0 {
				cut = len(line.Letters)
			}
			rest := append([]Letter(nil), line.Letters[cut:]...)
			line.Letters = line.Letters[:cut]
			line.To = at
			if len(rest) > 0 {
				line.To = rest[0].At
			}
			lines = append(lines, line)
			line, x, mayEnd = Line{From: line.To}, 0, 0
			for _, r := range rest {
				r.X = x
				x++
				if r.Wide {
					x++
				}
				line.Letters = append(line.Letters, r)
			}
			l.X = x
		}
		line.Letters = append(line.Letters, l)
		x += n
		if c.Break {
			mayEnd = len(line.Letters)
		}
	}
	line.To = from + len(p)
	return append(lines, line)
}

// A colouring finds the colours of a text from its beginning to its end.
type colouring struct {
	text []Span
	i    int
	from int // where text[i] begins
}

func (c *colouring) at(n int) Colour {
	for c.i < len(c.text)-1 && n >= c.from+len(c.text[c.i].Text) {
		c.from += len(c.text[c.i].Text)
		c.i++
	}
	if c.i >= len(c.text) {
		return Ink
	}
	return c.text[c.i].Fore
}

// Where returns the line and the cell of a place in the text that lines were wrapped from: of the cluster that
// begins there, or behind the last one.
func Where(lines []Line, at int) (y, x int) {
	for y = 0; y < len(lines)-1 && at >= lines[y].To; y++ {
	}
	for _, l := range lines[y].Letters {
		if l.At >= at {
			return y, l.X
		}
		x = l.X + l.cells()
	}
	return y, x
}

// Place returns the place in the text that is nearest to cell x of line y: what a click there means.
func Place(lines []Line, y, x int) int {
	if y < 0 {
		return 0
	}
	if y >= len(lines) {
		return lines[len(lines)-1].To
	}
	for _, l := range lines[y].Letters {
		if x < l.X+l.cells() {
			return l.At
		}
	}
	if n := len(lines[y].Letters); n > 0 && y < len(lines)-1 && lines[y].To == lines[y+1].From {
		last := lines[y].Letters[n-1]
		if end := last.At + len(last.Text); end < lines[y].To || last.Text != " " {
			return min(end, lines[y].To) // before the line's end
		}
		return last.At
	}
	return lines[y].To
}

func (l Letter) cells() int {
	if l.Wide {
		return 2
	}
	return 1
}
