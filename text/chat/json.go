package chat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// tojson writes a value as transformers' filter does: Python's json.dumps with
// ensure_ascii off. indent is −1 for one line.
type jsonWriter struct {
	r      *run
	b      strings.Builder
	source int // of the first string that is not the template's
	indent int
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
	w.r.spend(len(t.s) / 8)
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

// value makes a template's value of one of Go's: what encoding/json decodes to,
// json.RawMessage (whose keys stay in order), and common types of numbers and
// strings. Its strings are from source.
func value(v any, source, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("values nested more than %d deep", maxDepth)
	}
	switch v := v.(type) {
	case nil, bool, int64, float64:
		return v, nil
	case int:
		return int64(v), nil
	case float32:
		return float64(v), nil
	case string:
		return from(strings.ToValidUTF8(v, "\uFFFD"), source), nil
	case json.Number:
		return numberOf(v)
	case json.RawMessage:
		d := json.NewDecoder(bytes.NewReader(v))
		d.UseNumber()
		out, err := decode(d, source, depth)
		if err == nil {
			if _, end := d.Token(); end != io.EOF {
				err = fmt.Errorf("more than one JSON value")
			}
		}
		return out, err
	case []string:
		l := &list{}
		for _, s := range v {
			l.items = append(l.items, from(strings.ToValidUTF8(s, "\uFFFD"), source))
		}
		return l, nil
	case []any:
		l := &list{}
		for _, item := range v {
			x, err := value(item, source, depth+1)
			if err != nil {
				return nil, err
			}
			l.items = append(l.items, x)
		}
		return l, nil
	case map[string]any:
		d := newDict()
		for _, k := range slices.Sorted(maps.Keys(v)) {
			x, err := value(v[k], source, depth+1)
			if err != nil {
				return nil, err
			}
			d.set(0, from(strings.ToValidUTF8(k, "\uFFFD"), source), x)
		}
		return d, nil
	}
	return nil, fmt.Errorf("a value of type %T is none that a template can read", v)
}

func numberOf(n json.Number) (any, error) {
	if i, err := n.Int64(); err == nil {
		return i, nil
	}
	return n.Float64()
}

// decode reads one JSON value.
func decode(d *json.Decoder, source, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("values nested more than %d deep", maxDepth)
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '[' {
			l := &list{}
			for d.More() {
				x, err := decode(d, source, depth+1)
				if err != nil {
					return nil, err
				}
				l.items = append(l.items, x)
			}
			_, err := d.Token()
			return l, err
		}
		out := newDict()
		for d.More() {
			k, err := d.Token()
			if err != nil {
				return nil, err
			}
			x, err := decode(d, source, depth+1)
			if err != nil {
				return nil, err
			}
			out.set(0, from(k.(string), source), x)
		}
		_, err := d.Token()
		return out, err
	case json.Number:
		return numberOf(t)
	case string:
		return from(t, source), nil
	}
	return t, nil
}
