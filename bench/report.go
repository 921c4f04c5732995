package bench

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A Format is a way to write a report.
type Format string

// The formats. People read Markdown: amounts are rounded and have units. The
// others have the figures themselves, in bytes, seconds and tokens per second.
const (
	Markdown  Format = "md"
	CSV       Format = "csv"   // a header per table, a blank line between tables
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
	// Spread says that values are of type Rate: machines get another column
	// Key_spread.
	Spread bool
}

func (c Column) title() string {
	if c.Title == "" {
		return c.Key
	}
	return c.Title
}

// A Rate is a speed that was measured several times.
type Rate struct{ Median, Spread float64 }

func (r Rate) String() string { return fmt.Sprintf("%.2f ± %.2f", r.Median, r.Spread) }

// Small is a figure of which the order of magnitude matters.
type Small float64

func (s Small) String() string {
	if s == 0 {
		return "0"
	}
	return fmt.Sprintf("%.2e", float64(s))
}

// A Dual is a value that is something else for machines than its text.
type Dual interface {
	fmt.Stringer
	Machine() any
}

// A Report is a row of tables, written as they are made. The first error of its
// writer sticks; Close returns it.
type Report struct {
	w      io.Writer
	format Format
	table  Table
	tables int
	rows   int // of all tables
	err    error
}

// NewReport returns a report in the given format on w.
func NewReport(w io.Writer, f Format) *Report { return &Report{w: w, format: f} }

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
		var head, rule []string
		for _, c := range t.Columns {
			head = append(head, c.pad(c.title()))
			dashes := strings.Repeat("-", max(3, c.Width, utf8.RuneCountInString(c.title())))
			if !c.Left {
				dashes = dashes[1:] + ":"
			}
			rule = append(rule, dashes)
		}
		r.write(between + "| " + strings.Join(head, " | ") + " |\n| " + strings.Join(rule, " | ") + " |\n")
	case CSV:
		var head []string
		for _, c := range t.Columns {
			head = append(head, c.Key)
			if c.Spread {
				head = append(head, c.Key+"_spread")
			}
		}
		r.write(between)
		r.csv(head)
	}
}

// Row adds a row to the table that was begun last: a value for each column,
// nil for none. Values are strings, booleans, numbers, slices of numbers,
// time.Duration, any of these with a String method for people, Dual and, in
// Spread columns, Rate.
func (r *Report) Row(values ...any) {
	if len(values) != len(r.table.Columns) && r.err == nil {
		r.err = fmt.Errorf("a row of %d values in table %s of %d columns", len(values), r.table.Name, len(r.table.Columns))
	}
	if r.err != nil {
		return
	}
	r.rows++
	switch r.format {
	case Markdown:
		var cells []string
		for i, c := range r.table.Columns {
			cells = append(cells, c.pad(human(values[i])))
		}
		r.write("| " + strings.Join(cells, " | ") + " |\n")
	case CSV:
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

func (c Column) pad(cell string) string {
	fill := strings.Repeat(" ", max(0, max(3, c.Width, utf8.RuneCountInString(c.title()))-utf8.RuneCountInString(cell)))
	if c.Left {
		return cell + fill
	}
	return fill + cell
}

// human is a value as people read it, in a cell of Markdown.
func human(v any) string {
	var s string
	switch v := v.(type) {
	case nil:
	case time.Duration:
		s = duration(v)
	case fmt.Stringer:
		s = v.String()
	case float64:
		s = fmt.Sprintf("%.4g", v)
	default:
		s = fmt.Sprint(v)
	}
	return strings.NewReplacer("|", `\|`, "\n", " ", "\r", " ").Replace(s)
}

// duration writes three digits.
func duration(d time.Duration) string {
	s := d.Seconds()
	switch {
	case d == 0:
		return "0"
	case s < 1e-6:
		return fmt.Sprintf("%d ns", d)
	case s < 1e-3:
		return fmt.Sprintf("%.3g µs", s*1e6)
	case s < 1:
		return fmt.Sprintf("%.3g ms", s*1e3)
	}
	return fmt.Sprintf("%.3g s", s)
}

// each calls do with the machines' columns and their values.
func (r *Report) each(values []any, do func(key string, v any)) {
	for i, c := range r.table.Columns {
		v := values[i]
		if rate, ok := v.(Rate); ok && c.Spread {
			do(c.Key, rate.Median)
			do(c.Key+"_spread", rate.Spread)
			continue
		}
		do(c.Key, machine(v))
		if c.Spread {
			do(c.Key+"_spread", nil)
		}
	}
}

// machine strips a value of its way to be written: a duration becomes seconds.
func machine(v any) any {
	switch x := v.(type) {
	case time.Duration:
		return x.Seconds()
	case Dual:
		return machine(x.Machine())
	case float32:
		return x // in its own few digits
	}
	x := reflect.ValueOf(v)
	switch {
	case v == nil:
		return nil
	case x.CanInt():
		return x.Int()
	case x.CanUint():
		return x.Uint()
	case x.CanFloat():
		return x.Float()
	case x.Kind() == reflect.String:
		return x.String()
	case x.Kind() == reflect.Slice:
		all := make([]any, x.Len())
		for i := range all {
			all[i] = machine(x.Index(i).Interface())
		}
		return all
	}
	return v
}

// plain is a machine's value in a cell of CSV; slices have spaces between.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return number(v, 64)
	case float32:
		return number(float64(v), 32)
	case []any:
		var words []string
		for _, e := range v {
			words = append(words, plain(e))
		}
		return strings.Join(words, " ")
	}
	return fmt.Sprint(v)
}

// number writes a float of so many bits in the fewest digits that are still it.
func number(v float64, bits int) string { return strconv.FormatFloat(v, 'g', -1, bits) }

func (r *Report) csv(cells []string) {
	var line bytes.Buffer
	w := csv.NewWriter(&line)
	err := w.Write(cells)
	w.Flush()
	if err != nil && r.err == nil {
		r.err = err
	}
	r.write(line.String())
}

// object is a row as a JSON object, keys in the order of the columns.
func (r *Report) object(values []any) string {
	line := &strings.Builder{}
	fmt.Fprintf(line, `{"table":%s`, jsonText(r.table.Name))
	r.each(values, func(key string, v any) { fmt.Fprintf(line, ",%s:%s", jsonText(key), jsonText(v)) })
	line.WriteByte('}')
	return line.String()
}

// jsonNumber is a float in JSON. What JSON has no number for is a string: "NaN",
// "+Inf".
func jsonNumber(v float64, bits int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return `"` + number(v, bits) + `"`
	}
	return number(v, bits)
}

// jsonText is a machine's value in JSON.
func jsonText(v any) string {
	switch v := v.(type) {
	case float64:
		return jsonNumber(v, 64)
	case float32:
		return jsonNumber(float64(v), 32)
	case []any:
		var words []string
		for _, e := range v {
			words = append(words, jsonText(e))
		}
		return "[" + strings.Join(words, ",") + "]"
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return `"` + strings.ReplaceAll(err.Error(), `"`, "'") + `"`
	}
	return strings.TrimSuffix(b.String(), "\n")
}
