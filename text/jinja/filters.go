package jinja

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A filter makes a value from v; a has its arguments and its line.
type filter func(r *renderer, v any, a arguments) any

var filters map[string]filter

// stringFilter is a filter without arguments that works on v as a string.
func stringFilter(f func(r *renderer, t text) any) filter {
	return func(r *renderer, v any, a arguments) any {
		a.bind(0)
		t := r.str(v)
		r.read(t)
		return f(r, t)
	}
}

func init() {
	filters = map[string]filter{
		"trim": func(r *renderer, v any, a arguments) any {
			t := r.str(v)
			r.read(t)
			return strip(r, t, a, true, true)
		},
		"upper":      stringFilter(func(_ *renderer, t text) any { return t.mapped(upperCase) }),
		"lower":      stringFilter(func(_ *renderer, t text) any { return t.mapped(lowerCase) }),
		"title":      stringFilter(func(r *renderer, t text) any { return capitalizedWords(r, t) }),
		"capitalize": stringFilter(func(r *renderer, t text) any { return capitalized(r, t) }),
		"string":     stringFilter(func(_ *renderer, t text) any { return t }),
		"safe":       func(r *renderer, v any, a arguments) any { a.bind(0); return v },
		"escape": func(r *renderer, v any, a arguments) any {
			a.bind(0)
			t := r.str(v)
			n := len(t.s)
			for i := range len(t.s) {
				switch t.s[i] {
				case '&', '<', '>', '\'', '"':
					n += len("&amp;") - 1
				}
			}
			r.spend(costOf(n))
			return t.mapped(htmlEscaper.Replace)
		},
		"tojson":  tojson,
		"default": defaultFilter, "d": defaultFilter,
		"length": length, "count": length,
		"list": func(r *renderer, v any, a arguments) any {
			a.bind(0)
			return &list{items: slices.Clone(r.iterate(v))}
		},
		"items": lazily(itemsFilter),
		"first": func(r *renderer, v any, a arguments) any { return firstOrLast(r, v, a, 0) },
		"last":  func(r *renderer, v any, a arguments) any { return firstOrLast(r, v, a, -1) },
		"join":  joinFilter,
		"replace": func(r *renderer, v any, a arguments) any {
			args := a.bind(2, "old", "new", "count")
			for i := range 2 {
				args[i] = r.str(args[i])
			}
			return replaced(r, r.str(v), a, args)
		},
		"int": intFilter, "float": floatFilter, "abs": absFilter, "round": roundFilter,
		"reverse": reverse, "sort": sortFilter, "unique": lazily(unique), "dictsort": dictsort,
		"min":        func(r *renderer, v any, a arguments) any { return minOrMax(r, v, a, -1) },
		"max":        func(r *renderer, v any, a arguments) any { return minOrMax(r, v, a, 1) },
		"sum":        sum,
		"map":        lazily(mapFilter),
		"select":     lazily(passing(false, true)),
		"reject":     lazily(passing(false, false)),
		"selectattr": lazily(passing(true, true)),
		"rejectattr": lazily(passing(true, false)),
		"indent":     indent,
	}
	filters["e"] = filters["escape"]
}

var htmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&#39;", `"`, "&#34;")

func tojson(r *renderer, v any, a arguments) any {
	args := a.bind(0, "ensure_ascii", "indent", "separators", "sort_keys")
	if a.flag(args[0], false) {
		fail(a.line, "filter tojson: ensure_ascii is not supported")
	}
	w := &jsonWriter{r: r, source: FromTemplate, item: ", ", key: ": ",
		indent: int(min(a.integer(args[1], -1), maxIndent)), sort: a.flag(args[3], false)}
	if w.indent >= 0 {
		w.item = ","
	}
	if l, ok := args[2].(*list); ok && len(l.items) == 2 {
		w.item, w.key = a.str(l.items[0], "").s, a.str(l.items[1], "").s
	} else if args[2] != any(missing{}) && args[2] != nil {
		fail(a.line, "filter tojson: want two separators")
	}
	w.write(v, 0)
	return w.text()
}

