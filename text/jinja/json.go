package jinja

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A jsonWriter writes a value as transformers' filter tojson does: Python's json.dumps with
// ensure_ascii off.
type jsonWriter struct {
	r      *renderer
	b      strings.Builder
	source int // of the first string that is not the template's
	indent int // −1: all on one line
	sort   bool
	item   string // between items
	key    string // behind a key
}

func (w *jsonWriter) text() text { return from(w.b.String(), w.source) }

func (w *jsonWriter) write(v any, depth int) {
	w.r.spend(1)
	if depth > maxDepth {
		fail(w.r.line, "values nested more than %d deep", maxDepth)
	}
	switch v := v.(type) {
	case nil:
		w.b.WriteString("null")
	case bool:
		w.b.WriteString(strconv.FormatBool(v))
	case int64:
		w.b.WriteString(strconv.FormatInt(v, 10))
	case float64:
		switch {
		case math.IsNaN(v):
			w.b.WriteString("NaN")
		case math.IsInf(v, 0):
			w.b.WriteString(map[bool]string{true: "Infinity", false: "-Infinity"}[v > 0])
		default:
			w.b.WriteString(floatString(v))
		}
	case text:
		w.quote(v)
	case *list:
		if v.span != nil {
			fail(w.r.line, "a range cannot be written as JSON: make a list of it")
		}
		w.group("[", "]", len(v.items), depth, func(i int) { w.write(v.items[i], depth+1) })
	case *dict:
		order := make([]int, len(v.keys))
		for i := range order {
			order[i] = i
		}
		if w.sort {
			slices.SortFunc(order, func(i, j int) int { return w.r.compare(v.keys[i], v.keys[j], 0) })
		}
		w.group("{", "}", len(order), depth, func(i int) {
			k := v.keys[order[i]]
			switch k := k.(type) {
			case text:
				w.quote(k)
			case nil, bool, int64, float64:
				w.b.WriteByte('"')
				w.write(k, depth+1)
				w.b.WriteByte('"')
			}
			w.r.spend(len(w.key) / 8)
			w.b.WriteString(w.key)
			w.write(v.values[order[i]], depth+1)
		})
	default:
		fail(w.r.line, "%s cannot be written as JSON", typeName(v))
	}
}

func (w *jsonWriter) group(open, end string, n, depth int, item func(i int)) {
	w.b.WriteString(open)
	line := func(depth int) {
		if w.indent >= 0 {
			w.r.spend(w.indent * depth / 8)
			w.b.WriteByte('\n')
			w.b.WriteString(strings.Repeat(" ", w.indent*depth))
		}
	}
	for i := range n {
		if i > 0 {
			w.r.spend(len(w.item) / 8)
			w.b.WriteString(w.item)
		}
		line(depth + 1)
		item(i)
	}
	if n > 0 {
		line(depth)
	}
	w.b.WriteString(end)
}

func (w *jsonWriter) quote(t text) {
	w.r.spend(len(t.s) / 2) // it may grow sixfold
	if w.source == FromTemplate {
		w.source = t.source()
	}
	w.b.WriteByte('"')
	for _, c := range t.s {
		switch c {
		case '"', '\\':
			w.b.WriteByte('\\')
			w.b.WriteRune(c)
		case '\n':
			w.b.WriteString(`\n`)
		case '\r':
			w.b.WriteString(`\r`)
		case '\t':
			w.b.WriteString(`\t`)
		case '\b':
			w.b.WriteString(`\b`)
		case '\f':
			w.b.WriteString(`\f`)
		default:
			if c < ' ' {
				fmt.Fprintf(&w.b, `\u%04x`, c)
			} else {
				w.b.WriteRune(c)
			}
		}
	}
	w.b.WriteByte('"')
}
