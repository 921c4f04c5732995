package constrain

import (
	"cmp"
	"slices"
)

// A span is a range of symbols, both ends included: characters, or bytes.
type span struct{ lo, hi int32 }

// maxChar is the last character.
const maxChar = 0x10ffff

// An expr is a regular expression over symbols.
type expr struct {
	op       exprOp
	set      []span // of opSet, ascending and apart
	sub      []*expr
	min, max int    // of opRepeat; max −1: no limit
	name     string // of opRule
}

type exprOp uint8

const (
	opNone   exprOp = iota // matches nothing, not even the empty text
	opSet                  // one symbol of a set
	opConcat               // one after the other
	opEither               // one of them
	opRepeat               // min to max times
	opBegin                // the empty text at the beginning
	opEnd                  // the empty text at the end
	opRule                 // what a rule of a grammar says
)

func none() *expr { return &expr{op: opNone} }

func oneOf(spans ...span) *expr {
	if len(spans) == 0 {
		return none()
	}
	return &expr{op: opSet, set: normal(spans)}
}

func symbol(c int32) *expr { return oneOf(span{c, c}) }

// literal is a text of bytes, for expressions over bytes or over ASCII.
func literal(s string) *expr {
	e := &expr{op: opConcat}
	for i := range len(s) {
		e.sub = append(e.sub, symbol(int32(s[i])))
	}
	return e
}

// chars is a text of characters.
func chars(s string) *expr {
	e := &expr{op: opConcat}
	for _, r := range s {
		e.sub = append(e.sub, symbol(r))
	}
	return e
}

func concat(sub ...*expr) *expr { return &expr{op: opConcat, sub: sub} }

func either(sub ...*expr) *expr { return &expr{op: opEither, sub: sub} }

func repeat(e *expr, least, most int) *expr {
	return &expr{op: opRepeat, sub: []*expr{e}, min: least, max: most}
}

func maybe(e *expr) *expr { return repeat(e, 0, 1) }

func digit(lo, hi byte) *expr { return oneOf(span{int32(lo), int32(hi)}) }

// spans counts the ranges of an expression's sets.
func (e *expr) spans() int {
	n := len(e.set)
	for _, s := range e.sub {
		n += s.spans()
	}
	return n
}

// normal sorts spans and joins those that touch.
func normal(spans []span) []span {
	all := slices.Clone(spans)
	slices.SortFunc(all, func(a, b span) int { return cmp.Compare(a.lo, b.lo) })
	out := all[:0]
	for _, s := range all {
		if s.lo > s.hi {
			continue
		}
		if n := len(out); n > 0 && s.lo <= out[n-1].hi+1 {
			out[n-1].hi = max(out[n-1].hi, s.hi)
			continue
		}
		out = append(out, s)
	}
	return out
}

// inverse is the characters that are not in a normal set.
func inverse(spans []span) []span {
	var out []span
	next := int32(0)
	for _, s := range spans {
		if s.lo > next {
			out = append(out, span{next, s.lo - 1})
		}
		next = s.hi + 1
	}
	if next <= maxChar {
		out = append(out, span{next, maxChar})
	}
	return out
}