func defaultFilter(r *renderer, v any, a arguments) any {
	args := a.bind(0, "default_value", "boolean")
	if isType[undefined](v) || a.flag(args[1], false) && !isTrue(v) {
		if args[0] == any(missing{}) {
			return text{}
		}
		return args[0]
	}
	return v
}

func length(r *renderer, v any, a arguments) any {
	a.bind(0)
	switch v := v.(type) {
	case text:
		r.spend(len(v.s) / 64)
		return int64(utf8.RuneCountInString(v.s))
	case *list:
		return int64(len(v.items))
	case *dict:
		return int64(len(v.keys))
	case undefined:
		return int64(0)
	}
	fail(a.line, "%s has no length", typeName(v))
	return nil
}

func itemsFilter(r *renderer, v any, a arguments) any {
	a.bind(0)
	switch v := v.(type) {
	case *dict:
		return v.items(r)
	case undefined:
		return &list{}
	}
	fail(a.line, "filter items: want a mapping, not %s", typeName(v))
	return nil
}

func firstOrLast(r *renderer, v any, a arguments, at int) any {
	a.bind(0)
	if l, ok := v.(*lazy); ok {
		if at < 0 {
			fail(a.line, "%s has no last item: make a list of it", typeName(v))
		}
		v = &list{items: l.take(r, 1)}
	}
	items := r.iterate(v)
	switch {
	case len(items) == 0:
		return undefined{"an item of an empty list"}
	case at < 0:
		return items[len(items)-1]
	}
	return items[0]
}

func joinFilter(r *renderer, v any, a arguments) any {
	args := a.bind(0, "d", "attribute")
	items := r.iterate(v)
	if args[1] != any(missing{}) {
		items = attributes(r, items, a, args[1])
	}
	sep := text{}
	if args[0] != any(missing{}) {
		sep = r.str(args[0])
	}
	return joined(r, items, sep)
}

// attributes are the attributes of items: names or numbers with dots between.
func attributes(r *renderer, items []any, a arguments, path any) []any {
	out := make([]any, len(items))
	for i, item := range items {
		out[i] = attribute(r, item, a, path)
	}
	return out
}

func attribute(r *renderer, item any, a arguments, path any) any {
	if _, ok := path.(int64); ok {
		return r.item(a.line, item, path)
	}
	for name := range strings.SplitSeq(a.str(path, "").s, ".") {
		r.spend(1)
		if n, err := strconv.ParseInt(name, 10, 64); err == nil {
			item = r.item(a.line, item, n)
		} else if u, ok := item.(undefined); ok {
			fail(a.line, "%s is undefined: it has no %s", u.what, name)
		} else {
			item = r.item(a.line, item, plain(name))
		}
	}
	return item
}

func intFilter(r *renderer, v any, a arguments) any {
	def := a.integer(a.bind(0, "default")[0], 0)
	i, f, isInt, ok := number(v)
	if t, isText := v.(text); isText {
		r.read(t)
		s := strings.ReplaceAll(strings.TrimFunc(t.s, isSpace), "_", "")
		var err error
		if i, err = strconv.ParseInt(s, 10, 64); err == nil {
			return i
		}
		f, ok = parseFloat(s)
	}
	switch {
	case isInt:
		return i
	case ok && math.Abs(f) < 1<<62:
		return int64(f)
	}
	return def
}

func floatFilter(r *renderer, v any, a arguments) any {
	def := a.bind(0, "default")[0]
	if def == any(missing{}) {
		def = 0.0
	}
	if t, isText := v.(text); isText {
		r.read(t)
		if f, ok := parseFloat(strings.TrimFunc(t.s, isSpace)); ok {
			return f
		}
		return def
	}
	if _, f, _, ok := number(v); ok {
		return f
	}
	return def
}

