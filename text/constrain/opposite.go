package constrain

import "slices"

// opposite returns a schema that allows what s does not: all of it, or marked as rough, a part.
func (c *compiler) opposite(s *schema) (*schema, error) {
	if o, ok := c.opposites[s]; ok {
		return o, nil
	}
	if !c.spend(20) {
		return nil, errEffort
	}
	o := newSchema(c.d, s.path+" (not)")
	c.opposites[s] = o
	if s.never {
		return o, nil
	}
	n := negation{c: c, s: s, o: o}
	n.kinds()
	n.numbers()
	n.strings()
	n.arrays()
	n.objects()
	n.combinations()
	n.conditions()
	if n.missing != "" {
		o.rough = true
		if len(n.ways) == 0 {
			delete(c.opposites, s)
			return nil, keywordError(s.path, n.missing, "its opposite, for a not, oneOf or if, is not supported")
		}
	}
	if len(n.ways) == 0 {
		o.never = true
	} else {
		o.anyOf = [][]*schema{n.ways}
	}
	return o, nil
}

// A negation is what o, the opposite of s, is made of: ways not to meet s, one for each of its keywords.
type negation struct {
	c       *compiler
	s, o    *schema
	ways    []*schema
	missing string // what has no opposite
}

// way adds one of some types.
func (n *negation) way(k kind, change func(*schema)) {
	w := newSchema(n.c.d, n.o.path)
	w.kinds = k
	change(w)
	n.ways = append(n.ways, w)
}

// not is the opposite of a part, nil for none.
func (n *negation) not(in *schema) *schema {
	o, err := n.c.opposite(in)
	if err != nil && n.missing == "" {
		n.missing = err.Error()
	}
	return o
}

// both adds to meet two schemas.
func (n *negation) both(a, b *schema) {
	w := newSchema(n.c.d, n.o.path)
	w.allOf = []*schema{a, b}
	n.ways = append(n.ways, w)
}

// kinds is of types and enumerations.
func (n *negation) kinds() {
	s := n.s
	if s.kinds != kindAny {
		n.way(kindAny&^s.kinds, func(*schema) {})
	}
	if s.integer {
		n.way(kindNumber, func(w *schema) { w.broken = true })
	}
	if s.broken {
		n.way(kindNumber, func(w *schema) { w.integer = true })
	}
	if s.isEnum {
		n.way(kindAny, func(w *schema) { w.exclude = s.enum })
	}
	if len(s.exclude) > 0 {
		n.way(kindAny, func(w *schema) { w.enum, w.isEnum = s.exclude, true })
	}
}

func (n *negation) numbers() {
	s := n.s
	if s.least != nil {
		n.way(kindNumber, func(w *schema) { w.most = &bound{s.least.decimal, !s.least.open} })
	}
	if s.most != nil {
		n.way(kindNumber, func(w *schema) { w.least = &bound{s.most.decimal, !s.most.open} })
	}
	for _, d := range s.divisors {
		n.way(kindNumber, func(w *schema) { w.nonDivisors = []decimal{d} })
	}
	for _, d := range s.nonDivisors {
		n.way(kindNumber, func(w *schema) { w.divisors = []decimal{d} })
	}
}

func (n *negation) strings() {
	s := n.s
	if s.minLength > 0 {
		n.way(kindString, func(w *schema) { w.maxLength = s.minLength - 1 })
	}
	if s.maxLength >= 0 {
		n.way(kindString, func(w *schema) { w.minLength = s.maxLength + 1 })
	}
	for _, p := range s.patterns {
		n.way(kindString, func(w *schema) {
			if w.unlike = []pattern{p}; p.wide != nil {
				w.unlike, w.rough = []pattern{*p.wide}, true
			}
		})
	}
	for _, p := range s.unlike {
		n.way(kindString, func(w *schema) { w.patterns = []pattern{p} })
	}
}

