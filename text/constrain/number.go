package constrain

import (
	"cmp"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// A decimal is a number as digits before and behind its point, without zeros that say nothing.
type decimal struct {
	minus       bool
	whole, part string // whole is "0" at least
}

// maxExponent is how far a number of a schema may reach from its digits.
const maxExponent = 400

func parseDecimal(s string) (d decimal, err error) {
	s, d.minus = strings.CutPrefix(s, "-")
	digits, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	d.whole, d.part, _ = strings.Cut(digits, ".")
	n := 0
	if exponent != "" {
		if n, err = strconv.Atoi(exponent); err != nil || n > maxExponent || n < -maxExponent {
			return d, fmt.Errorf("the number %s is out of range", abridged(s))
		}
	}
	for ; n > 0; n-- {
		first := "0"
		if d.part != "" {
			first, d.part = d.part[:1], d.part[1:]
		}
		d.whole += first
	}
	for ; n < 0; n++ {
		last := "0"
		if k := len(d.whole); k > 0 {
			last, d.whole = d.whole[k-1:], d.whole[:k-1]
		}
		d.part = last + d.part
	}
	d.part = strings.TrimRight(d.part, "0")
	if d.whole = strings.TrimLeft(d.whole, "0"); d.whole == "" {
		d.whole = "0"
	}
	d.minus = d.minus && !d.zero()
	return d, nil
}

func (d decimal) zero() bool    { return d.whole == "0" && d.part == "" }
func (d decimal) integer() bool { return d.part == "" }

func (d decimal) String() string {
	s := d.whole
	if d.part != "" {
		s += "." + d.part
	}
	if d.minus {
		s = "-" + s
	}
	return s
}

func (d decimal) compare(o decimal) int {
	if d.minus != o.minus {
		if d.minus {
			return -1
		}
		return 1
	}
	c := cmp.Or(cmp.Compare(len(d.whole), len(o.whole)), cmp.Compare(d.whole, o.whole), cmp.Compare(d.part, o.part))
	if d.minus {
		return -c
	}
	return c
}

// A bound is a number that others are at least or at most, or if it is open, more or less than.
type bound struct {
	decimal
	open bool
}

// within reports whether x is above a lower bound, if side is 1, or below an upper one, if it is −1.
func (b *bound) within(x decimal, side int) bool {
	c := x.compare(b.decimal) * side
	return c > 0 || c == 0 && !b.open
}

// How long numbers may be: as many digits before and behind the point, and in the exponent. JSON has no limit, but
// what reads it has 64 bits.
const (
	mostWhole    = 18
	mostPart     = 18
	mostExponent = 2
)

var (
	anyDigit   = digit('0', '9')
	anyDigits  = repeat(anyDigit, 0, -1)
	wholeExpr  = either(symbol('0'), concat(digit('1', '9'), repeat(anyDigit, 0, mostWhole-1)))
	partExpr   = concat(symbol('.'), repeat(anyDigit, 1, mostPart))
	numberExpr = concat(maybe(symbol('-')), wholeExpr, maybe(partExpr), maybe(exponent))
	exponent   = concat(oneOf(span{'e', 'e'}, span{'E', 'E'}), maybe(oneOf(span{'+', '+'}, span{'-', '-'})),
		repeat(anyDigit, 1, mostExponent))
	// decimalExpr has no exponent.
	decimalExpr = concat(maybe(symbol('-')), wholeExpr, maybe(partExpr))
	integerExpr = either(symbol('0'), concat(maybe(symbol('-')), digit('1', '9'), repeat(anyDigit, 0, mostWhole-1)))
	// fractionExpr is decimals that are no integers.
	fractionExpr = concat(maybe(symbol('-')), wholeExpr, symbol('.'), repeat(anyDigit, 0, mostPart-1), digit('1', '9'),
		repeat(symbol('0'), 0, mostPart))
)

// magnitude is the digits of numbers that are more or less than d, without regard to signs, or as much unless open.
func (d decimal) magnitude(more, open bool) *expr {
	anyPart := maybe(concat(symbol('.'), anyDigit, anyDigits))
	ways := []*expr{concat(differs(d.whole, more), anyPart), concat(literal(d.whole), partDiffers(d.part, more, open))}
	if n := len(d.whole); more {
		ways = append(ways, concat(digit('1', '9'), repeat(anyDigit, n, -1), anyPart))
	} else if n > 1 {
		ways = append(ways, concat(either(symbol('0'), concat(digit('1', '9'), repeat(anyDigit, 0, n-2))), anyPart))
	}
	return either(ways...)
}

// differs is numbers of as many digits that are more or less than s.
func differs(s string, more bool) *expr {
	e := either()
	for i := range len(s) {
		lo, hi := byte('0'), s[i]-1
		if more {
			lo, hi = s[i]+1, '9'
		}
		if i == 0 && len(s) > 1 {
			lo = max(lo, '1')
		}
		if lo > hi || hi < '0' {
			continue
		}
		rest := len(s) - i - 1
		e.sub = append(e.sub, concat(literal(s[:i]), digit(lo, hi), repeat(anyDigit, rest, rest)))
	}
	return e
}

// partDiffers is a point and digits behind it, or nothing, that are more or less than s, or as much unless open.
func partDiffers(s string, more, open bool) *expr {
	e := either()
	zeros := repeat(symbol('0'), 0, -1)
	add := func(sub ...*expr) { e.sub = append(e.sub, concat(sub...)) }
	if s == "" {
		some := concat(symbol('.'), zeros, digit('1', '9'), anyDigits)
		if more {
			add(some)
		}
		if !open {
			add(maybe(concat(symbol('.'), symbol('0'), zeros)))
		}
		return e
	}
	point := symbol('.')
	for i := range len(s) {
		if more && s[i] < '9' {
			add(point, literal(s[:i]), digit(s[i]+1, '9'), anyDigits)
		}
		if !more && s[i] > '0' {
			add(point, literal(s[:i]), digit('0', s[i]-1), anyDigits)
		}
		if !more && i > 0 {
			add(point, literal(s[:i]))
		}
	}
	if more {
		add(point, literal(s), zeros, digit('1', '9'), anyDigits)
	} else {
		add() // nothing
	}
	if !open {
		add(point, literal(s), zeros)
	}
	return e
}

// atLeast is the texts of numbers from b on.
func (b *bound) atLeast() *expr {
	minus := symbol('-')
	if !b.minus {
		return b.magnitude(true, b.open)
	}
	return either(decimal{whole: "0"}.magnitude(true, false), concat(minus, b.magnitude(false, b.open)))
}

// atMost is those up to b.
func (b *bound) atMost() *expr {
	minus := symbol('-')
	if b.minus {
		return concat(minus, b.magnitude(true, b.open))
	}
	return either(b.magnitude(false, b.open), concat(minus, decimal{whole: "0"}.magnitude(true, true)))
}

// maxDivisor bounds the automaton of multiples.
const maxDivisor = 4096

// multiples returns the automaton of the multiples of d, made once.
func (c *compiler) multiples(d decimal) (*dfa, error) {
	key := "multiples of " + d.String()
	if m, ok := c.automata[key]; ok {
		return m, nil
	}
	m, err := multiples(d)
	if err != nil {
		return nil, err
	}
	c.spend(12 * len(m.states))
	c.automata[key] = m
	return m, nil
}

// multiples is the automaton of the multiples of d, which is more than 0, written without exponents.
func multiples(d decimal) (*dfa, error) {
	k, ok := new(big.Int).SetString(strings.TrimLeft(d.whole+d.part, "0"), 10)
	if !ok || !k.IsInt64() || k.Int64() > maxDivisor || len(d.part) > 8 {
		return nil, fmt.Errorf("multipleOf %s takes too many states: want at most %d, or a fraction of fewer digits",
			d, maxDivisor)
	}
	n, places := int(k.Int64()), len(d.part)
	power := make([]int, places+1) // of 10, modulo n
	power[0] = 1 % n
	for i := range places {
		power[i+1] = power[i] * 10 % n
	}
	type place struct{ phase, rest int } // phase: 0 begin, 1 sign, 2 a zero, 3 digits, 4+j behind the point
	ids := map[place]int32{{}: 0}
	order := []place{{}}
	out := &dfa{}
	for i := 0; i < len(order); i++ {
		p := order[i]
		var s dfaState
		go1 := func(c byte, to place) {
			id, ok := ids[to]
			if !ok {
				id = int32(len(order))
				ids[to] = id
				order = append(order, to)
			}
			s.moves = append(s.moves, move{span{int32(c), int32(c)}, id})
		}
		if p.phase == 0 {
			go1('-', place{phase: 1})
		}
		if p.phase == 2 || p.phase == 3 {
			s.accept = p.rest*power[places]%n == 0
			go1('.', place{4, p.rest})
		}
		if j := p.phase - 4; j > 0 {
			s.accept = p.rest*power[max(0, places-j)]%n == 0
		}
		for c := byte('0'); c <= '9'; c++ {
			rest := (p.rest*10 + int(c-'0')) % n
			switch {
			case p.phase < 2 && c == '0':
				go1(c, place{phase: 2})
			case p.phase < 2, p.phase == 3:
				go1(c, place{3, rest})
			case p.phase >= 4 && p.phase-4 < places:
				go1(c, place{p.phase + 1, rest})
			case p.phase >= 4 && c == '0':
				go1(c, place{4 + max(1, places), p.rest})
			}
		}
		out.states = append(out.states, s)
	}
	return out.trim(), nil
}
