package constrain

import (
	"fmt"
	"slices"
)

// A field is a property that an object may have.
type field struct {
	name     string
	required bool
	in       conj
}

// fields returns the properties that the schemas name, in their order, and whether there can be such an object.
func (c *compiler) fields(a alternative) (list []field, possible bool, err error) {
	at := map[string]int{}
	add := func(name string, required bool) {
		i, ok := at[name]
		if !ok {
			i = len(list)
			at[name] = i
			list = append(list, field{name: name})
		}
		list[i].required = list[i].required || required
	}
	for _, s := range a {
		for _, p := range s.properties {
			add(p.name, false)
		}
	}
	for _, s := range a {
		for _, name := range s.required {
			add(name, true)
		}
	}
	for i := range list {
		f := &list[i]
		if f.in, err = c.propertyOf(a, f.name); err != nil {
			return nil, false, err
		}
		if f.required && f.in.never() {
			return nil, false, nil
		}
	}
	return list, true, nil
}

// A rest is names of properties that no schema names, and what these have to be.
type rest struct {
	arc arc // without its place
	in  conj
}

const maxPatterns = 6 // of names, in one object

// rests returns what other properties there may be.
func (c *compiler) rests(a alternative, named []field) ([]rest, error) {
	var patterns []pattern
	var namesOf *dfa
	for _, s := range a {
		for _, p := range s.matching {
			if !slices.ContainsFunc(patterns, func(o pattern) bool { return o.source == p.source }) {
				patterns = append(patterns, p.pattern)
			}
		}
		if s.names == nil || s.names.plain() {
			continue
		}
		d, err := c.namesOf(s)
		if err == nil && namesOf != nil {
			d, err = c.and(d, namesOf)
		}
		if err != nil {
			return nil, keywordError(s.path, "propertyNames", "%v", err)
		}
		namesOf = d
	}
	if len(patterns) > maxPatterns {
		return nil, keywordError(conj(a).path(), "patternProperties", "%d at once: want at most %d", len(patterns),
			maxPatterns)
	}
	words := make([]string, len(named))
	list := either()
	for i, f := range named {
		words[i] = quote(f.name)
		list.sub = append(list.sub, chars(f.name))
	}
	var all []rest
	for set := range 1 << len(patterns) {
		in, ok := restOf(a, patterns, set)
		if !ok {
			continue
		}
		if len(patterns) == 0 && namesOf == nil {
			n := arc{rule: noRule, lexeme: plainString(), most: -1}
			if len(words) > 0 {
				n.except = newWords(words)
			}
			return []rest{{n, in}}, nil
		}
		d, err := c.restNames(patterns, set, namesOf, list)
		if err != nil {
			return nil, keywordError(conj(a).path(), "patternProperties", "%v", err)
		}
		l, err := c.quotedLexeme(d)
		if err != nil {
			return nil, keywordError(conj(a).path(), "patternProperties", "%v", err)
		}
		if l != nil {
			all = append(all, rest{arc{rule: noRule, lexeme: l, most: -1}, in})
		}
	}
	return all, nil
}

// namesOf returns the automaton of what propertyNames allows.
func (c *compiler) namesOf(s *schema) (*dfa, error) {
	cases, err := c.expand(conj{s.names})
	if err != nil {
		return nil, err
	}
	e := &dfa{states: make([]dfaState, 1)}
	for _, a := range cases {
		if c.kinds(a)&kindString == 0 {
			continue
		}
		var d *dfa
		if values, ok := c.values(a); ok {
			list := either()
			for _, v := range values {
				list.sub = append(list.sub, chars(v.text))
			}
			d, err = c.compile(list)
		} else {
			var least, most int
			if d, least, most, err = c.stringOf(a); err == nil && d == nil {
				d, err = c.compile(repeat(oneOf(span{0, maxChar}), least, most))
			}
		}
		if err == nil {
			e, err = c.union(e, d)
		}
		if err != nil {
			return nil, err
		}
	}
	return e, nil
}

// union is the texts of either language: those that are not in neither.
func (w *effort) union(d, o *dfa) (*dfa, error) {
	if d.empty() {
		return o, nil
	}
	a, err := w.butNot(all(), d)
	if err == nil {
		a, err = w.butNot(a, o)
	}
	if err != nil {
		return nil, err
	}
	return w.butNot(all(), a)
}

// restOf returns what a property has to be whose name matches the patterns of a set alone, and whether there is one.
func restOf(a alternative, patterns []pattern, set int) (in conj, ok bool) {
	for _, s := range a {
		known := false
		for _, p := range s.matching {
			i := slices.IndexFunc(patterns, func(o pattern) bool { return o.source == p.source })
			if set&(1<<i) != 0 {
				in, known = append(in, p.in), true
			}
		}
		if !known && s.additional != nil {
			in = append(in, s.additional)
		}
	}
	in = newConj(in...)
	return in, !in.never()
}

