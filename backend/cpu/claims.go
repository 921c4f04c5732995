package cpu

import "sync/atomic"

// claims give out the parts of a stage so that each worker takes one after another of a share of its own, and what
// is left of others' when that is done: memory is asked for ahead of where it is read, which is lost where the next
// part lies elsewhere.
type claims struct {
	parts  int
	shares []share
}

// A share is what a worker begins with; it has a cache line for itself.
type share struct {
	taken atomic.Int64
	_     [56]byte
}

func newClaims(workers int) claims { return claims{shares: make([]share, workers)} }

// begin has parts to give out; no worker claims any meanwhile.
func (c *claims) begin(parts int) {
	c.parts = parts
	for i := range c.shares {
		c.shares[i].taken.Store(0)
	}
}

// claim returns a part that was not claimed: there are some until it was called as often as there are parts.
func (c *claims) claim(w *worker) int {
	n := len(c.shares)
	for i := range n {
		k := (w.number + i) % n
		from, to := c.parts*k/n, c.parts*(k+1)/n
		if part := from + int(c.shares[k].taken.Add(1)-1); part < to {
			return part
		}
	}
	panic("cpu: more parts are claimed than there are")
}
