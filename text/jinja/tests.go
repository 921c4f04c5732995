package jinja

import (
	"strings"
	"unicode"
)

// A test is what stands behind is.
type test struct {
	args int
	is   func(r *renderer, v any, args []any) bool
}

func simple(is func(v any) bool) test {
	return test{0, func(_ *renderer, v any, _ []any) bool { return is(v) }}
}

func ordered(is func(c int) bool) test {
	return test{1, func(r *renderer, v any, a []any) bool { return is(r.compare(v, a[0], 0)) }}
}

func isType[T any](v any) bool {
	_, ok := v.(T)
	return ok
}

// sized reports whether a value has a length and items by number.
func sized(v any) bool { return isType[text](v) || isType[*list](v) || isType[*dict](v) }

// callable reports whether Python would call a value: jinja2 has it so of undefined ones.
func callable(v any) bool { return isType[*function](v) || isType[*loop](v) || isType[undefined](v) }

func remainder(r *renderer, v any, by int64) int64 {
	i, _, isInt, _ := number(v)
	if !isInt || by == 0 {
		fail(r.line, "%s has no remainder by %d", typeName(v), by)
	}
	return i % by
}

var tests map[string]test

func init() {
	equal := test{1, func(r *renderer, v any, a []any) bool { return r.equal(v, a[0], 0) }}
	differ := test{1, func(r *renderer, v any, a []any) bool { return !r.equal(v, a[0], 0) }}
	less := ordered(func(c int) bool { return c < 0 })
	more := ordered(func(c int) bool { return c > 0 })
	atMost := ordered(func(c int) bool { return c <= 0 })
	atLeast := ordered(func(c int) bool { return c >= 0 })
	tests = map[string]test{
		"defined":   simple(func(v any) bool { return !isType[undefined](v) }),
		"undefined": simple(isType[undefined]),
		"none":      simple(func(v any) bool { return v == nil }),
		"string":    simple(isType[text]),
		"mapping":   simple(isType[*dict]),
		"number":    simple(func(v any) bool { _, _, _, ok := number(v); return ok }),
		"integer":   simple(isType[int64]),
		"float":     simple(isType[float64]),
		"boolean":   simple(isType[bool]),
		"true":      simple(func(v any) bool { return v == any(true) }),
		"false":     simple(func(v any) bool { return v == any(false) }),
		"callable":  simple(callable),
		"iterable":  simple(func(v any) bool { return sized(v) || isType[*lazy](v) || isType[undefined](v) }),
		"sequence":  simple(func(v any) bool { return sized(v) || isType[undefined](v) }),
		"odd":       {0, func(r *renderer, v any, _ []any) bool { return remainder(r, v, 2) != 0 }},
		"even":      {0, func(r *renderer, v any, _ []any) bool { return remainder(r, v, 2) == 0 }},
		"divisibleby": {1, func(r *renderer, v any, a []any) bool {
			by, _, _, _ := number(a[0])
			return remainder(r, v, by) == 0
		}},
		"in":     {1, func(r *renderer, v any, a []any) bool { return r.contains(a[0], v) }},
		"sameas": equal,
		"eq":     equal, "equalto": equal, "ne": differ,
		"lt": less, "lessthan": less, "gt": more, "greaterthan": more, "le": atMost, "ge": atLeast,
		"upper": {0, func(r *renderer, v any, _ []any) bool {
			t := r.str(v)
			r.read(t)
			return allCased(t.s, unicode.IsUpper, unicode.IsLower)
		}},
		"lower": {0, func(r *renderer, v any, _ []any) bool {
			t := r.str(v)
			r.read(t)
			return allCased(t.s, unicode.IsLower, unicode.IsUpper)
		}},
	}
}

// allCased reports whether a string has letters of one case and none of the
// other.
func allCased(s string, want, other func(rune) bool) bool {
	return strings.ContainsFunc(s, want) && !strings.ContainsFunc(s, other)
}
