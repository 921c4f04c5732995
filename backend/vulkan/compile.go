//go:build cgo && !darwin

package vulkan

import (
	"encoding/binary"
	"errors"
	"fmt"

	"falconmamba/backend"
	"falconmamba/shaders"
)

// A compiler turns operations into dispatches.
type compiler struct {
	d       *device
	list    []dispatch
	op      int // index of the operation that is being compiled
	err     error
	temp    int64 // bytes of private scratch that this operation has
	scratch int64 // the most that one has had
}

// A dispatch is one launch of a kernel.
type dispatch struct {
	op       int // of the list that is compiled
	pipeline *pipeline
	params   []byte
	operands []operand
	groups   [3]int
}

// An operand is what one binding of a dispatch refers to.
type operand struct {
	tensor backend.Tensor // what may conflict with others; absent for weights
	buf    *buffer        // nil: the private scratch
	at     int64          // where the binding begins in buf, aligned as the device wants it
	size   int64          // its bytes
	off    uint32         // elements from there to the view's first, or Absent
	stride uint32         // elements from row to row
}

// failf keeps the first error.
func (c *compiler) failf(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// view is the operand for a tensor that a kernel reads or writes. An absent
// tensor gets an offset of Absent and memory that is never touched.
func (c *compiler) view(t backend.Tensor) operand {
	if t.IsZero() {
		return operand{buf: c.d.nothing, size: c.d.nothing.size, off: shaders.Absent}
	}
	var buf *buffer
	switch b := t.Buf.(type) {
	case *buffer:
		if b.d != c.d {
			c.failf("an operand's buffer is another device's")
		} else if b.closed {
			c.failf("an operand's buffer: %w", backend.ErrClosed)
		}
		buf = b
	case *private:
	default:
		c.failf("an operand's buffer is another backend's (%T)", t.Buf)
	}
	// A binding begins at a multiple of the device's alignment, and kernels
	// that read 16-byte words want one of those at least.
	align := max(int64(c.d.physical.offset_align), round)
	o := operand{tensor: t, buf: buf, at: t.Off &^ (align - 1)}
	o.off, o.stride = uint32((t.Off-o.at)/int64(t.Type.Size())), uint32(t.Stride)
	o.size = max(alignUp(t.Off-o.at+t.Bytes(), round), round)
	return o
}

// weight is the operand for a part of a weight.
func (c *compiler) weight(p part) operand {
	if p.buf.closed {
		c.failf("a weight's buffer: %w", backend.ErrClosed)
	}
	return operand{buf: p.buf, at: p.at, size: p.size}
}

// layout returns the driver's own form of a weight.
func (c *compiler) layout(w backend.Weight) *weight {
	own, ok := w.(*weight)
	switch {
	case !ok || own.d != c.d:
		c.failf("weight %q is another device's", w.Desc().Name)
	case own.parts == nil:
		c.failf("weight %q: %w", w.Desc().Name, backend.ErrClosed)
	default:
		return own
	}
	return &weight{}
}

// private stands for the device's scratch in tensors.
type private struct{ *buffer }

// tensor returns a temporary of this operation, not cleared.
func (c *compiler) tensor(t backend.DType, rows, cols int) backend.Tensor {
	v := backend.Matrix(c.d.private, c.temp, t, rows, cols)
	c.temp = alignUp(c.temp+v.Bytes(), 256)
	c.scratch = max(c.scratch, c.temp)
	return v
}

// run adds a dispatch of a kernel with the parameters of its struct in package
// shaders and one operand for each binding. Kernels step over what the grid
// does not reach, so it is cut to what the device takes.
func (c *compiler) run(kernel string, groups [3]int, params any, constants []constant, operands ...operand) {
	if c.err != nil || groups[0] == 0 || groups[1] == 0 || groups[2] == 0 {
		return
	}
	k := shaders.Lookup(kernel)
	if k == nil {
		c.failf("there is no kernel %s", kernel)
		return
	}
	b, err := binary.Append(nil, binary.LittleEndian, params)
	if err != nil || len(b) != k.ParamSize {
		c.failf("kernel %s takes %d bytes of parameters, not %T (%v)", kernel, k.ParamSize, params, err)
		return
	}
	if len(operands) != len(k.Bindings) {
		c.failf("kernel %s has %d bindings, not %d", kernel, len(k.Bindings), len(operands))
		return
	}
	for i := range groups {
		groups[i] = min(groups[i], int(c.d.physical.max_groups[i]))
	}
	p, err := c.d.pipeline(k, constants)
	if err != nil {
		c.failf("%w", err)
		return
	}
	c.list = append(c.list, dispatch{op: c.op, pipeline: p, params: b, operands: operands, groups: groups})
}

// conflicts returns what a dispatch reads and writes, as its kernel's SPIR-V
// says: the views, or, with spans, all that its bindings reach, which begin and
// end at multiples of the device's alignment.
func (x *dispatch) conflicts(spans bool) (reads, writes []backend.Tensor) {
	for i, o := range x.operands {
		if o.tensor.IsZero() {
			continue
		}
		t := o.tensor
		if spans {
			t = backend.Matrix(t.Buf, o.at, backend.F32, 1, int(o.size/4))
		}
		if b := x.pipeline.kernel.Bindings[i]; b.Write {
			writes = append(writes, t)
		} else {
			reads = append(reads, t)
		}
	}
	return reads, writes
}

// compile turns ops into dispatches; the device is locked.
func (d *device) compile(ops []backend.Op) (*compiler, error) {
	c := &compiler{d: d}
	for i, op := range ops {
		if op == nil {
			return nil, errors.New("a nil operation")
		}
		if err := op.Check(); err != nil {
			return nil, err
		}
		f := emitters[op.Kind()]
		if !d.Supports(op) {
			return nil, fmt.Errorf("%s: %w", backend.Describe(op), backend.ErrUnsupported)
		}
		c.op, c.temp = i, 0
		if f(c, op); c.err != nil {
			return nil, fmt.Errorf("%s: %w", backend.Describe(op), c.err)
		}
	}
	return c, nil
}
