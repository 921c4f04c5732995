// Package page writes what was measured as a page: one file of HTML with its plots in it, which asks for nothing from
// anywhere, in the colours of the screen or for paper. Package results has the values, package plot draws.
package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"
	"strings"

	"falconmamba/cmd/internal/plot"
	"falconmamba/cmd/internal/results"
	"falconmamba/internal/quantity"
)

//go:embed page.html
var pageHTML string

//go:embed style.css
var style string

var layout = template.Must(template.New("page").Parse(pageHTML))

// A document is what the page shows.
type document struct {
	Title, Sub, Partial string
	Findings            []string
	Sections            []section
	Footer              string
	Style               template.CSS
}

// A section has words, plots and tables, in this order.
type section struct {
	ID, Title    string
	Intro, Notes []string
	Figures      []figure
	Tables       []table
}

type figure struct {
	SVG     template.HTML // by package plot, which escapes what it draws
	Caption string
}

type table struct {
	Caption string
	Head    []head
	Rows    [][]string
}

type head struct {
	Text string
	Left bool // words, not figures
}

// heads makes heads of words; those that begin with < are of columns of words.
func heads(words ...string) (all []head) {
	for _, w := range words {
		text, left := strings.CutPrefix(w, "<")
		all = append(all, head{text, left})
	}
	return all
}

// Bounds of what a page shows: of files that no program measured there might be more.
const mostRows, mostBars, mostSeries = 600, 36, plot.Styles

// row adds a row, up to the most that a page shows.
func (t *table) row(cells ...string) {
	switch {
	case len(t.Rows) < mostRows:
		t.Rows = append(t.Rows, cells)
	case len(t.Rows) == mostRows:
		more := make([]string, len(cells))
		more[0] = "and more, which the file has"
		t.Rows = append(t.Rows, more)
	}
}

// empty reports whether the section has nothing to show.
func (s section) empty() bool { return len(s.Figures)+len(s.Tables) == 0 }

func (s *section) chart(c plot.Chart, caption string) {
	if len(c.Series) > mostSeries {
		c.Series = c.Series[:mostSeries]
		caption += fmt.Sprintf(" The first %d setups alone: the table has all.", mostSeries)
	}
	if !c.Empty() {
		s.Figures = append(s.Figures, figure{template.HTML(c.SVG()), caption})
	}
}

func (s *section) bars(b plot.Bars, caption string) {
	if len(b.Bars) > mostBars {
		b.Bars = b.Bars[:mostBars]
		caption += fmt.Sprintf(" The first %d alone: the table has all.", mostBars)
	}
	if len(b.Bars) > 0 {
		s.Figures = append(s.Figures, figure{template.HTML(b.SVG()), caption})
	}
}

func (s *section) table(t table) {
	if len(t.Rows) > 0 {
		s.Tables = append(s.Tables, t)
	}
}

// write writes a document without its empty sections.
func (d document) write(w io.Writer) error {
	var full []section
	for _, s := range d.Sections {
		if !s.empty() {
			full = append(full, s)
		}
	}
	d.Sections = full
	d.Style = template.CSS(style)
	return layout.Execute(w, d)
}

// rate writes a speed in three or four digits.
func rate(v float64) string {
	switch {
	case v >= 1e7 || v < 0.01:
		return fmt.Sprintf("%.3g", v)
	case v >= 1000:
		return thousands(int64(math.Round(v)))
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// thousands writes a count with commas.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func size(n int64) string {
	if n <= 0 {
		return ""
	}
	return quantity.Bytes(n).String()
}

// small writes what matters by its order of magnitude.
func small(n results.Number) string {
	v := float64(n)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "not a number"
	}
	if a := math.Abs(v); a >= 0.001 && a < 1000 {
		return fmt.Sprintf("%.2g", v)
	}
	return plot.Amount(v)
}

func percent(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) }

func seconds(s float64) string {
	switch {
	case s <= 0:
		return "0"
	case s < 1e-3:
		return fmt.Sprintf("%.3g µs", s*1e6)
	case s < 1:
		return fmt.Sprintf("%.3g ms", s*1e3)
	}
	return fmt.Sprintf("%.3g s", s)
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return thousands(int64(n))
}

// first appends v where it is not there yet.
func first[T comparable](all []T, v T) []T {
	for _, o := range all {
		if o == v {
			return all
		}
	}
	return append(all, v)
}
