package jinja

import (
	"math"
	"slices"
	"strings"
)

func (e constExpr) eval(r *renderer) any { r.spend(1); return e.value }

func (e nameExpr) eval(r *renderer) any {
	r.spend(1)
	return r.name(e.name)
}

func (e listExpr) eval(r *renderer) any {
	l := &list{items: make([]any, len(e.items)), tuple: e.tuple}
	for i, item := range e.items {
		l.items[i] = item.eval(r)
	}
	return r.made(l)
}

func (e dictExpr) eval(r *renderer) any {
	d := newDict()
	for i, k := range e.keys {
		d.set(e.line, r.key(k.eval(r)), e.values[i].eval(r))
	}
	return r.made(d)
}

func (e getattrExpr) eval(r *renderer) any {
	r.spend(1)
	v := e.of.eval(r)
	r.line = e.line
	return r.attr(e.line, v, e.name)
}

// attr is v.name: a method or an attribute, else an item.
func (r *renderer) attr(line int, v any, name string) any {
	if u, ok := v.(undefined); ok {
		fail(line, "%s is undefined: it has no %s", u.what, name)
	}
	if l, ok := v.(*loop); ok {
		return l.attr(line, name)
	}
	if c, ok := v.(*cycler); ok {
		return c.attr(line, name)
	}
	if m := r.method(v, name); m != nil {
		return m
	}
	return r.item(line, v, plain(name))
}

func (e getitemExpr) eval(r *renderer) any {
	r.spend(1)
	v, k := e.of.eval(r), e.key.eval(r)
	r.line = e.line
	if u, ok := v.(undefined); ok {
		fail(e.line, "%s is undefined: it has no items", u.what)
	}
	return r.item(e.line, v, k)
}

// item is v[key], undefined where there is none.
func (r *renderer) item(line int, v, key any) any {
	r.key(key)
	switch v := v.(type) {
	case *dict:
		if x, ok := v.lookup(line, key); ok {
			return x
		}
	case *namespace:
		if x, ok := v.lookup(line, key); ok {
			return x
		}
	case *list:
		if i, _, isInt, _ := number(key); isInt {
			if i < 0 {
				i += int64(len(v.items))
			}
			if i >= 0 && i < int64(len(v.items)) {
				return v.items[i]
			}
		}
	case text:
		if i, _, isInt, _ := number(key); isInt {
			r.spend(len(v.s)) // a place for every rune
			at := v.runes()
			n := int64(len(at) - 1)
			if i < 0 {
				i += n
			}
			if i >= 0 && i < n {
				return v.slice(at[i], at[i+1])
			}
		}
	}
	if k, ok := key.(text); ok {
		if m := r.method(v, k.s); m != nil {
			return m
		}
		return undefined{k.s}
	}
	return undefined{r.str(key).s}
}

func (e sliceExpr) eval(r *renderer) any {
	r.spend(1)
	v := e.of.eval(r)
	bound := func(x expr) (int64, bool) {
		if x == nil {
			return 0, false
		}
		k := x.eval(r)
		if k == nil {
			return 0, false
		}
		i, _, isInt, _ := number(k)
		if !isInt {
			fail(e.line, "%s is no place to cut at", typeName(k))
		}
		return i, true
	}
	begin, hasBegin := bound(e.begin)
	end, hasEnd := bound(e.end)
	step, hasStep := bound(e.step)
	r.line = e.line
	if !hasStep {
		step = 1
	}
	if step == 0 {
		fail(e.line, "a slice with steps of 0")
	}
	t, isText := v.(text)
	var items []any
	var at []int
	n := int64(0)
	switch v := v.(type) {
	case text:
		r.spend(len(t.s))
		at = t.runes()
		n = int64(len(at) - 1)
	case *list:
		items = v.items
		n = int64(len(items))
	case undefined:
		fail(e.line, "%s is undefined: it cannot be cut", v.what)
	default:
		fail(e.line, "%s cannot be cut", typeName(v))
	}
	r.spend(int(n) / 8)
	// As Python's slice.indices.
	low, high := int64(0), n
	if step < 0 {
		low, high = -1, n-1
	}
	clamp := func(i int64) int64 {
		if i < 0 {
			i += n
		}
		return min(max(i, low), high)
	}
	i, j := low, high
	if step < 0 {
		i, j = high, low
	}
	if hasBegin {
		i = clamp(begin)
	}
	if hasEnd {
		j = clamp(end)
	}
	if isText && step == 1 {
		return r.made(t.slice(at[i], at[max(i, j)]))
	}
	out := &list{}
	if l, ok := v.(*list); ok {
		out.tuple = l.tuple
		if s := l.span; s != nil {
			out.span = &span{s.start + i*s.step, s.start + j*s.step, s.step * step}
		}
	}
	var b builder
	for ; step > 0 && i < j || step < 0 && i > j; i += step {
		r.spend(1)
		if isText {
			b.add(t.slice(at[i], at[i+1]))
		} else {
			out.items = append(out.items, items[i])
		}
		if step > n || step < -n {
			break
		}
	}
	if isText {
		return b.text()
	}
	return out
}