// parseFloat is Python's float of a string: one that is too large is infinite, and there are
// no digits of base 16.
func parseFloat(s string) (float64, bool) {
	if strings.ContainsAny(s, "xXpP") {
		return 0, false
	}
	for i := range len(s) { // an underscore stands between digits
		if s[i] == '_' && (i == 0 || i+1 == len(s) || s[i-1] < '0' || s[i-1] > '9' || s[i+1] < '0' || s[i+1] > '9') {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	return f, err == nil || errors.Is(err, strconv.ErrRange)
}

func absFilter(r *renderer, v any, a arguments) any {
	a.bind(0)
	i, f, isInt, ok := number(v)
	switch {
	case !ok:
		fail(a.line, "filter abs: want a number, not %s", typeName(v))
	case isInt && i < 0:
		return integers(a.line, "-", 0, i)
	case isInt:
		return i
	}
	return math.Abs(f)
}

func roundFilter(r *renderer, v any, a arguments) any {
	args := a.bind(0, "precision", "method")
	i, f, isInt, ok := number(v)
	digits := a.integer(args[0], 0)
	if !ok || digits < -300 || digits > 300 {
		fail(a.line, "filter round: want a number and a precision")
	}
	scale := math.Pow(10, float64(digits))
	switch how := a.str(args[1], "common").s; how {
	case "common":
		if isInt && digits >= 0 {
			return i // as Python's round
		}
		if isInt {
			return int64(math.RoundToEven(f*scale) / scale)
		}
		if digits >= 0 {
			f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'f', int(digits), 64), 64)
			return f
		}
		return math.RoundToEven(f*scale) / scale
	case "ceil":
		return math.Ceil(f*scale) / scale
	case "floor":
		return math.Floor(f*scale) / scale
	default:
		fail(a.line, "filter round: method %.20q is not supported", how)
	}
	return nil
}

func reverse(r *renderer, v any, a arguments) any {
	a.bind(0)
	items := slices.Clone(r.iterate(v))
	slices.Reverse(items)
	if isType[text](v) {
		return joined(r, items, text{})
	}
	return &lazy{items: items}
}

// ignoreCase is a value as sort and unique compare it: strings in lower case, unless sensitive.
func ignoreCase(v any, sensitive bool) any {
	if t, ok := v.(text); ok && !sensitive {
		return plain(lowerCase(t.s))
	}
	return v
}

func sortFilter(r *renderer, v any, a arguments) any {
	args := a.bind(0, "reverse", "case_sensitive", "attribute")
	items := slices.Clone(r.iterate(v))
	slices.SortStableFunc(items, func(x, y any) int {
		if args[2] != any(missing{}) {
			x, y = attribute(r, x, a, args[2]), attribute(r, y, a, args[2])
		}
		r.readBoth(x, y)
		c := r.compare(ignoreCase(x, a.flag(args[1], false)), ignoreCase(y, a.flag(args[1], false)), 0)
		if a.flag(args[0], false) {
			return -c
		}
		return c
	})
	return &list{items: items}
}

func unique(r *renderer, v any, a arguments) any {
	args := a.bind(0, "case_sensitive", "attribute")
	out := &list{}
	seen := newDict()
	for _, item := range r.iterate(v) {
		key := item
		if args[1] != any(missing{}) {
			key = attribute(r, item, a, args[1])
		}
		key = ignoreCase(r.key(key), a.flag(args[0], false))
		if _, ok := seen.lookup(a.line, key); !ok {
			r.spend(costOfPair)
			seen.set(a.line, key, true)
			out.items = append(out.items, item)
		}
	}
	return out
}

func dictsort(r *renderer, v any, a arguments) any {
	args := a.bind(0, "case_sensitive", "by", "reverse")
	d, ok := v.(*dict)
	if !ok {
		fail(a.line, "filter dictsort: want a mapping, not %s", typeName(v))
	}
	at := 0
	if a.str(args[1], "key").s == "value" {
		at = 1
	}
	out := d.items(r)
	slices.SortStableFunc(out.items, func(x, y any) int {
		sensitive := a.flag(args[0], false)
		r.readBoth(x.(*list).items[at], y.(*list).items[at])
		c := r.compare(ignoreCase(x.(*list).items[at], sensitive), ignoreCase(y.(*list).items[at], sensitive), 0)
		if a.flag(args[2], false) {
			return -c
		}
		return c
	})
	return out
}

func minOrMax(r *renderer, v any, a arguments, sign int) any {
	args := a.bind(0, "case_sensitive", "attribute")
	items := r.iterate(v)
	if len(items) == 0 {
		return undefined{"an item of an empty list"}
	}
	key := func(x any) any {
		if args[1] != any(missing{}) {
			x = attribute(r, x, a, args[1])
		}
		return ignoreCase(x, a.flag(args[0], false))
	}
	best := items[0]
	for _, item := range items[1:] {
		r.readBoth(item, best)
		if r.compare(key(item), key(best), 0)*sign > 0 {
			best = item
		}
	}
	return best
}