func (n *negation) arrays() {
	s := n.s
	if s.minItems > 0 {
		n.way(kindArray, func(w *schema) { w.maxItems = s.minItems - 1 })
	}
	if s.maxItems >= 0 {
		n.way(kindArray, func(w *schema) { w.minItems = s.maxItems + 1 })
	}
	for i, in := range s.prefix {
		if o := n.not(in); o != nil {
			n.way(kindArray, func(w *schema) {
				w.minItems = i + 1
				for range i {
					w.prefix = append(w.prefix, newSchema(n.c.d, n.o.path))
				}
				w.prefix = append(w.prefix, o)
			})
		}
	}
	if s.items != nil && len(s.prefix) == 0 {
		if o := n.not(s.items); o != nil && !o.never {
			n.way(kindArray, func(w *schema) { w.contains = o })
		}
	} else if s.items != nil {
		n.missing = "items beside prefixItems"
	}
	if s.unique {
		n.missing = "uniqueItems"
	}
	if s.contains != nil {
		if o := n.not(s.contains); o != nil {
			n.way(kindArray, func(w *schema) { w.items = o })
		}
	}
}

func (n *negation) objects() {
	s := n.s
	for _, name := range s.required {
		n.way(kindObject, func(w *schema) { w.properties = []property{{name, n.c.nothing()}} })
	}
	for _, p := range s.properties {
		if o := n.not(p.schema); o != nil {
			n.way(kindObject, func(w *schema) {
				w.required, w.properties = []string{p.name}, []property{{p.name, o}}
			})
		}
	}
	if s.additional != nil && s.additional.never {
		n.way(kindObject, func(w *schema) { w.beyond, w.rough = s, true })
	}
	switch {
	case len(s.matching) > 0:
		n.missing = "patternProperties"
	case s.additional != nil && s.additional.never:
	case s.additional != nil && !s.additional.plain():
		n.missing = "additionalProperties"
	case s.names != nil:
		n.missing = "propertyNames"
	}
	if s.minProps > 0 {
		n.way(kindObject, func(w *schema) { w.maxProps = s.minProps - 1 })
	}
	if s.maxProps >= 0 {
		n.way(kindObject, func(w *schema) { w.minProps = s.maxProps + 1 })
	}
	for _, in := range s.need {
		if o := n.not(in.schema); o != nil {
			n.way(kindObject, func(w *schema) { w.required, w.allOf = []string{in.name}, []*schema{o} })
		}
	}
}

// combinations is of what is made of other schemas.
func (n *negation) combinations() {
	s := n.s
	all := slices.Clone(s.allOf)
	if s.ref != nil {
		all = append(all, s.ref)
	}
	for _, in := range all {
		if o := n.not(in); o != nil {
			n.ways = append(n.ways, o)
		}
	}
	// none meets none of some schemas.
	none := func(choices []*schema) *schema {
		w := newSchema(n.c.d, n.o.path)
		for _, in := range choices {
			if o := n.not(in); o != nil {
				w.allOf = append(w.allOf, o)
			} else {
				w.never = true
			}
		}
		return w
	}
	for _, choices := range s.anyOf {
		n.ways = append(n.ways, none(choices))
	}
	for _, choices := range s.oneOf {
		nobody := none(choices)
		for i, in := range choices {
			for _, other := range choices[:i] {
				n.both(other, in)
			}
		}
		n.ways = append(n.ways, nobody)
	}
	if s.not != nil {
		n.ways = append(n.ways, s.not)
	}
}

// conditions is of if.
func (n *negation) conditions() {
	s := n.s
	if s.test == nil {
		return
	}
	if s.then != nil {
		if o := n.not(s.then); o != nil {
			n.both(s.test, o)
		}
	}
	if s.other != nil {
		if a, b := n.not(s.test), n.not(s.other); a != nil && b != nil {
			n.both(a, b)
		}
	}
}

// plain reports whether a schema allows everything.
func (s *schema) plain() bool {
	return !s.never && s.ref == nil && len(s.allOf)+len(s.anyOf)+len(s.oneOf)+len(s.need) == 0 && s.not == nil &&
		s.test == nil && s.kinds == kindAny && !s.integer && !s.broken && !s.isEnum && len(s.exclude) == 0 &&
		s.least == nil && s.most == nil && len(s.divisors)+len(s.nonDivisors) == 0 && s.minLength == 0 &&
		s.maxLength < 0 && len(s.patterns)+len(s.unlike)+len(s.prefix) == 0 && s.items == nil &&
		s.minItems == 0 && s.maxItems < 0 &&
		!s.unique && s.contains == nil && len(s.properties)+len(s.matching)+len(s.required) == 0 &&
		s.additional == nil && s.beyond == nil && s.names == nil && s.minProps == 0 && s.maxProps < 0
}
