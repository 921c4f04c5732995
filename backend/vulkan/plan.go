//go:build cgo && !darwin

package vulkan

// #include "vk.h"
import "C"

import (
	"fmt"
	"unsafe"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
)

// A plan is a list of dispatches, recorded, and what they refer to.
type plan struct {
	d       *device
	name    string
	ops     []backend.Op
	list    []gpu.Dispatch
	record  []C.fm_dispatch // of list
	push    []byte          // the parameters of all
	sets    uint64          // descriptor pool
	scratch *scratch
	closed  bool

	recording              // what Submit replays
	cost      gpu.Cost     // seconds of each dispatch, as guessed or measured
	clock     uint64       // query pool that times the pieces, while there is more than one; else 0
	took      []C.uint64_t // its timestamps: begin and end of each
	last      uint64       // ticket of the latest run
}

// A recording is a plan in command buffers.
type recording struct {
	pool   uint64 // command pool
	pieces []unsafe.Pointer
	cuts   []int     // the dispatch that each begins with, and their number
	times  []float64 // seconds that each takes, as guessed or measured
}

var _ backend.Plan = (*plan)(nil)

// Supports reports whether op compiles as it stands.
func (d *device) Supports(op backend.Op) bool { return d.target.Supports(op) }

// Compile records ops.
func (d *device) Compile(name string, ops []backend.Op) (backend.Plan, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.usable(); err != nil {
		return nil, err
	}
	list, scratch, err := gpu.Compile(&d.target, ops)
	if err != nil {
		return nil, fmt.Errorf("vulkan: plan %q: %w", name, err)
	}
	p := &plan{d: d, name: name, ops: ops, list: list}
	if err := p.build(scratch); err != nil {
		p.free()
		return nil, fmt.Errorf("plan %q: %w", name, err)
	}
	return p, nil
}

// build makes the descriptor sets and records the command buffers.
func (p *plan) build(scratch int64) error {
	var err error
	if p.scratch, err = p.d.useScratch(scratch); err != nil {
		return err
	}
	if err := p.bind(); err != nil {
		return err
	}
	p.cost = gpu.Guess(p.list, p.ops, p.d.info.Class)
	return p.write(p.cost.Sum())
}

// write records the plan anew, for a run of so many seconds. A plan that is cut
// for its length takes the time of its pieces, for a better cut.
func (p *plan) write(seconds float64) error {
	d := p.d
	d.freeRecording(p.recording)
	p.recording = recording{}
	if p.clock != 0 {
		C.fm_free_queries(d.c, C.uint64_t(p.clock))
		p.clock = 0
	}
	cuts := p.cut(seconds)
	n := len(cuts) - 1
	p.took = nil
	if n > 1 && d.physical.timestamp_bits != 0 {
		var queries C.uint64_t
		if r := C.fm_queries(d.c, C.uint32_t(2*n), &queries); r != 0 {
			return d.fail("vkCreateQueryPool", r)
		}
		p.clock, p.took = uint64(queries), make([]C.uint64_t, 2*n)
	}
	for i := range p.record {
		p.record[i].stamp = 0
	}
	ends := make([]int, n)
	for i := range len(p.took) / 2 {
		p.record[cuts[i]].stamp, ends[i] = C.uint32_t(2*i+1), 2*i+2
	}
	r, err := p.recorded(p.record, cuts, p.clock, len(p.took), ends)
	if err != nil {
		return err
	}
	p.recording = r
	scale := seconds / max(p.cost.Sum(), 1e-9)
	for i := range n {
		p.times = append(p.times, p.cost[cuts[i]:cuts[i+1]].Sum()*scale)
	}
	return nil
}

// recorded records list, cut before the dispatches that cuts name. With a query
// pool it resets stamps of them, and takes number ends[i], if that is not 0, at
// the end of piece i; they count from 1.
func (p *plan) recorded(list []C.fm_dispatch, cuts []int, queries uint64, stamps int, ends []int) (recording, error) {
	d, r := p.d, recording{pieces: make([]unsafe.Pointer, len(cuts)-1), cuts: cuts}
	var pool C.uint64_t
	if e := C.fm_commands(d.c, d.physical.family, C.uint32_t(len(r.pieces)), &pool, &r.pieces[0]); e != 0 {
		return recording{}, d.fail("vkAllocateCommandBuffers", e)
	}
	r.pool = uint64(pool)
	for i, command := range r.pieces {
		part := list[cuts[i]:cuts[i+1]]
		var at *C.fm_dispatch
		var push unsafe.Pointer
		if len(part) > 0 {
			at, push = &part[0], unsafe.Pointer(&p.push[0])
		}
		reset := 0
		if i == 0 {
			reset = stamps
		}
		if e := C.fm_record(d.c, command, C.uint32_t(len(part)), at, push, C.uint64_t(queries), C.uint32_t(reset), C.uint32_t(ends[i])); e != 0 {
			d.freeRecording(r)
			return recording{}, d.fail("vkEndCommandBuffer", e)
		}
	}
	return r, nil
}

