package constrain

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
)

// A dfa is a deterministic automaton over symbols. State 0 begins. From every state an accepting one can be
// reached, unless the language is empty: then state 0 is all there is.
type dfa struct {
	states []dfaState
}

type dfaState struct {
	moves  []move // ascending, apart
	accept bool
}

type move struct {
	span
	to int32
}

const (
	maxStates = 1 << 15 // of an automaton
	maxParts  = 1 << 16 // of an expression
)

var (
	errStates = errors.New("takes too many states: make repeats and lengths smaller")
	errEffort = errors.New("takes too long to compile: use fewer patterns, anyOf, oneOf and not, and smaller bounds")
)

// An effort bounds what compiling a grammar takes: so many steps are left, most of them some tens of nanoseconds.
type effort struct{ left int }

func newEffort() *effort { return &effort{1 << 22} }

// spend takes steps, and reports whether there were enough.
func (w *effort) spend(steps int) bool {
	w.left -= steps
	return w.left >= 0
}

func (d *dfa) empty() bool {
	return len(d.states) == 1 && !d.states[0].accept && len(d.states[0].moves) == 0
}

// step returns the state after a symbol, −1 for none.
func (d *dfa) step(state, symbol int32) int32 {
	moves := d.states[state].moves
	i, ok := slices.BinarySearchFunc(moves, symbol, func(m move, c int32) int {
		switch {
		case m.hi < c:
			return -1
		case m.lo > c:
			return 1
		}
		return 0
	})
	if !ok {
		return -1
	}
	return moves[i].to
}

// matches reports whether the whole text is in the language.
func (d *dfa) matches(text string) bool {
	at := int32(0)
	for _, r := range text {
		if at = d.step(at, r); at < 0 {
			return false
		}
	}
	return d.states[at].accept
}

// An nfa is what an expression is compiled to by Thompson's construction.
type nfa struct {
	nodes []nfaNode
	steps int
	full  bool
}

type nfaNode struct {
	set        []span // to next, else
	next       int32
	empty      []int32
	begin, end []int32 // as empty, at the beginning or end of the text alone
}

func (n *nfa) node() int32 {
	if len(n.nodes) >= maxParts {
		n.full = true
		return 0
	}
	n.nodes = append(n.nodes, nfaNode{})
	return int32(len(n.nodes) - 1)
}

func (n *nfa) link(from, to int32) { n.nodes[from].empty = append(n.nodes[from].empty, to) }

// add adds e from a node on and returns the node where it ends.
func (n *nfa) add(e *expr, from int32) int32 {
	if n.steps++; n.steps > 16*maxParts {
		n.full = true // of parts that are empty
	}
	if n.full {
		return 0
	}
	switch e.op {
	case opNone:
		return n.node()
	case opSet:
		a, b := n.node(), n.node()
		n.link(from, a)
		n.nodes[a].set, n.nodes[a].next = e.set, b
		return b
	case opConcat:
		for _, s := range e.sub {
			from = n.add(s, from)
		}
	case opEither:
		to := n.node()
		for _, s := range e.sub {
			n.link(n.add(s, from), to)
		}
		return to
	case opRepeat:
		for range e.min {
			if from = n.add(e.sub[0], from); n.full {
				return 0
			}
		}
		if e.max < 0 {
			a := n.node()
			n.link(from, a)
			n.link(n.add(e.sub[0], a), a)
			to := n.node()
			n.link(a, to)
			return to
		}
		to := n.node()
		n.link(from, to)
		for range e.max - e.min {
			if from = n.add(e.sub[0], from); n.full {
				return 0
			}
			n.link(from, to)
		}
		return to
	case opBegin:
		to := n.node()
		n.nodes[from].begin = append(n.nodes[from].begin, to)
		return to
	case opEnd:
		to := n.node()
		n.nodes[from].end = append(n.nodes[from].end, to)
		return to
	}
	return from
}

