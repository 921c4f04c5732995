package statecache

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// A plain cache is what Cache means: a list of texts.
type plain struct {
	states []plainState
}

type plainState struct {
	key     string
	text    []int32
	pending bool
	s       *State[int]
}

func (p *plain) find(key string, text []int32, most int) (best *State[int], known int) {
	longest := -1
	for _, x := range p.states {
		if x.key != key {
			continue
		}
		k := Common(x.text, text)
		known = max(known, k)
		if k == len(x.text) && k <= most && !x.pending && k > longest {
			best, longest = x.s, k
		}
	}
	return best, known
}

// act does what two bytes and what follows say to both, and compares them.
func act(t *testing.T, script []byte) {
	c := New[int](1000, 1<<20)
	var p plain
	next := func() int {
		if len(script) == 0 {
			return 0
		}
		b := script[0]
		script = script[1:]
		return int(b)
	}
	text := func() []int32 { // of few tokens, so that texts have beginnings in common
		var ids []int32
		for range 1 + next()%6 {
			b := next()
			for range 1 + b/32%3 {
				ids = append(ids, int32(b%3))
			}
		}
		return ids
	}
	for step := 0; len(script) > 0; step++ {
		op, key := next(), []string{"a", "b"}[next()%2]
		switch op % 6 {
		case 0, 1:
			ids := text()
			if c.At(key, ids) == nil {
				s := c.Add(key, ids, Place(op/8%2), 10, step)
				p.states = append(p.states, plainState{key, slices.Clone(ids), true, s})
				clear(ids) // the caller's to change
			}
		case 2:
			for i := range p.states {
				p.states[i].pending = false
				c.Ready(p.states[i].s)
			}
		case 3:
			if n := len(p.states); n > 0 {
				i := next() % n
				c.Drop(p.states[i].s)
				c.Drop(p.states[i].s) // once more does nothing
				p.states = slices.Delete(p.states, i, i+1)
			}
		case 4:
			at := Place(op / 8 % 2)
			v := c.Victim(at)
			free := slices.ContainsFunc(p.states, func(x plainState) bool { return x.s.place == at && !x.pending })
			if (v != nil) != free {
				t.Fatalf("step %d: a victim: %v, there is one: %v", step, v != nil, free)
			}
			if v != nil && at == Device {
				c.Demote(v, Host)
			} else if v != nil {
				c.Evict(v)
				p.states = slices.DeleteFunc(p.states, func(x plainState) bool { return x.s == v })
			}
		case 5:
			ids, most := text(), next()%12
			got, known := c.Find(key, ids, most)
			want, wantKnown := p.find(key, ids, most)
			if got != want || known != wantKnown {
				t.Fatalf("step %d: Find(%q, %v, %d) has %v and %d, want %v and %d",
					step, key, ids, most, got, known, want, wantKnown)
			}
			if got != nil {
				c.Use(got)
			}
		}
		p.check(t, step, c)
	}
}

// check compares what both hold.
func (p *plain) check(t *testing.T, step int, c *Cache[int]) {
	t.Helper()
	tokens, held := 0, [places]int64{}
	for _, x := range p.states {
		if !slices.Equal(x.s.Text(), x.text) || x.s.Len() != len(x.text) || c.At(x.key, x.text) != x.s {
			t.Fatalf("step %d: the state after %v is after %v", step, x.text, x.s.Text())
		}
		held[x.s.place] += 10
	}
	for _, r := range c.roots {
		tokens += countTokens(t, r)
	}
	if c.Count() != len(p.states) || tokens != c.tokens || c.Bytes(Device) != held[Device] ||
		c.Bytes(Host) != held[Host]+4*int64(tokens) {
		t.Fatalf("step %d: %d states, want %d; %d tokens, want %d; %d and %d bytes", step, c.Count(), len(p.states),
			c.tokens, tokens, c.Bytes(Device), c.Bytes(Host))
	}
}

// countTokens counts the tokens of a tree, and fails where it has a node too many.
func countTokens(t *testing.T, n *node[int]) int {
	if n.parent != nil && n.state == nil && len(n.kids) < 2 {
		t.Fatalf("a node of %v has no state and %d children", n.text(), len(n.kids))
	}
	sum := len(n.label)
	for first, kid := range n.kids {
		if kid.label[0] != first || kid.parent != n || kid.depth != n.depth+len(kid.label) {
			t.Fatalf("a child of %v is not in its place", n.text())
		}
		sum += countTokens(t, kid)
	}
	return sum
}

// A cache is what a list of texts would be.
func TestCacheIsAList(t *testing.T) {
	for seed := range 300 {
		rnd := rand.New(rand.NewPCG(uint64(seed), 1))
		script := make([]byte, 400)
		for i := range script {
			script[i] = byte(rnd.Uint32())
		}
		act(t, script)
	}
}

func FuzzCache(f *testing.F) {
	f.Add([]byte{0, 0, 2, 1, 2, 3, 2, 0, 5, 0, 2, 1, 2, 3, 9})
	f.Add([]byte{0, 0, 2, 1, 2, 3, 0, 0, 2, 1, 2, 4, 2, 0, 3, 0, 0, 5, 0, 2, 1, 2, 4, 9})
	f.Fuzz(act)
}

func ids(n int, first int32) []int32 {
	v := make([]int32, n)
	for i := range v {
		v[i] = first + int32(i)
	}
	return v
}

func add(c *Cache[int], text []int32, bytes int64) *State[int] {
	s := c.Add("", text, Host, bytes, 0)
	c.Ready(s)
	return s
}