func (d *device) freeRecording(r recording) {
	if r.pool != 0 {
		C.fm_free_commands(d.c, C.uint64_t(r.pool))
	}
}

// bind allocates a descriptor set for each dispatch and decides on barriers.
func (p *plan) bind() error {
	if len(p.list) == 0 {
		return nil
	}
	d := p.d
	layouts, sets := make([]C.uint64_t, len(p.list)), make([]C.uint64_t, len(p.list))
	pipelines := make([]*pipeline, len(p.list))
	total := 0
	for i := range p.list {
		x := &p.list[i]
		var err error
		if pipelines[i], err = d.pipeline(x); err != nil {
			return fmt.Errorf("%s: %w", backend.Describe(p.ops[x.Op]), err)
		}
		layouts[i] = C.uint64_t(pipelines[i].layout.set)
		total += len(x.Operands)
	}
	var pool C.uint64_t
	if r := C.fm_sets(d.c, C.uint32_t(len(p.list)), C.uint32_t(total), &layouts[0], &pool, &sets[0]); r != 0 {
		return d.fail("vkAllocateDescriptorSets", r, len(p.list), " sets")
	}
	p.sets = uint64(pool)

	bindings := make([]C.fm_binding, 0, total)
	p.record = make([]C.fm_dispatch, len(p.list))
	var order gpu.HazardTracker
	for i := range p.list {
		x := &p.list[i]
		for n, o := range x.Operands {
			bindings = append(bindings, C.fm_binding{
				set: sets[i], binding: C.uint32_t(n + 1),
				buffer: C.uint64_t(p.memory(o).handle), offset: C.uint64_t(o.At), _range: C.uint64_t(o.Size),
			})
		}
		params := append(x.Params, make([]byte, -len(x.Params)&3)...)
		c := &p.record[i]
		*c = C.fm_dispatch{
			pipeline: C.uint64_t(pipelines[i].handle), layout: C.uint64_t(pipelines[i].layout.pipeline), set: sets[i],
			push_at: C.uint32_t(len(p.push)), push_size: C.uint32_t(len(params)),
		}
		for j, g := range x.Groups {
			c.groups[j] = C.uint32_t(g)
		}
		if order.Next(x.Conflicts(d.spans)) {
			c.barrier = 1
		}
		p.push = append(p.push, params...)
	}
	C.fm_write_sets(d.c, C.uint32_t(len(bindings)), &bindings[0])
	return nil
}

// memory is what an operand lies in.
func (p *plan) memory(o gpu.Operand) *buffer {
	switch {
	case o.Part != nil:
		return o.Part.Memory.(*buffer)
	case o.Scratch:
		return p.scratch.buf
	case o.Tensor.IsZero():
		return p.d.nothing
	}
	return o.Tensor.Buf.(*buffer)
}

// barriers counts the barriers between the plan's dispatches.
func (p *plan) barriers() int {
	n := 0
	for i := range p.record {
		n += int(p.record[i].barrier)
	}
	return n
}

// Submit queues one run, with the transfers that were made since the last.
func (p *plan) Submit() (backend.Ticket, error) {
	d := p.d
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := p.usable(); err != nil {
		return 0, err
	}
	if err := p.recut(); err != nil {
		return 0, err
	}
	t, err := d.submit(p.pieces, p.times)
	p.last = max(p.last, t)
	return backend.Ticket(t), err
}

// usable reports why the plan cannot run.
func (p *plan) usable() error {
	if err := p.d.usable(); err != nil {
		return err
	}
	if p.closed {
		return fmt.Errorf("vulkan: plan %q: %w", p.name, backend.ErrClosed)
	}
	return nil
}

// Close frees the plan once its runs are complete.
func (p *plan) Close() error {
	d := p.d
	d.mu.Lock()
	defer d.mu.Unlock()
	if p.closed || d.closed {
		return nil
	}
	err := d.drain()
	p.free()
	return err
}

func (p *plan) free() {
	p.closed = true
	p.d.freeRecording(p.recording)
	if p.clock != 0 {
		C.fm_free_queries(p.d.c, C.uint64_t(p.clock))
	}
	if p.sets != 0 {
		C.fm_free_sets(p.d.c, C.uint64_t(p.sets))
	}
	p.d.leaveScratch(p.scratch)
}
