package constrain

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// GBNF returns the grammar of a text in llama.cpp's notation, whose rule root is what is written:
//
//	root ::= item ("," " "? item)*
//	item ::= [a-z]{1,8} | "\"" [^"]+ "\"" # a comment
//
// Rules may call themselves, but not before anything is written.
func GBNF(source string) (*Grammar, error) {
	p, err := parseGBNF(source)
	if err != nil {
		return nil, fmt.Errorf("grammar: %w", err)
	}
	e := &gbnfEmitter{effort: newEffort(), builder: newBuilder(), p: p, rules: map[string]int32{}}
	root, err := e.all()
	if err == nil {
		var g *Grammar
		if g, err = e.finish(root); err == nil {
			return g, nil
		}
	}
	return nil, fmt.Errorf("grammar: %w", err)
}

const maxRules = 1 << 11

// A gbnfParser reads rules. What a rule calls is an expression of opRule.
type gbnfParser struct {
	rest  string
	line  int
	rules map[string]*expr
	order []string
	parts int
}

func parseGBNF(source string) (*gbnfParser, error) {
	p := &gbnfParser{rest: source, line: 1, rules: map[string]*expr{}}
	if len(source) > maxSource {
		return nil, fmt.Errorf("it has %d bytes: want at most %d", len(source), maxSource)
	}
	if !utf8.ValidString(source) {
		return nil, errors.New("it is no UTF-8")
	}
	for p.space(true); p.rest != ""; p.space(true) {
		if err := p.rule(); err != nil {
			return nil, fmt.Errorf("line %d: %w", p.line, err)
		}
	}
	if p.rules["root"] == nil {
		return nil, errors.New("it has no rule root, which is what is written")
	}
	for _, name := range p.order {
		if missing := p.missing(p.rules[name]); missing != "" {
			return nil, fmt.Errorf("the rule %s calls %s, which there is none of", abridged(name), abridged(missing))
		}
	}
	return p, nil
}

func (p *gbnfParser) missing(e *expr) string {
	if e.op == opRule && p.rules[e.name] == nil {
		return e.name
	}
	for _, s := range e.sub {
		if m := p.missing(s); m != "" {
			return m
		}
	}
	return ""
}

// space skips white space and comments, and lines' ends if they end nothing.
func (p *gbnfParser) space(lines bool) {
	for p.rest != "" {
		switch c := p.rest[0]; {
		case c == ' ' || c == '\t':
			p.rest = p.rest[1:]
		case c == '#':
			i := strings.IndexAny(p.rest, "\r\n")
			if i < 0 {
				i = len(p.rest)
			}
			p.rest = p.rest[i:]
		case lines && (c == '\n' || c == '\r'):
			if c == '\n' {
				p.line++
			}
			p.rest = p.rest[1:]
		default:
			return
		}
	}
}

func (p *gbnfParser) take(prefix string) bool {
	rest, ok := strings.CutPrefix(p.rest, prefix)
	p.rest = rest
	return ok
}

func (p *gbnfParser) name() string {
	n := 0
	for n < len(p.rest) {
		c := p.rest[n]
		if c|0x20 < 'a' || c|0x20 > 'z' {
			if (c < '0' || c > '9') && c != '-' && c != '_' {
				break
			}
		}
		n++
	}
	name := p.rest[:n]
	p.rest = p.rest[n:]
	return name
}

// found says what stands where something else was expected.
func (p *gbnfParser) found() string {
	if p.rest == "" {
		return "the end"
	}
	line, _, _ := strings.Cut(p.rest, "\n")
	return strconv.Quote(abridged(line))
}

func (p *gbnfParser) rule() error {
	name := p.name()
	if name == "" {
		return fmt.Errorf("found %s: want a rule, as in root ::= \"a\"", p.found())
	}
	p.space(false)
	if !p.take("::=") {
		return fmt.Errorf("found %s behind %s: want ::=", p.found(), abridged(name))
	}
	if p.rules[name] != nil {
		return fmt.Errorf("the rule %s is there twice", abridged(name))
	}
	p.space(true)
	e, err := p.either(0)
	if err != nil {
		return err
	}
	if p.rest != "" && p.rest[0] != '\n' && p.rest[0] != '\r' {
		return fmt.Errorf("found %s: want the end of the rule %s", p.found(), abridged(name))
	}
	if len(p.order) == maxRules {
		return fmt.Errorf("it has more than %d rules", maxRules)
	}
	p.rules[name] = e
	p.order = append(p.order, name)
	return nil
}