// compile makes an automaton of an expression that has to match a whole text.
func (w *effort) compile(e *expr) (*dfa, error) {
	var n nfa
	start := n.node()
	final := n.add(e, start)
	if !w.spend(4*len(n.nodes) + n.steps) {
		return nil, errEffort
	}
	if n.full {
		return nil, errStates
	}
	return n.determine(w, start, final)
}

// determine is the construction of subsets.
func (n *nfa) determine(w *effort, start, final int32) (*dfa, error) {
	seen := make([]int32, len(n.nodes)) // the walk that saw the node last
	walk := int32(0)
	closure := func(from []int32, begin, end bool) []int32 {
		walk++
		var all []int32
		todo := slices.Clone(from)
		for len(todo) > 0 {
			at := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if seen[at] == walk {
				continue
			}
			seen[at] = walk
			all = append(all, at)
			todo = append(todo, n.nodes[at].empty...)
			if begin {
				todo = append(todo, n.nodes[at].begin...)
			}
			if end {
				todo = append(todo, n.nodes[at].end...)
			}
		}
		slices.Sort(all)
		return all
	}
	d := &dfa{}
	ids := map[string]int32{}
	var sets [][]int32
	intern := func(set []int32, first bool) int32 {
		// What does not move, and cannot end, says nothing of what is to come.
		kept := set[:0:0]
		for _, s := range set {
			if n.nodes[s].set != nil || s == final || len(n.nodes[s].end) > 0 {
				kept = append(kept, s)
			}
		}
		key := key32(kept)
		if first {
			key = "^" + key
		}
		if id, ok := ids[key]; ok {
			return id
		}
		id := int32(len(sets))
		ids[key] = id
		sets = append(sets, kept)
		accept := slices.Contains(closure(set, first, true), final)
		d.states = append(d.states, dfaState{accept: accept})
		return id
	}
	intern(closure([]int32{start}, true, false), true)
	for i := 0; i < len(sets); i++ {
		switch {
		case len(sets) > maxStates:
			return nil, errStates
		case w.left < 0:
			return nil, errEffort
		}
		var arcs []move
		for _, s := range sets[i] {
			for _, r := range n.nodes[s].set {
				arcs = append(arcs, move{r, n.nodes[s].next})
			}
		}
		w.spend(len(arcs) + len(sets[i]) + 10)
		var moves []move
		sweep(arcs, func(r span, to []int32) {
			set := closure(to, false, false)
			w.spend(len(to) + 2*len(set))
			moves = append(moves, move{r, intern(set, false)})
		})
		d.states[i].moves = joined(moves)
	}
	return d.trim(), nil
}

// sweep calls do for the elementary ranges of overlapping moves, with where they go.
func sweep(arcs []move, do func(r span, to []int32)) {
	if len(arcs) == 0 {
		return
	}
	type edge struct {
		at int32
		to int32
		in int
	}
	edges := make([]edge, 0, 2*len(arcs))
	for _, a := range arcs {
		edges = append(edges, edge{a.lo, a.to, 1}, edge{a.hi + 1, a.to, -1})
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Compare(a.at, b.at) })
	count := map[int32]int{}
	var last string
	var lastSpan span
	var lastTo []int32
	flush := func() {
		if lastTo != nil {
			do(lastSpan, lastTo)
		}
		lastTo = nil
	}
	for i := 0; i < len(edges); {
		at := edges[i].at
		for ; i < len(edges) && edges[i].at == at; i++ {
			e := edges[i]
			if count[e.to] += e.in; count[e.to] == 0 {
				delete(count, e.to)
			}
		}
		if i == len(edges) {
			break
		}
		if len(count) == 0 {
			flush()
			continue
		}
		to := make([]int32, 0, len(count))
		for t := range count {
			to = append(to, t)
		}
		slices.Sort(to)
		key := key32(to)
		r := span{at, edges[i].at - 1}
		if lastTo != nil && key == last && lastSpan.hi+1 == r.lo {
			lastSpan.hi = r.hi
			continue
		}
		flush()
		last, lastSpan, lastTo = key, r, to
	}
	flush()
}

