package constrain

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"sync"
)

// A frame is where to go on behind a rule.
type frame struct {
	to   int32
	seen *seen
	up   *frame // nil: the text ends there
	hash uint64
}

var seed = maphash.MakeSeed()

func push(to int32, s *seen, up *frame) *frame {
	var b [20]byte
	binary.LittleEndian.PutUint32(b[:], uint32(to))
	if up != nil {
		binary.LittleEndian.PutUint64(b[4:], up.hash)
	}
	if s != nil {
		binary.LittleEndian.PutUint64(b[12:], s.hash)
	}
	return &frame{to, s, up, maphash.Bytes(seed, b[:])}
}

func (f *frame) same(o *frame) bool {
	for f != o {
		if f == nil || o == nil || f.hash != o.hash || f.to != o.to || !f.seen.same(o.seen) {
			return false
		}
		f, o = f.up, o.up
	}
	return true
}

// A thread is one way to read the text so far: it stands within a lexeme.
type thread struct {
	a     *arc
	q     int32 // the lexeme's state
	begun int32 // characters of the string
	word  int32 // the place in the words that it must not be; −1: it is none of them
	back  *frame
	seen  *seen // items of the array so far, where all have to differ
	item  *item // what is written of this one
}

func (t *thread) same(o *thread) bool {
	return t.a == o.a && t.q == o.q && t.begun == o.begun && t.word == o.word && t.item.len() == o.item.len() &&
		t.back.same(o.back) && t.seen.same(o.seen)
}

// not returns the words that the lexeme must not be, nil for none.
func (t *thread) not() *words {
	if t.a.unique && t.seen != nil {
		return t.seen.words
	}
	return t.a.except
}

// A state is all ways to read the text so far.
type state struct {
	threads []thread
	ends    bool // the text may end here
	entered []entry
	index   map[threadKey]int32 // of many threads: the last one with a key
	effort  *effort             // what may be spent to make it, nil for as much as it takes
}

// A threadKey tells most threads apart.
type threadKey struct {
	a                    *arc
	q, begun, word, item int32
	back, seen           uint64
}

func (t *thread) key() threadKey {
	k := threadKey{a: t.a, q: t.q, begun: t.begun, word: t.word, item: t.item.len()}
	if t.back != nil {
		k.back = t.back.hash
	}
	if t.seen != nil {
		k.seen = t.seen.hash
	}
	return k
}

// spend takes steps of the effort, and reports whether there were enough.
func (s *state) spend(steps int) bool { return s.effort == nil || s.effort.spend(steps) }

// An entry is a place that was entered, where a grammar is cyclic.
type entry struct {
	p    int32
	back *frame
}

// add adds a thread that is not there yet. A few more than maxThreads are kept, which tells that there were more.
func (s *state) add(t thread) {
	if len(s.threads) > maxThreads || !s.spend(1) {
		return
	}
	const few = 16
	if len(s.threads) < few {
		for i := range s.threads {
			if s.threads[i].a == t.a && s.threads[i].same(&t) {
				return
			}
		}
		s.threads = append(s.threads, t)
		return
	}
	if s.index == nil {
		s.index = map[threadKey]int32{}
		for i := range s.threads {
			s.index[s.threads[i].key()] = int32(i)
		}
	}
	k := t.key()
	if i, ok := s.index[k]; ok && s.threads[i].same(&t) {
		return // one of the same key that differs may be there twice then, which does no harm
	}
	s.index[k] = int32(len(s.threads))
	s.threads = append(s.threads, t)
}

// maxThreads is how many ways there may be to read a text at once.
const maxThreads = 1 << 12

// maxMaskSteps bounds the effort of one mask: some tenths of a second.
const maxMaskSteps = 1 << 21

