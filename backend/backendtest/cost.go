package backendtest

import (
	"falconmamba/backend"
	"falconmamba/backend/mamba"
)

// Cost returns the bytes that op must read and write at least, each operand and
// weight once, and the floating-point operations that its definition asks for,
// with all rows live. An exp or an activation counts as one.
func Cost(op backend.Op) (bytes, flops int64) {
	reads, writes := op.Operands()
	for _, t := range append(reads, writes...) {
		bytes += 4 * int64(t.Rows) * int64(t.Cols)
	}
	product := func(rows int, w backend.Weight) {
		bytes += w.Size()
		d := w.Desc()
		flops += 2 * int64(rows) * int64(d.Rows) * int64(d.Cols)
	}
	each := func(t backend.Tensor, n int) { flops += int64(t.Rows) * int64(t.Cols) * int64(n) }
	switch o := op.(type) {
	case backend.Embed: // the rows of the table that are read, at most as many as Dst has
		d := o.Table.Desc()
		bytes += int64(o.Dst.Rows) * d.Type.RowBytes(d.Cols)
	case backend.RMSNorm:
		each(o.Dst, 4)
	case backend.MatMul:
		product(o.Dst.Rows, o.Weight)
	case backend.Conv1D:
		each(o.Dst, 2*o.Weight.Cols+2)
	case backend.SelectiveScan:
		each(o.Dst, 7*o.A.Cols+4)
	case backend.Gate:
		each(o.Dst, 3)
	case backend.Add:
		each(o.Dst, 1)
	case backend.ArgMax:
		each(o.Src, 1)
	case mamba.InProjConv:
		product(o.Dst.Rows, o.InProj)
		each(o.Src, 4)
		each(o.Dst, 2*o.Conv.Cols+2)
	case mamba.SSM:
		product(o.Dst.Rows, o.XProj)
		product(o.Dst.Rows, o.DTProj)
		each(o.Dst, 7*o.A.Cols+7)
	case mamba.OutProjAdd:
		product(o.Dst.Rows, o.OutProj)
		each(o.Dst, 1)
	case backend.Head:
		product(o.Logits.Rows, o.Weight)
	case backend.HeadArgMax:
		product(o.Dst.Rows, o.Weight)
	}
	return bytes, flops
}
