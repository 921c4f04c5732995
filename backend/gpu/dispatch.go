package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

// A Dispatch is one launch of a kernel.
type Dispatch struct {
	Op        int // of the list that was compiled
	Kernel    *shaders.Kernel
	Constants []shaders.Setting
	Params    []byte
	Operands  []Operand // one for each of the kernel's bindings
	Groups    [3]int
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

// Elements implements shaders.Operand.
func (o Operand) Elements() (off, stride uint32) { return o.Off, o.Stride }

// vectors is the operand for a binding whose elements are n of the tensor's.
func (o Operand) vectors(n uint32) Operand {
	if o.Off != shaders.Absent {
		o.Off, o.Stride = o.Off/n, o.Stride/n
	}
	return o
}

// wide reports whether the rows of an operand begin at 16-byte words.
func (o Operand) wide() bool { return o.Off == shaders.Absent || o.Off%4 == 0 && o.Stride%4 == 0 }

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