func key32(list []int32) string {
	b := make([]byte, 0, 4*len(list))
	for _, x := range list {
		b = binary.LittleEndian.AppendUint32(b, uint32(x))
	}
	return string(b)
}

// joined joins moves that touch and go to the same state.
func joined(moves []move) []move {
	out := moves[:0]
	for _, m := range moves {
		if n := len(out); n > 0 && out[n-1].to == m.to && out[n-1].hi+1 == m.lo {
			out[n-1].hi = m.hi
			continue
		}
		out = append(out, m)
	}
	return out
}

// trim leaves the states from which the end can be reached, in the order of a walk from the first.
func (d *dfa) trim() *dfa {
	back := make([][]int32, len(d.states))
	var todo []int32
	live := make([]bool, len(d.states))
	for i, s := range d.states {
		for _, m := range s.moves {
			back[m.to] = append(back[m.to], int32(i))
		}
		if s.accept {
			live[i] = true
			todo = append(todo, int32(i))
		}
	}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, b := range back[at] {
			if !live[b] {
				live[b] = true
				todo = append(todo, b)
			}
		}
	}
	if !live[0] {
		return &dfa{states: make([]dfaState, 1)}
	}
	number := make([]int32, len(d.states))
	for i := range number {
		number[i] = -1
	}
	out := &dfa{}
	order := []int32{0}
	number[0] = 0
	for i := 0; i < len(order); i++ {
		s := d.states[order[i]]
		var moves []move
		for _, m := range s.moves {
			if !live[m.to] {
				continue
			}
			if number[m.to] < 0 {
				number[m.to] = int32(len(order))
				order = append(order, m.to)
			}
			moves = append(moves, move{m.span, number[m.to]})
		}
		out.states = append(out.states, dfaState{joined(moves), s.accept})
	}
	return out
}

// all is the automaton of every text.
func all() *dfa { return &dfa{[]dfaState{{[]move{{span{0, maxChar}, 0}}, true}}} }

// listed is the automaton of some texts over bytes.
func (w *effort) listed(texts []string) (*dfa, error) {
	slices.Sort(texts)
	d := &dfa{states: make([]dfaState, 1)}
	var path []int32 // of the last text
	last := ""
	for _, t := range texts {
		same := 0
		for same < len(t) && same < len(last) && t[same] == last[same] {
			same++
		}
		path = append(path[:0:0], path[:min(same, len(path))]...)
		at := int32(0)
		if same > 0 {
			at = path[same-1]
		}
		if !w.spend(len(t) - same + 1) {
			return nil, errEffort
		}
		for _, b := range []byte(t[same:]) {
			to := int32(len(d.states))
			d.states = append(d.states, dfaState{})
			d.states[at].moves = append(d.states[at].moves, move{span{int32(b), int32(b)}, to})
			path = append(path, to)
			at = to
		}
		d.states[at].accept = true
		last = t
	}
	return d, nil
}

// product is the texts that are in the languages of both, or if without is set, in that of d alone.
func (w *effort) product(d, other *dfa, without bool) (*dfa, error) {
	type pair struct{ a, b int32 } // b −1: the other is out
	ids := map[pair]int32{{0, 0}: 0}
	order := []pair{{0, 0}}
	out := &dfa{}
	get := func(p pair) int32 {
		if id, ok := ids[p]; ok {
			return id
		}
		id := int32(len(order))
		ids[p] = id
		order = append(order, p)
		return id
	}
	for i := 0; i < len(order); i++ {
		switch {
		case len(order) > maxStates:
			return nil, errStates
		case !w.spend(4):
			return nil, errEffort
		}
		p := order[i]
		s := dfaState{accept: d.states[p.a].accept}
		var theirs []move
		if p.b >= 0 {
			theirs = other.states[p.b].moves
			s.accept = s.accept && other.states[p.b].accept != without
		} else {
			s.accept = s.accept && without
		}
		k := 0
		for _, m := range d.states[p.a].moves {
			lo := m.lo
			for lo <= m.hi {
				for k < len(theirs) && theirs[k].hi < lo {
					k++
				}
				w.spend(2)
				hi, b := m.hi, int32(-1)
				if k < len(theirs) && theirs[k].lo <= lo {
					hi, b = min(hi, theirs[k].hi), theirs[k].to
				} else if k < len(theirs) {
					hi = min(hi, theirs[k].lo-1)
				}
				if b >= 0 || without {
					s.moves = append(s.moves, move{span{lo, hi}, get(pair{m.to, b})})
				}
				lo = hi + 1
			}
		}
		out.states = append(out.states, s)
	}
	return out.trim(), nil
}

