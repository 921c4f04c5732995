// Package edit is the model of a field that text is typed into: a cursor, a selection, words, cut and paste, undo.
// It moves by clusters of Unicode, so that a letter and its marks are one step, and knows nothing of windows.
package edit

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"falconmamba/examples/desktop/grid"
)

// A Field is a text with a cursor. Its zero value is empty.
type Field struct {
	text     string
	at       int // bytes before the cursor, which stands between clusters
	from     int // the selection's other end; at, if nothing is selected
	undo     []moment
	redo     []moment
	together bool // the next character belongs to the same step of undo
}

type moment struct {
	text     string
	at, from int
}

// Steps is how many changes can be undone, fewer where their texts have more than Held bytes together, and Most how
// many bytes a field takes.
const (
	Steps = 200
	Held  = 16 << 20
	Most  = 1 << 20
)

// Text returns what is in the field, Cursor where the cursor is, in bytes.
func (f *Field) Text() string { return f.text }
func (f *Field) Cursor() int  { return f.at }

// Selection returns where the selection begins and ends.
func (f *Field) Selection() (from, to int) { return min(f.at, f.from), max(f.at, f.from) }

// Selected returns the text that is selected.
func (f *Field) Selected() string {
	from, to := f.Selection()
	return f.text[from:to]
}

// Take empties the field and returns what was in it. That can be undone.
func (f *Field) Take() string {
	s := f.text
	f.All()
	f.Insert("")
	return s
}

// Insert puts s in place of the selection. Line ends become \n, other control characters but tabs go, and what is
// no UTF-8 becomes U+FFFD. It reports whether all of s had room.
func (f *Field) Insert(s string) bool {
	s = clean(s)
	from, to := f.Selection()
	room := Most - (len(f.text) - (to - from))
	fits := len(s) <= room
	if !fits {
		for room > 0 && !utf8.RuneStart(s[room]) {
			room--
		}
		s = s[:room]
	}
	if s == "" && from == to {
		return fits
	}
	typed := utf8.RuneCountInString(s) == 1 && from == to
	if !typed || !f.together || s == " " || s == "\n" {
		f.remember()
	}
	f.text = f.text[:from] + s + f.text[to:]
	f.put(from + len(s))
	f.together = typed
	return fits
}

func clean(s string) string {
	s = strings.ToValidUTF8(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s), "\ufffd")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
}

// put moves the cursor to a place, or to the next between clusters.
func (f *Field) put(at int) {
	f.at = f.boundary(at)
	f.from = f.at
	f.together = false
}

// boundary returns the first place from at on that lies between clusters.
func (f *Field) boundary(at int) int {
	last := 0
	for c := range grid.Clusters(f.text) {
		if last = c.At; last >= at {
			return last
		}
	}
	return len(f.text)
}

// remember makes the present a step of undo. The oldest steps go where there are too many.
func (f *Field) remember() {
	f.undo = append(f.undo, moment{f.text, f.at, f.from})
	f.redo = nil
	first, held := max(0, len(f.undo)-Steps), 0
	for i := len(f.undo) - 1; i >= first; i-- {
		if held += len(f.undo[i].text); held > Held {
			first = i + 1
		}
	}
	f.undo = slices.Delete(f.undo, 0, first) // which lets go of their texts
}

// Undo takes the last change back, Redo makes it again. They report whether there was one.
func (f *Field) Undo() bool { return f.swap(&f.undo, &f.redo) }
func (f *Field) Redo() bool { return f.swap(&f.redo, &f.undo) }

func (f *Field) swap(from, to *[]moment) bool {
	n := len(*from)
	if n == 0 {
		return false
	}
	*to = append(*to, moment{f.text, f.at, f.from})
	m := (*from)[n-1]
	*from = slices.Delete(*from, n-1, n)
	f.text, f.at, f.from, f.together = m.text, m.at, m.from, false
	return true
}

// A Step says where the cursor goes.
type Step int

// The steps.
const (
	Left Step = iota
	Right
	WordLeft
	WordRight
	LineStart
	LineEnd
	Start
	End
)

// Move moves the cursor. With selecting the selection's other end stays; without, a selection is left at the end
// that Left and Right point to.
func (f *Field) Move(s Step, selecting bool) {
	from, to := f.Selection()
	other := f.from
	switch {
	case !selecting && from != to && s == Left:
		f.put(from)
	case !selecting && from != to && s == Right:
		f.put(to)
	default:
		f.put(f.target(s))
	}
	if selecting {
		f.from = other
	}
}

// MoveTo moves the cursor to a place in bytes.
func (f *Field) MoveTo(at int, selecting bool) {
	other := f.from
	f.put(min(max(0, at), len(f.text)))
	if selecting {
		f.from = other
	}
}

// All selects everything.
func (f *Field) All() {
	f.put(len(f.text))
	f.from = 0
}

func (f *Field) target(s Step) int {
	switch s {
	case Left:
		return f.before(f.at)
	case Right:
		return f.boundary(f.at + 1)
	case WordLeft:
		return f.word(true)
	case WordRight:
		return f.word(false)
	case LineStart:
		return strings.LastIndexByte(f.text[:f.at], '\n') + 1
	case LineEnd:
		if n := strings.IndexByte(f.text[f.at:], '\n'); n >= 0 {
			return f.at + n
		}
		return len(f.text)
	case Start:
		return 0
	}
	return len(f.text)
}

// before returns the beginning of the cluster that ends at a place.
func (f *Field) before(at int) int {
	last := 0
	for c := range grid.Clusters(f.text) {
		if c.At >= at {
			break
		}
		last = c.At
	}
	return last
}

// word returns where the word before the cursor begins, or the one behind it ends.
func (f *Field) word(left bool) int {
	if left {
		s := strings.TrimRightFunc(f.text[:f.at], notWord)
		return len(strings.TrimRightFunc(s, isWord))
	}
	s := strings.TrimLeftFunc(f.text[f.at:], notWord)
	return len(f.text) - len(strings.TrimLeftFunc(s, isWord))
}

func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_' || r == '\''
}

func notWord(r rune) bool { return !isWord(r) }

// Delete removes the selection or, where there is none, what lies between the cursor and where s leads.
func (f *Field) Delete(s Step) {
	if f.at == f.from {
		to := f.target(s)
		if to == f.at {
			return
		}
		f.from = to
		f.remember()
		f.undo[len(f.undo)-1].from = f.at // nothing was selected
	} else {
		f.remember()
	}
	from, to := f.Selection()
	f.text = f.text[:from] + f.text[to:]
	f.put(from)
}

// Cut removes the selection and returns it.
func (f *Field) Cut() string {
	s := f.Selected()
	if s != "" {
		f.Delete(Left)
	}
	return s
}
