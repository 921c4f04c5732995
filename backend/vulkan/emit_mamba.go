//go:build cgo && !darwin

package vulkan

import (
	"math"

	"falconmamba/backend"
	"falconmamba/shaders"
)

// The two operations that carry state, for any shape.

func emitConv1D(c *compiler, o backend.Conv1D) {
	dst, src, w, bias := c.view(o.Dst), c.view(o.Src), c.view(o.Weight), c.view(o.Bias)
	state, batch := c.view(o.State), c.view(o.Batch)
	slots := uint32(o.State.Rows)
	if o.State.IsZero() {
		slots = math.MaxUint32
	}
	c.run("conv1d_f32", [3]int{over(o.Dst.Cols, width), o.Batch.Rows - 1, 1}, shaders.Conv1D{
		Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols), Taps: uint32(o.Weight.Cols), Act: uint32(o.Act),
		DstOff: dst.off, DstStride: dst.stride, SrcOff: src.off, SrcStride: src.stride,
		WeightOff: w.off, WeightStride: w.stride, BiasOff: bias.off,
		StateOff: state.off, StateStride: state.stride, Slots: slots,
		BatchOff: batch.off, BatchStride: batch.stride, BatchRecords: uint32(o.Batch.Rows - 1),
	}, nil, dst, src, w, bias, state, batch)
}

func emitSelectiveScan(c *compiler, o backend.SelectiveScan) {
	dst, x, dt, a := c.view(o.Dst), c.view(o.X), c.view(o.DT), c.view(o.A)
	b, cc, d, state, batch := c.view(o.B), c.view(o.C), c.view(o.D), c.view(o.State), c.view(o.Batch)
	c.run("scan_f32", [3]int{over(o.Dst.Cols, width), o.Batch.Rows - 1, 1}, shaders.Scan{
		Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols), States: uint32(o.A.Cols),
		DstOff: dst.off, DstStride: dst.stride, XOff: x.off, XStride: x.stride, DtOff: dt.off, DtStride: dt.stride,
		AOff: a.off, AStride: a.stride, BOff: b.off, BStride: b.stride, COff: cc.off, CStride: cc.stride, DOff: d.off,
		StateOff: state.off, StateStride: state.stride, Slots: uint32(o.State.Rows),
		BatchOff: batch.off, BatchStride: batch.stride, BatchRecords: uint32(o.Batch.Rows - 1),
	}, nil, dst, x, dt, a, b, cc, d, state, batch)
}
