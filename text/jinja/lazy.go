package jinja

// A lazy is a generator of Python's, which jinja2's filters select, map and their kin
// return: true whether or not anything comes, made when it is asked for, and used up then.
type lazy struct {
	pull  func() []any // nil once it was asked
	items []any
}

// rest are the items that nobody has taken.
func (l *lazy) rest(r *renderer) []any {
	if l.pull != nil {
		if r.calls++; r.calls > maxCalls {
			fail(r.line, "filters wait for each other more than %d deep", maxCalls)
		}
		pull := l.pull
		l.pull = nil
		l.items = pull()
		r.spend(len(l.items))
		r.calls--
	}
	return l.items
}

// take uses up the items from the first on, n of them at most; all where n is negative.
func (l *lazy) take(r *renderer, n int) []any {
	items := l.rest(r)
	if n < 0 || n > len(items) {
		n = len(items)
	}
	l.items = items[n:]
	return items[:n]
}

// lazily makes a filter that returns a list run when the list is asked for.
func lazily(f filter) filter {
	return func(r *renderer, v any, a arguments) any {
		return &lazy{pull: func() []any { return f(r, v, a).(*list).items }}
	}
}
