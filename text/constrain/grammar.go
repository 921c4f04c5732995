package constrain

import (
	"errors"
	"fmt"
	"sync"
)

// A Grammar says which texts may be written. Any number of goroutines may use it.
//
// It is a network: places, and what may be written from one to the next. That is a lexeme, which is regular, or
// a rule, which is a part of the network of its own and may come back to itself.
type Grammar struct {
	places []place
	rules  []rule
	root   int32 // a rule
	cyclic bool  // a place can come back to itself before anything is written

	mu    sync.Mutex
	bound map[*Vocab]*binding
}

type rule struct {
	name       string
	begin, end int32
}

type place struct {
	arcs []arc
	last bool // the end of a rule, or nothing but that follows
}

// An arc leads to a place by nothing, where lexeme and rule are absent.
type arc struct {
	to   int32
	rule int32 // −1: none
	*lexeme
	// Of lexemes that count characters: the least and the most, −1 for no limit.
	least, most int32
	// Strings that it is not, for plainString.
	except *words
	// unique is an item of an array whose items all differ; guard is what stands before such items.
	unique, guard bool
}

const (
	maxPlaces = 1 << 18
	noRule    = -1
)

// A builder makes a grammar.
type builder struct {
	g *Grammar
}

func newBuilder() builder { return builder{&Grammar{bound: map[*Vocab]*binding{}}} }

func (b *builder) place() int32 {
	b.g.places = append(b.g.places, place{})
	return int32(len(b.g.places) - 1)
}

// full reports whether the grammar has grown too large.
func (b *builder) full() bool { return len(b.g.places) > maxPlaces }

var errLarge = fmt.Errorf("the grammar has more than %d places: make it smaller", maxPlaces)

func (b *builder) rule(name string) int32 {
	b.g.rules = append(b.g.rules, rule{name, b.place(), b.place()})
	return int32(len(b.g.rules) - 1)
}

func (b *builder) arc(from int32, a arc) {
	p := &b.g.places[from]
	p.arcs = append(p.arcs, a)
}

func (b *builder) skip(from, to int32) { b.arc(from, arc{to: to, rule: noRule}) }

// write adds a lexeme. One that may be empty is skipped then.
func (b *builder) write(from, to int32, l *lexeme) {
	if l.open[0] {
		b.arc(from, arc{to: to, rule: noRule, lexeme: l, most: -1})
	}
	if l.accept[0] {
		b.skip(from, to)
	}
}

func (b *builder) call(from, to, rule int32) { b.arc(from, arc{to: to, rule: rule}) }

var (
	errNoText = errors.New("no text fits")
	errItself = errors.New("refers to itself before anything is written")
)

// ErrAmbiguous is a text that can be read, or can go on, in more ways than are followed: the grammar's fault.
var ErrAmbiguous = errors.New("make the grammar less ambiguous")

var (
	errMask      = fmt.Errorf("the text can go on in too many ways to look at: %w", ErrAmbiguous)
	errAmbiguous = fmt.Errorf("the text can be read in more than %d ways at once: %w", maxThreads, ErrAmbiguous)
)

// finish removes what cannot come to an end, and refuses what never does.
func (b *builder) finish(root int32) (*Grammar, error) {
	g := b.g
	if b.full() {
		return nil, errLarge
	}
	g.root = root
	live := g.productive()
	if !live[g.rules[root].begin] {
		return nil, errNoText
	}
	g.prune(live)
	g.mark()
	nullable := g.nullable()
	if r := g.leftRecursive(nullable); r >= 0 {
		return nil, fmt.Errorf("%s %w", g.rules[r].name, errItself)
	}
	g.cyclic = g.cycles(nullable)
	return g, nil
}

// Size is how many bytes of memory a grammar takes at most, about, with the masks that are kept of it.
func (g *Grammar) Size() int {
	const ofPlace, ofArc, ofState = 32, 64, 8
	size := 4 * (maxReaches + maxMasks*1<<11)
	counted := map[*lexeme]bool{}
	for i := range g.places {
		size += ofPlace + ofArc*len(g.places[i].arcs)
		for _, a := range g.places[i].arcs {
			if l := a.lexeme; l != nil && !l.shared && !counted[l] {
				counted[l] = true
				size += 4*len(l.next) + ofState*len(l.accept)
			}
		}
	}
	return size
}

// productive returns the places from which the end of their rule can be reached.
func (g *Grammar) productive() []bool {
	live := make([]bool, len(g.places))
	type origin struct {
		from int32
		a    *arc
	}
	into := make([][]origin, len(g.places)) // arcs by where they lead
	calls := make([][]origin, len(g.rules)) // and by the rule that they want
	for i := range g.places {
		for k := range g.places[i].arcs {
			a := &g.places[i].arcs[k]
			into[a.to] = append(into[a.to], origin{int32(i), a})
			if a.rule >= 0 {
				calls[a.rule] = append(calls[a.rule], origin{int32(i), a})
			}
		}
	}
	beginOf := map[int32]int32{}
	var todo []int32
	set := func(p int32) {
		if !live[p] {
			live[p] = true
			todo = append(todo, p)
		}
	}
	for i, r := range g.rules {
		beginOf[r.begin] = int32(i)
		set(r.end)
	}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, o := range into[p] {
			if o.a.rule < 0 || live[g.rules[o.a.rule].begin] {
				set(o.from)
			}
		}
		if r, ok := beginOf[p]; ok {
			for _, o := range calls[r] {
				if live[o.a.to] {
					set(o.from)
				}
			}
		}
	}
	return live
}

