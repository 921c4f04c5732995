package constrain

// bounds returns the tightest bounds of numbers.
func bounds(a alternative) (least, most *bound) {
	for _, s := range a {
		if s.least.tighter(least, 1) {
			least = s.least
		}
		if s.most.tighter(most, -1) {
			most = s.most
		}
	}
	return least, most
}

// tighter reports whether b leaves fewer numbers than o does. Either may be nil.
func (b *bound) tighter(o *bound, side int) bool {
	if b == nil || o == nil {
		return b != nil
	}
	c := b.compare(o.decimal) * side
	return c > 0 || c == 0 && b.open
}

// lengths returns the tightest bounds of strings' lengths, −1 for no limit.
func lengths(a alternative) (least, most int) {
	most = -1
	for _, s := range a {
		least = max(least, s.minLength)
		most = tighter(most, s.maxLength)
	}
	return least, most
}

func tighter(a, b int) int {
	if a < 0 || b >= 0 && b < a {
		return b
	}
	return a
}

// items returns how many items arrays have, −1 for no limit.
func items(a alternative) (least, most int) {
	most = -1
	for _, s := range a {
		least, most = max(least, s.minItems), tighter(most, s.maxItems)
		if s.items != nil && s.items.never {
			most = tighter(most, len(s.prefix))
		}
		for i, p := range s.prefix {
			if p.never {
				most = tighter(most, i)
			}
		}
		if s.contains != nil {
			least = max(least, 1)
		}
	}
	return least, most
}

// itemOf returns what the i'th item of an array has to be.
func itemOf(a alternative, i int) (all conj) {
	for _, s := range a {
		if i < len(s.prefix) {
			all = append(all, s.prefix[i])
		} else if s.items != nil {
			all = append(all, s.items)
		}
	}
	return newConj(all...)
}

// propertyOf returns what a property of an object has to be.
func (c *compiler) propertyOf(a alternative, name string) (all conj, err error) {
	for _, s := range a {
		if !c.spend(1 + len(s.properties)/8) {
			return nil, errEffort
		}
		if s.names != nil && !c.meets(&value{kind: kindString, text: name}, conj{s.names}) {
			return conj{c.nothing()}, nil
		}
		known := false
		for _, p := range s.properties {
			if p.name == name {
				all, known = append(all, p.schema), true
			}
		}
		for _, p := range s.matching {
			d, err := c.automaton(p.pattern)
			if err != nil {
				return nil, keywordError(s.path, "patternProperties", "%q %v", abridged(p.source), err)
			}
			if d.matches(name) {
				all, known = append(all, p.in), true
			}
		}
		if !known && s.additional != nil {
			all = append(all, s.additional)
		}
	}
	return newConj(all...), nil
}

// automaton returns that of a pattern.
func (c *compiler) automaton(p pattern) (*dfa, error) {
	if d, ok := c.automata[p.source]; ok {
		if d == nil {
			return nil, errStates
		}
		return d, nil
	}
	d, err := c.compile(p.e)
	if err != nil {
		c.automata[p.source] = nil
		return nil, err
	}
	d = c.minimal(d)
	c.automata[p.source] = d
	return d, nil
}
