//go:build cgo && !darwin

package vulkan

// #include "vk.h"
import "C"

import (
	"math"
	"slices"

	"falconmamba/backend"
	"falconmamba/backend/internal/launch"
)

// A plan of many rows may take seconds. It is cut into command buffers that are
// submitted one by one, so that a desktop on the same device stays alive and no
// watchdog fires: Windows resets a device after two seconds, and some drivers
// switch between programs only at such ends. How long a plan takes is guessed
// low of the device before its first run, and measured by that.

// pieceSeconds is what a command buffer is cut to. Dispatches are whole, so one
// may take more.
const pieceSeconds = 0.05

// pace is the least work per second that a device of a class is thought to do,
// in the units of work.
var pace = map[backend.Class]float64{
	backend.Software: 1e9, backend.Virtual: 20e9, backend.Integrated: 20e9, backend.Discrete: 200e9,
}

// work is about what a dispatch costs: the bytes of its operands, and those of
// a weight once for each row that it multiplies.
func (p *plan) work(x *launch.Dispatch) float64 {
	rows := 1.0
	if _, writes := p.ops[x.Op].Operands(); len(writes) > 0 {
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

// guess is how many seconds a run may take.
func (p *plan) guess() float64 {
	sum := 0.0
	for i := range p.list {
		sum += p.work(&p.list[i])
	}
	return sum / pace[p.d.info.Class]
}

// cut returns where the pieces of a run of so many seconds begin, from 0, and
// the end.
func (p *plan) cut(seconds float64) []int {
	n := len(p.list)
	sums := make([]float64, 1+n)
	for i := range p.list {
		sums[1+i] = sums[i] + p.work(&p.list[i])
	}
	pieces := min(math.Ceil(seconds/pieceSeconds), float64(n))
	cuts := []int{0}
	for k := 1.0; k < pieces; k++ {
		at, _ := slices.BinarySearch(sums, sums[n]*k/pieces)
		if at > cuts[len(cuts)-1] && at < n {
			cuts = append(cuts, at)
		}
	}
	return append(cuts, n)
}

// recut cuts a plan by what its last run took, where that is far from what it
// was cut for.
func (p *plan) recut() error {
	if p.clock == 0 || p.last == 0 || p.last > p.d.reached {
		return nil
	}
	if r := C.fm_stamps(p.d.c, C.uint64_t(p.clock), 2, &p.took[0]); r != 0 {
		return p.d.fail("vkGetQueryPoolResults", r)
	}
	seconds := p.d.between(uint64(p.took[0]), uint64(p.took[1]))
	if piece := seconds / float64(len(p.pieces)); piece > pieceSeconds/4 && piece < pieceSeconds*2 {
		return nil
	}
	return p.write(seconds)
}

// between returns the seconds from one timestamp to another.
func (d *device) between(from, to uint64) float64 {
	mask := ^uint64(0) >> (64 - uint32(d.physical.timestamp_bits))
	return float64((to-from)&mask) * float64(d.physical.timestamp_period) * 1e-9
}
