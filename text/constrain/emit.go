package constrain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// JSONSchema returns the grammar of the JSON texts that a schema allows.
//
// White space: at most one space behind each colon and comma, and none elsewhere. The properties that a schema names
// come in its order, before all others. Strings with a pattern, a format or excluded values, and names of other
// properties, are written without escapes that they do not need. Numbers have at most 18 digits before and behind
// the point and two in the exponent, those with bounds or multipleOf no exponent.
//
// Drafts 4 to 2020-12 are read; keywords beside $ref count. What no automaton does is an error that names the
// keyword: uniqueItems of arrays and objects, $dynamicRef, references to other documents, unevaluatedItems. Formats
// that no draft has, and keywords that nobody knows, are notes. Where oneOf, not or if need the opposite of something
// that has no exact one, fewer texts are allowed, never more.
func JSONSchema(data []byte) (*Grammar, error) {
	if len(data) > maxSource {
		return nil, fmt.Errorf("JSON schema: it has %d bytes: want at most %d", len(data), maxSource)
	}
	v, err := parseValue(data)
	if err != nil {
		return nil, fmt.Errorf("JSON schema: %w", err)
	}
	b := newBuilder()
	root, err := b.schema(newEffort(), v, kindAny)
	if err == nil {
		var g *Grammar
		if g, err = b.finish(root); err == nil {
			return g, nil
		}
	}
	return nil, fmt.Errorf("JSON schema: %w", err)
}

// schema adds the rules of a schema, for values of some types, and returns its own.
func (b *builder) schema(w *effort, v *value, kinds kind) (int32, error) {
	c := &compiler{effort: w, builder: *b, d: newDocument(v), rules: map[string]int32{},
		opposites: map[*schema]*schema{}, lexemes: map[string]*lexeme{}, automata: map[string]*dfa{}}
	s, err := c.d.schema(v, "", v)
	if err != nil {
		return 0, err
	}
	only := newSchema(c.d, "")
	only.kinds = kinds
	root := c.of(newConj(s, only))
	for len(c.todo) > 0 {
		next := c.todo[0]
		c.todo = c.todo[1:]
		if err := next(); err != nil {
			return 0, err
		}
		if c.full() {
			return 0, errLarge
		}
	}
	if w.left < 0 {
		return 0, errEffort
	}
	return root, nil
}

// Lexemes that all grammars of JSON have.
var (
	comma     = sync.OnceValue(func() *lexeme { return sharedLexeme(commaExpr) })
	colon     = sync.OnceValue(func() *lexeme { return sharedLexeme(colonExpr) })
	openArray = sync.OnceValue(func() *lexeme { return sharedLexeme(literal("[")) })
	endArray  = sync.OnceValue(func() *lexeme { return sharedLexeme(literal("]")) })
	openObj   = sync.OnceValue(func() *lexeme { return sharedLexeme(literal("{")) })
	endObj    = sync.OnceValue(func() *lexeme { return sharedLexeme(literal("}")) })
	null      = sync.OnceValue(func() *lexeme { return sharedLexeme(literal("null")) })
	boolean   = sync.OnceValue(func() *lexeme { return sharedLexeme(either(literal("true"), literal("false"))) })
	isTrue    = sync.OnceValue(func() *lexeme { return sharedLexeme(literal("true")) })
	isFalse   = sync.OnceValue(func() *lexeme { return sharedLexeme(literal("false")) })
	anyNumber = sync.OnceValue(func() *lexeme { return sharedLexeme(numberExpr) })
	anyInt    = sync.OnceValue(func() *lexeme { return sharedLexeme(integerExpr) })
)

func sharedLexeme(e *expr) *lexeme {
	l := newLexeme(newEffort().minimal(must(newEffort().compile(e))))
	l.shared = true
	return l
}

// of returns the rule of a conj, whose places are made later.
func (c *compiler) of(all conj) int32 {
	all = slices.DeleteFunc(slices.Clone(all), func(s *schema) bool { return s.plain() })
	key := all.key()
	if r, ok := c.rules[key]; ok {
		return r
	}
	r := c.rule(all.path())
	c.rules[key] = r
	c.todo = append(c.todo, func() error { return c.value(all, c.g.rules[r]) })
	return r
}

