package gpu

import (
	"cmp"

	"falconmamba/backend"
	"falconmamba/shaders"
)

// prefillStates is the most of a channel that scan_lanes.comp keeps in
// registers.
const prefillStates = 64

func supportsSelectiveScan(d *Target, o backend.SelectiveScan) forms {
	return forms{decode: true, prefill: o.Dst.Rows >= PrefillRows && d.scansLanes(o.A.Cols)}
}

// scansLanes reports whether scan_lanes.comp runs here with so many states.
func (d *Target) scansLanes(states int) bool {
	return d.runs("scan_f32_lanes") && d.SubgroupMin >= 4 && states <= prefillStates
}

func decodeSelectiveScan(c *compiler, o backend.SelectiveScan) {
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

func prefillSelectiveScan(c *compiler, o backend.SelectiveScan) {
	c.scan(o, backend.Tensor{}, backend.Float)
}

// scan emits the scan of a prompt, with a gate where there is z.
func (c *compiler) scan(o backend.SelectiveScan, z backend.Tensor, p backend.Precision) {
	const lanes = 4 // of a channel
	m := cmp.Or(c.target.Tuning.Scan, scanSweep)
	states, steps := o.A.Cols, m.Steps
	quads := over(states, 4*lanes)
	size := c.target.workgroup(lanes*o.Dst.Cols, m.Size)
	channels := size / lanes
	dst, x, g, dt, a := c.view(o.Dst), c.view(o.X), c.view(z), c.view(o.DT), c.view(o.A)
	b, cc, d, state, batch := c.view(o.B), c.view(o.C), c.view(o.D), c.view(o.State), c.view(o.Batch)
	constants := inOrder(size, channels, steps, quads, int(truth(!z.IsZero())), channels*steps, lanes*quads*steps,
		steps/4, over(16*quads*steps, size), int(truth(p == backend.Float)))
	c.run("scan_f32_lanes", [3]int{over(o.Dst.Cols, channels), o.Batch.Rows - 1, 1}, shaders.ScanLanes{
		Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols), States: uint32(states),
		DstOff: dst.Off, DstStride: dst.Stride, XOff: x.Off, XStride: x.Stride, ZOff: g.Off, ZStride: g.Stride,
		DtOff: dt.Off, DtStride: dt.Stride, AOff: a.Off, AStride: a.Stride,
		BOff: b.Off, BStride: b.Stride, COff: cc.Off, CStride: cc.Stride, DOff: d.Off,
		StateOff: state.Off, StateStride: state.Stride, Slots: uint32(o.State.Rows),
		BatchOff: batch.Off, BatchStride: batch.Stride, BatchRecords: uint32(o.Batch.Rows - 1),
	}, constants, dst, x, g, dt, a, b, cc, d, state, batch)
}