// restNames is the names that match the patterns of a set, not the others, and are not listed.
func (c *compiler) restNames(patterns []pattern, set int, within *dfa, listed *expr) (*dfa, error) {
	d := within
	if d == nil {
		d = all()
	}
	for i, p := range patterns {
		in, err := c.automaton(p)
		if err != nil {
			return nil, fmt.Errorf("%q %w", abridged(p.source), err)
		}
		if set&(1<<i) != 0 {
			d, err = c.and(d, in)
		} else {
			d, err = c.butNot(d, in)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(listed.sub) == 0 || d.empty() {
		return d, nil
	}
	in, err := c.compile(listed)
	if err != nil {
		return nil, err
	}
	return c.butNot(d, in)
}

// counts returns how many properties objects have, −1 for no limit.
func counts(a alternative) (least, most int) {
	most = -1
	for _, s := range a {
		least, most = max(least, s.minProps), tighter(most, s.maxProps)
	}
	return least, most
}

// object writes an object: the properties that the schemas name, in their order, then others.
func (c *compiler) object(a alternative, r rule) error {
	named, possible, err := c.fields(a)
	if err != nil || !possible {
		return err
	}
	rests, err := c.rests(a, named)
	if err != nil {
		return err
	}
	named = slices.DeleteFunc(named, func(f field) bool { return f.in.never() })
	needed := make([]int, len(named)+1) // of named[i:]
	for i := len(named) - 1; i >= 0; i-- {
		needed[i] = needed[i+1]
		if named[i].required {
			needed[i]++
		}
	}
	least, most := counts(a)
	if least <= needed[0] {
		least = 0
	}
	if most >= 0 && len(rests) == 0 && most >= len(named) {
		most = -1
	}
	if most >= 0 && most < needed[0] {
		return nil
	}
	// Before property i, or behind one: then a comma comes first. Different ones so far are at least, and all of
	// them, as far as that matters: names that no schema has may be there twice.
	type at struct {
		first      bool // nothing is written yet
		i          int
		behind     bool
		apart, all int
		others     bool
	}
	n := newNumbering[at](c.place)
	// value writes what follows a name.
	value := func(from int32, in conj, next at) {
		if least > 0 {
			next.apart = min(next.apart, least)
		} else {
			next.apart = 0
		}
		if most < 0 {
			next.all = 0
		}
		next.first, next.behind = false, true
		c.call(from, n.of(next), c.of(in))
	}
	keys := make([]*lexeme, len(named))
	c.write(r.begin, n.of(at{first: true}), openObj())
	for k := 0; k < len(n.order); k++ {
		if len(n.order) > maxPlaces/4 || c.full() {
			return keywordError(conj(a).path(), "maxProperties", "counting %d properties takes too many places",
				len(named))
		}
		p := n.order[k]
		from := n.ids[p]
		if (p.behind || p.first) && needed[p.i] == 0 && p.apart >= least {
			c.write(from, r.end, endObj())
		}
		if most >= 0 && p.all >= most {
			continue
		}
		next := p
		next.first, next.behind = false, false
		if p.first {
			c.skip(from, n.of(next))
			continue
		}
		if p.behind {
			c.write(from, n.of(next), comma())
			continue
		}
		if p.i < len(named) {
			f := named[p.i]
			if keys[p.i] == nil {
				if keys[p.i], err = c.key(f.name); err != nil {
					return err
				}
			}
			in := c.place()
			c.write(from, in, keys[p.i])
			next.i, next.apart, next.all = p.i+1, p.apart+1, p.all+1
			value(in, f.in, next)
			if !f.required {
				skip := p
				skip.i++
				c.skip(from, n.of(skip))
			}
			continue
		}
		for _, o := range rests {
			colonAt, in := c.place(), c.place()
			n := o.arc
			n.to = colonAt
			c.arc(from, n)
			c.write(colonAt, in, colon())
			next.all = p.all + 1
			if !p.others {
				next.apart, next.others = p.apart+1, least > 0
			}
			value(in, o.in, next)
		}
	}
	return nil
}

// key returns the lexeme of a name and its colon.
func (c *compiler) key(name string) (*lexeme, error) {
	if l, ok := c.lexemes["key "+name]; ok {
		return l, nil
	}
	d, err := c.listed([]string{quote(name) + ":", quote(name) + ": "})
	if err != nil {
		return nil, err
	}
	l := c.table(d)
	c.lexemes["key "+name] = l
	return l, nil
}
