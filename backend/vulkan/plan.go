//go:build cgo && !darwin

package vulkan

// #include "vk.h"
import "C"

import (
	"fmt"
	"unsafe"

	"falconmamba/backend"
	"falconmamba/backend/internal/hazard"
)

// A plan is a recorded command buffer and what it refers to.
type plan struct {
	d       *device
	name    string
	ops     []backend.Op
	list    []dispatch
	record  []C.fm_dispatch // of list
	push    []byte          // the parameters of all
	sets    uint64          // descriptor pool
	pool    uint64          // command pool
	command unsafe.Pointer
	scratch *scratch
	closed  bool
}

var _ backend.Plan = (*plan)(nil)

// Compile records ops.
func (d *device) Compile(name string, ops []backend.Op) (backend.Plan, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.usable(); err != nil {
		return nil, err
	}
	c, err := d.compile(ops)
	if err != nil {
		return nil, fmt.Errorf("vulkan: plan %q: %w", name, err)
	}
	p := &plan{d: d, name: name, ops: ops, list: c.list}
	if err := p.build(c.scratch); err != nil {
		p.free()
		return nil, fmt.Errorf("plan %q: %w", name, err)
	}
	return p, nil
}

// build makes the descriptor sets and records the command buffer.
func (p *plan) build(scratch int64) error {
	d := p.d
	var err error
	if p.scratch, err = d.useScratch(scratch); err != nil {
		return err
	}
	if err := p.bind(); err != nil {
		return err
	}
	var pool C.uint64_t
	if r := C.fm_commands(d.c, d.physical.family, 1, &pool, &p.command); r != 0 {
		return d.fail("vkAllocateCommandBuffers", r)
	}
	p.pool = uint64(pool)
	return p.write()
}

// write records the plan's dispatches.
func (p *plan) write() error {
	var list *C.fm_dispatch
	var push unsafe.Pointer
	if len(p.record) > 0 {
		list, push = &p.record[0], unsafe.Pointer(&p.push[0])
	}
	if r := C.fm_record(p.d.c, p.command, C.uint32_t(len(p.record)), list, push, 0, 0); r != 0 {
		return p.d.fail("vkEndCommandBuffer", r)
	}
	return nil
}

// bind allocates a descriptor set for each dispatch and decides on barriers.
func (p *plan) bind() error {
	if len(p.list) == 0 {
		return nil
	}
	d := p.d
	layouts, sets := make([]C.uint64_t, len(p.list)), make([]C.uint64_t, len(p.list))
	total := 0
	for i, x := range p.list {
		layouts[i] = C.uint64_t(x.pipeline.layout.set)
		total += len(x.operands)
	}
	var pool C.uint64_t
	if r := C.fm_sets(d.c, C.uint32_t(len(p.list)), C.uint32_t(total), &layouts[0], &pool, &sets[0]); r != 0 {
		return d.fail("vkAllocateDescriptorSets", r, len(p.list), " sets")
	}
	p.sets = uint64(pool)

	bindings := make([]C.fm_binding, 0, total)
	p.record = make([]C.fm_dispatch, len(p.list))
	order := hazard.Tracker{Spans: d.spans}
	for i, x := range p.list {
		for n, o := range x.operands {
			buf := o.buf
			if buf == nil {
				buf = p.scratch.buf
			}
			bindings = append(bindings, C.fm_binding{
				set: sets[i], binding: C.uint32_t(n + 1),
				buffer: C.uint64_t(buf.handle), offset: C.uint64_t(o.at), _range: C.uint64_t(o.size),
			})
		}
		x.params = append(x.params, make([]byte, -len(x.params)&3)...)
		c := &p.record[i]
		*c = C.fm_dispatch{
			pipeline: C.uint64_t(x.pipeline.handle), layout: C.uint64_t(x.pipeline.layout.pipeline), set: sets[i],
			push_at: C.uint32_t(len(p.push)), push_size: C.uint32_t(len(x.params)),
		}
		for j, g := range x.groups {
			c.groups[j] = C.uint32_t(g)
		}
		if order.Next(x.conflicts()) {
			c.barrier = 1
		}
		p.push = append(p.push, x.params...)
	}
	C.fm_write_sets(d.c, C.uint32_t(len(bindings)), &bindings[0])
	return nil
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
	if err := d.usable(); err != nil {
		return 0, err
	}
	if p.closed {
		return 0, fmt.Errorf("vulkan: plan %q: %w", p.name, backend.ErrClosed)
	}
	t, err := d.submit(p.command)
	return backend.Ticket(t), err
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
	if p.pool != 0 {
		C.fm_free_commands(p.d.c, C.uint64_t(p.pool))
	}
	if p.sets != 0 {
		C.fm_free_sets(p.d.c, C.uint64_t(p.sets))
	}
	p.d.leaveScratch(p.scratch)
}
