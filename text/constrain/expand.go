package constrain

import (
	"cmp"
	"fmt"
	"slices"
)

// A conj is schemas that are all to be met, by their ids.
type conj []*schema

func newConj(all ...*schema) conj {
	var c conj
	for _, s := range all {
		if s != nil && !slices.Contains(c, s) {
			c = append(c, s)
		}
	}
	return c
}

func (c conj) key() string {
	ids := make([]int32, len(c))
	for i, s := range c {
		ids[i] = int32(s.id)
	}
	slices.Sort(ids)
	return key32(ids)
}

// never reports whether one of the schemas is false.
func (c conj) never() bool { return slices.ContainsFunc(c, func(s *schema) bool { return s.never }) }

func (c conj) path() string {
	if len(c) == 0 {
		return "anything"
	}
	return cmp.Or(c[0].path, "the schema")
}

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

// A branch of a conj that is left when every choice was made: what each of its schemas says itself has to hold.
type alternative []*schema

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

// kinds returns the types that all schemas allow.
func (c *compiler) kinds(all []*schema) kind {
	k := kind(kindAny)
	integer, broken := false, false
	for _, s := range all {
		k &= s.kinds
		integer, broken = integer || s.integer, broken || s.broken
	}
	if integer && broken {
		k &^= kindNumber
	}
	return k
}

// clash reports whether it is certain that nothing meets a conj, as far as depth levels of properties show.
func (c *compiler) clash(all conj, depth int) bool {
	e := expansion{c: c, all: all, simple: true, most: 64}
	rough := c.rough
	err := e.branch(all, nil, nil)
	if err != nil || c.rough != rough {
		c.rough = rough
		return false
	}
	for _, a := range e.out {
		if !c.emptyCase(a, depth) || c.rough != rough {
			c.rough = rough
			return false
		}
	}
	return true
}

// emptyCase reports whether it is certain that nothing meets all schemas.
func (c *compiler) emptyCase(a alternative, depth int) bool {
	kinds := c.kinds(a)
	if values, ok := c.values(a); ok {
		return len(values) == 0 && !a.narrow()
	}
	if kinds&(kindNull|kindBool) != 0 {
		return false
	}
	if kinds&kindNumber != 0 && !c.noNumber(a) || kinds&kindString != 0 && !c.noString(a) {
		return false
	}
	if kinds&kindArray != 0 {
		least, most := items(a)
		empty := most >= 0 && least > most
		for i := 0; i < min(least, 4) && !empty && depth > 0; i++ {
			empty = c.clash(itemOf(a, i), depth-1)
		}
		if !empty {
			return false
		}
	}
	if kinds&kindObject != 0 {
		empty := false
		for _, s := range a {
			for _, name := range s.required {
				in, err := c.propertyOf(a, name)
				if err != nil {
					return false
				}
				if empty = in.never() || depth > 0 && c.clash(in, depth-1); empty {
					break
				}
			}
			if empty {
				break
			}
		}
		if !empty {
			return false
		}
	}
	return true
}

func (c *compiler) noNumber(a alternative) bool {
	least, most := bounds(a)
	if least == nil || most == nil {
		return false
	}
	k := least.compare(most.decimal)
	return k > 0 || k == 0 && (least.open || most.open)
}

func (c *compiler) noString(a alternative) bool {
	least, most := lengths(a)
	if most >= 0 && least > most {
		return true
	}
	some := false
	for _, s := range a {
		some = some || len(s.patterns) > 0
	}
	if !some {
		return false
	}
	d, _, _, err := c.stringOf(a.widely())
	return err == nil && d != nil && d.empty()
}

// widely returns the schemas with what they say of strings taken widely.
func (a alternative) widely() alternative {
	if !a.narrow() {
		return a
	}
	all := make(alternative, len(a))
	for i, s := range a {
		w := *s
		w.patterns = slices.Clone(s.patterns)
		for k, p := range w.patterns {
			if p.wide != nil {
				w.patterns[k] = *p.wide
			}
		}
		all[i] = &w
	}
	return all
}

