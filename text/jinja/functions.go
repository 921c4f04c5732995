package jinja

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// missing is in the place of an argument that was not given.
type missing struct{}

// bind returns the arguments in the order of the parameters, of which the first
// required ones must be given.
func (a arguments) bind(required int, params ...string) []any {
	out := make([]any, len(params))
	for i := range out {
		out[i] = missing{}
	}
	if len(a.args) > len(params) {
		fail(a.line, "%s takes %d arguments, not %d", a.what, len(params), len(a.args))
	}
	copy(out, a.args)
	for i, n := range a.names {
		at := slices.Index(params, n)
		if at < 0 || out[at] != any(missing{}) {
			fail(a.line, "%s takes no argument %s", a.what, n)
		}
		out[at] = a.named[i]
	}
	for i := range required {
		if out[i] == any(missing{}) {
			fail(a.line, "%s needs an argument %s", a.what, params[i])
		}
	}
	return out
}

// integer, str and flag return an argument, or def where it is absent or none.
func (a arguments) integer(v any, def int64) int64 {
	switch v.(type) {
	case missing, nil:
		return def
	}
	i, _, isInt, _ := number(v)
	if !isInt {
		fail(a.line, "%s: want an integer, not %s", a.what, typeName(v))
	}
	return i
}

func (a arguments) str(v any, def string) text {
	switch v := v.(type) {
	case missing, nil:
		return plain(def)
	case text:
		return v
	}
	fail(a.line, "%s: want a string, not %s", a.what, typeName(v))
	return text{}
}

func (a arguments) flag(v any, def bool) bool {
	if v == any(missing{}) {
		return def
	}
	return isTrue(v)
}

// globals are the functions that every template has.
var globals = map[string]*function{
	"range":           {"range", rangeFunction},
	"namespace":       {"namespace", func(r *renderer, a arguments) any { return &namespace{dictOf(r, a)} }},
	"dict":            {"dict", func(r *renderer, a arguments) any { return dictOf(r, a) }},
	"joiner":          {"joiner", joinerFunction},
	"cycler":          {"cycler", cyclerFunction},
	"raise_exception": {"raise_exception", raise},
	"strftime_now":    {"strftime_now", strftimeNow},
}

func rangeFunction(r *renderer, a arguments) any {
	args := a.bind(1, "start", "stop", "step")
	start, stop, step := int64(0), a.integer(args[0], 0), a.integer(args[2], 1)
	if args[1] != any(missing{}) {
		start, stop = stop, a.integer(args[1], 0)
	}
	if step == 0 {
		fail(a.line, "range with steps of 0")
	}
	const most = 100_000 // MAX_RANGE of jinja2/sandbox.py
	l := &list{span: &span{start, stop, step}}
	for i := start; step > 0 && i < stop || step < 0 && i > stop; {
		if len(l.items) == most {
			fail(a.line, "range of more than %d numbers", most)
		}
		r.spend(1) // the number, beside its place in the list
		l.items = append(l.items, i)
		next := i + step
		if (next > i) != (step > 0) {
			break
		}
		i = next
	}
	return l
}

// dictOf makes a dict of a dict or of pairs, and of named arguments.
func dictOf(r *renderer, a arguments) *dict {
	d := newDict()
	if len(a.args) > 1 {
		fail(a.line, "%s takes 1 argument, not %d", a.what, len(a.args))
	}
	for _, arg := range a.args {
		if from, ok := arg.(*dict); ok {
			for i, k := range from.keys {
				d.set(a.line, r.key(k), from.values[i])
			}
			continue
		}
		for _, pair := range r.iterate(arg) {
			kv := r.iterate(pair)
			if len(kv) != 2 {
				fail(a.line, "%s: want pairs", a.what)
			}
			d.set(a.line, r.key(kv[0]), kv[1])
		}
	}
	for i, n := range a.names {
		d.set(a.line, plain(n), a.named[i])
	}
	return d
}

// raise ends the template: the conversation is none that the model knows.
func raise(r *renderer, a arguments) any {
	msg := r.str(a.bind(1, "message")[0]).s
	const most = 1000 // bytes
	if len(msg) > most {
		msg = strings.ToValidUTF8(msg[:most], "") + " …"
	}
	msg = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && !unicode.IsSpace(c) {
			return '\uFFFD' // a terminal would obey it
		}
		return c
	}, msg)
	fail(a.line, "%s", strings.Join(strings.Fields(msg), " "))
	return nil
}

func strftimeNow(r *renderer, a arguments) any {
	format := a.str(a.bind(1, "format")[0], "").s
	s, err := strftime(r.now(), format)
	if err != nil {
		fail(a.line, "strftime_now: %v", err)
	}
	return plain(s)
}

// strftime is C's, for the locale C.
func strftime(t time.Time, format string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		if i++; i == len(format) {
			return "", fmt.Errorf("a %% at the end")
		}
		plain := format[i] == '-' && i+1 < len(format) // without leading zeros
		if plain {
			i++
		}
		s := ""
		switch format[i] {
		case '%':
			s = "%"
		case 'n':
			s = "\n"
		case 't':
			s = "\t"
		case 'j':
			s = fmt.Sprintf("%03d", t.YearDay())
		case 's':
			s = fmt.Sprint(t.Unix())
		case 'f':
			s = fmt.Sprintf("%06d", t.Nanosecond()/1000)
		case 'u':
			s = fmt.Sprint((int(t.Weekday())+6)%7 + 1)
		case 'w':
			s = fmt.Sprint(int(t.Weekday()))
		case 'e':
			s = fmt.Sprintf("%2d", t.Day())
		default:
			layout, ok := map[byte]string{
				'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM",
				'B': "January", 'b': "Jan", 'h': "Jan", 'A': "Monday", 'a': "Mon", 'Z': "MST", 'z': "-0700",
				'F': "2006-01-02", 'T': "15:04:05", 'R': "15:04", 'D': "01/02/06", 'x': "01/02/06", 'X': "15:04:05",
				'c': "Mon Jan _2 15:04:05 2006",
			}[format[i]]
			if !ok {
				return "", fmt.Errorf("%%%c is not supported", format[i])
			}
			s = t.Format(layout)
		}
		if plain {
			if s = strings.TrimLeft(s, "0 "); s == "" {
				s = "0"
			}
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

// attr is an attribute of loop.
func (l *loop) attr(line int, name string) any {
	n := int64(len(l.items))
	i := int64(l.at)
	switch name {
	case "index":
		return i + 1
	case "index0":
		return i
	case "revindex":
		return n - i
	case "revindex0":
		return n - i - 1
	case "first":
		return i == 0
	case "last":
		return i == n-1
	case "length":
		return n
	case "depth": // of recursive loops, which are not supported
		return int64(1)
	case "depth0":
		return int64(0)
	case "previtem":
		if i > 0 {
			return l.items[i-1]
		}
		return undefined{"loop.previtem of the first item"}
	case "nextitem":
		if i < n-1 {
			return l.items[i+1]
		}
		return undefined{"loop.nextitem of the last item"}
	case "cycle":
		return &function{"loop.cycle", func(_ *renderer, a arguments) any {
			if len(a.args) == 0 {
				fail(a.line, "loop.cycle needs an argument")
			}
			return a.args[l.at%len(a.args)]
		}}
	case "changed":
		return &function{"loop.changed", func(r *renderer, a arguments) any {
			same := l.changed != nil && r.equal(&list{items: l.changed}, &list{items: a.args}, 0)
			l.changed = append([]any{}, a.args...)
			return !same
		}}
	}
	fail(line, "loop.%s is not supported", name)
	return nil
}
