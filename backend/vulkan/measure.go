//go:build cgo && !darwin

package vulkan

// #include "vk.h"
import "C"

// fading is what is left of how much slower than guessed a plan was, at the next: one that was stopped for a moment
// is forgotten, and of plans that take turns the slowest counts.
const fading = 7. / 8

// measure takes what the pieces of the last run took, and records the plan anew
// where it is divided anew for that.
func (p *plan) measure() error {
	if p.clock == 0 || p.last == 0 || p.last > p.d.reached {
		return nil
	}
	if r := C.fm_stamps(p.d.c, C.uint64_t(p.clock), C.uint32_t(len(p.took)), &p.took[0]); r != 0 {
		return p.d.fail("vkGetQueryPoolResults", r)
	}
	took := make([]float64, len(p.Seconds))
	for i := range took {
		took[i] = p.d.between(uint64(p.took[2*i]), uint64(p.took[2*i+1]))
	}
	p.d.slower = max(p.Slower(took), fading*p.d.slower)
	if !p.Measured(took) {
		return nil
	}
	return p.write()
}

// between returns the seconds from one timestamp to another.
func (d *device) between(from, to uint64) float64 {
	mask := ^uint64(0) >> (64 - uint32(d.physical.timestamp_bits))
	return float64((to-from)&mask) * float64(d.physical.timestamp_period) * 1e-9
}
