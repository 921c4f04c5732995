package jinja

import (
	"context"
	"slices"
	"time"
)

// Limits of a template.
const (
	maxDepth  = 200     // of statements and expressions, and of values
	maxCalls  = 100     // macros that call macros
	maxSource = 1 << 18 // bytes
	baseSteps = 1 << 21 // each part of an expression takes one, and so do 8 bytes that are read and 4 that are made
)

// What values cost, in steps: their bytes by 12 or less, so that all that a template has made
// at any time takes no more than 25 MB, and with what is not collected yet twice as much.
const (
	costOfText     = 4
	costOfMark     = 4
	costOfItem     = 2  // of a list
	costOfPart     = 12 // of a text that is divided
	costOfPair     = 10 // of a mapping
	costOfDict     = 30
	costOfFunction = 12
	costOfLazy     = 20
	costOfMacro    = 40 // it keeps the scope that it is made in
)

// costOf is what a text of n bytes costs: twice what its bytes do, which are there twice while a text becomes longer.
func costOf(n int) int { return n / 4 }

// stepsBetweenLooks at the context are 2 to the power of it: less than a millisecond.
const stepsBetweenLooks = 12

// interrupted is what ends a renderer whose context has ended.
type interrupted struct{ error }

// A renderer is one evaluation of a template.
type renderer struct {
	ctx   context.Context
	out   builder
	scope *scope
	line  int
	steps int
	calls int
	now   func() time.Time
}

// A scope holds names; those of outer scopes are seen through it.
type scope struct {
	names map[string]any
	outer *scope
}

func (s *scope) lookup(name string) (any, bool) {
	for ; s != nil; s = s.outer {
		if v, ok := s.names[name]; ok {
			return v, true
		}
	}
	return nil, false
}

// spend takes from what the template may use up.
func (r *renderer) spend(n int) {
	before := r.steps
	if r.steps -= n; r.steps < 0 {
		fail(r.line, "this takes too long, or makes too much text")
	}
	if (before^r.steps)>>stepsBetweenLooks != 0 && r.ctx.Err() != nil {
		panic(interrupted{r.ctx.Err()})
	}
}

// made charges for a new value.
func (r *renderer) made(v any) any {
	switch v := v.(type) {
	case text:
		r.spend(costOfText + costOf(len(v.s)) + costOfMark*len(v.marks))
	case *list:
		r.spend(costOfText + costOfItem*len(v.items))
	case *dict:
		r.spend(costOfDict + costOfPair*len(v.keys))
	case *namespace:
		r.spend(costOfDict + costOfPair*len(v.keys))
	case *function:
		r.spend(costOfFunction)
	case *cycler:
		r.spend(costOfFunction + costOfItem*len(v.items))
	case *lazy:
		r.spend(costOfLazy)
	}
	return v
}

// read charges for going through a text.
func (r *renderer) read(t text) { r.spend(1 + len(t.s)/8) }

// key charges for a key that is looked up, and returns it.
func (r *renderer) key(k any) any {
	if t, ok := k.(text); ok {
		r.read(t)
	}
	return k
}

func (r *renderer) write(t text) {
	r.made(t)
	r.out.add(t)
}

// within runs f in a scope of its own.
func (r *renderer) within(outer *scope, f func()) {
	before := r.scope
	r.scope = &scope{map[string]any{}, outer}
	f()
	r.scope = before
}

// captured returns what f writes.
func (r *renderer) captured(f func()) text {
	before := r.out
	r.out = builder{}
	f()
	t := r.out.text()
	r.out = before
	return t
}

// A flow says how a statement ended.
type flow int

const (
	flowNext     flow = iota
	flowBreak         // break
	flowContinue      // continue
)

func (r *renderer) body(all []stmt) flow {
	for _, s := range all {
		r.spend(1)
		if f := s.run(r); f != flowNext {
			return f
		}
	}
	return flowNext
}

func (s dataStmt) run(r *renderer) flow {
	r.write(plain(s.text))
	return flowNext
}

func (s outputStmt) run(r *renderer) flow {
	r.line = s.line
	r.write(r.str(s.value.eval(r)))
	return flowNext
}

func (s ifStmt) run(r *renderer) flow {
	r.line = s.line
	if isTrue(s.cond.eval(r)) {
		return r.body(s.then)
	}
	return r.body(s.els)
}

func (s loopControl) run(*renderer) flow {
	if s.leave {
		return flowBreak
	}
	return flowContinue
}

// A loop is what the name loop stands for.
type loop struct {
	items   []any
	at      int
	changed []any // the last arguments of changed
}

