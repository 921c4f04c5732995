package jinja

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Values are nil (none), bool, int64, float64, text, *list, *lazy, *dict, *namespace,
// *loop, *cycler, *function and undefined. Lists and dicts are never changed once made.
type (
	list struct {
		items []any
		tuple bool
		span  *span // of a range
	}

	// A span is what a range was made of.
	span struct{ start, stop, step int64 }

	// A dict keeps the order of its keys.
	dict struct {
		keys, values []any
		at           map[any]int // by hashed
	}

	// A namespace is what set may change from within a loop.
	namespace struct{ *dict }

	// undefined is what a name stands for that nothing was set to: it prints as
	// nothing, but has no attributes.
	undefined struct{ what string }

	function struct {
		name string
		call func(r *renderer, a arguments) any
	}

	// given are the arguments of a call.
	arguments struct {
		line  int
		what  string // the filter, method or function that is called
		args  []any
		names []string
		named []any
	}
)

func newDict() *dict { return &dict{at: map[any]int{}} }

// hashed is the same for keys that are equal.
func hashed(line int, key any) any {
	switch k := key.(type) {
	case text:
		return k.s
	case bool:
		if k {
			return int64(1)
		}
		return int64(0)
	case float64:
		if k == math.Trunc(k) && math.Abs(k) < 1<<53 {
			return int64(k)
		}
		return k
	case nil, int64:
		return k
	}
	fail(line, "%s cannot be the key of a mapping", typeName(key))
	return nil
}

func (d *dict) set(line int, key, value any) {
	h := hashed(line, key)
	if i, ok := d.at[h]; ok {
		d.values[i] = value
		return
	}
	d.at[h] = len(d.keys)
	d.keys, d.values = append(d.keys, key), append(d.values, value)
}

// put is set for a key of the package's own.
func (d *dict) put(key string, value any) { d.set(0, plain(key), value) }

func (d *dict) lookup(line int, key any) (any, bool) {
	switch key.(type) {
	case *list, *lazy, *dict, *namespace, *loop, *cycler, *function, undefined:
		return nil, false
	}
	i, ok := d.at[hashed(line, key)]
	if !ok {
		return nil, false
	}
	return d.values[i], true
}

func (d *dict) items(r *renderer) *list {
	r.spend(costOfPart * len(d.keys))
	l := &list{}
	for i, k := range d.keys {
		l.items = append(l.items, &list{items: []any{k, d.values[i]}, tuple: true})
	}
	return l
}

// String is Python's repr of the range.
func (s *span) String() string {
	if s.step == 1 {
		return fmt.Sprintf("range(%d, %d)", s.start, s.stop)
	}
	return fmt.Sprintf("range(%d, %d, %d)", s.start, s.stop, s.step)
}

// typeName is how errors call a value.
func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "none"
	case bool:
		return "a boolean"
	case int64:
		return "an integer"
	case float64:
		return "a float"
	case text:
		return "a string"
	case *list:
		return "a list"
	case *lazy:
		return "a generator"
	case *dict:
		return "a mapping"
	case *namespace:
		return "a namespace"
	case *loop:
		return "loop"
	case *cycler:
		return "a cycler"
	case *function:
		return "a function"
	}
	return "undefined"
}

func isTrue(v any) bool {
	switch v := v.(type) {
	case nil, undefined:
		return false
	case bool:
		return v
	case int64:
		return v != 0
	case float64:
		return v != 0
	case text:
		return v.s != ""
	case *list:
		return len(v.items) > 0
	case *dict:
		return len(v.keys) > 0
	}
	return true
}

// number returns a number as the type that it counts as.
func number(v any) (i int64, f float64, isInt, ok bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return 1, 1, true, true
		}
		return 0, 0, true, true
	case int64:
		return v, float64(v), true, true
	case float64:
		return 0, v, false, true
	}
	return 0, 0, false, false
}

func (r *renderer) equal(a, b any, depth int) bool {
	r.spend(1)
	if depth > maxDepth {
		fail(r.line, "values nested more than %d deep", maxDepth)
	}
	if i, f, isInt, ok := number(a); ok {
		j, g, alsoInt, ok := number(b)
		if isInt && alsoInt {
			return ok && i == j
		}
		return ok && f == g
	}
	switch a := a.(type) {
	case nil:
		return b == nil
	case undefined:
		_, ok := b.(undefined)
		return ok
	case text:
		b, ok := b.(text)
		r.spend(len(a.s) / 64)
		return ok && a.s == b.s
	case *list:
		b, ok := b.(*list)
		if !ok || a.tuple != b.tuple || (a.span == nil) != (b.span == nil) || len(a.items) != len(b.items) {
			return false
		}
		for i := range a.items {
			if !r.equal(a.items[i], b.items[i], depth+1) {
				return false
			}
		}
		return true
	case *dict:
		b, ok := b.(*dict)
		if !ok || len(a.keys) != len(b.keys) {
			return false
		}
		for i, k := range a.keys {
			if v, ok := b.lookup(r.line, k); !ok || !r.equal(a.values[i], v, depth+1) {
				return false
			}
		}
		return true
	}
	return a == b
}