// enter adds what may be written from a place on. Items that were seen belong to the array that the place is in.
func (g *Grammar) enter(s *state, p int32, back *frame, items *seen) {
	pl := &g.places[p]
	if !s.spend(1) {
		return
	}
	if g.cyclic {
		for _, e := range s.entered {
			if e.p == p && e.back.same(back) {
				return
			}
		}
		s.entered = append(s.entered, entry{p, back})
	}
	if pl.last {
		if back == nil {
			s.ends = true
			return
		}
		g.enter(s, back.to, back.up, back.seen)
		return
	}
	for i := range pl.arcs {
		switch a := &pl.arcs[i]; {
		case a.lexeme != nil:
			if !a.guard || g.more(a.to, items) {
				s.add(thread{a: a, back: back, seen: items})
			}
		case a.rule < 0:
			g.enter(s, a.to, back, items)
		case g.places[a.to].last:
			g.enter(s, g.rules[a.rule].begin, back, nil)
		default:
			g.enter(s, g.rules[a.rule].begin, push(a.to, items, back), nil)
		}
	}
}

// step adds to a state where a thread is after a byte, and what may follow if its lexeme ends there.
func (g *Grammar) step(s *state, t *thread, b byte) {
	q := t.a.lexeme.step(t.q, b)
	if q < 0 || !s.spend(1) {
		return
	}
	n := thread{a: t.a, q: q, begun: t.begun, word: t.word, back: t.back, seen: t.seen}
	ends := t.a.accept[q]
	if not := t.not(); not != nil {
		n.word = not.step(t.word, b)
		if n.word >= 0 {
			ends = ends && !not.nodes[n.word].whole
			if t.a.unique && !t.a.chars && t.a.words[q] <= not.nodes[n.word].count {
				return // whatever it becomes was there
			}
		}
	}
	if t.a.unique {
		n.item = &item{b, t.item.len() + 1, t.item}
	}
	if t.a.chars {
		closes := t.q == stringBody && b == '"'
		if t.q == stringBody && !closes {
			n.begun++
			if t.a.most >= 0 && n.begun > t.a.most {
				return
			}
		}
		if closes && (n.begun < t.a.least || !ends) {
			return
		}
		if t.a.most < 0 && t.a.least <= n.begun {
			n.begun = t.a.least // enough: how many more does not matter
		}
	}
	if ends {
		g.enter(s, t.a.to, t.back, n.behind())
	}
	// One that is over has nothing to go on with.
	if t.a.open[q] {
		s.add(n)
	}
}

func (g *Grammar) begin() state {
	var s state
	r := g.rules[g.root]
	g.enter(&s, r.begin, nil, nil)
	return s
}

func (g *Grammar) after(s *state, text []byte) (state, error) {
	at := *s
	for _, b := range text {
		var next state
		for i := range at.threads {
			g.step(&next, &at.threads[i], b)
		}
		if len(next.threads) > maxThreads {
			return state{}, errAmbiguous
		}
		at = next
		if len(at.threads) == 0 && !at.ends {
			return state{}, ErrRefused
		}
		at.entered, at.index = nil, nil
	}
	return at, nil
}

// ErrRefused is what Accept returns for a token that the grammar does not allow.
var ErrRefused = errors.New("the grammar does not allow this")

// Matches reports whether the whole text fits the grammar.
func (g *Grammar) Matches(text string) bool {
	s := g.begin()
	s, err := g.after(&s, []byte(text))
	return err == nil && s.ends
}

// A binding is a grammar with a vocabulary, and what was found out of the two so far.
type binding struct {
	g *Grammar
	v *Vocab

	mu      sync.RWMutex
	reaches map[lexemeState]*reach
	weight  int // words of reaches
	masks   map[uint64][]madeMask
	made    int
}

// A madeMask is the mask of a state.
type madeMask struct {
	of   []thread
	mask []int32
}

const (
	maxReaches = 1 << 19 // words
	maxMasks   = 1 << 6
)

// bind returns the binding of a vocabulary. A grammar is mostly used with one.
func (g *Grammar) bind(v *Vocab) *binding {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.bound[v]
	if b == nil {
		b = &binding{g: g, v: v, reaches: map[lexemeState]*reach{}, masks: map[uint64][]madeMask{}}
		g.bound[v] = b
	}
	return b
}