// What is found is the longest beginning, at any token; and texts that part are known as far
// as they are alike.
func TestLongestBeginning(t *testing.T) {
	c := New[int](0, 1<<20)
	text := ids(100, 0)
	for _, n := range []int{1, 7, 61, 100} {
		add(c, text[:n], 1)
	}
	other := append(slices.Clone(text[:80]), 999, 998)
	for _, x := range []struct {
		text              []int32
		most, want, known int
	}{
		{text, 100, 100, 100}, {text, 99, 61, 100}, {text, 60, 7, 100}, {text[:61], 61, 61, 61}, {text[:60], 60, 7, 60},
		{other, 82, 61, 80}, {text[1:], 99, 0, 0}, {nil, 0, 0, 0},
	} {
		s, known := c.Find("", x.text, x.most)
		got := 0
		if s != nil {
			got = s.Len()
		}
		if got != x.want || known != x.known {
			t.Errorf("%d tokens, at most %d: %d and %d known, want %d and %d",
				len(x.text), x.most, got, known, x.want, x.known)
		}
	}
	if s, known := c.Find("other", text, 100); s != nil || known != 0 {
		t.Errorf("under another key %v and %d tokens are known", s, known)
	}
}

// The state goes first that saves the least work by its bytes; who is of no use is overtaken.
func TestVictims(t *testing.T) {
	order := func(c *Cache[int]) (all []int) {
		for v := c.Victim(Host); v != nil; v = c.Victim(Host) {
			all = append(all, v.Len())
			c.Evict(v)
		}
		return all
	}
	c := New[int](0, 1<<20)
	text := ids(1000, 0)
	for _, n := range []int{400, 410, 900, 1000} {
		add(c, text[:n], 1)
	}
	// 410 saves 10 tokens, then 1000 saves 100, 400 saves 400 and 900 all, once 400 is gone.
	if got := order(c); !slices.Equal(got, []int{410, 1000, 400, 900}) {
		t.Errorf("in the order %v", got)
	}
	add(c, ids(50, 0), 100)
	add(c, ids(40, 1000), 1)
	if got := order(c); !slices.Equal(got, []int{50, 40}) {
		t.Errorf("of 100 bytes and 1: in the order %v", got)
	}
	pinned := add(c, ids(10, 0), 1)
	c.Pin(pinned)
	if v := c.Victim(Host); v != nil {
		t.Error("a pinned state is a victim")
	}
	c.Unpin(pinned)
	c.Drop(pinned)

	// A long text that nobody asks for again beside short ones that come and go.
	c = New[int](0, 1<<20)
	long := add(c, ids(1000, 0), 1)
	for i := range 50 {
		s := add(c, ids(100, int32(10000*(i+1))), 1)
		if c.Count() > 3 {
			c.Evict(c.Victim(Host))
		}
		if c.Has(s) {
			c.Use(s)
		}
	}
	if c.Has(long) {
		t.Error("a long text outlives 50 others without being of use")
	}
}

// A budget counts states and tokens.
func TestRoom(t *testing.T) {
	c := New[int](100, 1000)
	if !c.Room(Device, 100) || c.Room(Device, 101) || !c.Room(Host, 1000) || c.Room(Host, 1001) {
		t.Error("the budget of an empty cache")
	}
	s := c.Add("", ids(10, 0), Device, 60, 0)
	if c.Room(Device, 41) || !c.Room(Device, 40) || c.Room(Host, 961) || !c.Room(Host, 960) {
		t.Errorf("after 60 bytes and 10 tokens: %d and %d bytes", c.Bytes(Device), c.Bytes(Host))
	}
	c.Move(s, Host)
	if !c.Room(Device, 100) || c.Room(Host, 901) || !c.Room(Host, 900) {
		t.Errorf("after a move: %d and %d bytes", c.Bytes(Device), c.Bytes(Host))
	}
	c.Drop(s)
	if c.Bytes(Host) != 0 || c.Bytes(Device) != 0 {
		t.Errorf("without states: %d and %d bytes", c.Bytes(Device), c.Bytes(Host))
	}
}

// The states along a prompt are few, the denser the nearer to its end; wherever another
// parts from it, little is read again.
func TestCuts(t *testing.T) {
	for _, x := range []struct {
		from, n int
		want    []int
	}{
		{0, 128, nil}, {0, 129, []int{1}}, {0, 1000, []int{488, 872}}, {900, 1000, nil}, {500, 1000, []int{872}},
		{0, 100000, []int{67232, 91808, 97952, 99488, 99872}},
	} {
		if got := Cuts(x.from, x.n, 256); fmt.Sprint(got) != fmt.Sprint(x.want) {
			t.Errorf("Cuts(%d, %d) = %v, want %v", x.from, x.n, got, x.want)
		}
	}
	const n, spacing = 5000, 64
	cuts := Cuts(0, n, spacing)
	for parts := range n {
		at := 0
		for _, c := range cuts {
			if c <= parts {
				at = c
			}
		}
		if again := parts - at; again > Within(n-parts, spacing) {
			t.Fatalf("who parts %d tokens before the end reads %d again, more than %d",
				n-parts, again, Within(n-parts, spacing))
		}
		if most := max(spacing/2, 3*(n-parts)); Within(n-parts, spacing) > most {
			t.Fatalf("%d tokens before the end, %d are read again", n-parts, Within(n-parts, spacing))
		}
	}
}