// compare orders numbers, strings and lists of these.
func (r *renderer) compare(a, b any, depth int) int {
	r.spend(1)
	if depth > maxDepth {
		fail(r.line, "values nested more than %d deep", maxDepth)
	}
	sign := func(less, more bool) int {
		switch {
		case less:
			return -1
		case more:
			return 1
		}
		return 0
	}
	if i, f, isInt, ok := number(a); ok {
		if j, g, alsoInt, ok := number(b); ok {
			if isInt && alsoInt {
				return sign(i < j, i > j)
			}
			return sign(f < g, f > g)
		}
	}
	switch a := a.(type) {
	case text:
		if b, ok := b.(text); ok {
			r.spend(len(a.s) / 64)
			return strings.Compare(a.s, b.s)
		}
	case *list:
		if b, ok := b.(*list); ok {
			for i := range min(len(a.items), len(b.items)) {
				if c := r.compare(a.items[i], b.items[i], depth+1); c != 0 {
					return c
				}
			}
			return sign(len(a.items) < len(b.items), len(a.items) > len(b.items))
		}
	}
	fail(r.line, "%s and %s have no order", typeName(a), typeName(b))
	return 0
}

// contains is the operator in.
func (r *renderer) contains(in, v any) bool {
	switch in := in.(type) {
	case text:
		s, ok := v.(text)
		if !ok {
			fail(r.line, "%s cannot be in a string", typeName(v))
		}
		r.spend(len(in.s) / 16)
		return strings.Contains(in.s, s.s)
	case *dict:
		_, ok := in.lookup(r.line, r.key(v))
		return ok
	}
	for _, item := range r.iterate(in) {
		if r.equal(item, v, 0) {
			return true
		}
	}
	return false
}

// iterate returns the items of a value.
func (r *renderer) iterate(v any) []any {
	switch v := v.(type) {
	case undefined:
		return nil
	case *list:
		return v.items
	case *lazy:
		return v.take(r, -1)
	case *dict:
		return v.keys
	case *namespace:
		return v.keys
	case text:
		r.spend(costOfPart * len(v.s)) // before they are made
		at := v.runes()
		items := make([]any, len(at)-1)
		for i := range items {
			items[i] = v.slice(at[i], at[i+1])
		}
		return items
	}
	fail(r.line, "%s has no items", typeName(v))
	return nil
}

// str is what a value is written as: Python's str.
func (r *renderer) str(v any) text {
	if t, ok := v.(text); ok {
		return t
	}
	var b builder
	r.repr(&b, v, 0, false)
	return b.text()
}

// repr writes a value as Python's repr does; at the top, strings have quotes
// only where they are asked for.
func (r *renderer) repr(b *builder, v any, depth int, quote bool) {
	r.spend(1)
	if depth > maxDepth {
		fail(r.line, "values nested more than %d deep", maxDepth)
	}
	own := func(s string) {
		r.spend(costOf(len(s)))
		b.add(plain(s))
	}
	switch v := v.(type) {
	case nil:
		own("None")
	case bool:
		if v {
			own("True")
		} else {
			own("False")
		}
	case int64:
		own(strconv.FormatInt(v, 10))
	case float64:
		own(floatString(v))
	case text:
		if !quote {
			b.add(v)
			return
		}
		b.add(from(r.quoted(v.s), v.source()))
	case *list:
		if s := v.span; s != nil {
			own(s.String())
			return
		}
		open, end := "[", "]"
		if v.tuple {
			open, end = "(", ")"
			if len(v.items) == 1 {
				end = ",)"
			}
		}
		own(open)
		for i, item := range v.items {
			if i > 0 {
				own(", ")
			}
			r.repr(b, item, depth+1, true)
		}
		own(end)
	case *dict:
		own("{")
		for i, k := range v.keys {
			if i > 0 {
				own(", ")
			}
			r.repr(b, k, depth+1, true)
			own(": ")
			r.repr(b, v.values[i], depth+1, true)
		}
		own("}")
	case undefined:
	default:
		own("<" + typeName(v) + ">")
	}
}

// floatString is Python's repr of a float.
func floatString(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case math.IsNaN(f):
		return "nan"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// escape writes a character by its number, in so many digits.
func escape(b *strings.Builder, kind byte, digits int, c rune) {
	b.WriteByte('\\')
	b.WriteByte(kind)
	for digits--; digits >= 0; digits-- {
		b.WriteByte("0123456789abcdef"[c>>(4*digits)&15])
	}
}

// quoted is Python's repr of a string. It is charged while it is made: it may become four times as long.
func (r *renderer) quoted(s string) string {
	const piece = 1 << 12 // bytes
	paid := 0
	q := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		q = '"'
	}
	var b strings.Builder
	b.WriteByte(q)
	for _, c := range s {
		if b.Len() >= paid+piece {
			r.spend(costOf(b.Len() - paid))
			paid = b.Len()
		}
		switch {
		case c == rune(q) || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < ' ' || c == 0x7f:
			escape(&b, 'x', 2, c)
		case c < utf8.RuneSelf || unicode.IsPrint(c):
			b.WriteRune(c)
		case c < 0x100:
			escape(&b, 'x', 2, c)
		case c < 0x10000:
			escape(&b, 'u', 4, c)
		default:
			escape(&b, 'U', 8, c)
		}
	}
	b.WriteByte(q)
	r.spend(costOf(b.Len() - paid))
	return b.String()
}
