package launch

import (
	"math"

	"falconmamba/backend"
	"falconmamba/shaders"
)

// Operations over many rows. What a fused operation keeps between its
// dispatches is private: norms and packing write float16 straight for the
// matrix product that follows, x_proj's parts are added where they are
// normalised, and the scan ends with the gate.

// What the kernels for many rows hold on chip.
const (
	maxTaps   = 16   // inputs in registers: conv1d_rows.comp
	maxStates = 64   // of a channel, in registers: scan_lanes.comp
	maxDBC    = 2048 // dt, B and C of a row, in shared memory: dbc.comp
)

// many is the rows of a pass from which the kernels for many rows are taken.
const many = 16

// prefills reports whether an operation has many rows, and kernels for them
// here that take its shapes.
func (d *Target) prefills(op backend.Op) bool {
	_, writes := op.Operands()
	if len(writes) == 0 || writes[0].Rows < many {
		return false
	}
	switch o := op.(type) {
	case backend.MatMul:
		return d.multipliesMany(o.Weight)
	case backend.Conv1D:
		return o.Weight.Cols <= maxTaps
	case backend.SelectiveScan:
		return d.scansMany(o.A.Cols)
	case backend.InProjConv:
		return d.multipliesMany(o.InProj) && o.Conv.Cols <= maxTaps && o.NormEps >= fewEps
	case backend.SSM:
		return d.multipliesMany(o.XProj) && d.multipliesMany(o.DTProj) && d.scansMany(o.A.Cols) &&
			o.DTProj.Desc().Cols+2*o.A.Cols <= maxDBC && (o.NormEps >= fewEps || !o.BCDTNorm)
	case backend.OutProjAdd:
		return d.multipliesMany(o.OutProj)
	case backend.Head:
		return d.multipliesMany(o.Weight) && o.NormEps >= fewEps
	}
	return false
}

// multipliesMany reports whether w's type has kernels for many rows.
func (d *Target) multipliesMany(w backend.Weight) bool {
	own, err := d.Weight(w)
	return err == nil && shaders.Lookup(own.kernel("gemm_", "_f32")) != nil
}

// scansMany reports whether scan_lanes.comp runs here with so many states.
func (d *Target) scansMany(states int) bool {
	return shaders.Lookup("scan_f32_lanes").Needs&^d.Has == 0 && d.SubgroupMin >= 4 && states <= maxStates
}

// rowsOf is the operand that counts a batch's live rows.
func rowsOf(batch backend.Tensor) backend.Tensor { return backend.BatchWord(batch, backend.BatchRows) }

func prefillMatMul(c *compiler, o backend.MatMul) {
	p := c.product(o.Dst, c.layout(o.Weight), o.Precision)
	p.bias = o.Bias
	p.input(c, o.Src, o.Live)
	c.multiply(p)
}

func prefillInProjConv(c *compiler, o backend.InProjConv) {
	p := c.product(o.XZ, c.layout(o.InProj), o.Precision)
	p.bias = o.InBias
	p.normed(c, packing{src: o.Src, rows: o.Src.Rows, norm: true, weight: o.Norm, eps: o.NormEps, live: rowsOf(o.Batch)})
	c.multiply(p)
	prefillConv1D(c, backend.Conv1D{Dst: o.Dst, Src: o.XZ.Columns(0, o.Dst.Cols), Weight: o.Conv, Bias: o.ConvBias,
		State: o.ConvState, Batch: o.Batch, Act: o.Act})
}

func prefillSSM(c *compiler, o backend.SSM) {
	live := rowsOf(o.Batch)
	t, r, n := o.Dst.Rows, o.DTProj.Desc().Cols, o.A.Cols

	// The product has parts, even if it is one, and no destination but these.
	x := c.product(backend.Tensor{Type: backend.F32, Rows: t, Cols: r + 2*n, Stride: r + 2*n}, c.layout(o.XProj), o.Precision)
	x.input(c, o.X, live)
	sums := c.sums(x)

	dt := c.product(c.tensor(backend.F32, t, o.Dst.Cols), c.layout(o.DTProj), o.Precision)
	dt.bias, dt.live = o.DTBias, live
	bc := c.tensor(backend.F32, t, 2*n)
	dbc := shaders.DBC{
		Rows: uint32(t), Rank: uint32(r), States: uint32(n), Norm: truth(o.BCDTNorm),
		Parts: uint32(x.parts), Part: uint32(t * sums.Stride), Eps: o.NormEps,
	}
	kernel := "dbc_f32"
	if dt.packed() {
		kernel = "dbc_f16"
		dt.src = c.tensor(backend.F16, over(t, dt.tile.bm())*dt.tile.bm(), over(r, dt.tile.bk)*dt.tile.bk)
		dbc.Tile, dbc.DtPitch = uint32(dt.tile.bm()), uint32(dt.src.Cols/4)
	} else {
		dt.src = c.tensor(backend.F32, t, r)
		dbc.DtPitch = uint32(r)
	}
	s, d, b, l := c.view(sums), c.view(dt.src), c.view(bc), c.view(live)
	dbc.SrcOff, dbc.SrcStride, dbc.BcOff, dbc.BcStride, dbc.LiveOff = s.Off, s.Stride, b.Off, b.Stride, l.Off
	c.run(kernel, [3]int{dt.src.Rows, 1, 1}, dbc, []Constant{{0, c.target.workgroup(r)}}, s, d, b, l)

	c.multiply(dt)
	c.scan(backend.SelectiveScan{Dst: o.Dst, X: o.X, DT: dt.dst, A: o.A, B: bc.Columns(0, n), C: bc.Columns(n, 2*n), D: o.D,
		State: o.State, Batch: o.Batch}, o.Z, o.Precision)
}

