// Package grid lays text out in a grid of cells, as terminals do: a character takes one cell or, if it is wide,
// two. It knows nothing of windows and fonts.
package grid

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-text/typesetting/segmenter"
	"golang.org/x/text/width"
)

// A Cluster is what a reader takes for one character: a letter with its marks, a flag, an emoji of several. Cursors
// stand between clusters.
type Cluster struct {
	Text string // never a part of one; a byte that is no UTF-8 is one by itself
	At   int    // bytes before it
	Wide bool   // it takes two cells
	// Break says that a line may end after it (Unicode's annex 14).
	Break bool
}

// Clusters returns those of s in order.
func Clusters(s string) iter.Seq[Cluster] {
	return func(yield func(Cluster) bool) {
		if plain(s) {
			clustersOfASCII(s, yield)
			return
		}
		runes := []rune(s)
		var seg segmenter.Segmenter
		seg.Init(runes)
		breaks := make([]bool, len(runes)+1)
		for lines := seg.LineIterator(); lines.Next(); {
			l := lines.Line()
			breaks[l.Offset+len(l.Text)] = true
		}
		at := 0
		for all := seg.GraphemeIterator(); all.Next(); {
			g := all.Grapheme()
			size := 0
			for range g.Text { // not the sum of the runes' sizes: a broken byte is one byte
				_, n := utf8.DecodeRuneInString(s[at+size:])
				size += n
			}
			c := Cluster{Text: s[at : at+size], At: at, Wide: wide(g.Text), Break: breaks[g.Offset+len(g.Text)]}
			if !yield(c) {
				return
			}
			at += size
		}
	}
}

// plain reports whether s is of ASCII's printing characters alone, as most texts are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// clustersOfASCII breaks lines after runs of spaces and hyphens in words.
func clustersOfASCII(s string, yield func(Cluster) bool) {
	for i := range len(s) {
		next := i + 1
		may := next < len(s) && s[next] != ' ' && (s[i] == ' ' ||
			s[i] == '-' && i > 0 && s[i-1] > ' ' && unicode.IsLetter(rune(s[next])))
		if !yield(Cluster{Text: s[i:next], At: i, Break: may}) {
			return
		}
	}
}

// wide reports whether a cluster takes two cells: by its first character's East Asian width, or as an emoji that is
// asked for by U+FE0F, or as a flag.
func wide(cluster []rune) bool {
	switch width.LookupRune(cluster[0]).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return true
	}
	for _, r := range cluster[1:] {
		if r == '\ufe0f' {
			return true
		}
	}
	return len(cluster) > 1 && regional(cluster[0]) && regional(cluster[1])
}

func regional(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// Cells returns how many cells s takes in one line.
func Cells(s string) (n int) {
	for c := range Clusters(s) {
		n += c.cells()
	}
	return n
}

func (c Cluster) cells() int {
	if c.Wide {
		return 2
	}
	return 1
}

// Cut returns the beginning of s that takes at most n cells, with … at its end if that is not all.
func Cut(s string, n int) string {
	if Cells(s) <= n {
		return s
	}
	var b strings.Builder
	used := 0
	for c := range Clusters(s) {
		if used += c.cells(); used > n-1 {
			break
		}
		b.WriteString(c.Text)
	}
	if n > 0 {
		b.WriteString("…")
	}
	return b.String()
}
