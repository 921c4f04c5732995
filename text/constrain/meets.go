package constrain

import (
	"slices"
)

// values returns the values that are left of enumerations, if there is one.
func (c *compiler) values(a alternative) ([]*value, bool) {
	var from *schema
	for _, s := range a {
		if s.isEnum && (from == nil || len(s.enum) < len(from.enum)) {
			from = s
		}
	}
	if from == nil {
		return nil, false
	}
	var left []*value
	for _, v := range from.enum {
		if c.left < 0 {
			break
		}
		if !slices.ContainsFunc(a, func(s *schema) bool { return !c.meetsAll(v, s, s == from) }) {
			left = append(left, v)
		}
	}
	return left, true
}

// meetsItself reports whether a value is what a schema's own keywords allow, but for those that lead to choices.
func (c *compiler) meetsItself(v *value, s *schema) bool { return c.meetsAll(v, s, false) }

// meetsAll is meetsItself for a value that may be known to be listed.
func (c *compiler) meetsAll(v *value, s *schema, listed bool) bool {
	if s.never || s.kinds&v.kind == 0 || !c.spend(1) {
		return false
	}
	if s.isEnum && !listed {
		if c.spend(len(s.enum) / 4); !slices.ContainsFunc(s.enum, v.equal) {
			return false
		}
	}
	if c.spend(len(s.exclude) / 4); slices.ContainsFunc(s.exclude, v.equal) {
		return false
	}
	switch v.kind {
	case kindNumber:
		return c.meetsNumber(v, s)
	case kindString:
		return c.meetsString(v.text, s)
	case kindArray:
		return c.meetsArray(v, s)
	case kindObject:
		return c.meetsObject(v, s)
	}
	return true
}

func (c *compiler) meetsNumber(v *value, s *schema) bool {
	x, err := parseDecimal(v.text)
	if err != nil || s.integer && !x.integer() || s.broken && x.integer() ||
		s.least != nil && !s.least.within(x, 1) || s.most != nil && !s.most.within(x, -1) {
		return false
	}
	for _, m := range s.divisors {
		d, err := c.multiples(m)
		if err != nil || !d.matches(x.String()) {
			return false
		}
	}
	for _, m := range s.nonDivisors {
		d, err := c.multiples(m)
		if err != nil || d.matches(x.String()) {
			return false
		}
	}
	return true
}

func (c *compiler) meetsString(text string, s *schema) bool {
	n := len([]rune(text))
	if n < s.minLength || s.maxLength >= 0 && n > s.maxLength {
		return false
	}
	for _, p := range s.patterns {
		if d, err := c.automaton(p); err != nil || !d.matches(text) {
			return false
		}
	}
	for _, p := range s.unlike {
		if d, err := c.automaton(p); err != nil || d.matches(text) {
			return false
		}
	}
	return true
}

func (c *compiler) meetsArray(v *value, s *schema) bool {
	if len(v.list) < s.minItems || s.maxItems >= 0 && len(v.list) > s.maxItems {
		return false
	}
	contains := s.contains == nil
	for i, in := range v.list {
		if !c.meets(in, itemOf(alternative{s}, i)) {
			return false
		}
		contains = contains || c.meets(in, conj{s.contains})
		if s.unique && slices.ContainsFunc(v.list[:i], in.equal) {
			return false
		}
	}
	return contains
}

func (c *compiler) meetsObject(v *value, s *schema) bool {
	if len(v.members) < s.minProps || s.maxProps >= 0 && len(v.members) > s.maxProps {
		return false
	}
	for _, name := range s.required {
		if v.member(name) == nil {
			return false
		}
	}
	if s.beyond != nil && !slices.ContainsFunc(v.members, func(m member) bool {
		known, err := c.knows(s.beyond, m.name)
		return !known && err == nil
	}) {
		return false
	}
	for _, m := range v.members {
		in, err := c.propertyOf(alternative{s}, m.name)
		if err != nil || !c.meets(m.value, in) {
			return false
		}
	}
	return true
}

// meets reports whether it is certain that a value meets a conj.
func (c *compiler) meets(v *value, all conj) bool {
	cases, err := c.expand(all)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(cases, func(a alternative) bool {
		return !slices.ContainsFunc(a, func(s *schema) bool { return !c.meetsItself(v, s) })
	})
}
