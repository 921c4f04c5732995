// Package gpu says what operations become on a GPU: which kernels run, with
// which parameters, on which grid. It is the one description that all GPU
// drivers share; how a dispatch is then encoded is theirs.
//
// To add a kernel: write shaders/NAME.comp by the rules in package shaders, a
// struct for its parameters in shaders/params.go, run make generate, and give
// the operation a function in the table of emit.go that calls compiler.run.
package gpu

import (
	"encoding/binary"
	"errors"
	"fmt"

	"falconmamba/backend"
	"falconmamba/shaders"
)

// Word is the bytes of the words that weights are rows of.
const Word = 16

// A Weight is a matrix in parts that one binding reaches.
type Weight struct {
	Desc backend.WeightDesc
	Layout
	Parts []Part
}

// kernel is the end of the names of kernels for the weight's type, with
// activations in float32 or float16.
func (w *Weight) kernel(activations string) string {
	kind := w.Type.String()
	if _, packed := formats[w.Type]; packed {
		kind = "block"
	}
	return kind + activations
}

// constants adds what the kernels for block types are chosen by.
func (w *Weight) constants(list []Constant) []Constant {
	if f, packed := formats[w.Type]; packed {
		list = append(list[:len(list):len(list)], Constant{formatID, f.id})
	}
	return list
}

// perPiece is the elements that kernels take from a row at a time.
func (w *Weight) perPiece() int {
	if f, packed := formats[w.Type]; packed {
		return f.perWord
	}
	return Word / max(w.Type.Size(), 1)
}

// pieces is how many they take, as in shaders/weight.glsl.
func (w *Weight) pieces() int {
	if f, packed := formats[w.Type]; packed && f.perWord == 32 {
		return over(w.Cols, 64) * 2
	}
	return over(w.Cols, w.perPiece())
}

// A Part has the rows from First on. Memory is the driver's own.
type Part struct {
	Memory any
	At     int64 // of the first row, in bytes
	Size   int64
	First  int
	Rows   int
}

// A Dispatch is one launch of a kernel.
type Dispatch struct {
	Op        int // of the list that was compiled
	Kernel    *shaders.Kernel
	Constants []Constant
	Params    []byte
	Operands  []Operand // one for each of the kernel's bindings
	Groups    [3]int
}

// A Constant sets a specialization constant. That of ID 0 is the workgroup's
// size.
type Constant struct{ ID, Value uint32 }

// inOrder gives the constants from 0 up these values.
func inOrder(values ...int) []Constant {
	list := make([]Constant, len(values))
	for i, v := range values {
		list[i] = Constant{uint32(i), uint32(v)}
	}
	return list
}

// truth is a Go bool as kernels have it.
func truth(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// An Operand is what one binding of a dispatch refers to: a view, a part of a
// weight, or nothing.
type Operand struct {
	Tensor  backend.Tensor // absent for weights and where there is nothing
	Scratch bool           // Tensor lies in the driver's scratch
	Part    *Part
	At      int64  // where the binding begins, aligned as the device wants it
	Size    int64  // its bytes
	Off     uint32 // elements from there to the view's first, or shaders.Absent
	Stride  uint32 // elements from row to row
}

// Workgroup returns the invocations of a dispatch's workgroup.
func (x *Dispatch) Workgroup() [3]int {
	size := x.Kernel.Workgroup
	for _, c := range x.Constants {
		for i, id := range x.Kernel.SizeIDs {
			if int(c.ID) == id {
				size[i] = int(c.Value)
			}
		}
	}
	return size
}

// Conflicts returns what a dispatch reads and writes, as its kernel's SPIR-V
// says: the views, or, with spans, all that its bindings reach, which begin and
// end at multiples of the device's alignment.
func (x *Dispatch) Conflicts(spans bool) (reads, writes []backend.Tensor) {
	for i, o := range x.Operands {
		if o.Tensor.IsZero() {
			continue
		}
		t := o.Tensor
		if spans {
			t = backend.Matrix(t.Buf, o.At, backend.F32, 1, int(o.Size/4))
		}
		if x.Kernel.Bindings[i].Write {
			writes = append(writes, t)
		} else {
			reads = append(reads, t)
		}
	}
	return reads, writes
}

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
	left    leftover
}

// add adds what an operation becomes.
func (c *compiler) add(op backend.Op) {
	if c.target.Supports(op) {
		emitters[op.Kind()](c, op)
		return
	}
	_, _, weights := op.Operands()
	for _, w := range weights {
		c.layout(w) // a better reason, if there is no such weight
	}
	c.failf("%w", backend.ErrUnsupported)
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
		Size: alignUp(max(t.Off-at+t.Bytes(), 1), Word),
		Off:  uint32((t.Off - at) / int64(t.Type.Size())), Stride: uint32(t.Stride),
	}
}

// weight is the operand for a part of a weight.
func (c *compiler) weight(p *Part) Operand {
	return Operand{Part: p, At: p.At, Size: alignUp(p.Size, Word)}
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
	c.temp = alignUp(c.temp+v.Bytes(), 256)
	c.scratch = max(c.scratch, c.temp)
	return v
}

// run adds a dispatch of a kernel with the parameters of its struct in package
// shaders and one operand for each binding. Kernels step over what the grid
// does not reach, so it is cut to what the device takes.
func (c *compiler) run(kernel string, groups [3]int, params any, constants []Constant, operands ...Operand) {
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
		groups[i] = min(groups[i], c.target.Groups[i])
	}
	c.list = append(c.list, Dispatch{Op: c.op, Kernel: k, Constants: constants, Params: b, Operands: operands, Groups: groups})
}

func alignUp(n, align int64) int64 { return (n + align - 1) / align * align }
