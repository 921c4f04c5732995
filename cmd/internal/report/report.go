// Package report writes tables for people, in Markdown, and for machines, in CSV and JSON. Packages
// bench and verify return values; a program gives them to a [Report], row by row.
package report

import (
	"fmt"
	"io"
	"strings"
)

// A Format is a way to write a report.
type Format string

// The formats. People read Markdown: amounts are rounded and have units. The
// others have the figures themselves, in bytes, seconds and tokens per second.
const (
	Markdown  Format = "md"
	CSV       Format = "csv"   // a header and the rows of the first table: files of CSV have one
	JSON      Format = "json"  // an array with an object per row
	JSONLines Format = "jsonl" // an object per row and line
)

// ParseFormat returns the format called name.
func ParseFormat(name string) (Format, error) {
	switch f := Format(name); f {
	case Markdown, CSV, JSON, JSONLines:
		return f, nil
	}
	return "", fmt.Errorf("unknown format %q: want md, csv, json or jsonl", name)
}

// A Table is the head of a table: its name, which every JSON row has under
// "table", and its columns.
type Table struct {
	Name    string
	Columns []Column
}

// A Column is one column of a table.
type Column struct {
	Key   string // in CSV and JSON
	Title string // for people; Key where it is empty
	Width int    // that people's columns have at least
	Left  bool   // words, not figures
	Data  bool   // not for people: their tables fit a terminal
	Extra bool   // left out where a table would be wider than the terminal
	Cut   bool   // there its cells are cut; without a Width it is left out
	// Spread says that values are of type Rate: machines get another column,
	// Key_spread.
	Spread bool
}

func (c Column) title() string {
	if c.Title == "" {
		return c.Key
	}
	return c.Title
}

// A Report is a series of tables, written row by row. The first error of its
// writer sticks; Close returns it.
type Report struct {
	w       io.Writer
	format  Format
	columns int // of the terminal; 0: it is none
	table   Table
	shown   []shown // columns of the table that people see
	tables  int
	rows    int // of all tables
	err     error
}

// New returns a report in the given format on w.
func New(w io.Writer, f Format) *Report { return &Report{w: w, format: f} }

func (r *Report) write(text string) {
	if r.err == nil {
		_, r.err = io.WriteString(r.w, text)
	}
}

// Table begins the next table.
func (r *Report) Table(t Table) {
	between := ""
	if r.tables > 0 {
		between = "\n"
	}
	r.table = t
	r.tables++
	switch r.format {
	case Markdown:
		r.shown = t.fitted(r.columns)
		var head, rule []string
		for _, c := range r.shown {
			head = append(head, c.pad(c.title()))
			dashes := strings.Repeat("-", c.wide())
			if !c.Left {
				dashes = dashes[1:] + ":"
			}
			rule = append(rule, dashes)
		}
		r.write(between + "| " + strings.Join(head, " | ") + " |\n| " + strings.Join(rule, " | ") + " |\n")
	case CSV:
		if r.tables > 1 {
			return
		}
		var head []string
		for _, c := range t.Columns {
			head = append(head, c.Key)
			if c.Spread {
				head = append(head, c.Key+"_spread")
			}
		}
		r.csv(head)
	}
}

// Row adds a row to the table that was begun last: a value for each column,
// nil for none. Values are strings, booleans, numbers, slices of numbers,
// time.Duration, any of these with a String method for people, Dual and, in
// Spread columns, Rate.
func (r *Report) Row(values ...any) {
	if len(values) != len(r.table.Columns) && r.err == nil {
		r.err = fmt.Errorf("a row of %d values in table %s of %d columns",
			len(values), r.table.Name, len(r.table.Columns))
	}
	if r.err != nil {
		return
	}
	r.rows++
	switch r.format {
	case Markdown:
		row, below := r.cells(values)
		r.write("| " + strings.Join(row, " | ") + " |\n")
		if below != nil {
			r.write("  " + strings.Join(below, ": ") + "\n")
		}
	case CSV:
		if r.tables > 1 {
			return
		}
		var cells []string
		r.each(values, func(_ string, v any) { cells = append(cells, plain(v)) })
		r.csv(cells)
	case JSON:
		begin := ",\n"
		if r.rows == 1 {
			begin = "[\n"
		}
		r.write(begin + r.object(values))
	case JSONLines:
		r.write(r.object(values) + "\n")
	}
}

// Skipped reports whether there are tables that the format does not hold.
func (r *Report) Skipped() bool { return r.format == CSV && r.tables > 1 }

// Note adds a sentence for people.
func (r *Report) Note(format string, args ...any) {
	if r.format == Markdown {
		r.write("\n" + fmt.Sprintf(format, args...) + "\n")
	}
}

// Close ends the report.
func (r *Report) Close() error {
	if r.format == JSON {
		if r.rows == 0 {
			r.write("[")
		}
		r.write("\n]\n")
	}
	return r.err
}
