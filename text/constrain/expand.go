package constrain

import (
	"fmt"
	"slices"
)

// A compiler makes a grammar of schemas.
type compiler struct {
	*effort
	builder
	d         *document
	rules     map[string]int32 // by conj
	opposites map[*schema]*schema
	lexemes   map[string]*lexeme
	automata  map[string]*dfa
	todo      []func() error
	rough     int // how often what was expanded allows less than it stands for
}

// maxCases is how many ways to meet a conj there may be.
const maxCases = 1 << 10

var errCases = fmt.Errorf("has more than %d combinations of anyOf, oneOf, not and if: use fewer", maxCases)

// expand returns the ways to meet a conj.
func (c *compiler) expand(all conj) ([]alternative, error) {
	e := expansion{c: c, all: all, most: maxCases}
	err := e.branch(all, nil, nil)
	return e.out, err
}

// An expansion makes choices. A simple one takes only those of anyOf, and oneOf for anyOf: it allows more.
type expansion struct {
	c      *compiler
	all    conj
	simple bool
	most   int
	out    []alternative
}

// A choice is lists of schemas, of which one has to be met.
type choice struct {
	ways   []conj
	one    bool    // exactly one, not at least one
	beyond *schema // one of the properties that others name and this one does not
}

// branch goes on with schemas that are to be met, those that were looked at, and choices that are open.
func (e *expansion) branch(todo []*schema, done alternative, open []choice) error {
	c := e.c
	todo, done, open = slices.Clone(todo), slices.Clone(done), slices.Clone(open)
	for len(todo) > 0 {
		if !c.spend(10 + len(done) + len(todo) + len(open)) {
			return errEffort
		}
		s := todo[0]
		todo = todo[1:]
		if slices.Contains(done, s) {
			continue
		}
		if s.never {
			return nil
		}
		if s.rough {
			c.rough++
		}
		done = append(done, s)
		todo = append(slices.Clone(s.allOf), todo...)
		if s.ref != nil {
			todo = append([]*schema{s.ref}, todo...)
		}
		for _, ways := range s.anyOf {
			open = append(open, choice{ways: each(ways)})
		}
		for _, ways := range s.oneOf {
			open = append(open, choice{ways: each(ways), one: !e.simple})
		}
		if e.simple {
			continue
		}
		if s.beyond != nil {
			open = append(open, choice{beyond: s.beyond})
		}
		more, err := e.conditions(s, &open)
		if err != nil {
			return err
		}
		todo = append(todo, more...)
	}
	if c.kinds(done) == 0 {
		return nil
	}
	if len(open) == 0 {
		if e.out = append(e.out, done); len(e.out) > e.most {
			return errCases
		}
		return nil
	}
	ways := open[0].ways
	switch {
	case open[0].beyond != nil:
		ways = c.beyond(open[0].beyond, done)
	case open[0].one:
		var err error
		if ways, err = c.exactlyOne(ways, newConj(append(slices.Clone(done), e.all...)...)); err != nil {
			return err
		}
	}
	for _, w := range ways {
		if err := e.branch(w, done, open[1:]); err != nil {
			return err
		}
	}
	return nil
}

// conditions adds the choices of if and of dependencies, and returns what not is of.
func (e *expansion) conditions(s *schema, open *[]choice) (more []*schema, err error) {
	c := e.c
	if s.not != nil {
		o, err := c.opposite(s.not)
		if err != nil {
			return nil, err
		}
		more = append(more, o)
	}
	if s.test != nil && (s.then != nil || s.other != nil) {
		o, err := c.opposite(s.test)
		if err != nil {
			return nil, err
		}
		*open = append(*open, choice{ways: []conj{newConj(s.test, s.then), newConj(o, s.other)}})
	}
	for _, n := range s.need {
		with := newSchema(c.d, s.path) // names it, so that it comes first
		with.properties = []property{{n.name, newSchema(c.d, s.path)}}
		*open = append(*open, choice{ways: []conj{{c.lacks(n.name)}, {with, n.schema}}})
	}
	return more, nil
}

func each(all []*schema) []conj {
	ways := make([]conj, len(all))
	for i, s := range all {
		ways[i] = conj{s}
	}
	return ways
}

// exactlyOne adds to each of the ways that the others are not met, unless none can be met with it anyway.
func (c *compiler) exactlyOne(ways []conj, with conj) ([]conj, error) {
	out := make([]conj, len(ways))
	for i, w := range ways {
		out[i] = slices.Clone(w)
	}
	for i := range ways {
		for k := range i {
			if c.clash(append(append(with[:len(with):len(with)], ways[i]...), ways[k]...), 3) {
				continue
			}
			a, err := c.opposite(ways[k][0])
			if err != nil {
				return nil, err
			}
			b, err := c.opposite(ways[i][0])
			if err != nil {
				return nil, err
			}
			out[i], out[k] = append(out[i], a), append(out[k], b)
		}
	}
	return out, nil
}

// beyond returns a way for each property that schemas name and s does not.
func (c *compiler) beyond(s *schema, all []*schema) (ways []conj) {
	tried := map[string]bool{}
	try := func(name string) {
		if known, err := c.knows(s, name); tried[name] || known || err != nil {
			return
		}
		tried[name] = true
		w := newSchema(c.d, s.path)
		w.kinds, w.required = kindObject, []string{name}
		ways = append(ways, conj{w})
	}
	for _, o := range all {
		for _, p := range o.properties {
			try(p.name)
		}
		for _, name := range o.required {
			try(name)
		}
	}
	return ways
}

// knows reports whether a schema has a property by its name or by a pattern.
func (c *compiler) knows(s *schema, name string) (bool, error) {
	if !c.spend(1 + len(s.properties)/8) {
		return false, errEffort
	}
	if slices.ContainsFunc(s.properties, func(p property) bool { return p.name == name }) {
		return true, nil
	}
	for _, p := range s.matching {
		d, err := c.automaton(p.pattern)
		if err != nil || d.matches(name) {
			return true, err
		}
	}
	return false, nil
}

// lacks is the schema of objects without a property.
func (c *compiler) lacks(name string) *schema {
	s := newSchema(c.d, "")
	s.properties = []property{{name, c.nothing()}}
	return s
}

func (c *compiler) nothing() *schema {
	s := newSchema(c.d, "")
	s.never = true
	return s
}
