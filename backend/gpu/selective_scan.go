package gpu

import (
	"cmp"

	"falconmamba/backend"
	"falconmamba/shaders"
)

// scanHeld is how many states of a channel scan.comp keeps in registers.
const scanHeld = 16

// prefillStates is the most of a channel that scan_lanes.comp keeps in
// registers.
const prefillStates = 64

func supportsSelectiveScan(d *Target, o backend.SelectiveScan) forms {
	return forms{decode: true, prefill: o.Dst.Rows >= PrefillRows && d.scansLanes(o.A.Cols)}
}

// scansLanes reports whether scan_lanes.comp runs here with that number of states.
func (d *Target) scansLanes(states int) bool {
	return d.runs(shaders.ScanF32LanesKernel, shaders.Types{}) && d.SubgroupMin >= 4 && states <= prefillStates
}

func decodeSelectiveScan(c *compiler, o backend.SelectiveScan) {
	constants := shaders.ScanConstants{Held: scanHeld, StateType: stateType(o.State), Keep: o.Keeps}
	if constants.StateType != 0 { // what stays in memory would be rounded in every row
		constants.Held = max(constants.Held, uint32(o.A.Cols))
	}
	c.run([3]int{over(o.Dst.Cols, width), o.Batch.Rows - 1, 1}, shaders.Scan[Operand]{
		Params: shaders.ScanParams{
			Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols), States: uint32(o.A.Cols),
			Slots: uint32(o.State.Rows), BatchRecords: records(o.Batch),
		},
		Constants: constants,
		Dst:       c.view(o.Dst), X: c.view(o.X), DT: c.view(o.DT),
		A: c.view(o.A), B: c.view(o.B), C: c.view(o.C), D: c.view(o.D),
		State: c.view(o.State), Batch: c.view(o.Batch),
	}.ScanF32())
}

func prefillSelectiveScan(c *compiler, o backend.SelectiveScan) {
	c.scan(o, backend.Tensor{}, backend.Float)
}

// scan emits the scan of a prompt, with a gate where there is z.
func (c *compiler) scan(o backend.SelectiveScan, z backend.Tensor, p backend.Precision) {
	const lanes = 4 // of a channel
	s := cmp.Or(c.target.Tuning.Scan, scanSweep)
	states, steps := o.A.Cols, s.Steps
	if o.Batch.Rows > o.Dst.Rows { // each row is a sequence, and the rest of its tile would be work for nothing
		steps = 4
	}
	quads := over(states, 4*lanes)
	size := c.target.workgroup(lanes*o.Dst.Cols, s.Size)
	channels := size / lanes
	c.run([3]int{over(o.Dst.Cols, channels), o.Batch.Rows - 1, 1}, shaders.ScanLanes[Operand]{
		Params: shaders.ScanLanesParams{
			Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols), States: uint32(states),
			Slots: uint32(o.State.Rows), BatchRecords: records(o.Batch),
		},
		Constants: shaders.ScanLanesConstants{
			Size: uint32(size), Channels: uint32(channels), Steps: uint32(steps), Quads: uint32(quads),
			Gate: !z.IsZero(), SharedX: uint32(channels * steps), SharedB: uint32(lanes * quads * steps),
			Loads: uint32(steps / 4), LoadsB: uint32(over(16*quads*steps, size)), Exact: p == backend.Float,
			StateType: stateType(o.State), Keep: o.Keeps,
		},
		Dst: c.view(o.Dst), X: c.view(o.X), Z: c.view(z), DT: c.view(o.DT), A: c.view(o.A),
		B: c.view(o.B), C: c.view(o.C), D: c.view(o.D), State: c.view(o.State), Batch: c.view(o.Batch),
	}.ScanF32Lanes())
}
