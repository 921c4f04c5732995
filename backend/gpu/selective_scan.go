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
	t := c.target.scanTile(o)
	dst, x, dt, zs, b, cs := c.view(o.Dst), c.view(o.X), c.view(o.DT), c.view(z), c.view(o.B), c.view(o.C)
	c.run([3]int{over(o.Dst.Cols, t.channels), o.Batch.Rows - 1, 1}, shaders.ScanLanes[Operand]{
		Params: shaders.ScanLanesParams{
			Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols), States: uint32(o.A.Cols),
			Slots: uint32(o.State.Rows), BatchRecords: records(o.Batch),
		},
		Constants: shaders.ScanLanesConstants{
			Size: uint32(t.size()), Channels: uint32(t.channels), Steps: uint32(t.steps), Quads: uint32(t.quads),
			Gate: !z.IsZero(), SharedX: uint32(t.deltas()), SharedB: uint32(t.inputs()), SharedY: uint32(t.results()),
			Loads: uint32(over(t.steps, 16)), LoadsB: uint32(over(t.inputs(), t.size())), Fours: uint32(t.steps / 4),
			Wide:  dst.wide() && x.wide() && dt.wide() && zs.wide() && o.Dst.Cols%4 == 0,
			WideB: b.wide() && cs.wide() && o.A.Cols%16 == 0,
			Exact: p == backend.Float, StateType: stateType(o.State), Keep: o.Keeps,
		},
		Dst: dst, X: x, Z: zs, DT: dt, A: c.view(o.A), B: b, C: cs, D: c.view(o.D), State: c.view(o.State),
		Batch: c.view(o.Batch),
	}.ScanF32Lanes())
}

// scanLanes is the invocations of a channel in scan_lanes.comp.
const scanLanes = 4

// A scanTile is what a workgroup of scan_lanes.comp has in shared memory at a time.
type scanTile struct {
	channels, steps int
	quads           int // fours of states of an invocation
}

func (t scanTile) size() int { return scanLanes * t.channels }

// deltas, inputs and results are the lengths of the kernel's shared arrays: of pairs, and of
// vectors of four.
func (t scanTile) deltas() int { return t.channels * t.steps }

func (t scanTile) inputs() int { return scanLanes * t.quads * t.steps }

func (t scanTile) results() int { return (t.channels + 8) / 4 * t.steps }

func (t scanTile) shared() int { return 8*t.deltas() + 2*Word*t.inputs() + Word*t.results() }

// scanShared is the bytes of shared memory that a workgroup of the scan takes at most: where it could have
// all that a core has, so that four fit, for there is nothing else that hides what they wait for.
func (d *Target) scanShared() int {
	if d.Shared >= wholeShared {
		return d.Shared / 4
	}
	return d.Shared
}

// scanTile chooses for o.
func (d *Target) scanTile(o backend.SelectiveScan) scanTile {
	s := cmp.Or(d.Tuning.Scan, scanSweep)
	t := scanTile{
		channels: d.workgroup(scanLanes*o.Dst.Cols, s.Size) / scanLanes, steps: s.Steps,
		quads: over(o.A.Cols, 4*scanLanes),
	}
	if o.Batch.Rows > o.Dst.Rows { // each row is a sequence, and the rest of its tile would be work for nothing
		t.steps = 4
	}
	few := d.Software || d.scarce() // more rows in flight are more registers
	for t.steps > 4 && (t.shared() > d.scanShared() || few && t.steps > 16) {
		t.steps /= 2
	}
	return t
}
