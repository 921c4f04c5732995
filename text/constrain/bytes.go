package constrain

import (
	"fmt"
	"sync"
)

// A spelling is a sequence of bytes, each out of a range, that stands for a character of a set.
type spelling []span

// utf8Spellings returns the spellings of characters from lo to hi in UTF-8. Surrogates have none.
func utf8Spellings(r span) (all []spelling) {
	for _, part := range []struct {
		span
		bytes int
	}{{span{0, 0x7f}, 1}, {span{0x80, 0x7ff}, 2}, {span{0x800, 0xd7ff}, 3}, {span{0xe000, 0xffff}, 3},
		{span{0x10000, maxChar}, 4}} {
		if lo, hi := max(r.lo, part.lo), min(r.hi, part.hi); lo <= hi {
			all = splitUTF8(all, nil, lo, hi, part.bytes)
		}
	}
	return all
}

// splitUTF8 cuts a range of characters of n bytes where their bytes are ranges independent of one another.
func splitUTF8(all []spelling, head spelling, lo, hi int32, n int) []spelling {
	lead := func(c int32) int32 {
		rest := c >> (6 * (n - 1))
		if len(head) > 0 {
			return 0x80 | rest&0x3f
		}
		return []int32{0, 0, 0xc0, 0xe0, 0xf0}[n] | rest
	}
	if n == 1 {
		return append(all, append(head[:len(head):len(head)], span{lead(lo), lead(hi)}))
	}
	bits := int32(1)<<(6*(n-1)) - 1
	for lo <= hi {
		end := min(hi, lo|bits)
		if lo&bits == 0 {
			// As many whole blocks as there are.
			if whole := (hi+1)&^bits - 1; whole > end {
				end = whole
			}
		}
		with := append(head[:len(head):len(head)], span{lead(lo), lead(end)})
		if end-lo >= bits {
			for range n - 1 {
				with = append(with[:len(with):len(with)], span{0x80, 0xbf})
			}
			all = append(all, with)
		} else {
			all = splitUTF8(all, with, lo, end, n-1)
		}
		lo = end + 1
	}
	return all
}

