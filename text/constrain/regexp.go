package constrain

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// parseRegexp reads a regular expression over characters, in the dialect of ECMA 262 that JSON schemas use, without
// what no automaton does.
func parseRegexp(source string) (*expr, error) {
	if !utf8.ValidString(source) {
		return nil, fmt.Errorf("regular expression %q: it is no UTF-8", abridged(source))
	}
	if len(source) > maxRegexp {
		return nil, fmt.Errorf("regular expression %q: it has %d bytes: want at most %d", abridged(source), len(source),
			maxRegexp)
	}
	p := &regexpParser{rest: source}
	e, err := p.either(0)
	if err == nil && p.rest != "" {
		err = fmt.Errorf("a ) that closes nothing")
	}
	if err != nil {
		return nil, fmt.Errorf("regular expression %q: %w", abridged(source), err)
	}
	return e, nil
}

// anywhere is an expression that matches texts in which e matches a part.
func anywhere(e *expr) *expr {
	any := repeat(oneOf(span{0, maxChar}), 0, -1)
	return concat(any, e, any)
}

func abridged(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

const (
	maxRegexp  = 1 << 14 // bytes
	maxNesting = 200
	maxRepeat  = 10000
)

type regexpParser struct{ rest string }

func (p *regexpParser) take(prefix string) bool {
	rest, ok := strings.CutPrefix(p.rest, prefix)
	p.rest = rest
	return ok
}

// next takes a character, 0 at the end.
func (p *regexpParser) next() rune {
	if p.rest == "" {
		return 0
	}
	r, n := utf8.DecodeRuneInString(p.rest)
	p.rest = p.rest[n:]
	return r
}

func (p *regexpParser) either(depth int) (*expr, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("groups nest deeper than %d", maxNesting)
	}
	var ways []*expr
	for {
		e, err := p.concat(depth)
		if err != nil {
			return nil, err
		}
		ways = append(ways, e)
		if !p.take("|") {
			break
		}
	}
	if len(ways) == 1 {
		return ways[0], nil
	}
	return either(ways...), nil
}

func (p *regexpParser) concat(depth int) (*expr, error) {
	e := concat()
	for p.rest != "" && p.rest[0] != '|' && p.rest[0] != ')' {
		one, err := p.atom(depth)
		if err != nil {
			return nil, err
		}
		if one, err = p.repeats(one); err != nil {
			return nil, err
		}
		e.sub = append(e.sub, one)
	}
	return e, nil
}

// repeats reads what stands behind an atom. Lazy ones match the same texts.
func (p *regexpParser) repeats(e *expr) (*expr, error) {
	for p.rest != "" {
		least, most := 0, -1
		switch {
		case p.take("*"):
		case p.take("+"):
			least = 1
		case p.take("?"):
			most = 1
		case p.rest[0] == '{':
			var ok bool
			var err error
			if least, most, ok, err = p.counts(); err != nil || !ok {
				return e, err
			}
		default:
			return e, nil
		}
		if e.op == opBegin || e.op == opEnd {
			return nil, fmt.Errorf("an anchor is repeated")
		}
		if !p.take("?") && p.take("+") {
			return nil, fmt.Errorf("possessive repeats are not supported")
		}
		e = repeat(e, least, most)
	}
	return e, nil
}

// counts reads {n}, {n,} or {n,m}; anything else in braces is text.
func (p *regexpParser) counts() (least, most int, ok bool, err error) {
	end := strings.IndexByte(p.rest[:min(len(p.rest), 16)], '}')
	if end < 0 {
		return 0, 0, false, nil
	}
	a, b, comma := strings.Cut(p.rest[1:end], ",")
	least, bad := strconv.Atoi(a)
	if bad != nil || a[0] == '+' || a[0] == '-' {
		return 0, 0, false, nil
	}
	switch {
	case !comma:
		most = least
	case b == "":
		most = -1
	default:
		if most, bad = strconv.Atoi(b); bad != nil || b[0] == '+' || b[0] == '-' {
			return 0, 0, false, nil
		}
	}
	if least > maxRepeat || most > maxRepeat {
		return 0, 0, false, fmt.Errorf("a repeat of more than %d", maxRepeat)
	}
	if most >= 0 && most < least {
		return 0, 0, false, fmt.Errorf("a repeat of %d to %d", least, most)
	}
	p.rest = p.rest[end+1:]
	return least, most, true, nil
}