func (p *gbnfParser) either(depth int) (*expr, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("groups nest deeper than %d", maxNesting)
	}
	e := either()
	for {
		in, err := p.concat(depth)
		if err != nil {
			return nil, err
		}
		e.sub = append(e.sub, in)
		before := *p
		if p.space(true); !p.take("|") { // which may stand on the next line
			p.rest, p.line = before.rest, before.line
			return e, nil
		}
		p.space(true)
	}
}

func (p *gbnfParser) concat(depth int) (*expr, error) {
	e := concat()
	for p.space(depth > 0); p.rest != "" && !strings.ContainsRune("|)\r\n", rune(p.rest[0])); p.space(depth > 0) {
		if p.parts++; p.parts > maxParts {
			return nil, fmt.Errorf("it has more than %d parts", maxParts)
		}
		in, err := p.atom(depth)
		if err == nil {
			in, err = p.repeats(in)
		}
		if err != nil {
			return nil, err
		}
		e.sub = append(e.sub, in)
	}
	return e, nil
}

func (p *gbnfParser) repeats(e *expr) (*expr, error) {
	switch {
	case p.take("*"):
		return repeat(e, 0, -1), nil
	case p.take("+"):
		return repeat(e, 1, -1), nil
	case p.take("?"):
		return maybe(e), nil
	case strings.HasPrefix(p.rest, "{"):
		r := &regexpParser{}
		if i := strings.IndexByte(p.rest[:min(len(p.rest), 32)], '}'); i >= 0 {
			r.rest = strings.ReplaceAll(p.rest[:i+1], " ", "")
			least, most, ok, err := r.counts()
			if err != nil || ok {
				p.rest = p.rest[i+1:]
				return repeat(e, least, most), err
			}
		}
		return nil, fmt.Errorf("found %s: want a repeat, as in {1,3}", p.found())
	}
	return e, nil
}

func (p *gbnfParser) atom(depth int) (*expr, error) {
	switch c := p.rest[0]; c {
	case '"':
		p.rest = p.rest[1:]
		e := concat()
		for !p.take(`"`) {
			r, err := p.char("a literal")
			if err != nil {
				return nil, err
			}
			e.sub = append(e.sub, symbol(r))
		}
		return e, nil
	case '[':
		p.rest = p.rest[1:]
		return p.class()
	case '.':
		p.rest = p.rest[1:]
		return oneOf(span{0, maxChar}), nil
	case '(':
		p.rest = p.rest[1:]
		p.space(true)
		e, err := p.either(depth + 1)
		if err == nil && !p.take(")") {
			err = fmt.Errorf("found %s: want a )", p.found())
		}
		return e, err
	}
	if name := p.name(); name != "" {
		return &expr{op: opRule, name: name}, nil
	}
	return nil, fmt.Errorf("found %s: want a literal, a class, a group or a rule's name", p.found())
}

func (p *gbnfParser) class() (*expr, error) {
	not := p.take("^")
	var set []span
	for !p.take("]") {
		lo, err := p.char("a class")
		if err != nil {
			return nil, err
		}
		hi := lo
		if strings.HasPrefix(p.rest, "-") && !strings.HasPrefix(p.rest, "-]") {
			p.rest = p.rest[1:]
			if hi, err = p.char("a class"); err != nil {
				return nil, err
			}
		}
		if hi < lo {
			return nil, fmt.Errorf("the range %c-%c is out of order", lo, hi)
		}
		set = append(set, span{lo, hi})
	}
	set = normal(set)
	if not {
		set = inverse(set)
	}
	return oneOf(set...), nil
}

// char reads a character of a literal or a class.
func (p *gbnfParser) char(of string) (rune, error) {
	if p.rest == "" || p.rest[0] == '\n' {
		return 0, fmt.Errorf("%s has no end", of)
	}
	r, n := utf8.DecodeRuneInString(p.rest)
	p.rest = p.rest[n:]
	if r != '\\' {
		return r, nil
	}
	if p.rest == "" {
		return 0, fmt.Errorf("%s has no end", of)
	}
	c := p.rest[0]
	p.rest = p.rest[1:]
	if n := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]; n > 0 {
		if len(p.rest) >= n {
			if x, err := strconv.ParseUint(p.rest[:n], 16, 32); err == nil && x <= maxChar {
				p.rest = p.rest[n:]
				return rune(x), nil
			}
		}
		return 0, fmt.Errorf(`\%c wants %d hexadecimal digits of a character`, c, n)
	}
	switch c {
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case '"', '[', ']', '\\', '-', '^':
		return rune(c), nil
	}
	return 0, fmt.Errorf(`\%c is not known`, c)
}

