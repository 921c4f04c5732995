package statecache

// A Place is where a state may be: the lower, the cheaper to go on from.
type Place int

// The places.
const (
	Device Place = iota
	Host
	places
)

// A State is what the cache knows of one. Its owner fills Value with where it is.
type State[V any] struct {
	Value V

	node    *node[V]
	place   Place
	bytes   int64
	clock   float64 // of its place, when it was last of use
	uses    int     // that were made of it
	used    uint64  // when the last was
	pins    int
	pending bool
	index   int // in the cache's list
}

// Len returns how many tokens the state has seen.
func (s *State[V]) Len() int { return s.node.depth }

// Text returns the tokens that the state has seen.
func (s *State[V]) Text() []int32 { return s.node.text() }

// Place returns where the state is.
func (s *State[V]) Place() Place { return s.place }

// Uses returns how often the state was of use.
func (s *State[V]) Uses() int { return s.uses }

// Pending reports whether it is still to be there.
func (s *State[V]) Pending() bool { return s.pending }

// A Cache knows states by the texts that they have seen. It is for one goroutine at a time.
type Cache[V any] struct {
	roots  map[string]*node[V]
	states []*State[V]
	budget [places]int64
	held   [places]int64
	clock  [places]float64 // what the last state was worth that went
	tokens int             // that the tree holds
	ticks  uint64
}

// New returns an empty cache that has so many bytes of the device and of the host. The
// tokens of texts count as the host's.
func New[V any](device, host int64) *Cache[V] {
	return &Cache[V]{roots: map[string]*node[V]{}, budget: [places]int64{device, host}}
}

// root returns what is known under a key, the fingerprint of what computes states: those of
// one key are of no use under another.
func (c *Cache[V]) root(key string) *node[V] {
	r := c.roots[key]
	if r == nil {
		r = &node[V]{}
		c.roots[key] = r
	}
	return r
}

// Find returns the state that has seen the longest beginning of text, of at most so many
// tokens, nil if there is none; and how many tokens text begins with like one that is
// known, whether or not there is a state after them.
func (c *Cache[V]) Find(key string, text []int32, most int) (best *State[V], known int) {
	root := c.roots[key]
	if root == nil {
		return nil, 0
	}
	known = root.find(text, func(n *node[V]) {
		if s := n.state; s != nil && !s.pending && n.depth <= most {
			best = s
		}
	})
	return best, known
}

// At returns the state after text itself, which may be pending, or nil.
func (c *Cache[V]) At(key string, text []int32) (at *State[V]) {
	root := c.roots[key]
	if root == nil {
		return nil
	}
	root.find(text, func(n *node[V]) {
		if n.depth == len(text) {
			at = n.state
		}
	})
	return at
}

// Use says that s was of use.
func (c *Cache[V]) Use(s *State[V]) {
	s.uses++
	c.touch(s)
}

func (c *Cache[V]) touch(s *State[V]) {
	c.ticks++
	s.used = c.ticks
	s.clock = c.clock[s.place]
}

// Add adds the state after text, which At does not have yet, and copies the text. It is
// pending: neither found nor a victim before Ready.
func (c *Cache[V]) Add(key string, text []int32, at Place, bytes int64, v V) *State[V] {
	n, more := c.root(key).insert(text)
	c.tokens += more
	s := &State[V]{Value: v, node: n, place: at, bytes: bytes, pending: true, index: len(c.states)}
	n.state = s
	c.states = append(c.states, s)
	c.held[at] += bytes
	c.touch(s)
	return s
}

// Ready says that a pending state is there.
func (c *Cache[V]) Ready(s *State[V]) { s.pending = false }

// Pin keeps s from being a victim until it is unpinned as often.
func (c *Cache[V]) Pin(s *State[V]) { s.pins++ }

// Unpin takes a Pin back.
func (c *Cache[V]) Unpin(s *State[V]) { s.pins-- }

// Drop takes a state out of the cache. It may have been dropped before.
func (c *Cache[V]) Drop(s *State[V]) {
	if !c.Has(s) {
		return
	}
	last := len(c.states) - 1
	c.states[s.index] = c.states[last]
	c.states[s.index].index = s.index
	c.states = c.states[:last]
	c.held[s.place] -= s.bytes
	s.index = -1
	s.node.state = nil
	c.tokens -= s.node.prune()
}

// Has reports whether s has not been dropped.
func (c *Cache[V]) Has(s *State[V]) bool { return s.index >= 0 }

// Move says that s is in another place from now on.
func (c *Cache[V]) Move(s *State[V], to Place) {
	c.held[s.place] -= s.bytes
	c.held[to] += s.bytes
	s.place, s.clock = to, c.clock[to]
}

// Evict drops a victim, and lets the others of its place age by what it was worth.
func (c *Cache[V]) Evict(s *State[V]) {
	c.age(s)
	c.Drop(s)
}

// Demote moves a victim, as Evict drops one.
func (c *Cache[V]) Demote(s *State[V], to Place) {
	c.age(s)
	c.Move(s, to)
}

func (c *Cache[V]) age(s *State[V]) {
	c.clock[s.place] = max(c.clock[s.place], c.Worth(s))
}

// Room reports whether so many bytes more fit into the budget of a place.
func (c *Cache[V]) Room(at Place, bytes int64) bool { return c.Bytes(at)+bytes <= c.budget[at] }

// Bytes returns how many bytes the states of a place have.
func (c *Cache[V]) Bytes(at Place) int64 {
	if at == Host {
		return c.held[Host] + 4*int64(c.tokens)
	}
	return c.held[at]
}

// Budget returns how many bytes a place may have.
func (c *Cache[V]) Budget(at Place) int64 { return c.budget[at] }

// All calls do for each state of a place, which do may drop.
func (c *Cache[V]) All(at Place, do func(*State[V])) {
	for i := len(c.states) - 1; i >= 0; i-- {
		if s := c.states[i]; s.place == at {
			do(s)
		}
	}
}

// Count returns how many states there are.
func (c *Cache[V]) Count() int { return len(c.states) }

// Victim returns the state of a place that is worth least, or nil if none may go.
func (c *Cache[V]) Victim(at Place) *State[V] {
	var least *State[V]
	worth := 0.0
	for _, s := range c.states {
		if s.place != at || s.pending || s.pins > 0 {
			continue
		}
		if w := c.Worth(s); least == nil || w < worth || w == worth && s.used < least.used {
			least, worth = s, w
		}
	}
	return least
}

// Worth is the work that a state saves by its bytes, for each use that was made of it, above
// what the states were worth that had gone when it was last used: who is of no use is
// overtaken by and by. Without it so many tokens would be read more, from the state before.
func (c *Cache[V]) Worth(s *State[V]) float64 {
	n := s.node.parent
	for n.parent != nil && n.state == nil {
		n = n.parent
	}
	const mebibyte = 1 << 20
	return s.clock + float64(s.node.depth-n.depth)*float64(1+s.uses)*mebibyte/float64(max(1, s.bytes))
}
