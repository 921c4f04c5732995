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
	*gpu.Plan[*buffer]
	d      *device
	record []C.fm_dispatch // of List
	push   []byte          // the parameters of all
	sets   uint64          // descriptor pool
	closed bool

	recording              // what Submit replays
	clock     uint64       // query pool that times the pieces, or 0, see write
	took      []C.uint64_t // its timestamps: begin and end of each
	last      uint64       // ticket of the latest run
}

// A recording is a plan in command buffers.
type recording struct {
	pool   uint64 // command pool
	pieces []unsafe.Pointer
}

var _ backend.Plan = (*plan)(nil)

// Supports reports whether op compiles as it stands.
func (d *device) Supports(op backend.Op) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.usable() == nil {
		_ = d.probe() // Compile says what failed
	}
	return d.target.Supports(op)
}

// machine is the device as package gpu plans for it.
func (d *device) machine() *gpu.Machine[*buffer] {
	return &gpu.Machine[*buffer]{
		Target: &d.target, Scratch: &d.scratch, Class: d.info.Class, Piece: d.piece, Slower: d.slower, Spans: d.spans,
		Nothing: d.nothing,
		Buffer:  func(b backend.Buffer) *buffer { return b.(*buffer) },
		Prepare: d.prepare,
	}
}

// Compile records ops.
func (d *device) Compile(name string, ops []backend.Op) (backend.Plan, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.usable(); err != nil {
		return nil, err
	}
	if err := d.probe(); err != nil {
		return nil, err
	}
	whole, err := d.machine().NewPlan(name, ops)
	if err != nil {
		return nil, gpu.Errorf("vulkan", "plan %q: %w", name, err)
	}
	p, err := d.record(whole)
	if err != nil {
		return nil, gpu.Errorf("vulkan", "plan %q: %w", name, err)
	}
	return p, nil
}

// record makes the descriptor sets and records the command buffers of a plan,
// which it gives back if it cannot.
func (d *device) record(whole *gpu.Plan[*buffer]) (*plan, error) {
	p := &plan{Plan: whole, d: d}
	d.plans++
	err := p.bind()
	if err == nil {
		err = p.write()
	}
	if err != nil {
		p.free()
		return nil, err
	}
	return p, nil
}

// write records the plan anew, in the pieces that it is divided into. A plan of
// several takes their time, for a better division, and one of a single piece where somebody waits for it:
// it may have to be divided.
func (p *plan) write() error {
	d := p.d
	d.freeRecording(p.recording)
	p.recording = recording{}
	if p.clock != 0 {
		C.fm_free_queries(d.c, C.uint64_t(p.clock))
		p.clock = 0
	}
	n := len(p.Seconds)
	p.took = nil
	if (n > 1 || d.slice != 0) && d.physical.timestamp_bits != 0 {
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
		p.record[p.Starts[i]].stamp, ends[i] = C.uint32_t(2*i+1), 2*i+2
	}
	r, err := p.recorded(p.record, p.clock, len(p.took), ends)
	p.recording = r
	return err
}

// recorded records list in the plan's pieces. With a query pool it resets stamps
// of them, and takes number ends[i], if that is not 0, at the end of piece i; they
// count from 1.
func (p *plan) recorded(list []C.fm_dispatch, queries uint64, stamps int, ends []int) (recording, error) {
	d, r := p.d, recording{pieces: make([]unsafe.Pointer, len(p.Seconds))}
	var pool C.uint64_t
	if e := C.fm_commands(d.c, d.physical.family, C.uint32_t(len(r.pieces)), &pool, &r.pieces[0]); e != 0 {
		return recording{}, d.fail("vkAllocateCommandBuffers", e)
	}
	r.pool = uint64(pool)
	for i, command := range r.pieces {
		part := list[p.Starts[i]:p.Starts[i+1]]
		var at *C.fm_dispatch
		var push unsafe.Pointer
		if len(part) > 0 {
			at, push = &part[0], unsafe.Pointer(&p.push[0])
		}
		reset := 0
		if i == 0 {
			reset = stamps
		}
		if e := C.fm_record(d.c, command, C.uint32_t(len(part)), at, push, C.uint64_t(queries), C.uint32_t(reset),
			C.uint32_t(ends[i])); e != 0 {
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

// bind allocates a descriptor set for each dispatch.
func (p *plan) bind() error {
	if len(p.List) == 0 {
		return nil
	}
	d := p.d
	layouts, sets := make([]C.uint64_t, len(p.List)), make([]C.uint64_t, len(p.List))
	pipelines := make([]*pipeline, len(p.List))
	total := 0
	for i := range p.List {
		x := &p.List[i]
		pipelines[i] = d.pipelines.Of(&x.Dispatch)
		layouts[i] = C.uint64_t(pipelines[i].layout.set)
		total += len(x.Operands)
	}
	var pool C.uint64_t
	if r := C.fm_sets(d.c, C.uint32_t(len(p.List)), C.uint32_t(total), &layouts[0], &pool, &sets[0]); r != 0 {
		return d.fail("vkAllocateDescriptorSets", r, len(p.List), " sets")
	}
	p.sets = uint64(pool)

	bindings := make([]C.fm_binding, 0, total)
	p.record = make([]C.fm_dispatch, len(p.List))
	for i := range p.List {
		x := &p.List[i]
		for n, o := range x.Operands {
			bindings = append(bindings, C.fm_binding{
				set: sets[i], binding: C.uint32_t(n + 1),
				buffer: C.uint64_t(x.Memory[n].handle), offset: C.uint64_t(o.At), _range: C.uint64_t(o.Size),
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
		if x.Barrier {
			c.barrier = 1
		}
		p.push = append(p.push, params...)
	}
	C.fm_write_sets(d.c, C.uint32_t(len(bindings)), &bindings[0])
	return nil
}

// Submit queues one run, with the transfers that were made since the last.
func (p *plan) Submit() (backend.Ticket, error) {
	d := p.d
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := p.usable(); err != nil {
		return 0, err
	}
	if err := p.measure(); err != nil {
		return 0, err
	}
	t, err := d.submit(p.pieces, p.Seconds)
	p.last = max(p.last, t)
	return backend.Ticket(t), err
}

// usable reports why the plan cannot run.
func (p *plan) usable() error {
	if err := p.d.usable(); err != nil {
		return err
	}
	if p.closed {
		return fmt.Errorf("vulkan: plan %q: %w", p.Name, backend.ErrClosed)
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
	p.d.plans--
	p.d.freeRecording(p.recording)
	if p.clock != 0 {
		C.fm_free_queries(p.d.c, C.uint64_t(p.clock))
	}
	if p.sets != 0 {
		C.fm_free_sets(p.d.c, C.uint64_t(p.sets))
	}
	p.d.machine().Release(p.Plan)
}
