package gpu

import (
	"cmp"
	"math"

	"falconmamba/backend"
	"falconmamba/backend/mamba"
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

// Many is the rows of a pass from which the kernels for many rows are taken, but
// see Target.many.
const Many = 16

// prefills reports whether an operation has many rows, and kernels for them
// here that take its shapes.
func (d *Target) prefills(op backend.Op) bool {
	_, writes, _ := op.Operands()
	if len(writes) == 0 || writes[0].Rows < d.manyOf(op) {
		return false
	}
	rows := int64(writes[0].Rows + 255) // of packed tiles
	switch o := op.(type) {
	case backend.MatMul:
		return d.multipliesMany(o.Weight) && d.holds(4*rows*int64(o.Src.Cols))
	case backend.Conv1D:
		return o.Weight.Cols <= maxTaps
	case backend.SelectiveScan:
		return d.scansMany(o.A.Cols)
	case mamba.InProjConv:
		return d.multipliesMany(o.InProj) && o.Conv.Cols <= maxTaps && o.NormEps >= fewEps &&
			d.holds(4*rows*int64(o.Src.Cols))
	case mamba.SSM:
		return d.multipliesMany(o.XProj) && d.multipliesMany(o.DTProj) && d.scansMany(o.A.Cols) &&
			o.DTProj.Desc().Cols+2*o.A.Cols <= maxDBC && (o.NormEps >= fewEps || !o.BCDTNorm) &&
			d.holds(rows*int64(6*o.Dst.Cols+4*maxDBC))
	case mamba.OutProjAdd:
		return d.multipliesMany(o.OutProj) && d.holds(4*rows*int64(o.Src.Cols))
	case backend.Head:
		return d.multipliesMany(o.Weight) && o.NormEps >= fewEps && d.holds(8*rows*int64(o.Src.Cols))
	}
	return false
}

// manyOf returns the rows from which op has many.
func (d *Target) manyOf(op backend.Op) int {
	if !d.fuses(op) {
		return Many
	}
	switch o := op.(type) {
	case mamba.InProjConv:
		return d.many(o.Precision, o.InProj)
	case mamba.SSM:
		return d.many(o.Precision, o.XProj)
	case mamba.OutProjAdd:
		return d.many(o.Precision, o.OutProj)
	case backend.Head:
		return d.many(o.Precision, o.Weight)
	}
	return Many
}

// multipliesMany reports whether w's type has kernels for many rows.
func (d *Target) multipliesMany(w backend.Weight) bool {
	own, err := d.Weight(w)
	return err == nil && shaders.Lookup("gemm_"+own.kernel("_f32")) != nil
}

// scansMany reports whether scan_lanes.comp runs here with so many states.
func (d *Target) scansMany(states int) bool {
	return d.runs("scan_f32_lanes") && d.SubgroupMin >= 4 && states <= maxStates
}

// rowsOf is the operand that counts a batch's live rows.
func rowsOf(batch backend.Tensor) backend.Tensor { return backend.BatchWord(batch, backend.BatchRows) }

func prefillMatMul(c *compiler, o backend.MatMul) {
	p := c.product(o.Dst, c.layout(o.Weight), o.Precision)
	p.bias = o.Bias
	p.input(c, o.Src, o.Live)
	c.multiply(p)
}

func prefillInProjConv(c *compiler, o mamba.InProjConv) {
	p := c.product(o.XZ, c.layout(o.InProj), o.Precision)
	p.bias = o.InBias
	p.normed(c, packing{src: o.Src, rows: o.Src.Rows, norm: true, weight: o.Norm, eps: o.NormEps, live: rowsOf(o.Batch)})
	c.multiply(p)
	prefillConv1D(c, backend.Conv1D{Dst: o.Dst, Src: o.XZ.Columns(0, o.Dst.Cols), Weight: o.Conv, Bias: o.ConvBias,
		State: o.ConvState, Batch: o.Batch, Act: o.Act})
}

func prefillSSM(c *compiler, o mamba.SSM) {
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
		dt.src = c.tensor(backend.F16, over(t, dt.tile.BM())*dt.tile.BM(), over(r, dt.tile.BK)*dt.tile.BK)
		dbc.Tile, dbc.DtPitch = uint32(dt.tile.BM()), uint32(dt.src.Cols/4)
	} else {
		dt.src = c.tensor(backend.F32, t, r)
		dbc.DtPitch = uint32(r)
	}
	s, d, b, l := c.view(sums), c.view(dt.src), c.view(bc), c.view(live)
	dbc.SrcOff, dbc.SrcStride, dbc.BcOff, dbc.BcStride, dbc.LiveOff = s.Off, s.Stride, b.Off, b.Stride, l.Off
	c.run(kernel, [3]int{dt.src.Rows, 1, 1}, dbc, inOrder(c.target.workgroup(r, 256)), s, d, b, l)

	c.multiply(dt)
	c.scan(backend.SelectiveScan{Dst: o.Dst, X: o.X, DT: dt.dst, A: o.A, B: bc.Columns(0, n), C: bc.Columns(n, 2*n), D: o.D,
		State: o.State, Batch: o.Batch}, o.Z, o.Precision)
}

func prefillOutProjAdd(c *compiler, o mamba.OutProjAdd) {
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

// A March is how a kernel goes along the rows of its channels.
type March struct {
	Size  int // invocations of a workgroup, at most: a power of two
	Steps int // rows of a tile, a multiple of 4
}

var (
	convMarch = March{256, 32}
	scanMarch = March{256, 16}
)

// prefillConv1D needs at most maxTaps taps.
func prefillConv1D(c *compiler, o backend.Conv1D) {
	const group = 8 // rows that conv1d_rows.comp loads together
	m := cmp.Or(c.target.Tuning.Conv, convMarch)
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

func prefillScan(c *compiler, o backend.SelectiveScan) { c.scan(o, backend.Tensor{}, backend.Float) }

// scan emits the scan for many rows, with a gate where there is z.
func (c *compiler) scan(o backend.SelectiveScan, z backend.Tensor, p backend.Precision) {
	const lanes = 4 // of a channel
	m := cmp.Or(c.target.Tuning.Scan, scanMarch)
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
