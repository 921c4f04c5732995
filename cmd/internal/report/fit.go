package report

import (
	"strings"
	"unicode/utf8"
)

// A Whole is a text of which people must see all, such as an error: where its column has no
// room for it, it has a line of its own below the row.
type Whole string

func (w Whole) String() string { return string(w) }

// A shown column is one that people see.
type shown struct {
	Column
	at  int // its value's place in a row
	cut int // what cells have room for; 0: for all
}

// least is the width below which a column of cut cells says nothing.
const least = 12

// Fit makes tables for people at most columns characters wide, where there is a way: Extra columns are left
// out, and cells of Cut columns are cut.
func (r *Report) Fit(columns int) { r.columns = columns }

// fitted returns the columns that people see on a terminal that is columns wide; 0: in a file.
func (t Table) fitted(columns int) []shown {
	var all, narrow []shown
	for i, c := range t.Columns {
		if c.Data {
			continue
		}
		s := shown{Column: c, at: i}
		all = append(all, s)
		if !c.Extra && !(c.Cut && c.Width == 0) {
			narrow = append(narrow, s)
		}
	}
	if columns == 0 {
		return all
	}
	if width(all) > columns {
		all = narrow
	}
	// What is too much, the first of those that may be cut gives; what is left, the last gets.
	over := width(all) - columns
	for i := range all {
		if c := &all[i]; c.Cut {
			if over > 0 {
				had := c.wide()
				c.Width = max(least, had-over)
				over -= had - c.Width
			}
			c.cut = c.wide()
		}
	}
	for i := len(all) - 1; i >= 0 && over < 0; i-- {
		if c := &all[i]; c.Cut {
			c.Width = c.wide() - over
			c.cut, over = c.Width, 0
		}
	}
	return all
}

// width is what a table has, in characters, if no cell is wider than its column.
func width(columns []shown) int {
	n := 1
	for _, c := range columns {
		n += c.wide() + 3
	}
	return n
}

// wide is the column's least width.
func (c Column) wide() int { return max(3, c.Width, utf8.RuneCountInString(c.title())) }

// cells are the cells of a row for people, and what of it has to stand below.
func (r *Report) cells(values []any) (row, below []string) {
	seen, cut, whole := map[int]bool{}, []string{}, ""
	for _, c := range r.shown {
		seen[c.at] = true
		cell := human(values[c.at])
		if n := utf8.RuneCountInString(cell); c.cut > 0 && n > c.cut {
			if w, ok := values[c.at].(Whole); ok {
				whole = string(w)
			} else {
				cut = append(cut, cell)
			}
			cell = string([]rune(cell)[:c.cut-1]) + "…"
		}
		row = append(row, c.pad(cell))
	}
	for i, c := range r.table.Columns {
		if w, ok := values[i].(Whole); ok && w != "" && !c.Data && !seen[i] {
			whole = string(w)
		}
	}
	if whole == "" {
		return row, nil
	}
	return row, append(cut, strings.Join(strings.Fields(whole), " "))
}
