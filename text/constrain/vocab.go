package constrain

import (
	"bytes"
	"cmp"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"

	"falconmamba/text/tokenizer"
)

// A Vocab is the tokens that texts are written with. Any number of goroutines may use it.
type Vocab struct {
	size  int
	bytes func(int32) []byte // of a token; nil: it is never part of a text
	trie  trie
	whole *fork // of all tokens

	mu      sync.RWMutex
	lexemes map[lexemeState]*reach // of the lexemes that all grammars share
}

// NewVocab returns the vocabulary of a model with size tokens, as many as it has logits. Tokens without bytes, and
// special ones, are never part of a constrained text.
func NewVocab(t *tokenizer.Tokenizer, size int) *Vocab {
	return newVocab(size, func(id int32) []byte {
		if t.IsSpecial(id) {
			return nil
		}
		return t.Bytes(id)
	})
}

func newVocab(size int, of func(int32) []byte) *Vocab {
	v := &Vocab{size: size, bytes: of, lexemes: map[lexemeState]*reach{}, whole: &fork{ends: []exit{{}}}}
	ids := make([]int32, 0, size)
	for id := range int32(size) {
		if len(of(id)) > 0 {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b int32) int { return cmp.Or(bytes.Compare(of(a), of(b)), cmp.Compare(a, b)) })
	v.trie.build(ids, of)
	return v
}

// Size returns how many tokens there are.
func (v *Vocab) Size() int { return v.size }

// A trie has the tokens of a vocabulary by their bytes. Its nodes are in the order of a walk that goes down first, so
// that a walk is a scan.
type trie struct {
	nodes   []trieNode
	ids     []int32 // of tokens, those of a node in a row
	deepest int
	first   [256]int32 // the root's children by their bytes, 0 for none
}

type trieNode struct {
	b     byte
	depth int32
	next  int32 // the node after the last one below
	up    int32 // the node above
	ids   int32 // of the tokens that end here: from here on to the next node's
}

func (t *trie) build(ids []int32, of func(int32) []byte) {
	t.nodes = []trieNode{{}} // the root: depth 0
	var open []int32         // the nodes from the root to the last, without the root
	closeTo := func(depth int) {
		for _, n := range open[depth:] {
			t.nodes[n].next = int32(len(t.nodes))
		}
		open = open[:depth]
	}
	var last []byte
	for _, id := range ids {
		b := of(id)
		same := 0
		for same < len(b) && same < len(last) && b[same] == last[same] {
			same++
		}
		closeTo(same)
		for d := same; d < len(b); d++ {
			up := int32(0)
			if d > 0 {
				up = open[d-1]
			}
			open = append(open, int32(len(t.nodes)))
			t.nodes = append(t.nodes, trieNode{b: b[d], depth: int32(d + 1), up: up, ids: int32(len(t.ids))})
		}
		t.ids = append(t.ids, id)
		t.deepest = max(t.deepest, len(b))
		last = b
	}
	closeTo(0)
	for i := int32(1); int(i) < len(t.nodes); i = t.nodes[i].next {
		t.first[t.nodes[i].b] = i
	}
	t.nodes[0].next = int32(len(t.nodes))
	t.nodes = append(t.nodes, trieNode{ids: int32(len(t.ids))}) // where the ids of the last one end
}

// tokens returns the tokens that end at a node.
func (t *trie) tokens(n int32) []int32 { return t.ids[t.nodes[n].ids:t.nodes[n+1].ids] }

// A lexemeState is a place within a lexeme.
type lexemeState struct {
	l *lexeme
	q int32
}

// A reach is what tokens do to a lexeme from one of its states on.
type reach struct {
	few    []int32 // the tokens that stay within it, where they are few
	inner  []int32 // else a mask of them
	steps  int     // nodes of the trie that were looked at
	counts []int32 // of lexemes that count: how many of these tokens begin so many characters
	sorted []int32 // these tokens, by how many
	exits  *fork   // the rests of tokens behind its end; of lexemes that count, the tokens that end with it too

	within sync.Map // masks of the tokens that begin at most so many characters
}

// maskWords returns how many words of 32 bits a mask of n tokens has.
func maskWords(n int) int { return (n + 31) / 32 }