// value makes the places of a conj's rule.
func (c *compiler) value(all conj, r rule) error {
	cases, err := c.expand(all)
	if err != nil {
		return fmt.Errorf("%s: %w", all.path(), err)
	}
	for _, a := range cases {
		if values, ok := c.values(a); ok {
			err = c.oneValue(values, r)
		} else {
			err = c.typed(a, r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// oneValue writes one of several values.
func (c *compiler) oneValue(values []*value, r rule) error {
	if len(values) == 0 {
		return nil
	}
	e := either()
	var texts []string
	for _, v := range values {
		if v.kind&(kindArray|kindObject) == 0 {
			texts = append(texts, v.texts()...)
		} else {
			e.sub = append(e.sub, v.expr())
		}
	}
	if texts != nil {
		d, err := c.listed(texts)
		if err != nil {
			return fmt.Errorf("enum with %d values %w", len(values), err)
		}
		c.write(r.begin, r.end, c.table(d))
	}
	if len(e.sub) > 0 {
		d, err := c.compile(e)
		if err != nil {
			return fmt.Errorf("enum with %d values %w", len(values), err)
		}
		c.write(r.begin, r.end, c.table(c.minimal(d)))
	}
	return nil
}

// typed writes a value of one of the types that are left.
func (c *compiler) typed(a alternative, r rule) error {
	kinds := c.kinds(a)
	excluded := func(v value) bool {
		return slices.ContainsFunc(a, func(s *schema) bool { return slices.ContainsFunc(s.exclude, v.equal) })
	}
	if kinds&kindNull != 0 && !excluded(value{kind: kindNull}) {
		c.write(r.begin, r.end, null())
	}
	if kinds&kindBool != 0 {
		no, yes := !excluded(value{kind: kindBool}), !excluded(value{kind: kindBool, yes: true})
		switch {
		case no && yes:
			c.write(r.begin, r.end, boolean())
		case yes:
			c.write(r.begin, r.end, isTrue())
		case no:
			c.write(r.begin, r.end, isFalse())
		}
	}
	if kinds&kindNumber != 0 {
		if err := c.number(a, r); err != nil {
			return err
		}
	}
	if kinds&kindString != 0 {
		if err := c.string(a, r); err != nil {
			return err
		}
	}
	for _, s := range a {
		for _, v := range s.exclude {
			if k := v.kind & (kindArray | kindObject); kinds&k != 0 {
				return keywordError(s.path, "not", "excluding an array or an object is not supported")
			}
		}
	}
	if kinds&kindArray != 0 {
		if err := c.array(a, r); err != nil {
			return err
		}
	}
	if kinds&kindObject != 0 {
		return c.object(a, r)
	}
	return nil
}

// A numbers says which numbers an alternative has.
type numbers struct {
	least, most     *bound
	integer, broken bool
	divisors        []decimal
	nonDivisors     []decimal
	exclude         []*value
	key             string // tells them apart
}

func numbersOf(a alternative) (n numbers) {
	n.least, n.most = bounds(a)
	var key strings.Builder
	say := func(parts ...string) {
		for _, p := range parts {
			key.WriteString(p)
		}
	}
	say("number")
	for _, s := range a {
		n.integer, n.broken = n.integer || s.integer, n.broken || s.broken
		n.divisors = append(n.divisors, s.divisors...)
		n.nonDivisors = append(n.nonDivisors, s.nonDivisors...)
		for _, v := range s.exclude {
			if v.kind == kindNumber {
				n.exclude = append(n.exclude, v)
				say(" not ", v.text)
			}
		}
	}
	for _, d := range n.divisors {
		say(" of ", d.String())
	}
	for _, d := range n.nonDivisors {
		say(" not of ", d.String())
	}
	for _, b := range []*bound{n.least, n.most} {
		if say(" bound "); b != nil {
			say(b.String(), strconv.FormatBool(b.open))
		}
	}
	say(strconv.FormatBool(n.integer), strconv.FormatBool(n.broken))
	n.key = key.String()
	return n
}

// plain reports whether there is nothing to hold numbers to.
func (n *numbers) plain() bool {
	return n.least == nil && n.most == nil && !n.broken && len(n.divisors)+len(n.nonDivisors)+len(n.exclude) == 0
}

// number writes a number.
func (c *compiler) number(a alternative, r rule) error {
	n := numbersOf(a)
	switch {
	case n.plain() && n.integer:
		c.write(r.begin, r.end, anyInt())
		return nil
	case n.plain():
		c.write(r.begin, r.end, anyNumber())
		return nil
	}
	l, err := c.lexeme(n.key, func() (*dfa, error) { return c.numberOf(a) })
	if err != nil {
		return fmt.Errorf("%s: a number with these bounds %w", conj(a).path(), err)
	}
	c.write(r.begin, r.end, l)
	return nil
}

// numberOf returns the automaton of numbers without exponents.
func (c *compiler) numberOf(a alternative) (*dfa, error) {
	n := numbersOf(a)
	base := decimalExpr
	if n.integer {
		base = integerExpr
	} else if n.broken {
		base = fractionExpr
	}
	d, err := c.compile(base)
	and := func(o *dfa, bad error) {
		if err == nil {
			if err = bad; err == nil {
				d, err = c.and(d, o)
			}
		}
	}
	if n.least != nil {
		and(c.compile(n.least.atLeast()))
	}
	if n.most != nil {
		and(c.compile(n.most.atMost()))
	}
	for _, m := range n.divisors {
		and(c.multiples(m))
	}
	for _, m := range n.nonDivisors {
		o, bad := c.multiples(m)
		if err == nil {
			if err = bad; err == nil {
				d, err = c.butNot(d, o)
			}
		}
	}
	for _, v := range n.exclude {
		x, bad := parseDecimal(v.text)
		if bad != nil {
			continue // no text is that number
		}
		if err != nil {
			break
		}
		and(c.compile(either((&bound{x, true}).atMost(), (&bound{x, true}).atLeast())))
	}
	return d, err
}

// lexeme makes a lexeme of an automaton over bytes, once for each key.
func (c *compiler) lexeme(key string, make func() (*dfa, error)) (*lexeme, error) {
	if l, ok := c.lexemes[key]; ok {
		return l, nil
	}
	d, err := make()
	if err != nil {
		return nil, err
	}
	l := c.table(c.minimal(d))
	c.lexemes[key] = l
	return l, nil
}

// manyChars is how long strings with a pattern are at most, where a maxLength beyond would take too many states.
const manyChars = 256

// stringOf returns the automaton of the strings of an alternative, nil for all, and their lengths where these are not
// in it.
func (c *compiler) stringOf(a alternative) (d *dfa, least, most int, err error) {
	least, most = lengths(a)
	step := func(next func(*dfa) (*dfa, error)) {
		if d == nil {
			d = all()
		}
		if err == nil {
			d, err = next(d)
		}
	}
	for _, s := range a {
		for _, p := range s.patterns {
			in, bad := c.automaton(p)
			if bad != nil {
				return nil, 0, 0, keywordError(s.path, "pattern", "%q %v", abridged(p.source), bad)
			}
			step(func(d *dfa) (*dfa, error) { return c.and(d, in) })
		}
		for _, p := range s.unlike {
			in, bad := c.automaton(p)
			if bad != nil {
				return nil, 0, 0, keywordError(s.path, "pattern", "%q %v", abridged(p.source), bad)
			}
			step(func(d *dfa) (*dfa, error) { return c.butNot(d, in) })
		}
		out := either()
		for _, v := range s.exclude {
			if v.kind == kindString {
				out.sub = append(out.sub, chars(v.text))
			}
		}
		if len(out.sub) > 0 {
			in, bad := c.compile(out)
			if bad != nil {
				return nil, 0, 0, bad
			}
			step(func(d *dfa) (*dfa, error) { return c.butNot(d, in) })
		}
	}
	if d == nil || err != nil || d.empty() {
		return d, least, most, err
	}
	shortest, longest := d.lengths()
	if shortest >= least {
		least = 0
	}
	if longest >= 0 && (most < 0 || longest <= most) {
		most = -1
	}
	if least == 0 && most < 0 {
		return d, 0, -1, nil
	}
	for limit := most; ; limit = manyChars {
		in, bad := c.compile(repeat(oneOf(span{0, maxChar}), least, limit))
		var cut *dfa
		if err = bad; err == nil {
			cut, err = c.and(d, in)
		}
		if err == nil {
			return cut, 0, -1, nil
		}
		if most <= max(manyChars, least) || limit == manyChars {
			return nil, 0, 0, err
		}
	}
}

// string writes a string.
func (c *compiler) string(a alternative, r rule) error {
	d, least, most, err := c.stringOf(a)
	if err != nil {
		return fmt.Errorf("%s: strings with this pattern and these lengths: %w", conj(a).path(), err)
	}
	if d == nil {
		if most < 0 || least <= most {
			c.arc(r.begin, arc{to: r.end, rule: noRule, lexeme: anyString(), least: int32(least), most: int32(most)})
		}
		return nil
	}
	l, err := c.quotedLexeme(d)
	if err != nil {
		return fmt.Errorf("%s: the pattern of strings %w", conj(a).path(), err)
	}
	if l != nil {
		c.write(r.begin, r.end, l)
	}
	return nil
}

// quotedLexeme is that of strings, nil for none.
func (c *compiler) quotedLexeme(d *dfa) (*lexeme, error) {
	if d.empty() {
		return nil, nil
	}
	return c.lexeme("string "+d.signature(), func() (*dfa, error) { return c.quoted(d) })
}

// signature tells automata apart.
func (d *dfa) signature() string {
	var b []byte
	for _, s := range d.states {
		b = append(b, 0)
		if s.accept {
			b[len(b)-1] = 1
		}
		for _, m := range s.moves {
			b = appendMove(b, m)
		}
	}
	return string(b)
}

// array writes an array.
func (c *compiler) array(a alternative, r rule) error {
	least, most := items(a)
	if most >= 0 && least > most {
		return nil
	}
	prefix := 0
	var wanted *schema // by contains
	unique, differing := false, []arc(nil)
	for _, s := range a {
		prefix = max(prefix, len(s.prefix))
		if s.contains != nil && s.contains != wanted {
			if wanted != nil {
				return keywordError(s.path, "contains", "several at once are not supported")
			}
			wanted = s.contains
		}
		unique = unique || s.unique && (most < 0 || most > 1)
	}
	if unique {
		if prefix > 0 || wanted != nil {
			return keywordError(conj(a).path(), "uniqueItems", "it is not supported beside prefixItems and contains")
		}
		arcs, err := c.items(itemOf(a, 0))
		if err != nil {
			return err
		}
		if differing = arcs; least > countItems(arcs) {
			return nil
		}
	}
	// Before item i, with what contains wants among the items before or not.
	type at struct {
		i     int
		found bool
	}
	last := max(prefix, least) // from here on all items are alike
	if most >= 0 {
		last = max(last, most)
	}
	if last > maxPlaces/8 {
		keyword := "maxItems"
		if least > maxPlaces/8 {
			keyword = "minItems"
		}
		return keywordError(conj(a).path(), keyword, "%d are too many: want at most %d", last, maxPlaces/8)
	}
	n := newNumbering[at](c.place)
	c.write(r.begin, n.of(at{0, wanted == nil}), openArray())
	for k := 0; k < len(n.order); k++ {
		p := n.order[k]
		from := n.ids[p]
		if p.i >= least && p.found {
			c.write(from, r.end, endArray())
		}
		if most >= 0 && p.i >= most {
			continue
		}
		if p.i > 0 {
			behind := c.place()
			c.arc(from, arc{to: behind, rule: noRule, lexeme: comma(), most: -1, guard: unique})
			from = behind
		}
		next := min(p.i+1, max(last, 1))
		if most >= 0 {
			next = p.i + 1
		}
		if unique {
			for _, d := range differing {
				d.to = n.of(at{next, true})
				c.arc(from, d)
			}
			continue
		}
		in := itemOf(a, p.i)
		c.call(from, n.of(at{next, p.found}), c.of(in))
		if !p.found {
			c.call(from, n.of(at{next, true}), c.of(newConj(append(in, wanted)...)))
		}
	}
	return nil
}
