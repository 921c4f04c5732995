package tokenizer

import (
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A matcher finds the matches of a translated pattern. It backtracks, as Oniguruma does, but
// remembers what failed where: it takes time in proportion to the text, whatever the pattern.
type matcher struct {
	main   *program
	states int // choices of all programs
	runs   int // possessive repeats of all programs
}

// A program is a pattern, or what stands in a look ahead.
type program struct {
	tree  *syntax.Regexp
	inst  []syntax.Inst
	start uint32
	tests map[uint32]proof // by the number of the group that stands for it
	ascii [][2]uint64      // by instruction, which of the first 128 characters it takes
	state []int            // by instruction, the number of its choice
}

// A proof is a compiled test.
type proof struct {
	negative bool
	anchor   byte
	ahead    *program
	run      *run
}

// A run is a compiled possessive repeat of a character.
type run struct {
	id     int
	char   uint32 // the instruction that takes the character
	after  uint32 // the instruction behind the repeat
	none   bool   // no character will do
	single bool   // one is enough
}

func (m *matcher) compile(expr string, tests []test) (*program, error) {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, goError(err)
	}
	names := tree.CapNames()
	tree = tree.Simplify()
	prog, err := syntax.Compile(tree)
	if err != nil {
		return nil, goError(err)
	}
	p := &program{tree: tree, inst: prog.Inst, start: uint32(prog.Start), tests: map[uint32]proof{},
		ascii: make([][2]uint64, len(prog.Inst)), state: make([]int, len(prog.Inst))}
	for i := range p.inst {
		switch in := &p.inst[i]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			p.state[i] = m.states
			m.states++
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			for r := range rune(utf8.RuneSelf) {
				if in.MatchRune(r) {
					p.ascii[i][r>>6] |= 1 << (r & 63)
				}
			}
		}
	}
	for group, name := range names {
		if name == "" {
			continue
		}
		at, _ := strconv.Atoi(strings.TrimPrefix(name, "t"))
		t := tests[at]
		proof := proof{negative: t.negative, anchor: t.anchor}
		if t.ahead != "" {
			if proof.ahead, err = m.compile(t.ahead, t.tests); err != nil {
				return nil, err
			}
			// What failed within a loop that takes nothing need not fail elsewhere.
			if repeatsNothing(proof.ahead.tree) {
				return nil, goError(&syntax.Error{Code: "a repeat of what can be empty, in a look ahead,"})
			}
		}
		if t.possessive {
			proof.run = m.possessive(p, uint32(group))
		}
		p.tests[uint32(group)] = proof
	}
	return p, nil
}

// possessive returns the repeat that is within a group: x+, or a choice between x and the end,
// to which x* comes back and x? does not.
func (m *matcher) possessive(p *program, group uint32) *run {
	r := &run{id: m.runs}
	m.runs++
	for i, in := range p.inst {
		switch {
		case in.Op != syntax.InstCapture:
		case in.Arg == 2*group:
			r.char = in.Out
			if choice := p.inst[r.char]; choice.Op == syntax.InstAlt {
				r.none, r.single = true, p.inst[choice.Out].Out != r.char
				r.char = choice.Out
			}
		case in.Arg == 2*group+1:
			r.after = uint32(i)
		}
	}
	return r
}

// canBeEmpty reports whether an expression can match without taking a character. Tests may
// hold.
func canBeEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpStar, syntax.OpQuest:
		return true
	case syntax.OpRepeat:
		return re.Min == 0 || canBeEmpty(re.Sub[0])
	case syntax.OpPlus, syntax.OpCapture:
		return canBeEmpty(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if !canBeEmpty(sub) {
				return false
			}
		}
		return true
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if canBeEmpty(sub) {
				return true
			}
		}
	}
	return false
}

func repeatsNothing(re *syntax.Regexp) bool {
	if (re.Op == syntax.OpStar || re.Op == syntax.OpPlus) && canBeEmpty(re.Sub[0]) {
		return true
	}
	for _, sub := range re.Sub {
		if repeatsNothing(sub) {
			return true
		}
	}
	return false
}

// over returns a finder over s alone, which is asked from left to right.
func (m *matcher) over(s string) *search {
	return &search{m: m, s: s, row: (m.states + 31) / 32, blocks: make([][]uint64, len(s)/blockRows+1),
		taken: make([]Span, m.runs)}
}

// find is for one question about s.
func (m *matcher) find(s string, i int) (start, end int) { return m.over(s).find(s, i) }

// A search is a matcher at work on one text. What is known of a choice at a place is in two
// bits, a row of words for each place, in blocks that exist where the search is.
type search struct {
	m      *matcher
	s      string
	row    int // words of a row
	blocks [][]uint64
	freed  int // blocks before
	stack  []choice
	taken  []Span // by each possessive repeat, the last time
}

const blockRows = 1 << 10

// What is known of a choice.
const (
	unknown = iota
	open    // it is being tried
	failed
	succeeded // in a look ahead
)