// narrow reports whether a format is enforced more narrowly than it is meant.
func (a alternative) narrow() bool {
	return slices.ContainsFunc(a, func(s *schema) bool {
		return slices.ContainsFunc(s.patterns, func(p pattern) bool { return p.wide != nil })
	})
}

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
	var ways []*schema
	way := func(k kind, change func(*schema)) {
		w := newSchema(c.d, o.path)
		w.kinds = k
		change(w)
		ways = append(ways, w)
	}
	missing := ""
	inner := func(in *schema) *schema {
		n, err := c.opposite(in)
		if err != nil && missing == "" {
			missing = err.Error()
		}
		return n
	}
	if s.kinds != kindAny {
		way(kindAny&^s.kinds, func(*schema) {})
	}
	if s.integer {
		way(kindNumber, func(w *schema) { w.broken = true })
	}
	if s.broken {
		way(kindNumber, func(w *schema) { w.integer = true })
	}
	if s.isEnum {
		way(kindAny, func(w *schema) { w.exclude = s.enum })
	}
	if len(s.exclude) > 0 {
		way(kindAny, func(w *schema) { w.enum, w.isEnum = s.exclude, true })
	}
	if s.least != nil {
		way(kindNumber, func(w *schema) { w.most = &bound{s.least.decimal, !s.least.open} })
	}
	if s.most != nil {
		way(kindNumber, func(w *schema) { w.least = &bound{s.most.decimal, !s.most.open} })
	}
	for _, d := range s.divisors {
		way(kindNumber, func(w *schema) { w.nonDivisors = []decimal{d} })
	}
	for _, d := range s.nonDivisors {
		way(kindNumber, func(w *schema) { w.divisors = []decimal{d} })
	}
	if s.minLength > 0 {
		way(kindString, func(w *schema) { w.maxLength = s.minLength - 1 })
	}
	if s.maxLength >= 0 {
		way(kindString, func(w *schema) { w.minLength = s.maxLength + 1 })
	}
	for _, p := range s.patterns {
		way(kindString, func(w *schema) {
			if w.unlike = []pattern{p}; p.wide != nil {
				w.unlike, w.rough = []pattern{*p.wide}, true
			}
		})
	}
	for _, p := range s.unlike {
		way(kindString, func(w *schema) { w.patterns = []pattern{p} })
	}
	if s.minItems > 0 {
		way(kindArray, func(w *schema) { w.maxItems = s.minItems - 1 })
	}
	if s.maxItems >= 0 {
		way(kindArray, func(w *schema) { w.minItems = s.maxItems + 1 })
	}
	for i, in := range s.prefix {
		if n := inner(in); n != nil {
			way(kindArray, func(w *schema) {
				w.minItems = i + 1
				for range i {
					w.prefix = append(w.prefix, newSchema(c.d, o.path))
				}
				w.prefix = append(w.prefix, n)
			})
		}
	}
	if s.items != nil && len(s.prefix) == 0 {
		if n := inner(s.items); n != nil && !n.never {
			way(kindArray, func(w *schema) { w.contains = n })
		}
	} else if s.items != nil {
		missing = "items beside prefixItems"
	}
	if s.unique {
		missing = "uniqueItems"
	}
	if s.contains != nil {
		if n := inner(s.contains); n != nil {
			way(kindArray, func(w *schema) { w.items = n })
		}
	}
	for _, name := range s.required {
		way(kindObject, func(w *schema) { w.properties = []property{{name, c.nothing()}} })
	}
	for _, p := range s.properties {
		if n := inner(p.schema); n != nil {
			way(kindObject, func(w *schema) {
				w.required, w.properties = []string{p.name}, []property{{p.name, n}}
			})
		}
	}
	if s.additional != nil && s.additional.never {
		way(kindObject, func(w *schema) { w.beyond, w.rough = s, true })
	}
	switch {
	case len(s.matching) > 0:
		missing = "patternProperties"
	case s.additional != nil && s.additional.never:
	case s.additional != nil && !s.additional.plain():
		missing = "additionalProperties"
	case s.names != nil:
		missing = "propertyNames"
	}
	if s.minProps > 0 {
		way(kindObject, func(w *schema) { w.maxProps = s.minProps - 1 })
	}
	if s.maxProps >= 0 {
		way(kindObject, func(w *schema) { w.minProps = s.maxProps + 1 })
	}
	for _, n := range s.need {
		if in := inner(n.schema); in != nil {
			way(kindObject, func(w *schema) { w.required, w.allOf = []string{n.name}, []*schema{in} })
		}
	}
	for _, in := range s.allOf {
		if n := inner(in); n != nil {
			ways = append(ways, n)
		}
	}
	if s.ref != nil {
		if n := inner(s.ref); n != nil {
			ways = append(ways, n)
		}
	}
	for _, choices := range s.anyOf {
		w := newSchema(c.d, o.path)
		for _, in := range choices {
			if n := inner(in); n != nil {
				w.allOf = append(w.allOf, n)
			} else {
				w.never = true
			}
		}
		ways = append(ways, w)
	}
	for _, choices := range s.oneOf {
		nobody := newSchema(c.d, o.path)
		for i, in := range choices {
			if n := inner(in); n != nil {
				nobody.allOf = append(nobody.allOf, n)
			} else {
				nobody.never = true
			}
			for _, other := range choices[:i] {
				w := newSchema(c.d, o.path)
				w.allOf = []*schema{other, in}
				ways = append(ways, w)
			}
		}
		ways = append(ways, nobody)
	}
	if s.not != nil {
		ways = append(ways, s.not)
	}
	if s.test != nil {
		if s.then != nil {
			if n := inner(s.then); n != nil {
				w := newSchema(c.d, o.path)
				w.allOf = []*schema{s.test, n}
				ways = append(ways, w)
			}
		}
		if s.other != nil {
			a, b := inner(s.test), inner(s.other)
			if a != nil && b != nil {
				w := newSchema(c.d, o.path)
				w.allOf = []*schema{a, b}
				ways = append(ways, w)
			}
		}
	}
	if missing != "" {
		o.rough = true
		if len(ways) == 0 {
			delete(c.opposites, s)
			return nil, keywordError(s.path, missing, "its opposite, for a not, oneOf or if, is not supported")
		}
	}
	if len(ways) == 0 {
		o.never = true
	} else {
		o.anyOf = [][]*schema{ways}
	}
	return o, nil
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
