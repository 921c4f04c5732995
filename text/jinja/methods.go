package jinja

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// method returns v's method of a name, or nil.
func (r *renderer) method(v any, name string) any {
	m := method(v, name)
	if m == nil {
		return nil
	}
	return r.made(m)
}

// method returns v's method of a name, or nil. Methods that change a value are
// not there, as in jinja2's ImmutableSandboxedEnvironment.
func method(v any, name string) *function {
	switch v := v.(type) {
	case text:
		if m, ok := textMethods[name]; ok {
			return &function{"method " + name, func(r *renderer, a arguments) any {
				r.read(v)
				return m(r, v, a)
			}}
		}
	case *dict:
		if m, ok := dictMethods[name]; ok {
			return &function{"method " + name, func(r *renderer, a arguments) any { return m(r, v, a) }}
		}
	case *list:
		if m, ok := listMethods[name]; ok {
			return &function{"method " + name, func(r *renderer, a arguments) any { return m(r, v, a) }}
		}
	}
	return nil
}

var dictMethods = map[string]func(r *renderer, d *dict, a arguments) any{
	"items":  func(r *renderer, d *dict, a arguments) any { a.bind(0); return d.items(r) },
	"keys":   func(r *renderer, d *dict, a arguments) any { a.bind(0); return &list{items: d.keys} },
	"values": func(r *renderer, d *dict, a arguments) any { a.bind(0); return &list{items: d.values} },
	"copy":   func(r *renderer, d *dict, a arguments) any { a.bind(0); return d },
	"get": func(r *renderer, d *dict, a arguments) any {
		args := a.bind(1, "key", "default")
		if v, ok := d.lookup(a.line, r.key(args[0])); ok {
			return v
		}
		if args[1] == any(missing{}) {
			return nil
		}
		return args[1]
	},
}

var listMethods = map[string]func(r *renderer, l *list, a arguments) any{
	"index": func(r *renderer, l *list, a arguments) any {
		v := a.bind(1, "value")[0]
		for i, item := range l.items {
			if r.equal(item, v, 0) {
				return int64(i)
			}
		}
		fail(a.line, "method index: the value is not in the list")
		return nil
	},
	"count": func(r *renderer, l *list, a arguments) any {
		v, n := a.bind(1, "value")[0], int64(0)
		for _, item := range l.items {
			if r.equal(item, v, 0) {
				n++
			}
		}
		return n
	},
}

var textMethods = map[string]func(r *renderer, t text, a arguments) any{
	"strip":      func(r *renderer, t text, a arguments) any { return strip(r, t, a, true, true) },
	"lstrip":     func(r *renderer, t text, a arguments) any { return strip(r, t, a, true, false) },
	"rstrip":     func(r *renderer, t text, a arguments) any { return strip(r, t, a, false, true) },
	"upper":      func(r *renderer, t text, a arguments) any { a.bind(0); return t.mapped(upperCase) },
	"lower":      func(r *renderer, t text, a arguments) any { a.bind(0); return t.mapped(lowerCase) },
	"title":      func(r *renderer, t text, a arguments) any { a.bind(0); return titled(r, t) },
	"capitalize": func(r *renderer, t text, a arguments) any { a.bind(0); return capitalized(r, t) },
	"split": func(r *renderer, t text, a arguments) any {
		args := a.bind(0, "sep", "maxsplit")
		n := int(a.integer(args[1], -1))
		if args[0] == any(missing{}) || args[0] == nil {
			return texts(t.fields(r.spend, n))
		}
		return texts(t.split(r.spend, separator(a, args[0]), n))
	},
	"rsplit": func(r *renderer, t text, a arguments) any {
		args := a.bind(0, "sep", "maxsplit")
		n := int(a.integer(args[1], -1))
		if args[0] == any(missing{}) || args[0] == nil {
			if n >= 0 {
				fail(a.line, "method rsplit: a limit without a separator is not supported")
			}
			return texts(t.fields(r.spend, -1))
		}
		if n < 0 {
			return texts(t.split(r.spend, separator(a, args[0]), n))
		}
		return texts(t.splitRight(r.spend, separator(a, args[0]), min(n, 1000)))
	},
	"partition":  func(r *renderer, t text, a arguments) any { return partition(t, a, strings.Index) },
	"rpartition": func(r *renderer, t text, a arguments) any { return partition(t, a, strings.LastIndex) },
	"splitlines": func(r *renderer, t text, a arguments) any {
		a.bind(0)
		return texts(t.lines(r.spend))
	},
	"startswith": func(r *renderer, t text, a arguments) any { return affix(r, t, a, strings.HasPrefix) },
	"endswith":   func(r *renderer, t text, a arguments) any { return affix(r, t, a, strings.HasSuffix) },
	"removeprefix": func(r *renderer, t text, a arguments) any {
		p := a.str(a.bind(1, "prefix")[0], "").s
		if strings.HasPrefix(t.s, p) {
			return t.slice(len(p), len(t.s))
		}
		return t
	},
	"removesuffix": func(r *renderer, t text, a arguments) any {
		p := a.str(a.bind(1, "suffix")[0], "").s
		if strings.HasSuffix(t.s, p) {
			return t.slice(0, len(t.s)-len(p))
		}
		return t
	},
	"replace": func(r *renderer, t text, a arguments) any {
		args := a.bind(2, "old", "new", "count")
		return replaced(r, t, a, args)
	},
	"find":  func(r *renderer, t text, a arguments) any { return find(t, a, strings.Index) },
	"rfind": func(r *renderer, t text, a arguments) any { return find(t, a, strings.LastIndex) },
	"index": func(r *renderer, t text, a arguments) any {
		i := find(t, a, strings.Index)
		if i == int64(-1) {
			fail(a.line, "method index: the text is not there")
		}
		return i
	},
	"count": func(r *renderer, t text, a arguments) any {
		sub := a.str(a.bind(1, "sub")[0], "").s
		return int64(strings.Count(t.s, sub))
	},
	"join": func(r *renderer, t text, a arguments) any {
		items := r.iterate(a.bind(1, "iterable")[0])
		for i, item := range items {
			if !isType[text](item) {
				fail(a.line, "method join: item %d is %s, not a string", i, typeName(item))
			}
		}
		return joined(r, items, t)
	},
	"isdigit": func(r *renderer, t text, a arguments) any {
		a.bind(0)
		return t.s != "" && !strings.ContainsFunc(t.s, func(c rune) bool { return !isDigit(c) })
	},
	"isalpha": func(r *renderer, t text, a arguments) any {
		a.bind(0)
		return t.s != "" && !strings.ContainsFunc(t.s, func(c rune) bool { return !unicode.IsLetter(c) })
	},
	"isalnum": func(r *renderer, t text, a arguments) any {
		a.bind(0)
		other := func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsNumber(c) }
		return t.s != "" && !strings.ContainsFunc(t.s, other)
	},
	"isspace": func(r *renderer, t text, a arguments) any {
		a.bind(0)
		return t.s != "" && !strings.ContainsFunc(t.s, func(c rune) bool { return !isSpace(c) })
	},
	"isupper": func(r *renderer, t text, a arguments) any {
		a.bind(0)
		return allCased(t.s, unicode.IsUpper, unicode.IsLower)
	},
	"islower": func(r *renderer, t text, a arguments) any {
		a.bind(0)
		return allCased(t.s, unicode.IsLower, unicode.IsUpper)
	},
}