// jsonSpellings returns the spellings within a JSON string: each character has one, its escape where it needs
// one and else itself. Hexadecimal digits may be of either case.
func jsonSpellings(r span) (all []spelling) {
	short := map[int32]byte{'\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '"': '"', '\\': '\\'}
	next := r.lo
	for c := r.lo; c <= min(r.hi, '\\'); c++ {
		e, escaped := short[c]
		if !escaped && c >= ' ' {
			continue
		}
		if next < c {
			all = append(all, utf8Spellings(span{next, c - 1})...)
		}
		next = c + 1
		if escaped {
			all = append(all, exactly("\\"+string(e)))
			continue
		}
		all = append(all, exactly(fmt.Sprintf("\\u%04x", c)))
		if upper := fmt.Sprintf("\\u%04X", c); upper != fmt.Sprintf("\\u%04x", c) {
			all = append(all, exactly(upper))
		}
	}
	if next <= r.hi {
		all = append(all, utf8Spellings(span{next, r.hi})...)
	}
	return all
}

func exactly(s string) (all spelling) {
	for i := range len(s) {
		all = append(all, span{int32(s[i]), int32(s[i])})
	}
	return all
}

// quoted returns the automaton of JSON strings whose values are texts of d.
func (w *effort) quoted(d *dfa) (*dfa, error) {
	b, err := w.spelled(d, jsonSpellings)
	if err != nil || b.empty() {
		return b, err
	}
	n := int32(len(b.states))
	out := &dfa{states: make([]dfaState, 1, n+2)}
	out.states[0].moves = []move{{span{'"', '"'}, 1}}
	for _, s := range b.states {
		moves := make([]move, 0, len(s.moves)+1)
		done := !s.accept
		for _, m := range s.moves {
			if !done && m.lo > '"' {
				moves = append(moves, move{span{'"', '"'}, n + 1})
				done = true
			}
			moves = append(moves, move{m.span, m.to + 1})
		}
		if !done {
			moves = append(moves, move{span{'"', '"'}, n + 1})
		}
		out.states = append(out.states, dfaState{moves: moves})
	}
	out.states = append(out.states, dfaState{accept: true})
	return out, nil
}

// A lexeme is an automaton over bytes as a table, which never is of the empty text alone.
type lexeme struct {
	class  [256]uint8 // of bytes that no state tells apart
	width  int
	next   []int32 // by state and class; −1: none
	accept []bool
	open   []bool  // whether anything follows a state
	words  []int32 // of items that have to differ: how many texts a state leads to, at most manyWords
	chars  bool    // of strings whose characters are counted: see stringBody
	shared bool    // by all grammars
}

// table makes a lexeme. Where too much was spent it is empty, which whoever ends the grammar finds out.
func (w *effort) table(d *dfa) *lexeme {
	if !w.spend(4 * len(d.states)) {
		d = &dfa{states: make([]dfaState, 1)}
	}
	l := newLexeme(d)
	w.spend(len(l.next) / 4)
	return l
}

// newLexeme makes the table of an automaton over bytes.
func newLexeme(d *dfa) *lexeme {
	l := &lexeme{}
	var cut [257]bool
	for _, s := range d.states {
		for _, m := range s.moves {
			cut[m.lo], cut[m.hi+1] = true, true
		}
	}
	n := 0
	for b := range 256 {
		if b > 0 && cut[b] {
			n++
		}
		l.class[b] = uint8(n)
	}
	l.width = n + 1
	l.next = make([]int32, len(d.states)*l.width)
	for i := range l.next {
		l.next[i] = -1
	}
	for i, s := range d.states {
		l.accept = append(l.accept, s.accept)
		l.open = append(l.open, len(s.moves) > 0)
		for _, m := range s.moves {
			for c := l.class[m.lo]; ; c++ {
				l.next[i*l.width+int(c)] = m.to
				if c == l.class[m.hi] {
					break
				}
			}
		}
	}
	return l
}

func (l *lexeme) step(state int32, b byte) int32 { return l.next[int(state)*l.width+int(l.class[b])] }

// stringBody is the state of anyString and plainString between two characters. What leaves it begins a
// character, unless it is the quote that ends the string.
const stringBody = 1

// anyString is every JSON string, escapes of single surrogates left out: what they stand for is no text.
// plainString has one spelling for each text, so that what is spelled otherwise is another text.
var anyString, plainString = sync.OnceValue(func() *lexeme {
	hex := oneOf(span{'0', '9'}, span{'a', 'f'}, span{'A', 'F'})
	unicode := either(
		concat(oneOf(span{'0', '9'}, span{'a', 'c'}, span{'A', 'C'}, span{'e', 'f'}, span{'E', 'F'}), hex, hex, hex),
		concat(oneOf(span{'d', 'd'}, span{'D', 'D'}), digit('0', '7'), hex, hex))
	one := []*expr{oneOf(span{' ', '!'}, span{'#', '['}, span{']', 0x7f}),
		concat(symbol('\\'), either(oneOf(span{'"', '"'}, span{'\\', '\\'}, span{'/', '/'}, span{'b', 'b'},
			span{'f', 'f'}, span{'n', 'n'}, span{'r', 'r'}, span{'t', 't'}), concat(symbol('u'), unicode)))}
	for _, s := range utf8Spellings(span{0x80, maxChar}) {
		e := &expr{op: opConcat}
		for _, r := range s {
			e.sub = append(e.sub, oneOf(r))
		}
		one = append(one, e)
	}
	return stringLexeme(must(newEffort().compile(concat(symbol('"'), repeat(either(one...), 0, -1), symbol('"')))))
}), sync.OnceValue(func() *lexeme { return stringLexeme(must(newEffort().quoted(all()))) })

func stringLexeme(d *dfa) *lexeme {
	l := newLexeme(newEffort().minimal(d))
	l.chars, l.shared = true, true
	if l.step(0, '"') != stringBody || l.step(stringBody, 'x') != stringBody {
		panic("constrain: strings begin elsewhere than was thought")
	}
	return l
}

// must is for automata that are known to be small.
func must(d *dfa, err error) *dfa {
	if err != nil {
		panic(err)
	}
	return d
}
