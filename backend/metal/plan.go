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
	*gpu.Plan[memory]
	d       *device
	buffers []*buffer // of callers that it names
	closed  bool
	latest  []*submission // those of the last run, until it is learned from

	// C memory.
	dispatches []C.metal_dispatch // of List
	bindings   []C.metal_binding
	params     []byte
}

var _ backend.Plan = (*plan)(nil)

// memory is an MTLBuffer, and whose: nil for a part of an imported mapping.
type memory struct {
	handle unsafe.Pointer
	of     *buffer
}

// Supports reports whether op compiles as it stands.
func (d *device) Supports(op backend.Op) bool { return d.target.Supports(op) }

// machine is the device as package gpu plans for it.
func (d *device) machine() *gpu.Machine[memory] {
	return &gpu.Machine[memory]{
		Target: &d.target, Scratch: &d.scratch, Class: d.info.Class, Piece: gpu.PieceSeconds,
		Nothing: memory{d.nothing.handle, d.nothing},
		Buffer:  func(b backend.Buffer) memory { return memory{b.(*buffer).handle, b.(*buffer)} },
		Prepare: d.pipelines.Prepare,
	}
}

// Compile turns ops into dispatches with barriers between them.
func (d *device) Compile(name string, ops []backend.Op) (backend.Plan, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.usable(); err != nil {
		return nil, err
	}
	whole, err := d.machine().NewPlan(name, ops)
	if errors.Is(err, errNoMatrices) {
		// Products go to the kernel in float32 from now on.
		d.info.Driver = fmt.Sprintf("Metal, without matrix units (%v)", err)
		d.target.Fragments = nil
		whole, err = d.machine().NewPlan(name, ops)
	}
	if err != nil {
		return nil, gpu.Errorf("metal", "plan %q: %w", name, err)
	}
	p := &plan{Plan: whole, d: d}
	d.plans++
	if err := p.build(); err != nil {
		p.free()
		return nil, gpu.Errorf("metal", "plan %q: %w", name, err)
	}
	return p, nil
}

// cslice is n elements of zeroed C memory.
func cslice[T any](n int) []T {
	var t T
	return unsafe.Slice((*T)(C.calloc(C.size_t(max(n, 1)), C.size_t(unsafe.Sizeof(t)))), max(n, 1))[:n]
}

// build lays the dispatches out for metal_submit.
func (p *plan) build() error {
	bindings, params := 0, 0
	for _, x := range p.List {
		bindings, params = bindings+len(x.Operands), params+len(x.Params)
	}
	p.dispatches = cslice[C.metal_dispatch](len(p.List))
	p.bindings, p.params = cslice[C.metal_binding](bindings), cslice[byte](params)

	known := map[*buffer]bool{}
	bindings, params = 0, 0
	for i := range p.List {
		x := &p.List[i]
		c := &p.dispatches[i]
		c.pipeline = p.d.pipelines.Of(&x.Dispatch)
		for k, n := range x.Workgroup() {
			c.groups[k], c.threads[k] = C.uint32_t(x.Groups[k]), C.uint32_t(n)
		}
		c.bindings_at, c.bindings = C.uint32_t(bindings), C.uint32_t(len(x.Operands))
		for n, o := range x.Operands {
			m := x.Memory[n]
			if callers := !o.Scratch && !o.Tensor.IsZero(); callers && !known[m.of] {
				known[m.of] = true
				p.buffers = append(p.buffers, m.of)
			}
			p.bindings[bindings] = C.metal_binding{buffer: m.handle, offset: C.uint64_t(o.At)}
			bindings++
		}
		c.params_at, c.params = C.uint32_t(params), C.uint32_t(len(x.Params))
		params += copy(p.params[params:], x.Params)
		if x.Barrier {
			c.barrier = 1
		}
	}
	return nil
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
		return fmt.Errorf("metal: plan %q: %w", p.Name, backend.ErrClosed)
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
	p.measure()
	p.latest = p.latest[:0]
	for i := range p.Seconds {
		s, err := d.submit(p, p.Starts[i], p.Starts[i+1])
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

// measure divides the plan by what its last run took, if that was waited for.
func (p *plan) measure() {
	took := make([]float64, len(p.latest))
	for i, s := range p.latest {
		var ok bool
		if took[i], ok = s.took(); !ok {
			return
		}
	}
	if len(took) > 0 {
		p.Measured(took)
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
	times := p.Times()
	at := 0
	for i := range times {
		from := at
		at += len(times[i].Kernels)
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
	p.d.plans--
	C.free(unsafe.Pointer(unsafe.SliceData(p.dispatches)))
	C.free(unsafe.Pointer(unsafe.SliceData(p.bindings)))
	C.free(unsafe.Pointer(unsafe.SliceData(p.params)))
	p.dispatches, p.bindings, p.params = nil, nil, nil
	p.d.machine().Release(p.Plan)
}