// reach returns what tokens do to a lexeme, at the cost of w.
func (b *binding) reach(at lexemeState, w *effort) *reach {
	if at.l.shared {
		return b.v.shared(at)
	}
	b.mu.RLock()
	r := b.reaches[at]
	b.mu.RUnlock()
	if r != nil {
		return r
	}
	if w.left < 0 {
		return &reach{exits: &fork{}}
	}
	r = b.v.reachOf(at)
	w.spend(1 + r.steps/16)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.weight += len(r.inner) + len(r.few); b.weight > maxReaches {
		clear(b.reaches)
		b.weight = len(r.inner) + len(r.few)
	}
	b.reaches[at] = r
	return r
}

// mask computes the tokens that may follow, but for those that end the text.
func (b *binding) mask(s *state, dst []int32) error {
	key := s.hash()
	b.mu.RLock()
	for _, m := range b.masks[key] {
		if slices.EqualFunc(m.of, s.threads, func(x, y thread) bool { return x.same(&y) }) {
			copy(dst, m.mask)
			b.mu.RUnlock()
			return nil
		}
	}
	b.mu.RUnlock()
	clear(dst)
	w := &effort{maxMaskSteps}
	for i := range s.threads {
		err := b.allow(&s.threads[i], w, dst)
		if w.left < 0 {
			return errMask
		}
		if err != nil {
			return err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.made >= maxMasks {
		clear(b.masks)
		b.made = 0
	}
	b.masks[key] = append(b.masks[key], madeMask{s.threads, slices.Clone(dst)})
	b.made++
	return nil
}

func (s *state) hash() uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for i := range s.threads {
		t := &s.threads[i]
		maphash.WriteComparable(&h, t.a)
		maphash.WriteComparable(&h, [4]int32{t.q, t.begun, t.word, t.item.len()})
		if t.seen != nil {
			maphash.WriteComparable(&h, t.seen.hash)
		}
		if t.back != nil {
			maphash.WriteComparable(&h, t.back.hash)
		}
	}
	return h.Sum64()
}

// allow adds the tokens that may follow by one way to read the text.
func (b *binding) allow(t *thread, w *effort, dst []int32) error {
	if t.a.unique {
		return b.allowItem(t, w, dst)
	}
	r := b.reach(lexemeState{t.a.lexeme, t.q}, w)
	inner, exits := r.inner, r.exits
	if t.a.chars {
		if t.a.most >= 0 {
			inner = r.atMost(int(t.a.most - t.begun))
		}
		if exits = b.exits(t, r); exits == r.exits {
			exits.allow(b.v, dst)
		} else {
			for _, e := range exits.ends {
				set(dst, b.v.trie.tokens(e.node))
			}
		}
	}
	for i, w := range inner {
		dst[i] |= w
	}
	set(dst, r.few)
	if len(exits.ends) == 0 {
		return nil
	}
	next := state{effort: w}
	b.g.enter(&next, t.a.to, t.back, t.seen)
	if len(next.threads) > maxThreads {
		return errAmbiguous
	}
	if len(next.threads) == 0 {
		return nil
	}
	return b.down(exits, &next, dst)
}

// set allows tokens.
func set(dst, ids []int32) {
	for _, id := range ids {
		dst[id>>5] |= 1 << (id & 31)
	}
}

// exits returns the ends of a string that the thread may come to: those that its lengths and exceptions leave.
func (b *binding) exits(t *thread, r *reach) *fork {
	a := t.a
	least := max(0, a.least-t.begun)
	var not map[int32]bool
	if w := t.not(); w != nil && t.word >= 0 {
		not = b.v.spelling(w, t.word)
	}
	if least == 0 && a.most < 0 && len(not) == 0 {
		return r.exits
	}
	f := &fork{}
	for _, e := range r.exits.ends {
		if e.begun >= least && (a.most < 0 || t.begun+e.begun <= a.most) && !not[e.node] {
			f.ends = append(f.ends, e)
		}
	}
	return f
}

// spelling returns the nodes of the trie where one of the words ends, from a place in them on.
func (v *Vocab) spelling(w *words, at int32) map[int32]bool {
	found := map[int32]bool{}
	var down func(n, at int32)
	down = func(n, at int32) {
		for i, end := n+1, v.trie.nodes[n].next; i < end; i = v.trie.nodes[i].next {
			if next, ok := w.nodes[at].below[v.trie.nodes[i].b]; ok {
				if w.nodes[next].whole {
					found[i] = true
				}
				down(i, next)
			}
		}
	}
	down(0, at)
	return found
}

// down allows the rests of tokens behind a lexeme, s being what may follow it.
func (b *binding) down(f *fork, s *state, dst []int32) error {
	next := state{}
	for _, br := range f.below(&b.v.trie) {
		next = state{threads: next.threads[:0], effort: s.effort}
		for i := range s.threads {
			b.g.step(&next, &s.threads[i], br.b)
		}
		if len(next.threads) > maxThreads {
			return errAmbiguous
		}
		if len(next.threads) == 0 && !next.ends {
			continue
		}
		for _, e := range br.f.ends {
			set(dst, b.v.trie.tokens(e.node))
		}
		if len(next.threads) == 0 {
			continue
		}
		if !s.spend(1) {
			return errMask
		}
		rest := state{threads: slices.Clone(next.threads), effort: s.effort}
		if err := b.down(br.f, &rest, dst); err != nil {
			return err
		}
	}
	return nil
}

// A Matcher follows one text. It belongs to one goroutine at a time.
type Matcher struct {
	b     *binding
	eos   []int32
	past  []state // after each token, and before the first
	ended int     // tokens of eos at the end
}

// Matcher begins a text of a vocabulary's tokens, which one of the eos tokens ends.
func (g *Grammar) Matcher(v *Vocab, eos ...int32) *Matcher {
	return &Matcher{b: g.bind(v), eos: slices.Clone(eos), past: []state{g.begin()}}
}

// Mask writes which tokens may come next: a bit for each token, from the lowest of the first word on, and so many
// words as hold the vocabulary. Those of eos are allowed where the text may end. A text that can go on in too many
// ways to look at in some tenths of a second is ErrAmbiguous.
func (m *Matcher) Mask(dst []int32) error {
	n := maskWords(m.b.v.size)
	if len(dst) < n {
		return fmt.Errorf("a mask of %d words: want %d", len(dst), n)
	}
	s := &m.past[len(m.past)-1]
	if m.ended > 0 {
		clear(dst)
		return nil
	}
	if err := m.b.mask(s, dst[:n]); err != nil {
		return err
	}
	clear(dst[n:])
	if s.ends {
		for _, id := range m.eos {
			if id >= 0 && int(id) < m.b.v.size {
				set(dst, []int32{id})
			}
		}
	}
	return nil
}

// Ends reports whether the text may end here.
func (m *Matcher) Ends() bool { return m.past[len(m.past)-1].ends }

// Accept takes the next token. One that is not allowed is ErrRefused, and changes nothing; so does one after which
// the text can be read in too many ways, ErrAmbiguous.
func (m *Matcher) Accept(id int32) error {
	s := &m.past[len(m.past)-1]
	if m.ended > 0 {
		return ErrRefused
	}
	if slices.Contains(m.eos, id) {
		if !s.ends {
			return ErrRefused
		}
		m.ended++
		return nil
	}
	if id < 0 || int(id) >= m.b.v.size || len(m.b.v.bytes(id)) == 0 {
		return ErrRefused
	}
	next, err := m.b.g.after(s, m.b.v.bytes(id))
	if err == nil {
		m.past = append(m.past, next)
	}
	return err
}

// Len returns how many tokens were accepted.
func (m *Matcher) Len() int { return len(m.past) - 1 + m.ended }

// Rollback takes the last n tokens back, or all if there are fewer.
func (m *Matcher) Rollback(n int) {
	if n <= 0 {
		return
	}
	n -= m.ended
	m.ended = 0
	m.past = slices.Clip(m.past[:max(1, len(m.past)-n)]) // what follows may be a clone's
}

// Clone returns a second matcher that goes on from the same place.
func (m *Matcher) Clone() *Matcher {
	c := *m
	c.past = slices.Clip(m.past)
	return &c
}
