//go:build cgo && !darwin

package vulkan

// #include "vk.h"
import "C"

import "falconmamba/backend/internal/launch"

// cut returns where the pieces of a run of so many seconds begin, from 0, and
// the end.
func (p *plan) cut(seconds float64) []int { return launch.Cut(p.list, p.ops, seconds) }

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
	if launch.Suits(len(p.pieces), seconds) {
		return nil
	}
	return p.write(seconds)
}

// between returns the seconds from one timestamp to another.
func (d *device) between(from, to uint64) float64 {
	mask := ^uint64(0) >> (64 - uint32(d.physical.timestamp_bits))
	return float64((to-from)&mask) * float64(d.physical.timestamp_period) * 1e-9
}
