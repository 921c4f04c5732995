package constrain

import (
	"hash/maphash"
	"slices"
)

// Items of an array with uniqueItems are lexemes in which each value has one spelling, so that they differ if their
// texts do. A thread keeps the texts of the items so far, and is none of them.

// An item is what is written of one, its last byte first. nil is the beginning.
type item struct {
	b    byte
	n    int32
	head *item
}

func (i *item) len() int32 {
	if i == nil {
		return 0
	}
	return i.n
}

func (i *item) text() string {
	b := make([]byte, i.len())
	for ; i != nil; i = i.head {
		b[i.n-1] = i.b
	}
	return string(b)
}

// A seen is the items of an array so far, nil for none.
type seen struct {
	texts []string // ascending
	words *words
	hash  uint64
}

func (s *seen) same(o *seen) bool {
	return s == o || s != nil && o != nil && s.hash == o.hash && slices.Equal(s.texts, o.texts)
}

// with returns the items with one more.
func (s *seen) with(text string) *seen {
	n := &seen{hash: maphash.String(seed, text)}
	if s != nil {
		n.texts, n.hash = slices.Clone(s.texts), n.hash^s.hash
	}
	i, _ := slices.BinarySearch(n.texts, text)
	n.texts = slices.Insert(n.texts, i, text)
	n.words = newWords(n.texts)
	return n
}

// behind returns the items that are there behind a thread's lexeme.
func (t *thread) behind() *seen {
	if t.a.unique {
		return t.seen.with(t.item.text())
	}
	return t.seen
}

// more reports whether there is an item for a place that differs from those that were there.
func (g *Grammar) more(p int32, items *seen) bool {
	return slices.ContainsFunc(g.places[p].arcs, func(a arc) bool {
		return !a.unique || a.chars || items == nil || a.words[0] > items.words.nodes[0].count
	})
}

// manyWords is more than any array has items.
const manyWords = 1 << 30

// countWords sets how many texts each state leads to.
func (l *lexeme) countWords() {
	n := len(l.accept)
	l.words = make([]int32, n)
	const open = -1
	var visit func(q int32) int32
	visit = func(q int32) int32 {
		switch l.words[q] {
		case open: // a cycle, from which the end can be reached
			return manyWords
		case 0:
		default:
			return l.words[q]
		}
		l.words[q] = open
		count := int64(0)
		if l.accept[q] {
			count = 1
		}
		for b := range 256 {
			if to := l.step(q, byte(b)); to >= 0 {
				count = min(manyWords, count+int64(visit(to)))
			}
		}
		l.words[q] = int32(count)
		return l.words[q]
	}
	for q := range n {
		visit(int32(q))
	}
}

// allowItem adds the tokens that may follow within an item. What was there before an item ends depends on how its
// token begins, so that tokens are walked one by one.
func (b *binding) allowItem(t *thread, w *effort, dst []int32) error {
	if !t.a.chars {
		return b.down(b.v.whole, &state{threads: []thread{*t}, effort: w}, dst)
	}
	r := b.reach(lexemeState{t.a.lexeme, t.q}, w)
	inner := r.inner
	if t.a.most >= 0 {
		inner = r.atMost(int(t.a.most - t.begun))
	}
	for i, w := range inner {
		dst[i] |= w
	}
	nodes := b.v.trie.nodes
	for _, e := range b.exits(t, r).ends {
		set(dst, b.v.trie.tokens(e.node))
		if nodes[e.node].next == e.node+1 {
			continue
		}
		n := *t
		for _, c := range b.v.trie.path(e.node) {
			n.item = &item{c, n.item.len() + 1, n.item}
		}
		next := state{effort: w}
		b.g.enter(&next, t.a.to, t.back, n.behind())
		if err := b.down(&fork{ends: []exit{{node: e.node}}}, &next, dst); err != nil {
			return err
		}
	}
	return nil
}

// path returns the bytes from the root to a node.
func (t *trie) path(n int32) []byte {
	b := make([]byte, t.nodes[n].depth)
	for ; n > 0; n = t.nodes[n].up {
		b[t.nodes[n].depth-1] = t.nodes[n].b
	}
	return b
}

// fewChars is how long strings are at most that are counted one by one, so that there are never more items than
// there are strings.
const fewChars = 3

// items returns the lexemes of values that have one spelling each, for items that have to differ: at most one of
// arrays, objects and other strings than any.
func (c *compiler) items(all conj) (arcs []arc, err error) {
	cases, err := c.expand(all)
	if err != nil {
		return nil, err
	}
	sum := &dfa{states: make([]dfaState, 1)} // of what is no string of any kind
	add := func(d *dfa, bad error) {
		if err == nil {
			if err = bad; err == nil {
				sum, err = c.union(sum, d)
			}
		}
	}
	for _, a := range cases {
		if values, ok := c.values(a); ok {
			var texts []string
			for _, v := range values {
				texts = append(texts, v.plain())
			}
			add(c.listed(texts))
			continue
		}
		kinds := c.kinds(a)
		if kinds&(kindArray|kindObject) != 0 {
			return nil, keywordError(conj(a).path(), "uniqueItems",
				"it is not supported where items are arrays or objects")
		}
		excluded := func(v value) bool {
			return slices.ContainsFunc(a, func(s *schema) bool { return slices.ContainsFunc(s.exclude, v.equal) })
		}
		for _, v := range []value{{kind: kindNull}, {kind: kindBool}, {kind: kindBool, yes: true}} {
			if kinds&v.kind != 0 && !excluded(v) {
				add(c.listed(v.texts()))
			}
		}
		if kinds&kindNumber != 0 {
			d, bad := c.numberOf(a)
			if bad == nil {
				d, bad = c.onlyPlain(d)
			}
			add(d, bad)
		}
		if kinds&kindString == 0 {
			continue
		}
		d, least, most, bad := c.stringOf(a)
		if bad == nil && d == nil && (most < 0 || most > fewChars) {
			arcs = append(arcs, arc{rule: noRule, lexeme: plainString(), least: int32(least), most: int32(most),
				unique: true})
			continue
		}
		if bad == nil && d == nil {
			d, bad = c.compile(repeat(oneOf(span{0, maxChar}), least, most))
		}
		if bad == nil {
			d, bad = c.quoted(d)
		}
		add(d, bad)
	}
	if err != nil {
		return nil, err
	}
	if !sum.empty() {
		l := c.table(c.minimal(sum))
		l.countWords()
		arcs = append(arcs, arc{rule: noRule, lexeme: l, most: -1, unique: true})
	}
	return arcs, nil
}

// onlyPlain leaves the numbers that are spelled without an exponent and without zeros that say nothing.
func (c *compiler) onlyPlain(d *dfa) (*dfa, error) {
	part := concat(symbol('.'), repeat(anyDigit, 0, mostPart-1), digit('1', '9'))
	plain, err := c.compile(either(integerExpr, concat(maybe(symbol('-')), wholeExpr, part)))
	if err != nil {
		return nil, err
	}
	return c.and(d, plain)
}

// countItems returns how many items there are, at most manyWords.
func countItems(arcs []arc) int {
	n := int64(0)
	for _, a := range arcs {
		if a.chars {
			return manyWords
		}
		n = min(manyWords, n+int64(a.words[0]))
	}
	return int(n)
}