// prune drops arcs to places that are not live.
func (g *Grammar) prune(live []bool) {
	for i := range g.places {
		p := &g.places[i]
		kept := p.arcs[:0]
		for _, a := range p.arcs {
			if live[a.to] && (a.rule < 0 || live[g.rules[a.rule].begin]) {
				kept = append(kept, a)
			}
		}
		p.arcs = kept
	}
}

// mark finds the places from which nothing but the end of the rule follows: a rule that is called there needs no
// way back.
func (g *Grammar) mark() {
	for _, r := range g.rules {
		g.places[r.end].last = true
	}
	for changed := true; changed; {
		changed = false
		for i := range g.places {
			p := &g.places[i]
			if p.last || len(p.arcs) != 1 {
				continue
			}
			if a := p.arcs[0]; a.rule < 0 && a.lexeme == nil && g.places[a.to].last {
				p.last, changed = true, true
			}
		}
	}
}

// reaches calls do for the arcs that can be reached from a place before anything is written.
func (g *Grammar) reaches(p int32, nullable []bool, do func(arc)) {
	seen := map[int32]bool{p: true}
	todo := []int32{p}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, a := range g.places[p].arcs {
			do(a)
			if a.lexeme == nil && (a.rule < 0 || nullable[a.rule]) && !seen[a.to] {
				seen[a.to] = true
				todo = append(todo, a.to)
			}
		}
	}
}

// nullable finds the rules that may be empty.
func (g *Grammar) nullable() []bool {
	nullable := make([]bool, len(g.rules))
	for changed := true; changed; {
		changed = false
		for i, r := range g.rules {
			if nullable[i] {
				continue
			}
			g.reaches(r.begin, nullable, func(a arc) {
				if a.to == r.end && a.lexeme == nil && (a.rule < 0 || nullable[a.rule]) {
					nullable[i], changed = true, true
				}
			})
		}
	}
	return nullable
}

// cycles reports whether a place can come back to itself before anything is written.
func (g *Grammar) cycles(nullable []bool) bool {
	into := make([]int32, len(g.places))
	next := func(p int32, do func(int32)) {
		for _, a := range g.places[p].arcs {
			if a.lexeme == nil && (a.rule < 0 || nullable[a.rule]) {
				do(a.to)
			}
		}
	}
	for p := range g.places {
		next(int32(p), func(to int32) { into[to]++ })
	}
	var free []int32
	for p, n := range into {
		if n == 0 {
			free = append(free, int32(p))
		}
	}
	done := 0
	for ; done < len(free); done++ {
		next(free[done], func(to int32) {
			if into[to]--; into[to] == 0 {
				free = append(free, to)
			}
		})
	}
	return done < len(g.places)
}

// leftRecursive returns a rule that can call itself before anything is written, or −1.
func (g *Grammar) leftRecursive(nullable []bool) int32 {
	const (
		fresh = iota
		open
		done
	)
	state := make([]uint8, len(g.rules))
	var visit func(r int32) int32
	visit = func(r int32) int32 {
		state[r] = open
		found := int32(-1)
		g.reaches(g.rules[r].begin, nullable, func(a arc) {
			if found >= 0 || a.rule < 0 || state[a.rule] == done {
				return
			}
			if state[a.rule] == open {
				found = a.rule
			} else {
				found = visit(a.rule)
			}
		})
		state[r] = done
		return found
	}
	for r := range g.rules {
		if state[r] == fresh {
			if found := visit(int32(r)); found >= 0 {
				return found
			}
		}
	}
	return -1
}

// words are texts by their bytes.
type words struct {
	nodes []wordNode
}

type wordNode struct {
	below map[byte]int32
	whole bool
	count int32 // of words that end here or below
}

// newWords returns the places of texts, each once.
func newWords(all []string) *words {
	w := &words{nodes: []wordNode{{}}}
	for _, s := range all {
		at := int32(0)
		w.nodes[0].count++
		for i := range len(s) {
			next, ok := w.nodes[at].below[s[i]]
			if !ok {
				next = int32(len(w.nodes))
				w.nodes = append(w.nodes, wordNode{})
				if w.nodes[at].below == nil {
					w.nodes[at].below = map[byte]int32{}
				}
				w.nodes[at].below[s[i]] = next
			}
			at = next
			w.nodes[at].count++
		}
		w.nodes[at].whole = true
	}
	return w
}

// step returns the place after a byte, −1 where no word goes on so.
func (w *words) step(at int32, b byte) int32 {
	if at < 0 {
		return -1
	}
	if next, ok := w.nodes[at].below[b]; ok {
		return next
	}
	return -1
}
