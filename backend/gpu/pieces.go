package gpu

import (
	"math"

	"falconmamba/backend"
)

// A plan of many rows may take seconds. It is submitted in pieces, command
// buffers that are queued one by one, so that a desktop on the same device stays
// alive and no watchdog fires: Windows resets a device after two seconds, and
// some drivers switch between programs only at such ends. How long a plan takes
// is guessed low of the device before its first run, and measured by that.

// PieceSeconds is what a piece takes as a rule. Dispatches are
// whole, so one may take more.
const PieceSeconds = 0.05

// pace is the least work per second that a device of a class is thought to do,
// in the units of work.
var pace = map[backend.Class]float64{
	backend.Software: 0.2e9, backend.Virtual: 20e9, backend.Integrated: 20e9, backend.Discrete: 200e9,
}

// work is about what a dispatch of op costs: the bytes of its operands, and
// those of a weight once for each row that it multiplies.
func (x *Dispatch) work(op backend.Op) float64 {
	rows := 1.0
	if _, writes, _ := op.Operands(); len(writes) > 0 {
		rows = float64(max(1, writes[0].Rows))
	}
	sum := 1.0
	for _, o := range x.Operands {
		if o.Part != nil {
			sum += float64(o.Size) * rows
		} else {
			sum += float64(o.Size)
		}
	}
	return sum
}

// A Cost has the seconds that each dispatch of a plan takes, as far as is known.
type Cost []float64

// Guess is the cost of list, which ops were compiled to, before any run of it on
// a device of a class.
func Guess(list []Dispatch, ops []backend.Op, class backend.Class) Cost {
	cost := make(Cost, len(list))
	for i := range list {
		cost[i] = list[i].work(ops[list[i].Op]) / pace[class]
	}
	return cost
}

// Sum is what all of them take.
func (c Cost) Sum() (s float64) {
	for _, x := range c {
		s += x
	}
	return s
}

// Scale makes every dispatch take factor times as long.
func (c Cost) Scale(factor float64) {
	for i := range c {
		c[i] *= factor
	}
}

// Pieces returns where the pieces of a run that lasts seconds begin, from 0, and
// the end. Pieces are as equal as dispatches allow, and longer than most seconds
// only where they are one.
func (c Cost) Pieces(seconds, most float64) []int {
	each := seconds / math.Ceil(seconds/most) * (1 + 1e-9)
	scale := seconds / c.Sum()
	starts, piece := []int{0}, 0.0
	for i, x := range c {
		x *= scale
		if piece+x > each && i > starts[len(starts)-1] {
			starts, piece = append(starts, i), 0
		}
		piece += x
	}
	return append(starts, len(c))
}

// Learn takes from a run what its pieces took, each by itself, since other
// programs' work may lie between them. It reports whether the plan should be
// divided anew: where a piece that can be divided took more than twice most
// seconds, or all are far shorter.
func (c Cost) Learn(starts []int, took []float64, most float64) bool {
	longest, sum := 0.0, 0.0
	for i, t := range took {
		t = max(t, 1e-9)
		part := c[starts[i]:starts[i+1]]
		part.Scale(t / part.Sum())
		sum += t
		if len(part) > 1 {
			longest = max(longest, t)
		}
	}
	return longest >= 2*most || len(took) > 1 && sum <= most/4*float64(len(took))
}