func sum(r *renderer, v any, a arguments) any {
	args := a.bind(0, "attribute", "start")
	items := r.iterate(v)
	if args[0] != any(missing{}) && args[0] != nil {
		items = attributes(r, items, a, args[0])
	}
	total := args[1]
	if total == any(missing{}) {
		total = int64(0)
	}
	for _, item := range items {
		total = binaryExpr{a.line, "+", constExpr{total}, constExpr{item}}.eval(r)
	}
	return total
}

// mapFilter takes attribute=, with default=, or the name of a filter and its
// arguments.
func mapFilter(r *renderer, v any, a arguments) any {
	items := r.iterate(v)
	out := &list{items: make([]any, len(items))}
	if len(a.args) == 0 {
		args := a.bind(1, "attribute", "default")
		for i, item := range items {
			out.items[i] = attribute(r, item, a, args[0])
			if isType[undefined](out.items[i]) && args[1] != any(missing{}) {
				out.items[i] = args[1]
			}
		}
		return out
	}
	name := a.str(a.args[0], "").s
	f, ok := filters[name]
	if !ok {
		fail(a.line, "filter %.40s is not supported", name)
	}
	inner := arguments{a.line, "filter " + name, a.args[1:], a.names, a.named}
	if r.calls++; r.calls > maxCalls {
		fail(a.line, "filters call each other more than %d deep", maxCalls)
	}
	for i, item := range items {
		r.spend(1)
		out.items[i] = r.made(f(r, item, inner))
	}
	r.calls--
	return out
}

func passing(attr, keep bool) filter {
	return func(r *renderer, v any, a arguments) any { return selectOrReject(r, v, a, attr, keep) }
}

// selectOrReject keeps the items that pass a test, or the others where keep is false.
func selectOrReject(r *renderer, v any, a arguments, attr, keep bool) any {
	if len(a.named) > 0 {
		fail(a.line, "%s: named arguments are not supported", a.what)
	}
	args := a.args
	var path any
	if attr {
		if len(args) == 0 {
			fail(a.line, "%s needs the name of an attribute", a.what)
		}
		path, args = args[0], args[1:]
	}
	passes := func(x any) bool { return isTrue(x) }
	if len(args) > 0 {
		name := a.str(args[0], "").s
		switch name {
		case "==":
			name = "eq"
		case "!=":
			name = "ne"
		}
		t, ok := tests[name]
		if !ok {
			fail(a.line, "test %.40s is not supported", name)
		}
		if args = args[1:]; len(args) != t.args {
			fail(a.line, "test %s takes %d arguments, not %d", name, t.args, len(args))
		}
		passes = func(x any) bool { return t.is(r, x, args) }
	}
	out := &list{}
	for _, item := range r.iterate(v) {
		r.spend(1)
		x := item
		if attr {
			x = attribute(r, item, a, path)
		}
		if passes(x) == keep {
			out.items = append(out.items, item)
		}
	}
	return out
}

func indent(r *renderer, v any, a arguments) any {
	args := a.bind(0, "width", "first", "blank")
	pad := text{}
	if t, ok := args[0].(text); ok {
		pad = t
	} else if n := a.integer(args[0], 4); n > 0 && n <= 1000 {
		pad = plain(strings.Repeat(" ", int(n)))
	}
	t := r.str(v)
	r.spend(strings.Count(t.s, "\n") * (1 + costOf(len(pad.s))))
	var b builder
	for i, line := range t.split(r.spend, "\n", -1) {
		if i > 0 {
			b.add(plain("\n"))
		}
		if i == 0 && a.flag(args[1], false) || i > 0 && (line.s != "" || a.flag(args[2], false)) {
			b.add(pad)
		}
		b.add(line)
	}
	return b.text()
}

// readBoth charges for two values whose case is ignored when they are compared.
func (r *renderer) readBoth(x, y any) {
	for _, v := range []any{x, y} {
		if t, ok := v.(text); ok {
			r.read(t)
		}
	}
}
