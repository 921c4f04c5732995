//go:build cgo && !darwin

package vulkan

// #include "vk.h"
import "C"

import (
	"context"
	"fmt"
	"slices"

	"falconmamba/backend"
)

var _ backend.Profiler = (*device)(nil)

// Profile runs p once and returns the device time of each operation. Unlike in
// an ordinary run none of them overlaps with the one before, so that the times
// belong to the operations; together they may be more than a run takes.
func (d *device) Profile(ctx context.Context, pl backend.Plan) ([]backend.OpTime, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := pl.(*plan)
	if !ok || p.d != d {
		return nil, fmt.Errorf("vulkan: Profile: the plan is another backend's (%T)", pl)
	}
	if err := p.usable(); err != nil {
		return nil, err
	}
	if d.physical.timestamp_bits == 0 {
		return nil, fmt.Errorf("vulkan: Profile: %s takes no timestamps: %w", d.info.Device, backend.ErrUnsupported)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}

	// A stamp before the first dispatch of each operation, and one at the end.
	list := slices.Clone(p.record)
	stamps := 0
	times := p.Times()
	var stamped []int // the operation of each stamp
	for i, x := range p.List {
		list[i].stamp = 0
		if i == 0 || x.Op != p.List[i-1].Op {
			stamps++
			list[i].stamp, list[i].barrier = C.uint32_t(stamps), 1
			stamped = append(stamped, x.Op)
		}
	}
	if stamps == 0 {
		return times, nil
	}
	stamps++
	var queries C.uint64_t
	if r := C.fm_queries(d.c, C.uint32_t(stamps), &queries); r != 0 {
		return nil, d.fail("vkCreateQueryPool", r)
	}
	defer C.fm_free_queries(d.c, queries)
	ends := make([]int, len(p.pieces))
	ends[len(ends)-1] = stamps
	r, err := p.recorded(list, uint64(queries), stamps, ends)
	if err != nil {
		return nil, err
	}
	defer d.freeRecording(r)
	t, err := d.submit(r.pieces, p.Seconds)
	if err == nil {
		err = d.await(t)
	}
	if err != nil {
		return nil, err
	}
	took := make([]C.uint64_t, stamps)
	if r := C.fm_stamps(d.c, queries, C.uint32_t(stamps), &took[0]); r != 0 {
		return nil, d.fail("vkGetQueryPoolResults", r)
	}
	for i, op := range stamped {
		times[op].Seconds += d.between(uint64(took[i]), uint64(took[i+1]))
	}
	return times, nil
}