func prefillOutProjAdd(c *compiler, o backend.OutProjAdd) {
	p := c.product(o.Dst, c.layout(o.OutProj), o.Precision)
	p.bias, p.residual = o.Bias, o.Residual
	p.input(c, o.Src, rowsOf(o.Batch))
	c.multiply(p)
}

func prefillHead(c *compiler, o backend.Head) {
	p := c.product(o.Logits, c.layout(o.Weight), o.Precision)
	n := packing{src: o.Src, rows: o.Rows.Rows, from: o.Rows, norm: true, weight: o.Norm, eps: o.NormEps,
		live: backend.BatchWord(o.Batch, backend.BatchHeads)}
	if !p.packed() {
		chosen := c.tensor(backend.F32, o.Rows.Rows, o.Src.Cols)
		emitGather(c, backend.Gather{Dst: chosen, Src: o.Src, From: o.Rows, Live: n.live})
		n.src, n.from = chosen, backend.Tensor{}
	}
	p.normed(c, n)
	c.multiply(p)
}

// prefillConv1D needs at most maxTaps taps.
func prefillConv1D(c *compiler, o backend.Conv1D) {
	const steps, group = 32, 8 // rows of a tile, and those that are loaded together
	dst, src, w, bias := c.view(o.Dst), c.view(o.Src), c.view(o.Weight), c.view(o.Bias)
	state, batch := c.view(o.State), c.view(o.Batch)
	slots := uint32(o.State.Rows)
	if o.State.IsZero() {
		slots = math.MaxUint32
	}
	taps := o.Weight.Cols
	size := c.target.workgroup(o.Dst.Cols)
	c.run("conv1d_f32_rows", [3]int{over(o.Dst.Cols, int(size)), over(o.Dst.Rows, steps), 1}, shaders.ConvRows{
		Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols), Steps: steps,
		DstOff: dst.Off, DstStride: dst.Stride, SrcOff: src.Off, SrcStride: src.Stride,
		WeightOff: w.Off, WeightStride: w.Stride, BiasOff: bias.Off,
		StateOff: state.Off, StateStride: state.Stride, Slots: slots,
		BatchOff: batch.Off, BatchStride: batch.Stride, BatchRecords: uint32(o.Batch.Rows - 1),
	}, []Constant{{0, size}, {1, uint32(taps)}, {2, uint32(o.Act)}, {3, uint32(over(steps+taps-1, group) * group)}},
		dst, src, w, bias, state, batch)
}

func prefillScan(c *compiler, o backend.SelectiveScan) { c.scan(o, backend.Tensor{}, backend.Float) }

// scan emits the scan for many rows, with a gate where there is z.
func (c *compiler) scan(o backend.SelectiveScan, z backend.Tensor, p backend.Precision) {
	const lanes, steps = 4, 16
	states := o.A.Cols
	quads := over(states, 4*lanes)
	size := int(c.target.workgroup(lanes * o.Dst.Cols))
	channels := size / lanes
	dst, x, g, dt, a := c.view(o.Dst), c.view(o.X), c.view(z), c.view(o.DT), c.view(o.A)
	b, cc, d, state, batch := c.view(o.B), c.view(o.C), c.view(o.D), c.view(o.State), c.view(o.Batch)
	constants := []Constant{{0, uint32(size)}, {1, uint32(channels)}, {2, steps}, {3, uint32(quads)}, {4, truth(!z.IsZero())},
		{5, uint32(channels * steps)}, {6, uint32(lanes * quads * steps)}, {7, steps / 4},
		{8, uint32(over(16*quads*steps, size))}, {9, truth(p == backend.Float)}}
	c.run("scan_f32_lanes", [3]int{over(o.Dst.Cols, channels), o.Batch.Rows - 1, 1}, shaders.ScanLanes{
		Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols), States: uint32(states),
		DstOff: dst.Off, DstStride: dst.Stride, XOff: x.Off, XStride: x.Stride, ZOff: g.Off, ZStride: g.Stride,
		DtOff: dt.Off, DtStride: dt.Stride, AOff: a.Off, AStride: a.Stride,
		BOff: b.Off, BStride: b.Stride, COff: cc.Off, CStride: cc.Stride, DOff: d.Off,
		StateOff: state.Off, StateStride: state.Stride, Slots: uint32(o.State.Rows),
		BatchOff: batch.Off, BatchStride: batch.Stride, BatchRecords: uint32(o.Batch.Rows - 1),
	}, constants, dst, x, g, dt, a, b, cc, d, state, batch)
}