// A choice is one of two ways to go on that were possible.
type choice struct {
	pc     uint32
	second bool // the second way is being tried
	at     int
}

func (v *search) find(s string, i int) (start, end int) {
	for v.freed < i/blockRows {
		v.blocks[v.freed] = nil
		v.freed++
	}
	for start = i; start < len(s); {
		if end, ok := v.run(v.m.main, start, false); ok {
			return start, end
		}
		if c := s[start]; c < utf8.RuneSelf {
			start++
		} else {
			_, n := utf8.DecodeRuneInString(s[start:])
			start += n
		}
	}
	return len(s), len(s)
}

// word returns where the two bits of a choice are.
func (v *search) word(state, at int) (w *uint64, shift uint) {
	block := &v.blocks[at/blockRows]
	if *block == nil {
		*block = make([]uint64, blockRows*v.row)
	}
	return &(*block)[at%blockRows*v.row+state/32], uint(state%32) * 2
}

func (v *search) mark(state, at int, as uint64) {
	w, shift := v.word(state, at)
	*w = *w&^(3<<shift) | as<<shift
}

// run tries to match p at a place, and returns the end of the match. In a look ahead, what
// succeeded is remembered too.
func (v *search) run(p *program, at int, ahead bool) (end int, ok bool) {
	bottom := len(v.stack)
	pc := p.start
	for {
		good := true
		switch in := &p.inst[pc]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			w, shift := v.word(p.state[pc], at)
			switch *w >> shift & 3 {
			case unknown:
				*w |= open << shift
				v.stack = append(v.stack, choice{pc: pc, at: at})
				pc = in.Out
				continue
			case succeeded:
				v.succeed(p, bottom, at, ahead)
				return at, true
			}
			good = false
		case syntax.InstCapture:
			pc = in.Out
			if t, found := p.tests[in.Arg/2]; found && in.Arg%2 == 0 {
				if t.run != nil {
					at, good = v.take(p, t.run, at)
					pc = t.run.after
				} else {
					good = v.holds(t, at)
				}
			}
		case syntax.InstNop:
			pc = in.Out
		case syntax.InstMatch:
			v.succeed(p, bottom, at, ahead)
			return at, true
		case syntax.InstFail, syntax.InstEmptyWidth:
			good = false
		default:
			n := v.takes(in, p.ascii[pc], at)
			good = n > 0
			pc = in.Out
			at += n
		}
		if good {
			continue
		}
		for {
			if len(v.stack) == bottom {
				return 0, false
			}
			last := &v.stack[len(v.stack)-1]
			if !last.second {
				last.second = true
				pc, at = p.inst[last.pc].Arg, last.at
				break
			}
			v.mark(p.state[last.pc], last.at, failed)
			v.stack = v.stack[:len(v.stack)-1]
		}
	}
}

// take returns the end of what a possessive repeat takes. A run of characters has one end,
// wherever within it the repeat begins.
func (v *search) take(p *program, r *run, at int) (end int, ok bool) {
	in, ascii := &p.inst[r.char], p.ascii[r.char]
	last := &v.taken[r.id]
	switch {
	case r.single:
		end = at + v.takes(in, ascii, at)
	case last.From <= at && at < last.To:
		end = last.To
	default:
		end = at
		for n := v.takes(in, ascii, end); n > 0; n = v.takes(in, ascii, end) {
			end += n
		}
		*last = Span{at, end}
	}
	return end, r.none || end > at
}

// takes returns the length of the character that an instruction takes, or 0.
func (v *search) takes(in *syntax.Inst, ascii [2]uint64, at int) int {
	if at == len(v.s) {
		return 0
	}
	if c := v.s[at]; c < utf8.RuneSelf {
		return int(ascii[c>>6] >> (c & 63) & 1)
	}
	r, n := utf8.DecodeRuneInString(v.s[at:])
	if !in.MatchRune(r) {
		return 0
	}
	return n
}

// succeed ends a run that found a match. The choices that led to it did not fail.
func (v *search) succeed(p *program, bottom, at int, ahead bool) {
	as := uint64(unknown)
	if ahead {
		as = succeeded
	}
	for _, c := range v.stack[bottom:] {
		v.mark(p.state[c.pc], c.at, as)
	}
	v.stack = v.stack[:bottom]
	if !ahead {
		// Others failed at the end because it was reached already.
		for state := range v.m.states {
			v.mark(state, at, unknown)
		}
	}
}

// holds reports whether a test holds at a place.
func (v *search) holds(t proof, at int) bool {
	var ok bool
	switch t.anchor {
	case '^':
		ok = at == 0 || v.s[at-1] == '\n' && at < len(v.s)
	case '$':
		ok = at == len(v.s) || v.s[at] == '\n'
	case 'b':
		before, _ := utf8.DecodeLastRuneInString(v.s[:at])
		after, _ := utf8.DecodeRuneInString(v.s[at:])
		ok = (at > 0 && isWord(before)) != (at < len(v.s) && isWord(after))
	default:
		_, ok = v.run(t.ahead, at, true)
	}
	return ok != t.negative
}
