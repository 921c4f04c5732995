//go:build cgo && (darwin || metalfake)

package metal

// #include <stdlib.h>
// #include "host.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"unsafe"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
)

// A plan is a list of dispatches in C memory, encoded anew for every run.
type plan struct {
	d       *device
	name    string
	ops     []backend.Op
	list    []gpu.Dispatch
	scratch *scratch
	buffers []*buffer // that it names, weights' aside
	closed  bool
	cost    gpu.Cost
	cuts    []int         // where command buffers begin, and the end
	latest  []*submission // those of the last run, until it is learned from

	// C memory.
	dispatches []C.metal_dispatch // of list
	bindings   []C.metal_binding
	params     []byte
}

var _ backend.Plan = (*plan)(nil)

// Supports reports whether op compiles as it stands.
func (d *device) Supports(op backend.Op) bool { return d.target.Supports(op) }

// Compile turns ops into dispatches with barriers between them.
func (d *device) Compile(name string, ops []backend.Op) (backend.Plan, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.usable(); err != nil {
		return nil, err
	}
	p, err := d.compile(name, ops)
	if errors.Is(err, errNoMatrices) {
		// Products go to the kernel in float32 from now on.
		d.info.Driver = fmt.Sprintf("Metal, without matrix units (%v)", err)
		d.target.Fragments = nil
		p, err = d.compile(name, ops)
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// compile is Compile for the kernels that the device is thought to have.
func (d *device) compile(name string, ops []backend.Op) (*plan, error) {
	list, scratch, err := gpu.Compile(&d.target, ops)
	if err != nil {
		return nil, fmt.Errorf("metal: plan %q: %w", name, err)
	}
	p := &plan{d: d, name: name, ops: ops, list: list}
	p.cost = gpu.Guess(list, ops, d.info.Class)
	p.cuts = p.cost.Pieces(p.cost.Sum(), gpu.PieceSeconds)
	if err := p.build(scratch); err != nil {
		p.free()
		return nil, fmt.Errorf("plan %q: %w", name, err)
	}
	return p, nil
}

// cslice is n elements of zeroed C memory.
func cslice[T any](n int) []T {
	var t T
	return unsafe.Slice((*T)(C.calloc(C.size_t(max(n, 1)), C.size_t(unsafe.Sizeof(t)))), max(n, 1))[:n]
}

// build lays the dispatches out for metal_submit.
func (p *plan) build(scratch int64) error {
	var err error
	if p.scratch, err = p.d.useScratch(scratch); err != nil {
		return err
	}
	bindings, params := 0, 0
	for _, x := range p.list {
		bindings, params = bindings+len(x.Operands), params+len(x.Params)
	}
	p.dispatches, p.bindings, p.params = cslice[C.metal_dispatch](len(p.list)), cslice[C.metal_binding](bindings), cslice[byte](params)

	var order gpu.HazardTracker
	known := map[*buffer]bool{}
	bindings, params = 0, 0
	for i := range p.list {
		x := &p.list[i]
		pipeline, err := p.d.pipeline(x)
		if err != nil {
			return err
		}
		c := &p.dispatches[i]
		c.pipeline = pipeline
		for k, n := range x.Workgroup() {
			c.groups[k], c.threads[k] = C.uint32_t(x.Groups[k]), C.uint32_t(n)
		}
		c.bindings_at, c.bindings = C.uint32_t(bindings), C.uint32_t(len(x.Operands))
		for _, o := range x.Operands {
			handle, b := p.memory(o)
			if b != nil && !known[b] {
				known[b] = true
				p.buffers = append(p.buffers, b)
			}
			p.bindings[bindings] = C.metal_binding{buffer: handle, offset: C.uint64_t(o.At)}
			bindings++
		}
		c.params_at, c.params = C.uint32_t(params), C.uint32_t(len(x.Params))
		params += copy(p.params[params:], x.Params)
		if order.Next(x.Conflicts(false)) {
			c.barrier = 1
		}
	}
	return nil
}

// memory is what an operand lies in; the buffer too if it is a caller's.
func (p *plan) memory(o gpu.Operand) (unsafe.Pointer, *buffer) {
	switch {
	case o.Part != nil:
		return o.Part.Memory.(unsafe.Pointer), nil
	case o.Scratch:
		return p.scratch.buf.handle, nil
	case o.Tensor.IsZero():
		return p.d.nothing.handle, nil
	}
	b := o.Tensor.Buf.(*buffer)
	return b.handle, b
}

// commit encodes and commits dispatches [from, to).
func (p *plan) commit(from, to int, e *C.metal_error) unsafe.Pointer {
	return C.metal_submit(p.d.c, unsafe.SliceData(p.dispatches[from:to]), C.int(to-from),
		unsafe.SliceData(p.bindings), (*C.uint8_t)(unsafe.SliceData(p.params)), e)
}

// usable reports why the plan cannot run.
func (p *plan) usable() error {
	if err := p.d.usable(); err != nil {
		return err
	}
	if p.closed {
		return fmt.Errorf("metal: plan %q: %w", p.name, backend.ErrClosed)
	}
	return nil
}

// Submit queues one run.
func (p *plan) Submit() (backend.Ticket, error) {
	d := p.d
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := p.usable(); err != nil {
		return 0, err
	}
	p.recut()
	p.latest = p.latest[:0]
	for i := range p.cuts[1:] {
		s, err := d.submit(p, p.cuts[i], p.cuts[i+1])
		if err != nil && i > 0 && d.lost == nil { // half a run is done
			d.lost = fmt.Errorf("%w: %w", err, backend.ErrDeviceLost)
		}
		if err != nil {
			return 0, err
		}
		p.latest = append(p.latest, s)
	}
	return backend.Ticket(d.last), nil
}

// recut cuts the plan by what its last run took, if that was waited for.
func (p *plan) recut() {
	took := make([]float64, len(p.latest))
	for i, s := range p.latest {
		var ok bool
		if took[i], ok = s.took(); !ok {
			return
		}
	}
	if len(took) > 0 && p.cost.Learn(p.cuts, took, gpu.PieceSeconds) {
		p.cuts = p.cost.Pieces(p.cost.Sum(), gpu.PieceSeconds)
	}
}

// Profile runs every operation as a command buffer of its own, and takes the
// time that Metal says it spent on the device.
func (d *device) Profile(ctx context.Context, bp backend.Plan) ([]backend.OpTime, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := bp.(*plan)
	if !ok || p.d != d {
		return nil, fmt.Errorf("metal: Profile of another device's plan (%T)", bp)
	}
	if err := p.usable(); err != nil {
		return nil, err
	}
	times := make([]backend.OpTime, len(p.ops))
	at := 0
	for i, op := range p.ops {
		from := at
		times[i].Op = op
		for at < len(p.list) && p.list[at].Op == i {
			times[i].Kernels = append(times[i].Kernels, p.list[at].Kernel.Name)
			at++
		}
		if from == at {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s, err := d.submit(p, from, at)
		if err == nil {
			err = d.await(s.ticket)
		}
		if err != nil {
			return nil, err
		}
		times[i].Seconds = s.seconds
	}
	return times, nil
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
	C.free(unsafe.Pointer(unsafe.SliceData(p.dispatches)))
	C.free(unsafe.Pointer(unsafe.SliceData(p.bindings)))
	C.free(unsafe.Pointer(unsafe.SliceData(p.params)))
	p.dispatches, p.bindings, p.params = nil, nil, nil
	p.d.leaveScratch(p.scratch)
	p.scratch = nil
}

// A scratch is memory for what operations keep between their dispatches. The
// queue runs one plan at a time, so all plans share the device's largest; a
// plan compiled before it grew keeps the one that it has. It goes with the last
// plan that uses it.
type scratch struct {
	buf   *buffer
	plans int
}

// useScratch returns a scratch of at least n bytes, nil for none.
func (d *device) useScratch(n int64) (*scratch, error) {
	if n == 0 {
		return nil, nil
	}
	if d.scratch == nil || d.scratch.buf.size < n {
		b, err := d.newBuffer(n)
		if err != nil {
			return nil, err
		}
		d.addLive(b.room)
		d.scratch = &scratch{buf: b}
	}
	d.scratch.plans++
	return d.scratch, nil
}

// leaveScratch is called when a plan that uses s is freed.
func (d *device) leaveScratch(s *scratch) {
	if s == nil {
		return
	}
	if s.plans--; s.plans > 0 {
		return
	}
	s.buf.free()
	d.addLive(-s.buf.room)
	if d.scratch == s {
		d.scratch = nil
	}
}
