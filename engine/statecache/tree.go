package statecache

import "slices"

// A node stands for a text: the labels from the root to it. Two children of a node begin
// with different tokens. Every node but a root has a state, or two children at least.
type node[V any] struct {
	parent *node[V]
	label  []int32
	depth  int // tokens of the text
	kids   map[int32]*node[V]
	state  *State[V]
}

// Common returns how many tokens a and b begin with alike.
func Common(a, b []int32) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// find walks along text, calls at for each node whose text it begins with, and returns how
// many of its tokens are known.
func (n *node[V]) find(text []int32, at func(*node[V])) (known int) {
	for {
		at(n)
		kid := n.kid(text)
		if kid == nil {
			return n.depth
		}
		k := Common(kid.label, text[n.depth:])
		if k < len(kid.label) {
			return n.depth + k
		}
		n = kid
	}
}

// kid returns the child that text goes on to, if there is one.
func (n *node[V]) kid(text []int32) *node[V] {
	if n.depth == len(text) {
		return nil
	}
	return n.kids[text[n.depth]]
}

// insert returns the node of text below the root n, and how many tokens are held more for it.
func (n *node[V]) insert(text []int32) (_ *node[V], more int) {
	for n.depth < len(text) {
		kid := n.kid(text)
		if kid == nil {
			leaf := &node[V]{parent: n, label: slices.Clone(text[n.depth:]), depth: len(text)}
			n.add(leaf)
			return leaf, len(leaf.label)
		}
		if k := Common(kid.label, text[n.depth:]); k < len(kid.label) {
			kid = kid.split(k)
		}
		n = kid
	}
	return n, 0
}

func (n *node[V]) add(kid *node[V]) {
	if n.kids == nil {
		n.kids = map[int32]*node[V]{}
	}
	kid.parent = n
	n.kids[kid.label[0]] = kid
}

// split puts a node between n and its parent that has the first k tokens of n's label.
func (n *node[V]) split(k int) *node[V] {
	upper := &node[V]{label: n.label[:k:k], depth: n.depth - len(n.label) + k}
	n.parent.add(upper)
	n.label = n.label[k:]
	upper.add(n)
	return upper
}

// prune takes a node away that has lost its state or a child, where it is of no more use, and
// returns how many tokens are held less.
func (n *node[V]) prune() (less int) {
	for n.parent != nil && n.state == nil && len(n.kids) == 0 {
		less += len(n.label)
		delete(n.parent.kids, n.label[0])
		n = n.parent
	}
	if n.parent != nil && n.state == nil && len(n.kids) == 1 {
		for _, kid := range n.kids {
			kid.label = slices.Concat(n.label, kid.label)
			n.parent.add(kid)
		}
	}
	return less
}

// text returns the tokens of a node.
func (n *node[V]) text() []int32 {
	text := make([]int32, n.depth)
	for ; n.parent != nil; n = n.parent {
		copy(text[n.depth-len(n.label):], n.label)
	}
	return text
}