func texts(all []text) *list {
	l := &list{items: make([]any, len(all))}
	for i, t := range all {
		l.items[i] = t
	}
	return l
}

func separator(a arguments, v any) string {
	sep := a.str(v, "").s
	if sep == "" {
		fail(a.line, "%s: the separator is empty", a.what)
	}
	return sep
}

func strip(r *renderer, t text, a arguments, left, right bool) text {
	drop := isSpace
	if v := a.bind(0, "chars")[0]; v != any(missing{}) && v != nil {
		chars := a.str(v, "").s
		r.spend(len(t.s) / 8 * (len(chars) / 8))
		drop = func(c rune) bool { return strings.ContainsRune(chars, c) }
	}
	return t.trimmed(left, right, drop)
}

func partition(t text, a arguments, index func(s, sep string) int) *list {
	sep := separator(a, a.bind(1, "sep")[0])
	l := texts([]text{t, {}, {}})
	if i := index(t.s, sep); i >= 0 {
		l = texts([]text{t.slice(0, i), t.slice(i, i+len(sep)), t.slice(i+len(sep), len(t.s))})
	} else if a.what == "method rpartition" {
		l = texts([]text{{}, {}, t})
	}
	l.tuple = true
	return l
}

// affix tests for one of several beginnings or ends.
func affix(r *renderer, t text, a arguments, has func(s, affix string) bool) bool {
	v := a.bind(1, "prefix")[0]
	l, ok := v.(*list)
	if !ok {
		return has(t.s, a.str(v, "").s)
	}
	for _, item := range l.items {
		if has(t.s, a.str(item, "").s) {
			return true
		}
	}
	return false
}

func replaced(r *renderer, t text, a arguments, args []any) text {
	old, with := a.str(args[0], ""), a.str(args[1], "")
	n := a.integer(args[2], -1)
	// Charged before it is made.
	r.spend(costOf(len(t.s)) + strings.Count(t.s, old.s)*(costOfMark+costOf(len(with.s))+costOfMark*len(with.marks)))
	return t.replace(old.s, with, int(n))
}

// find counts in characters, as Python does.
func find(t text, a arguments, index func(s, sub string) int) any {
	i := index(t.s, a.str(a.bind(1, "sub")[0], "").s)
	if i < 0 {
		return int64(-1)
	}
	return int64(utf8.RuneCountInString(t.s[:i]))
}

// joined puts items together with sep between.
func joined(r *renderer, items []any, sep text) text {
	var b builder
	for i, item := range items {
		if i > 0 {
			r.made(sep)
			b.add(sep)
		}
		t := r.str(item)
		r.made(t)
		b.add(t)
	}
	return b.text()
}
