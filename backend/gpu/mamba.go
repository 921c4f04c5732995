package gpu

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
		DstOff: dst.Off, DstStride: dst.Stride, SrcOff: src.Off, SrcStride: src.Stride,
		WeightOff: w.Off, WeightStride: w.Stride, BiasOff: bias.Off,
		StateOff: state.Off, StateStride: state.Stride, Slots: slots,
		BatchOff: batch.Off, BatchStride: batch.Stride, BatchRecords: uint32(o.Batch.Rows - 1),
	}, nil, dst, src, w, bias, state, batch)
}

func emitSelectiveScan(c *compiler, o backend.SelectiveScan) {
	dst, x, dt, a := c.view(o.Dst), c.view(o.X), c.view(o.DT), c.view(o.A)
	b, cc, d, state, batch := c.view(o.B), c.view(o.C), c.view(o.D), c.view(o.State), c.view(o.Batch)
	c.run("scan_f32", [3]int{over(o.Dst.Cols, width), o.Batch.Rows - 1, 1}, shaders.Scan{
		Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols), States: uint32(o.A.Cols),
		DstOff: dst.Off, DstStride: dst.Stride, XOff: x.Off, XStride: x.Stride, DtOff: dt.Off, DtStride: dt.Stride,
		AOff: a.Off, AStride: a.Stride, BOff: b.Off, BStride: b.Stride, COff: cc.Off, CStride: cc.Stride, DOff: d.Off,
		StateOff: state.Off, StateStride: state.Stride, Slots: uint32(o.State.Rows),
		BatchOff: batch.Off, BatchStride: batch.Stride, BatchRecords: uint32(o.Batch.Rows - 1),
	}, nil, dst, x, dt, a, b, cc, d, state, batch)
}
