package launch

import (
	"math"
	"slices"

	"falconmamba/backend"
)

// A plan of many rows may take seconds. It is cut into command buffers that are
// submitted one by one, so that a desktop on the same device stays alive and no
// watchdog fires: Windows resets a device after two seconds, and some drivers
// switch between programs only at such ends. How long a plan takes is guessed
// low of the device before its first run, and measured by that.

// PieceSeconds is what a command buffer is cut to. Dispatches are whole, so one
// may take more.
const PieceSeconds = 0.05

// pace is the least work per second that a device of a class is thought to do,
// in the units of work.
var pace = map[backend.Class]float64{
	backend.Software: 1e9, backend.Virtual: 20e9, backend.Integrated: 20e9, backend.Discrete: 200e9,
}

// work is about what a dispatch of op costs: the bytes of its operands, and
// those of a weight once for each row that it multiplies.
func (x *Dispatch) work(op backend.Op) float64 {
	rows := 1.0
	if _, writes := op.Operands(); len(writes) > 0 {
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

// Guess is how many seconds a run of list may take, which ops were compiled to,
// on a device of a class.
func Guess(list []Dispatch, ops []backend.Op, class backend.Class) float64 {
	sum := 0.0
	for i := range list {
		sum += list[i].work(ops[list[i].Op])
	}
	return sum / pace[class]
}

// Cut returns where the pieces of a run of list begin that takes so many
// seconds, from 0, and the end.
func Cut(list []Dispatch, ops []backend.Op, seconds float64) []int {
	n := len(list)
	sums := make([]float64, 1+n)
	for i := range list {
		sums[1+i] = sums[i] + list[i].work(ops[list[i].Op])
	}
	pieces := min(math.Ceil(seconds/PieceSeconds), float64(n))
	cuts := []int{0}
	for k := 1.0; k < pieces; k++ {
		at, _ := slices.BinarySearch(sums, sums[n]*k/pieces)
		if at > cuts[len(cuts)-1] && at < n {
			cuts = append(cuts, at)
		}
	}
	return append(cuts, n)
}

// Suits reports whether so many pieces are about right for a run that took so
// many seconds, so that it need not be cut anew.
func Suits(pieces int, seconds float64) bool {
	each := seconds / float64(pieces)
	return each < PieceSeconds*2 && (pieces == 1 || each > PieceSeconds/4)
}