func (w *effort) and(a, b *dfa) (*dfa, error)    { return w.product(a, b, false) }
func (w *effort) butNot(a, b *dfa) (*dfa, error) { return w.product(a, b, true) }

// lengths returns how short and long texts of the language are, −1 for no limit.
func (d *dfa) lengths() (shortest, longest int) {
	n := len(d.states)
	depth := make([]int, n)
	for i := range depth {
		depth[i] = -1
	}
	queue := []int32{0}
	depth[0] = 0
	shortest = -1
	for i := 0; i < len(queue) && shortest < 0; i++ {
		s := queue[i]
		if d.states[s].accept {
			shortest = depth[s]
		}
		for _, m := range d.states[s].moves {
			if depth[m.to] < 0 {
				depth[m.to] = depth[s] + 1
				queue = append(queue, m.to)
			}
		}
	}
	return shortest, d.longest()
}

// longest is by a topological order of the states, where there is one.
func (d *dfa) longest() int {
	into := make([]int, len(d.states))
	for _, s := range d.states {
		for _, m := range s.moves {
			into[m.to]++
		}
	}
	if into[0] > 0 {
		return -1
	}
	length := make([]int, len(d.states))
	order := []int32{0}
	most := 0
	for i := 0; i < len(order); i++ {
		s := order[i]
		most = max(most, length[s])
		for _, m := range d.states[s].moves {
			length[m.to] = max(length[m.to], length[s]+1)
			if into[m.to]--; into[m.to] == 0 {
				order = append(order, m.to)
			}
		}
	}
	if len(order) < len(d.states) {
		return -1
	}
	return most
}

// minimal joins states that the same texts lead to the end from, by refining a partition. Where that takes long, d
// stays as it is.
func (w *effort) minimal(d *dfa) *dfa {
	class := make([]int32, len(d.states))
	for i, s := range d.states {
		if s.accept {
			class[i] = 1
		}
	}
	count := 0
	moves := 0
	for _, s := range d.states {
		moves += 1 + len(s.moves)
	}
	for most := w.left / 4; most > 0; most -= moves {
		w.spend(moves)
		ids := map[string]int32{}
		next := make([]int32, len(d.states))
		var b []byte
		for i, s := range d.states {
			b = binary.LittleEndian.AppendUint32(b[:0], uint32(class[i]))
			var last move
			for k, m := range s.moves {
				m.to = class[m.to]
				if k > 0 && last.to == m.to && last.hi+1 == m.lo {
					last.hi = m.hi
					continue
				}
				if k > 0 {
					b = appendMove(b, last)
				}
				last = m
			}
			if len(s.moves) > 0 {
				b = appendMove(b, last)
			}
			id, ok := ids[string(b)]
			if !ok {
				id = int32(len(ids))
				ids[string(b)] = id
			}
			next[i] = id
		}
		class = next
		if len(ids) == count {
			out := &dfa{states: make([]dfaState, count)}
			for i, s := range d.states {
				c := &out.states[class[i]]
				if c.moves == nil {
					c.accept = s.accept
					for _, m := range s.moves {
						c.moves = append(c.moves, move{m.span, class[m.to]})
					}
					c.moves = joined(c.moves)
				}
			}
			return out
		}
		count = len(ids)
	}
	return d
}

func appendMove(b []byte, m move) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(m.lo))
	b = binary.LittleEndian.AppendUint32(b, uint32(m.hi))
	return binary.LittleEndian.AppendUint32(b, uint32(m.to))
}