func (e callExpr) eval(r *renderer) any {
	r.spend(1)
	f := e.of.eval(r)
	a := r.evalArguments(e.line, e.args)
	r.line = e.line
	switch f := f.(type) {
	case *function:
		a.what = f.name
		return r.made(f.call(r, a))
	case undefined:
		fail(e.line, "%s is called, but there is no such function here", f.what)
	}
	fail(e.line, "%s cannot be called", typeName(f))
	return nil
}

func (r *renderer) evalArguments(line int, args argNodes) arguments {
	a := arguments{line: line, names: args.names}
	for _, x := range args.args {
		a.args = append(a.args, x.eval(r))
	}
	for _, x := range args.named {
		a.named = append(a.named, x.eval(r))
	}
	r.spread(&a, args)
	return a
}

func (e filterExpr) eval(r *renderer) any {
	return r.filter(e.call, e.of.eval(r))
}

func (r *renderer) filter(f filterCall, v any) any {
	r.spend(1)
	a := r.evalArguments(f.line, f.args)
	a.what = "filter " + f.name
	r.line = f.line
	return r.made(f.filter(r, v, a))
}

func (e testExpr) eval(r *renderer) any {
	r.spend(1)
	v := e.of.eval(r)
	var args []any
	for _, a := range e.args {
		args = append(args, a.eval(r))
	}
	r.line = e.line
	return e.test.is(r, v, args) != e.negate
}

func (e unaryExpr) eval(r *renderer) any {
	r.spend(1)
	v := e.of.eval(r)
	if e.op == "not" {
		return !isTrue(v)
	}
	r.line = e.line
	i, f, isInt, ok := number(v)
	switch {
	case !ok:
		fail(e.line, "%s has no sign", typeName(v))
	case isInt && e.op == "-":
		if i == math.MinInt64 {
			fail(e.line, "a number is too large")
		}
		return -i
	case isInt:
		return i
	case e.op == "-":
		return -f
	}
	return f
}

func (e logicExpr) eval(r *renderer) any {
	r.spend(1)
	v := e.left.eval(r)
	if isTrue(v) == e.or {
		return v
	}
	return e.right.eval(r)
}

func (e condExpr) eval(r *renderer) any {
	r.spend(1)
	switch {
	case isTrue(e.cond.eval(r)):
		return e.then.eval(r)
	case e.els != nil:
		return e.els.eval(r)
	}
	return undefined{"the value of an if without an else"}
}

func (e compareExpr) eval(r *renderer) any {
	r.spend(1)
	a := e.first.eval(r)
	for i, op := range e.ops {
		b := e.rest[i].eval(r)
		r.line = e.line
		var ok bool
		switch op {
		case "==":
			ok = r.equal(a, b, 0)
		case "!=":
			ok = !r.equal(a, b, 0)
		case "<":
			ok = r.compare(a, b, 0) < 0
		case "<=":
			ok = r.compare(a, b, 0) <= 0
		case ">":
			ok = r.compare(a, b, 0) > 0
		case ">=":
			ok = r.compare(a, b, 0) >= 0
		case "in":
			ok = r.contains(b, a)
		case "not in":
			ok = !r.contains(b, a)
		}
		if !ok {
			return false
		}
		a = b
	}
	return true
}

