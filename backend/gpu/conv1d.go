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
	c.run([3]int{over(o.Dst.Cols, width), o.Batch.Rows - 1, 1}, shaders.Conv1D[Operand]{
		Params: shaders.Conv1DParams{
			Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols), Taps: uint32(o.Weight.Cols), Act: uint32(o.Act),
			Slots: convSlots(o.State), BatchRecords: records(o.Batch),
		},
		Constants: shaders.Conv1DConstants{StateType: stateType(o.State), Keep: o.Keeps},
		Dst:       c.view(o.Dst), Src: c.view(o.Src), Weight: c.view(o.Weight), Bias: c.view(o.Bias),
		State: c.view(o.State), Batch: c.view(o.Batch),
	}.Conv1DF32())
}

// stateType is the type of a state as state.glsl calls it; an absent one has any.
func stateType(state backend.Tensor) uint32 {
	switch state.Type {
	case backend.F16:
		return 1
	case backend.BF16:
		return 2
	}
	return 0
}

// convSlots is how many slots a conv state has: any number where there is none.
func convSlots(state backend.Tensor) uint32 {
	if state.IsZero() {
		return math.MaxUint32
	}
	return uint32(state.Rows)
}

// prefillConv1D needs at most prefillTaps taps.
func prefillConv1D(c *compiler, o backend.Conv1D) {
	const group = 8 // rows that conv1d_rows.comp loads together
	s := cmp.Or(c.target.Tuning.Conv, convSweep)
	taps, size := o.Weight.Cols, c.target.workgroup(o.Dst.Cols, s.Size)
	c.run([3]int{over(o.Dst.Cols, size), over(o.Dst.Rows, s.Steps), 1}, shaders.Conv1DRows[Operand]{
		Params: shaders.Conv1DRowsParams{
			Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols), Steps: uint32(s.Steps),
			Slots: convSlots(o.State), BatchRecords: records(o.Batch),
		},
		Constants: shaders.Conv1DRowsConstants{
			Size: uint32(size), Taps: uint32(taps), Act: uint32(o.Act),
			Span: uint32(over(s.Steps+taps-1, group) * group), StateType: stateType(o.State), Keep: o.Keeps,
		},
		Dst: c.view(o.Dst), Src: c.view(o.Src), Weight: c.view(o.Weight), Bias: c.view(o.Bias),
		State: c.view(o.State), Batch: c.view(o.Batch),
	}.Conv1DF32Rows())
}
