package gpu

import (
	"cmp"
	"math"

	"falconmamba/backend"
	"falconmamba/shaders"
)

// prefillTaps is the most inputs of a channel that conv1d_rows.comp keeps in
// registers.
const prefillTaps = 16

func supportsConv1D(_ *Target, o backend.Conv1D) forms {
	return forms{decode: true, prefill: o.Dst.Rows >= PrefillRows && o.Weight.Cols <= prefillTaps}
}

func decodeConv1D(c *compiler, o backend.Conv1D) {
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

// prefillConv1D needs at most prefillTaps taps.
func prefillConv1D(c *compiler, o backend.Conv1D) {
	const group = 8 // rows that conv1d_rows.comp loads together
	m := cmp.Or(c.target.Tuning.Conv, convSweep)
	dst, src, w, bias := c.view(o.Dst), c.view(o.Src), c.view(o.Weight), c.view(o.Bias)
	state, batch := c.view(o.State), c.view(o.Batch)
	slots := uint32(o.State.Rows)
	if o.State.IsZero() {
		slots = math.MaxUint32
	}
	taps, size := o.Weight.Cols, c.target.workgroup(o.Dst.Cols, m.Size)
	c.run("conv1d_f32_rows", [3]int{over(o.Dst.Cols, size), over(o.Dst.Rows, m.Steps), 1}, shaders.ConvRows{
		Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols), Steps: uint32(m.Steps),
		DstOff: dst.Off, DstStride: dst.Stride, SrcOff: src.Off, SrcStride: src.Stride,
		WeightOff: w.Off, WeightStride: w.Stride, BiasOff: bias.Off,
		StateOff: state.Off, StateStride: state.Stride, Slots: slots,
		BatchOff: batch.Off, BatchStride: batch.Stride, BatchRecords: uint32(o.Batch.Rows - 1),
	}, inOrder(size, taps, int(o.Act), over(m.Steps+taps-1, group)*group),
		dst, src, w, bias, state, batch)
}