// dot is what . matches.
var dot = inverse([]span{{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}})

func (p *regexpParser) atom(depth int) (*expr, error) {
	switch {
	case p.take("(?:"):
		return p.group(depth)
	case p.take("(?="), p.take("(?!"), p.take("(?<="), p.take("(?<!"):
		return nil, fmt.Errorf("looking ahead or behind, (?=…) and its like, is not supported")
	case p.take("(?<"), p.take("(?P<"):
		_, rest, ok := strings.Cut(p.rest, ">")
		if !ok {
			return nil, fmt.Errorf("a group's name has no end")
		}
		p.rest = rest
		return p.group(depth)
	case p.take("(?"):
		return nil, fmt.Errorf("(?%.1s is not supported", p.rest)
	case p.take("("):
		return p.group(depth)
	case p.take("["):
		return p.class()
	case p.take("."):
		return &expr{op: opSet, set: dot}, nil
	case p.take("^"):
		return &expr{op: opBegin}, nil
	case p.take("$"):
		return &expr{op: opEnd}, nil
	case p.take(`\`):
		if p.take("b") || p.take("B") {
			return nil, fmt.Errorf(`\b and \B are not supported`)
		}
		if p.take("A") || p.take("Z") || p.take("z") {
			return nil, fmt.Errorf(`\A, \Z and \z are not supported: use ^ and $`)
		}
		if p.rest != "" && (p.rest[0] == 'k' || '1' <= p.rest[0] && p.rest[0] <= '9') {
			return nil, fmt.Errorf("references to groups are not supported")
		}
		set, err := p.escape()
		return &expr{op: opSet, set: set}, err
	}
	switch r := p.next(); r {
	case '*', '+', '?':
		return nil, fmt.Errorf("%c with nothing to repeat", r)
	default:
		return symbol(r), nil
	}
}

func (p *regexpParser) group(depth int) (*expr, error) {
	e, err := p.either(depth + 1)
	if err == nil && !p.take(")") {
		err = fmt.Errorf("a ( that is not closed")
	}
	return e, err
}

var (
	digits    = []span{{'0', '9'}}
	wordChars = []span{{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}
	spaces    = normal([]span{{'\t', '\r'}, {' ', ' '}, {0xa0, 0xa0}, {0x1680, 0x1680}, {0x2000, 0x200a},
		{0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}, {0xfeff, 0xfeff}})
)

// escape reads what follows a backslash.
func (p *regexpParser) escape() ([]span, error) {
	one := func(r rune) ([]span, error) { return []span{{r, r}}, nil }
	switch r := p.next(); r {
	case 'd':
		return digits, nil
	case 'D':
		return inverse(digits), nil
	case 'w':
		return wordChars, nil
	case 'W':
		return inverse(wordChars), nil
	case 's':
		return spaces, nil
	case 'S':
		return inverse(spaces), nil
	case 'n':
		return one('\n')
	case 'r':
		return one('\r')
	case 't':
		return one('\t')
	case 'f':
		return one('\f')
	case 'v':
		return one('\v')
	case '0':
		return one(0)
	case 'c':
		if c := p.next(); c|0x20 >= 'a' && c|0x20 <= 'z' {
			return one(c & 0x1f)
		}
		return nil, fmt.Errorf(`\c without a letter`)
	case 'x':
		return p.hex(2)
	case 'u':
		if p.take("{") {
			text, rest, ok := strings.Cut(p.rest, "}")
			n, err := strconv.ParseUint(text, 16, 32)
			if !ok || err != nil || n > maxChar {
				return nil, fmt.Errorf(`\u{%s is no character`, abridged(text))
			}
			p.rest = rest
			return one(rune(n))
		}
		high, err := p.hex(4)
		if err != nil || high[0].lo < 0xd800 || high[0].lo > 0xdbff || !strings.HasPrefix(p.rest, `\u`) {
			return high, err
		}
		p.rest = p.rest[2:]
		low, err := p.hex(4)
		if err != nil || low[0].lo < 0xdc00 || low[0].lo > 0xdfff {
			return nil, fmt.Errorf("half of a surrogate pair")
		}
		return one(0x10000 + (high[0].lo-0xd800)<<10 + low[0].lo - 0xdc00)
	case 'p', 'P':
		set, err := p.property()
		if r == 'P' {
			set = inverse(set)
		}
		return set, err
	case 0:
		return nil, fmt.Errorf("a backslash at the end")
	default:
		if r < utf8.RuneSelf && (r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9') {
			return nil, fmt.Errorf(`\%c is not known`, r)
		}
		return one(r)
	}
}

func (p *regexpParser) hex(n int) ([]span, error) {
	if len(p.rest) < n {
		return nil, fmt.Errorf("an escape without its %d hexadecimal digits", n)
	}
	x, err := strconv.ParseUint(p.rest[:n], 16, 32)
	if err != nil {
		return nil, fmt.Errorf("an escape without its %d hexadecimal digits", n)
	}
	p.rest = p.rest[n:]
	return []span{{int32(x), int32(x)}}, nil
}

// property reads {L} or {Script=Greek} behind \p.
func (p *regexpParser) property() ([]span, error) {
	name, rest, ok := strings.Cut(p.rest, "}")
	if !ok || !strings.HasPrefix(name, "{") {
		return nil, fmt.Errorf(`\p wants a name in braces`)
	}
	p.rest = rest
	name = name[1:]
	if kind, of, named := strings.Cut(name, "="); named {
		if kind != "Script" && kind != "sc" && kind != "General_Category" && kind != "gc" {
			return nil, fmt.Errorf(`\p{%s} is not known`, abridged(name))
		}
		name = of
	}
	long := map[string]string{"Letter": "L", "Lowercase_Letter": "Ll", "Uppercase_Letter": "Lu", "Number": "N",
		"Decimal_Number": "Nd", "Mark": "M", "Punctuation": "P", "Symbol": "S", "Separator": "Z", "Other": "C"}
	if short, ok := long[name]; ok {
		name = short
	}
	if set, ok := properties.Load(name); ok {
		return set.([]span), nil
	}
	table, ok := unicode.Categories[name]
	if !ok {
		table, ok = unicode.Scripts[name]
	}
	if !ok {
		return nil, fmt.Errorf(`\p{%s} is not known`, abridged(name))
	}
	var set []span
	for _, r := range table.R16 {
		for c := int32(r.Lo); c <= int32(r.Hi); c += int32(r.Stride) {
			set = append(set, span{c, c})
		}
	}
	for _, r := range table.R32 {
		if r.Stride == 1 {
			set = append(set, span{int32(r.Lo), int32(r.Hi)})
			continue
		}
		for c := int32(r.Lo); c <= int32(r.Hi); c += int32(r.Stride) {
			set = append(set, span{c, c})
		}
	}
	set = normal(set)
	properties.Store(name, set)
	return set, nil
}

// properties are the sets of those that were asked for.
var properties sync.Map

// class reads a set in brackets.
func (p *regexpParser) class() (*expr, error) {
	not := p.take("^")
	var set []span
	for !p.take("]") {
		if p.rest == "" {
			return nil, fmt.Errorf("a [ that is not closed")
		}
		a, err := p.classAtom()
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(p.rest, "-") && !strings.HasPrefix(p.rest, "-]") && isOne(a) {
			p.rest = p.rest[1:]
			b, err := p.classAtom()
			if err != nil {
				return nil, err
			}
			if !isOne(b) { // as in [a-\d]: three things
				set = append(append(append(set, a...), span{'-', '-'}), b...)
				continue
			}
			if a[0].lo > b[0].lo {
				return nil, fmt.Errorf("the range %c-%c is out of order", a[0].lo, b[0].lo)
			}
			set = append(set, span{a[0].lo, b[0].lo})
			continue
		}
		set = append(set, a...)
	}
	set = normal(set)
	if not {
		set = inverse(set)
	}
	return oneOf(set...), nil
}

func isOne(set []span) bool { return len(set) == 1 && set[0].lo == set[0].hi }

func (p *regexpParser) classAtom() ([]span, error) {
	if p.take(`\`) {
		if p.take("b") {
			return []span{{'\b', '\b'}}, nil
		}
		return p.escape()
	}
	r := p.next()
	return []span{{r, r}}, nil
}
