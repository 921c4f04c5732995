package engine

import (
	"math"
	"math/bits"
	"time"

	"falconmamba/internal/clock"
)

// A rate is a probability that is learned from what happens.
type rate struct {
	p float64
	n int // events so far; p may be given before the first
}

// The rate before anything was seen counts as this many events of this probability.
const (
	firstRate   = 0.2
	firstEvents = 2
)

// rateMemory is how many of the latest events a rate is mostly made of.
const rateMemory = 16

func (r *rate) add(happened bool) {
	v := 0.0
	if happened {
		v = 1
	}
	r.p = r.value()
	r.n++
	r.p += (v - r.p) / float64(min(r.n+firstEvents, rateMemory))
}

func (r *rate) value() float64 {
	if r.n == 0 && r.p == 0 {
		return firstRate
	}
	return r.p
}

// costs are what passes that only write took, by their rows.
type costs struct{ plain, rounds [16]cost }

// A cost is what passes of so many rows take, in seconds; 0 before the first.
type cost struct {
	seconds float64
	n       int
	age     int // passes of other sizes since
}

// Of so few passes the least counts: the first ones of a plan take longer.
const firstPasses = 4

func (c *cost) add(seconds float64) {
	switch {
	case c.n == 0:
		c.seconds = seconds
	case c.n < firstPasses:
		c.seconds = min(c.seconds, seconds)
	default:
		c.seconds += (min(seconds, 4*c.seconds) - c.seconds) / 8
	}
	c.n++
	c.age = 0
}

// Costs are forgotten after so many passes of other sizes, those of which little is known sooner: what
// seemed dear once is tried again.
const (
	forgetFew = 256
	forget    = 4096
)

// others tells that a pass of another size was learned from.
func (c *cost) others() {
	c.age++
	if c.age > forget || c.age > forgetFew && c.n < firstPasses {
		*c = cost{}
	}
}

// sizeOf is the place of passes of so many rows: plans are made for powers of two.
func sizeOf(rows int) int { return min(bits.Len(uint(max(rows, 1)-1)), 15) }

// took is how long a flight took that came now, behind one that came at ready. That the device
// waited for the host belongs to a pass, but not for a reader.
func (f flight) took(ready, now clock.Time) time.Duration {
	took := now.Sub(f.at)
	switch gap := f.at.Sub(ready); {
	case ready == 0:
	case gap < 0:
		took = now.Sub(ready)
	default:
		took += min(gap, took/4)
	}
	return took
}

// learn takes what a flight took that came now, behind one that came at ready.
func (c *costs) learn(f flight, ready, now clock.Time) {
	if len(f.reads)+len(f.scores) > 0 || f.rows == 0 {
		return
	}
	took := f.took(ready, now)
	of := &c.plain
	if f.few {
		of = &c.rounds
	}
	for i := range c.rounds {
		if c.rounds[i].n > 0 {
			c.rounds[i].others()
		}
	}
	of[sizeOf(f.rows)].add(took.Seconds())
}

// rowCost is what a row more is thought to cost, as a share of a pass of one, before it is known.
const rowCost = 0.04

// ratio is what a pass of rows with drafts takes, as a multiple of one of plain rows without.
func (c *costs) ratio(rows, plain int) float64 {
	size, b := sizeOf(rows), c.plain[sizeOf(plain)]
	if c.rounds[size].n == 0 || b.n == 0 {
		return 1 + rowCost*float64(rows-plain)
	}
	// More rows take no less, and twice as many not twice as long: what seems so was disturbed.
	least := c.rounds[size].seconds
	for i, a := range c.rounds {
		switch {
		case a.n == 0:
		case i > size:
			least = min(least, a.seconds)
		default:
			least = min(least, a.seconds*float64(int(1)<<(size-i)))
		}
	}
	return max(1, least/b.seconds) // what takes less than a plain pass was not disturbed as that was
}

// expected is how many tokens a round of k drafts writes where each is right with probability p.
func expected(p float64, k int) float64 {
	if p >= 1 {
		return float64(k + 1)
	}
	return (1 - math.Pow(p, float64(k+1))) / (1 - p)
}
