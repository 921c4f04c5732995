package jinja

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxIndent is how many spaces the filter tojson takes for a level.
const maxIndent = 64

// spaces are the indentation of the deepest level.
var spaces = strings.Repeat(" ", maxIndent*(maxDepth+1))

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

func (w *jsonWriter) add(s string) {
	w.r.spend(costOf(len(s)))
	w.b.WriteString(s)
}

func (w *jsonWriter) write(v any, depth int) {
	w.r.spend(1)
	if depth > maxDepth {
		fail(w.r.line, "values nested more than %d deep", maxDepth)
	}
	switch v := v.(type) {
	case nil:
		w.add("null")
	case bool:
		w.add(strconv.FormatBool(v))
	case int64:
		w.add(strconv.FormatInt(v, 10))
	case float64:
		switch {
		case math.IsNaN(v):
			w.add("NaN")
		case math.IsInf(v, 0):
			w.add(map[bool]string{true: "Infinity", false: "-Infinity"}[v > 0])
		default:
			w.add(floatString(v))
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
			w.add(w.key)
			w.write(v.values[order[i]], depth+1)
		})
	default:
		fail(w.r.line, "%s cannot be written as JSON", typeName(v))
	}
}

func (w *jsonWriter) group(open, end string, n, depth int, item func(i int)) {
	w.add(open)
	line := func(depth int) {
		if w.indent >= 0 {
			w.add("\n")
			w.add(spaces[:w.indent*depth])
		}
	}
	for i := range n {
		if i > 0 {
			w.add(w.item)
		}
		line(depth + 1)
		item(i)
	}
	if n > 0 {
		line(depth)
	}
	w.add(end)
}

func (w *jsonWriter) quote(t text) {
	n := len(t.s)
	for i := range len(t.s) {
		switch c := t.s[i]; {
		case c == '"', c == '\\', c == '\n', c == '\r', c == '\t', c == '\b', c == '\f':
			n++
		case c < ' ':
			n += len(`\u0000`) - 1
		}
	}
	w.r.spend(costOf(n))
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
				escape(&w.b, 'u', 4, c)
			} else {
				w.b.WriteRune(c)
			}
		}
	}
	w.b.WriteByte('"')
}