// A gbnfEmitter makes a network of rules. What calls no recursive rule is regular, and made a lexeme.
type gbnfEmitter struct {
	*effort
	builder
	p       *gbnfParser
	rules   map[string]int32
	regular map[string]*expr // rules that are, with nothing to call
	todo    []string
}

func (e *gbnfEmitter) all() (int32, error) {
	e.regular = map[string]*expr{}
	open := map[string]bool{}
	size := 0
	// plain returns the expression of a rule without calls, nil if it has to be called.
	var plain func(name string) *expr
	var inline func(x *expr) *expr
	plain = func(name string) *expr {
		if x, ok := e.regular[name]; ok {
			return x
		}
		if open[name] {
			return nil
		}
		open[name] = true
		x := inline(e.p.rules[name])
		delete(open, name)
		e.regular[name] = x
		return x
	}
	inline = func(x *expr) *expr {
		if x.op == opRule {
			return plain(x.name)
		}
		if len(x.sub) == 0 {
			return x
		}
		n := *x
		n.sub = make([]*expr, len(x.sub))
		ok := true
		for i, s := range x.sub {
			n.sub[i] = inline(s)
			ok = ok && n.sub[i] != nil
		}
		if size += len(x.sub); !ok || size > maxParts {
			return nil
		}
		return &n
	}
	for _, name := range e.p.order {
		plain(name)
	}
	root := e.of("root")
	for len(e.todo) > 0 {
		name := e.todo[0]
		e.todo = e.todo[1:]
		r := e.g.rules[e.rules[name]]
		if err := e.emit(e.p.rules[name], r.begin, r.end); err != nil {
			return 0, fmt.Errorf("rule %s: %w", abridged(name), err)
		}
	}
	return root, nil
}

// of returns a rule, whose places are made later.
func (e *gbnfEmitter) of(name string) int32 {
	r, ok := e.rules[name]
	if !ok {
		r = e.rule("rule " + abridged(name))
		e.rules[name] = r
		e.todo = append(e.todo, name)
	}
	return r
}

// flat returns an expression without calls, nil where it has some that are to stay.
func (e *gbnfEmitter) flat(x *expr) *expr {
	if x.op == opRule {
		return e.regular[x.name]
	}
	if len(x.sub) == 0 {
		return x
	}
	if !e.spend(len(x.sub)) {
		return nil
	}
	n := *x
	n.sub = make([]*expr, len(x.sub))
	for i, s := range x.sub {
		if n.sub[i] = e.flat(s); n.sub[i] == nil {
			return nil
		}
	}
	return &n
}

func (e *gbnfEmitter) emit(x *expr, from, to int32) error {
	if e.full() {
		return errLarge
	}
	if f := e.flat(x); f != nil {
		l, err := e.plainLexeme(f)
		if err == nil {
			e.write(from, to, l)
			return nil
		}
		if e.left < 0 {
			return errEffort
		}
		if len(x.sub) == 0 && x.op != opRule {
			return err
		}
	}
	switch x.op {
	case opRule:
		e.call(from, to, e.of(x.name))
	case opConcat:
		return e.concat(x.sub, from, to)
	case opEither:
		for _, s := range x.sub {
			if err := e.emit(s, from, to); err != nil {
				return err
			}
		}
	case opRepeat:
		return e.repeat(x, from, to)
	}
	return nil
}

// concat writes one part after the other: as many as are regular together, and of those that are too many for one
// lexeme, one half and then the other.
func (e *gbnfEmitter) concat(parts []*expr, from, to int32) error {
	regular := make([]bool, len(parts))
	all := true
	for i, p := range parts {
		regular[i] = e.flat(p) != nil
		all = all && regular[i]
	}
	for len(parts) > 0 {
		n := 1
		for regular[0] && n < len(parts) && regular[n] {
			n++
		}
		if all {
			n = (len(parts) + 1) / 2
		}
		next := e.place()
		part := parts[0]
		if n > 1 {
			part = concat(parts[:n]...)
		}
		if err := e.emit(part, from, next); err != nil {
			return err
		}
		from, parts, regular = next, parts[n:], regular[n:]
	}
	e.skip(from, to)
	return nil
}

func (e *gbnfEmitter) repeat(x *expr, from, to int32) error {
	for range x.min {
		next := e.place()
		if err := e.emit(x.sub[0], from, next); err != nil {
			return err
		}
		from = next
	}
	if x.max < 0 {
		loop := e.place()
		e.skip(from, loop)
		e.skip(loop, to)
		return e.emit(x.sub[0], loop, loop)
	}
	e.skip(from, to)
	for range x.max - x.min {
		next := e.place()
		if err := e.emit(x.sub[0], from, next); err != nil {
			return err
		}
		e.skip(next, to)
		from = next
	}
	return nil
}
