package backendtest

import (
	"falconmamba/backend"
	"falconmamba/backend/mamba"
)

// Cost returns the bytes that op must read and write at least, each operand and
// weight once, and the floating-point operations that its definition asks for,
// with all rows live. An exp or an activation counts as one.
func Cost(op backend.Op) (bytes, flops int64) {
	reads, writes, weights := op.Operands()
	for _, t := range append(reads, writes...) {
		bytes += int64(t.Type.Size()) * int64(t.Rows) * int64(t.Cols)
	}
	for _, w := range weights {
		d := w.Desc()
		if op.Kind() == backend.KindEmbed { // it reads at most as many rows of the table as Dst has
			bytes += int64(writes[0].Rows) * d.Type.RowBytes(d.Cols)
			continue
		}
		bytes += w.Size()
		flops += 2 * int64(writes[0].Rows) * int64(d.Rows) * int64(d.Cols)
	}
	each := func(t backend.Tensor, n int) { flops += int64(t.Rows) * int64(t.Cols) * int64(n) }
	switch o := op.(type) {
	case backend.RMSNorm:
		each(o.Dst, 4)
	case backend.Conv1D:
		each(o.Dst, 2*o.Weight.Cols+2)
	case backend.SelectiveScan:
		each(o.Dst, 7*o.A.Cols+4)
	case backend.Gate:
		each(o.Dst, 3)
	case backend.Add:
		each(o.Dst, 1)
	case backend.Bias:
		each(o.Dst, 1)
	case backend.ArgMax:
		each(o.Src, 1)
	case mamba.InProjConv:
		each(o.Src, 4)
		each(o.Dst, 2*o.Conv.Cols+2)
	case mamba.SSM:
		each(o.Dst, 7*o.A.Cols+7)
	case mamba.OutProjAdd:
		each(o.Dst, 1)
	}
	return bytes, flops
}
