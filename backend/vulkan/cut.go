//go:build cgo && !darwin

package vulkan

// #include "vk.h"
import "C"

import (
	"math"

	"falconmamba/backend"
	"falconmamba/backend/internal/launch"
)

// A plan of many rows may take seconds. It is cut into command buffers that are
// submitted one by one, so that a desktop on the same device stays alive and no
// watchdog fires: Windows resets a device after two seconds, and some drivers
// switch between programs only at such ends. How long a plan takes is guessed
// low of the device before its first run, and measured by that.

// pieceSeconds is what a command buffer is cut to where the program does not say
// (Handles.Slice). Dispatches are whole, so one may take more.
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

// guess is how many seconds each dispatch of a run may take.
func (p *plan) guess() []float64 {
	cost := make([]float64, len(p.list))
	for i := range p.list {
		cost[i] = p.work(&p.list[i]) / pace[p.d.info.Class]
	}
	return cost
}

// cut returns where the pieces of a run of so many seconds begin, from 0, and
// the end. Pieces are as equal as dispatches allow, and longer than cutTo only
// where they are one.
func (p *plan) cut(seconds float64) []int {
	most := seconds / math.Ceil(seconds/p.d.cutTo) * (1 + 1e-9)
	scale := seconds / sum(p.cost)
	cuts, piece := []int{0}, 0.0
	for i, c := range p.cost {
		c *= scale
		if piece+c > most && i > cuts[len(cuts)-1] {
			cuts, piece = append(cuts, i), 0
		}
		piece += c
	}
	return append(cuts, len(p.cost))
}

// recut learns from what the pieces of the last run took, each by itself, since a
// program's frames may lie between them. It cuts the plan anew where one took too
// long, or all are far too short.
func (p *plan) recut() error {
	if p.clock == 0 || p.last == 0 || p.last > p.d.reached {
		return nil
	}
	if r := C.fm_stamps(p.d.c, C.uint64_t(p.clock), C.uint32_t(len(p.took)), &p.took[0]); r != 0 {
		return p.d.fail("vkGetQueryPoolResults", r)
	}
	longest := 0.0 // of those that can be cut
	for i := range p.times {
		t := max(p.d.between(uint64(p.took[2*i]), uint64(p.took[2*i+1])), 1e-9)
		part := p.cost[p.cuts[i]:p.cuts[i+1]]
		scale := t / sum(part)
		for j := range part {
			part[j] *= scale
		}
		p.times[i] = t
		if len(part) > 1 {
			longest = max(longest, t)
		}
	}
	seconds := sum(p.times)
	if longest < p.d.cutTo*2 && seconds/float64(len(p.times)) > p.d.cutTo/4 {
		return nil
	}
	return p.write(seconds)
}

func sum(v []float64) (s float64) {
	for _, x := range v {
		s += x
	}
	return s
}

// between returns the seconds from one timestamp to another.
func (d *device) between(from, to uint64) float64 {
	mask := ^uint64(0) >> (64 - uint32(d.physical.timestamp_bits))
	return float64((to-from)&mask) * float64(d.physical.timestamp_period) * 1e-9
}