func (e binaryExpr) eval(r *renderer) any {
	r.spend(1)
	a, b := e.left.eval(r), e.right.eval(r)
	r.line = e.line
	if e.op == "~" {
		return r.made(concat(r.str(a), r.str(b)))
	}
	for _, v := range []any{a, b} {
		if u, ok := v.(undefined); ok {
			fail(e.line, "%s is undefined: it cannot stand beside %s", u.what, e.op)
		}
	}
	i, f, isInt, ok := number(a)
	j, g, alsoInt, alsoOK := number(b)
	if ok && alsoOK {
		if isInt && alsoInt {
			return integers(e.line, e.op, i, j)
		}
		return floats(e.line, e.op, f, g)
	}
	switch x := a.(type) {
	case text:
		switch y := b.(type) {
		case text:
			if e.op == "+" {
				return r.made(concat(x, y))
			}
		default:
			if e.op == "*" && alsoInt {
				return r.repeat(x, j)
			}
			if e.op == "%" {
				fail(e.line, "%% on a string is not supported: use ~")
			}
		}
	case *list:
		if y, ok := b.(*list); ok && e.op == "+" && x.tuple == y.tuple && x.span == nil && y.span == nil {
			return r.made(&list{items: slices.Concat(x.items, y.items), tuple: x.tuple})
		}
	}
	if y, ok := b.(text); ok && e.op == "*" && isInt {
		return r.repeat(y, i)
	}
	fail(e.line, "%s %s %s cannot be computed", typeName(a), e.op, typeName(b))
	return nil
}

func (r *renderer) repeat(t text, n int64) any {
	if n <= 0 || t.s == "" {
		return text{}
	}
	if n > baseSteps {
		fail(r.line, "a string %d times is too much text", n)
	}
	if len(t.marks) == 0 {
		r.spend(int(n) * (costOf(len(t.s)) + 1))
		return plain(strings.Repeat(t.s, int(n)))
	}
	var b builder
	for range n {
		r.made(t)
		b.add(t)
	}
	return b.text()
}

func integers(line int, op string, a, b int64) any {
	overflow := func(ok bool) {
		if !ok {
			fail(line, "a number is too large")
		}
	}
	switch op {
	case "+":
		overflow((a+b > a) == (b > 0))
		return a + b
	case "-":
		overflow((a-b < a) == (b > 0))
		return a - b
	case "*":
		overflow(a == 0 || (a*b)/a == b && !(a == -1 && b == math.MinInt64))
		return a * b
	case "/":
		return floats(line, op, float64(a), float64(b))
	case "**":
		if b < 0 {
			return floats(line, op, float64(a), float64(b))
		}
		out := int64(1)
		for range min(b, 64) {
			out = integers(line, "*", out, a).(int64)
		}
		overflow(b <= 64 || a >= -1 && a <= 1)
		if a == -1 {
			return 1 - 2*(b&1)
		}
		return out
	}
	if b == 0 {
		fail(line, "division by zero")
	}
	overflow(a != math.MinInt64 || b != -1)
	q, m := a/b, a%b
	if m != 0 && (m < 0) != (b < 0) {
		q, m = q-1, m+b // towards −∞, as Python
	}
	if op == "//" {
		return q
	}
	return m
}

func floats(line int, op string, a, b float64) any {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "**":
		return math.Pow(a, b)
	}
	if b == 0 {
		fail(line, "division by zero")
	}
	switch op {
	case "/":
		return a / b
	case "//":
		return math.Floor(a / b)
	}
	m := math.Mod(a, b)
	if m != 0 && (m < 0) != (b < 0) {
		m += b
	}
	return m
}
