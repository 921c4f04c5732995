// Package tree keeps the turns of a conversation and the model's states after them: going back to one, and on from
// there, makes a branch. States take a bounded number of bytes; what has none is read again.
package tree

// A Node is a turn: what was typed and what the model wrote. The root is the empty text.
type Node struct {
	ID       int
	Parent   *Node
	Children []*Node
	Typed    string
	Written  string
	// Tokens are all of the text up to here, of the model that the tree is for now; nil where it has not read it.
	Tokens []int32

	state []byte
	used  int // when the state was used last
}

// A Tree is owned by one goroutine at a time.
type Tree struct {
	root  *Node
	limit int64
	bytes int64
	kept  int // states
	clock int
	last  int // ID
}

// New returns a tree of the root alone, that keeps states of limit bytes together.
func New(limit int64) *Tree { return &Tree{root: &Node{}, limit: limit} }

// Root returns the empty text.
func (t *Tree) Root() *Node { return t.root }

// Add makes a turn after n.
func (t *Tree) Add(n *Node, typed string) *Node {
	t.last++
	child := &Node{ID: t.last, Parent: n, Typed: typed}
	n.Children = append(n.Children[:len(n.Children):len(n.Children)], child)
	return child
}

// Remove takes a turn, and all after it, out of the tree. The root stays.
func (t *Tree) Remove(n *Node) {
	if n.Parent == nil {
		return
	}
	var left []*Node
	for _, c := range n.Parent.Children {
		if c != n {
			left = append(left, c)
		}
	}
	n.Parent.Children = left
	t.each(n, t.drop)
}

// Find returns the turn of an ID, or nil.
func (t *Tree) Find(id int) (found *Node) {
	t.each(t.root, func(n *Node) {
		if n.ID == id {
			found = n
		}
	})
	return found
}

func (t *Tree) each(n *Node, do func(*Node)) {
	do(n)
	for _, c := range n.Children {
		t.each(c, do)
	}
}

// Keep gives n a state. States that were not used for the longest time go until all that are left fit; n's goes last,
// and goes too if it does not fit alone.
func (t *Tree) Keep(n *Node, state []byte) {
	t.drop(n)
	if int64(len(state)) > t.limit {
		return
	}
	for t.bytes+int64(len(state)) > t.limit {
		var oldest *Node
		t.each(t.root, func(x *Node) {
			if x.state != nil && (oldest == nil || x.used < oldest.used) {
				oldest = x
			}
		})
		t.drop(oldest)
	}
	t.clock++
	n.state, n.used = state, t.clock
	t.bytes += int64(len(state))
	t.kept++
}

func (t *Tree) drop(n *Node) {
	if n.state != nil {
		t.bytes -= int64(len(n.state))
		t.kept--
		n.state = nil
	}
}

// State returns the state of n or of the nearest turn before it that has one, and that turn: the root if there is none.
func (t *Tree) State(n *Node) ([]byte, *Node) {
	for ; n.Parent != nil; n = n.Parent {
		if n.state != nil {
			t.clock++
			n.used = t.clock
			return n.state, n
		}
	}
	return nil, n
}

// Forget drops all states and tokens: another model comes.
func (t *Tree) Forget() {
	t.each(t.root, func(n *Node) {
		t.drop(n)
		n.Tokens = nil
	})
}

// Kept returns how many states are kept, the bytes that they take, and how many these may be.
func (t *Tree) Kept() (states int, bytes, limit int64) { return t.kept, t.bytes, t.limit }

// Path returns the turns from the first one to n.
func Path(n *Node) []*Node {
	var path []*Node
	for ; n.Parent != nil; n = n.Parent {
		path = append(path, n)
	}
	for i, j := 0, len(path)-1; i < j; i, j = i+1, j-1 {
		path[i], path[j] = path[j], path[i]
	}
	return path
}

// A Turn is what a node shows.
type Turn struct{ Typed, Written string }

// Turns returns what the turns to n show.
func Turns(n *Node) (turns []Turn) {
	for _, x := range Path(n) {
		turns = append(turns, Turn{x.Typed, x.Written})
	}
	return turns
}

// Text returns the text after turn n.
func Text(n *Node) string {
	s := ""
	for _, x := range Path(n) {
		s += x.Typed + x.Written
	}
	return s
}

// A Row is a turn where it stands in a list of all. Turns that follow each other without a branch stand in one column,
// so that a long conversation does not leave the window.
type Row struct {
	ID     int
	Typed  string
	Text   string // what was written
	Ready  bool   // its state is kept, or there is none to keep: nothing is read again
	OnPath bool   // it leads to the current turn, or is that
	Here   bool   // it is the current turn
	Depth  int
	Branch bool // it is one of several after its parent
	Last   bool // of these
	Open   []bool
}

// Rows lists the turns from the root on, each before what follows it. Open says of each column to the left of the row
// whether a branch goes on below.
func (t *Tree) Rows(current *Node) []Row {
	path := map[*Node]bool{t.root: true}
	for _, n := range Path(current) {
		path[n] = true
	}
	var rows []Row
	var walk func(n *Node, depth int, branch, last bool, open []bool)
	walk = func(n *Node, depth int, branch, last bool, open []bool) {
		rows = append(rows, Row{ID: n.ID, Typed: n.Typed, Text: n.Written, Ready: n.state != nil || n == t.root,
			OnPath: path[n], Here: n == current, Depth: depth, Branch: branch, Last: last, Open: open})
		if branch {
			open = append(open[:len(open):len(open)], !last)
		}
		for i, c := range n.Children {
			several := len(n.Children) > 1
			below := depth
			if several {
				below++
			}
			walk(c, below, several, i == len(n.Children)-1, open)
		}
	}
	walk(t.root, 0, false, true, nil)
	return rows
}
