//go:build cgo && !darwin

package vulkan

// #include "vk.h"
import "C"

// cut returns where the pieces of a run of so many seconds begin, from 0, and
// the end.
func (p *plan) cut(seconds float64) []int { return p.cost.Pieces(seconds, p.d.cutTo) }

// recut learns from what the pieces of the last run took, and cuts the plan anew
// where that is far from what it was cut for.
func (p *plan) recut() error {
	if p.clock == 0 || p.last == 0 || p.last > p.d.reached {
		return nil
	}
	if r := C.fm_stamps(p.d.c, C.uint64_t(p.clock), C.uint32_t(len(p.took)), &p.took[0]); r != 0 {
		return p.d.fail("vkGetQueryPoolResults", r)
	}
	for i := range p.times {
		p.times[i] = p.d.between(uint64(p.took[2*i]), uint64(p.took[2*i+1]))
	}
	if !p.cost.Learn(p.cuts, p.times, p.d.cutTo) {
		return nil
	}
	return p.write(p.cost.Sum())
}

// between returns the seconds from one timestamp to another.
func (d *device) between(from, to uint64) float64 {
	mask := ^uint64(0) >> (64 - uint32(d.physical.timestamp_bits))
	return float64((to-from)&mask) * float64(d.physical.timestamp_period) * 1e-9
}
