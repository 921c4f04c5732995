package constrain

// A numbering gives a place to every key that is asked for, and knows in which order they came.
type numbering[K comparable] struct {
	place func() int32
	ids   map[K]int32
	order []K
}

func newNumbering[K comparable](place func() int32) *numbering[K] {
	return &numbering[K]{place: place, ids: map[K]int32{}}
}

// of returns the place of k, which is a new one the first time.
func (n *numbering[K]) of(k K) int32 {
	if id, ok := n.ids[k]; ok {
		return id
	}
	n.ids[k] = n.place()
	n.order = append(n.order, k)
	return n.ids[k]
}