// reachOf computes the tokens that go on from a state.
func (v *Vocab) reachOf(at lexemeState) *reach {
	l := at.l
	r := &reach{}
	states := make([]int32, v.trie.deepest+1)
	begun := make([]int32, v.trie.deepest+1) // characters
	states[0] = at.q
	var ends []exit
	type counted struct{ id, n int32 }
	var all []counted // of lexemes that count
	mask, found := make([]int32, maskWords(v.size)), 0
	t := &v.trie
	for i, n := int32(1), t.nodes[0].next; i < n; {
		r.steps++
		node := &t.nodes[i]
		d := node.depth
		q := states[d-1]
		to := l.step(q, node.b)
		if to < 0 {
			i = node.next
			continue
		}
		states[d] = to
		if l.chars {
			begun[d] = begun[d-1]
			if q == stringBody && node.b != '"' {
				begun[d]++
			}
			if l.accept[to] {
				ends = append(ends, exit{i, begun[d]})
				i = node.next
				continue
			}
		} else if l.accept[to] && node.next > i+1 {
			ends = append(ends, exit{node: i})
		}
		for _, id := range t.tokens(i) {
			mask[id>>5] |= 1 << (id & 31)
			found++
			if l.chars {
				all = append(all, counted{id, begun[d]})
			}
		}
		if l.open[to] {
			i++
		} else {
			i = node.next
		}
	}
	if l.chars {
		for _, c := range all {
			for int(c.n) >= len(r.counts) {
				r.counts = append(r.counts, 0)
			}
			r.counts[c.n]++
		}
		at := make([]int32, len(r.counts)+1) // where those of a count go
		for n, count := range r.counts {
			at[n+1] = at[n] + count
		}
		r.sorted = make([]int32, len(all))
		for _, c := range all {
			r.sorted[at[c.n]] = c.id
			at[c.n]++
		}
	}
	if l.chars || found > maskWords(v.size)/4 {
		r.inner = mask
	} else {
		r.few = make([]int32, 0, found)
		for i, w := range mask {
			for ; w != 0; w &= w - 1 {
				r.few = append(r.few, int32(32*i+bits.TrailingZeros32(uint32(w))))
			}
		}
	}
	r.exits = &fork{ends: ends}
	return r
}

// atMost returns a mask of the tokens within the lexeme that begin at most n characters.
func (r *reach) atMost(n int) []int32 {
	if n >= len(r.counts)-1 {
		return r.inner
	}
	if n < 0 {
		return nil
	}
	if m, ok := r.within.Load(n); ok {
		return m.([]int32)
	}
	count := 0
	for _, c := range r.counts[:n+1] {
		count += int(c)
	}
	mask := make([]int32, len(r.inner))
	for _, id := range r.sorted[:count] {
		mask[id>>5] |= 1 << (id & 31)
	}
	r.within.Store(n, mask)
	return mask
}

// An exit is a node of the trie where a lexeme ends, and how many characters it began there.
type exit struct{ node, begun int32 }

// A fork is several nodes of the trie as one: what may follow a lexeme's end, whatever came before it. Its branches
// are made when they are first walked.
type fork struct {
	ends     []exit
	branches atomic.Pointer[[]branch]
	mask     atomic.Pointer[[]int32] // of the tokens that end there, once it is wanted
}

// allow allows the tokens that end where the lexeme does.
func (f *fork) allow(v *Vocab, dst []int32) {
	mask := f.mask.Load()
	if mask == nil {
		made := make([]int32, maskWords(v.size))
		for _, e := range f.ends {
			set(made, v.trie.tokens(e.node))
		}
		mask = &made
		f.mask.Store(mask)
	}
	for i, w := range *mask {
		dst[i] |= w
	}
}

type branch struct {
	b byte
	f *fork
}

// below returns the branches of a fork by their bytes.
func (f *fork) below(t *trie) []branch {
	if b := f.branches.Load(); b != nil {
		return *b
	}
	var by [256][]exit
	for _, e := range f.ends {
		for i, end := e.node+1, t.nodes[e.node].next; i < end; i = t.nodes[i].next {
			b := t.nodes[i].b
			by[b] = append(by[b], exit{i, e.begun})
		}
	}
	list := []branch{}
	for b, ends := range by {
		if ends != nil {
			list = append(list, branch{byte(b), &fork{ends: ends}})
		}
	}
	f.branches.Store(&list)
	return list
}

// The vocabulary's cache of reaches is for lexemes that live as long as the program.
func (v *Vocab) shared(at lexemeState) *reach {
	v.mu.RLock()
	r := v.lexemes[at]
	v.mu.RUnlock()
	if r == nil {
		r = v.reachOf(at)
		v.mu.Lock()
		v.lexemes[at] = r
		v.mu.Unlock()
	}
	return r
}