func (s forStmt) run(r *renderer) flow {
	r.line = s.line
	items := r.iterate(s.over.eval(r))
	if s.cond != nil {
		var kept []any
		for _, item := range items {
			r.spend(4)
			r.within(r.scope, func() {
				r.assign(s.line, s.target, item)
				if isTrue(s.cond.eval(r)) {
					kept = append(kept, item)
				}
			})
		}
		items = kept
	}
	if len(items) == 0 {
		var f flow
		r.within(r.scope, func() { f = r.body(s.els) })
		return f
	}
	l := &loop{items: items}
	for l.at = range items {
		r.spend(4) // a scope
		var f flow
		r.within(r.scope, func() {
			r.scope.names["loop"] = l
			r.assign(s.line, s.target, items[l.at])
			f = r.body(s.body)
		})
		if f == flowBreak {
			break
		}
	}
	return flowNext
}

// assign sets what a target names.
func (r *renderer) assign(line int, t assignTarget, v any) {
	switch {
	case t.attr != "":
		n, ok := r.name(t.names[0]).(*namespace)
		if !ok {
			fail(line, "%s.%s is set, but %s is no namespace", t.names[0], t.attr, t.names[0])
		}
		n.set(line, plain(t.attr), v)
	case !t.many:
		r.scope.names[t.names[0]] = v
	default:
		items := r.iterate(v)
		if len(items) != len(t.names) {
			fail(line, "%d values for %d names", len(items), len(t.names))
		}
		for i, n := range t.names {
			r.scope.names[n] = items[i]
		}
	}
}

func (r *renderer) name(n string) any {
	if v, ok := r.scope.lookup(n); ok {
		return v
	}
	if f, ok := globals[n]; ok {
		return f
	}
	return undefined{n}
}

func (s assignStmt) run(r *renderer) flow {
	r.line = s.line
	r.assign(s.line, s.target, s.value.eval(r))
	return flowNext
}

func (s assignBlockStmt) run(r *renderer) flow {
	var v any = r.captured(func() { r.within(r.scope, func() { r.body(s.body) }) })
	for _, f := range s.filters {
		v = r.filter(f, v)
	}
	r.assign(s.line, s.target, v)
	return flowNext
}

func (s macroStmt) run(r *renderer) flow {
	home := r.scope
	r.spend(costOfMacro)
	r.scope.names[s.name] = &function{s.name, func(r *renderer, a arguments) any { return s.call(r, home, a) }}
	return flowNext
}

// call runs a macro in the scope that it was made in.
func (s macroStmt) call(r *renderer, home *scope, a arguments) any {
	if r.calls++; r.calls > maxCalls {
		fail(a.line, "macros call each other more than %d deep", maxCalls)
	}
	if len(a.args) > len(s.params) && !s.varargs {
		fail(a.line, "macro %s takes %d arguments, not %d", s.name, len(s.params), len(a.args))
	}
	for _, n := range a.names {
		if !slices.Contains(s.params, n) && !s.kwargs && (n != "caller" || !s.caller) {
			fail(a.line, "macro %s has no parameter %s", s.name, n)
		}
	}
	before := r.scope
	var out text
	r.within(home, func() {
		for i, p := range s.params {
			d := i - (len(s.params) - len(s.defaults))
			switch named := slices.Index(a.names, p); {
			case i < len(a.args):
				r.scope.names[p] = a.args[i]
			case named >= 0:
				r.scope.names[p] = a.named[named]
			case d >= 0:
				r.scope.names[p] = s.defaults[d].eval(r)
			default:
				r.scope.names[p] = undefined{p}
			}
		}
		s.extras(r, a)
		// The loop around a call is not the macro's.
		if _, ok := r.scope.names["loop"]; !ok {
			r.scope.names["loop"] = undefined{"loop"}
		}
		out = r.captured(func() { r.body(s.body) })
	})
	r.scope = before
	r.calls--
	return out
}

// extras sets what a macro gets beyond its parameters.
func (s macroStmt) extras(r *renderer, a arguments) {
	if s.caller && !slices.Contains(s.params, "caller") {
		r.scope.names["caller"] = undefined{"caller"}
		if i := slices.Index(a.names, "caller"); i >= 0 {
			r.scope.names["caller"] = a.named[i]
		}
	}
	if s.varargs {
		r.scope.names["varargs"] = &list{items: a.args[min(len(a.args), len(s.params)):], tuple: true}
	}
	if s.kwargs {
		d := newDict()
		for i, n := range a.names {
			if !slices.Contains(s.params, n) && (n != "caller" || !s.caller) {
				d.put(n, a.named[i])
			}
		}
		r.scope.names["kwargs"] = d
	}
}
