package gpu

import (
	"errors"
	"fmt"

	"falconmamba/backend"
	"falconmamba/shaders"
)

// Compile turns ops into dispatches. They want scratch bytes of memory that no
// tensor of ops lies in.
func Compile(t *Target, ops []backend.Op) (list []Dispatch, scratch int64, err error) {
	c := &compiler{target: t, ops: ops, private: &private{}}
	for _, op := range ops { // all of them first: an operation may look at the next
		if op == nil {
			return nil, 0, errors.New("a nil operation")
		}
		if err := op.Check(); err != nil {
			return nil, 0, err
		}
	}
	for i, op := range ops {
		c.begin(i)
		if c.add(op); c.err != nil {
			return nil, 0, fmt.Errorf("%s: %w", backend.Describe(op), c.err)
		}
	}
	return c.list, c.scratch, nil
}

// A compiler turns operations into dispatches.
type compiler struct {
	target  *Target
	ops     []backend.Op
	list    []Dispatch
	op      int // index of the operation that is being compiled
	err     error
	private *private
	temp    int64 // bytes of scratch that this operation has
	scratch int64 // the most that one has had
	handed  handover
}

// private stands for the driver's scratch in tensors.
type private struct{ backend.Buffer }

// failf keeps the first error.
func (c *compiler) failf(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// view is the operand for a tensor that a kernel reads or writes.
func (c *compiler) view(t backend.Tensor) Operand {
	if t.IsZero() {
		return Operand{Size: Word, Off: shaders.Absent}
	}
	_, scratch := t.Buf.(*private)
	if !scratch {
		if err := c.target.Own(t.Buf); err != nil {
			c.failf("an operand's buffer %w", err)
		}
	}
	// Kernels that read 16-byte words want no less.
	at := t.Off &^ (max(c.target.Align, Word) - 1)
	return Operand{
		Tensor: t, Scratch: scratch, At: at,
		Size: AlignUp(max(t.Off-at+t.Bytes(), 1), Word),
		Off:  uint32((t.Off - at) / int64(t.Type.Size())), Stride: uint32(t.Stride),
	}
}

// channels is view for those channels of t that a part of a weight makes.
func (c *compiler) channels(t backend.Tensor, p *Part) Operand {
	if !t.IsZero() {
		t = t.Columns(p.First, p.First+p.Rows)
	}
	return c.view(t)
}

// weight is the operand for a part of a weight.
func (c *compiler) weight(p *Part) Operand {
	return Operand{Part: p, At: p.At, Size: AlignUp(p.Size, Word)}
}

// layout returns the driver's own form of a weight.
func (c *compiler) layout(w backend.Weight) *Weight {
	own, err := c.target.Weight(w)
	if err != nil {
		c.failf("weight %q %w", w.Desc().Name, err)
		return &Weight{}
	}
	return own
}

// tensor returns a temporary of this operation, not cleared.
func (c *compiler) tensor(t backend.DType, rows, cols int) backend.Tensor {
	v := backend.Matrix(c.private, c.temp, t, rows, cols)
	c.temp = AlignUp(c.temp+v.Bytes(), 256)
	c.scratch = max(c.scratch, c.temp)
	return v
}

// run adds a dispatch of a kernel. Kernels step over what the grid does not
// reach, so it is limited to what the device takes.
func (c *compiler) run(grid [3]int, x shaders.Call[Operand]) {
	if c.err != nil || grid[0] == 0 || grid[1] == 0 || grid[2] == 0 {
		return
	}
	if x.Kernel == nil {
		c.failf("there is no kernel %s", x.Name)
		return
	}
	for i := range grid {
		grid[i] = min(grid[i], c.target.Groups[i])
	}
	c.list = append(c.list, Dispatch{
		Op: c.op, Kernel: x.Kernel, Constants: x.Settings, Params: x.Params, Operands: x.Operands, Groups: grid,
	})
}
