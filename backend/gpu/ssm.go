package gpu

import (
	"falconmamba/backend"
	"falconmamba/backend/mamba"
	"falconmamba/shaders"
)

// How ssm.comp and dbc.comp are limited.
const (
	ssmStates = 64   // of a channel, in ssm.comp
	ssmHeld   = 16   // rows times an invocation's states: two workgroups' registers to a core
	ssmLanes  = 4    // of a channel, in ssm.comp
	ssmDBC    = 2048 // dt, B and C of a row, in shared memory: dbc.comp
)

func supportsSSM(d *Target, o mamba.SSM) forms {
	var f forms
	norms := o.NormEps >= leastEps || !o.BCDTNorm
	_, fits := d.ssmShape(o)
	f.decode = norms && fits && d.hasMatvec(shaders.XProjKernels, o.XProj) && d.hasMatvec(shaders.SSMKernels, o.DTProj)
	decodes := f.decode && (apart(o) || o.Dst.Rows <= halfRows)
	f.prefill = d.prefills(o.Dst.Rows, decodes, matvecSlices, o.Precision, o.XProj) &&
		d.hasGemm(o.XProj) && d.hasGemm(o.DTProj) && d.scansLanes(o.A.Cols) &&
		o.DTProj.Desc().Cols+2*o.A.Cols <= ssmDBC && norms &&
		d.holds(packedRows(o.Dst.Rows)*int64(6*o.Dst.Cols+4*ssmDBC))
	return f
}

// apart reports whether the rows may be of a sequence each: then they need not wait for
// one another.
func apart(o mamba.SSM) bool { return o.Batch.Rows > o.Dst.Rows }

// An ssmShape is how ssm.comp goes about its channels.
type ssmShape struct {
	size   int // invocations of a workgroup
	rows   int // in a block
	states int // of an invocation
	tile   int // vectors of shared memory
}

// ssmShape chooses for o, and reports whether it can.
func (d *Target) ssmShape(o mamba.SSM) (ssmShape, bool) {
	w, err := d.Weight(o.DTProj)
	if err != nil || o.A.Cols > ssmStates {
		return ssmShape{}, false
	}
	s := ssmShape{size: d.matvecSize(), rows: 1, states: over(o.A.Cols, ssmLanes)}
	width := over(w.chunks()*w.perChunk()+2*o.A.Cols, 4) // dt in whole chunks, B and C
	for s.rows < min(o.Dst.Rows, matvecRows) && 2*s.rows*s.states <= ssmHeld && 2*s.rows*width <= d.matvecShared() {
		s.rows *= 2
	}
	// A workgroup and a half to a core at least. Rows of sequences of their own
	// need not be taken together; those of one would wait for each other.
	apart := apart(o)
	groups := func() int {
		n := over(o.Dst.Cols*ssmLanes, s.size)
		if apart {
			n *= over(o.Dst.Rows, s.rows)
		}
		return n
	}
	for s.rows > 1 && apart && groups() < 3*d.Cores/2 {
		s.rows /= 2
	}
	want := d.Cores / 2
	if s.rows == 1 {
		want = 3 * d.Cores / 2
	}
	for s.size > 64 && s.size/2 >= d.SubgroupMax && groups() < want {
		s.size /= 2
	}
	s.tile = min(powerOfTwo(s.rows*width), d.matvecShared())
	if d.decodeShapes() {
		s.size, s.rows, s.tile = d.matvecSize(), min(s.rows, 2), d.matvecShared()
	}
	return s, s.rows*width <= s.tile
}

// decodeSSM is x_proj, whose sums over slices of the columns lie in scratch, and
// all that follows in one kernel.
func decodeSSM(c *compiler, o mamba.SSM) {
	wx, wdt := c.layout(o.XProj), c.layout(o.DTProj)
	rows, rank, states := o.Dst.Rows, wdt.Desc.Cols, o.A.Cols
	x := c.view(o.X)
	slices := c.matvec(rows, wx.Desc.Rows, wx, matvecSlices, o.Precision, x, Operand{}).slices
	sums := c.tensor(backend.F32, slices*rows, rank+2*states)
	for i := range wx.Parts {
		p := &wx.Parts[i]
		k := c.matvec(rows, p.Rows, wx, slices, o.Precision, x, Operand{})
		var half backend.Tensor
		if k.ready && (k.types.Weight == shaders.TypeBlock || k.strip > 0) {
			if half = c.takeOverRows(o.X); k.strip == 0 || half.Type != backend.F16 {
				half = k.pack(c, packing{src: o.X, rows: rows, live: rowsOf(o.Batch)})
			}
		}
		packed, handed := c.view(half), false
		if rows := c.takeOverRows(o.X); k.integers && rows.Type == backend.I32 {
			packed, handed, k.constants.Tile = c.readyView(rows), true, 1
		} else if k.integers {
			c.target.readyTile(&k, wx)
		}
		product := shaders.XProj[Operand]{
			Params: shaders.XProjParams{
				Rows: uint32(rows), Cols: uint32(o.X.Cols), Outs: uint32(p.Rows), Pitch: wx.words(),
			},
			Constants: shaders.XProjConstants{Size: k.size, MatvecConstants: k.constants, Handed: handed},
			Dst:       c.channels(sums, p), Src: x, Weight: c.weight(p), Live: c.view(rowsOf(o.Batch)),
			Packed: packed,
		}
		c.run([3]int{k.groups, 1, slices}, k.call(product.XProj, product.XProjDirect))
	}

	if c.ssmHalf(o, wdt, sums, slices) {
		return
	}
	s, _ := c.target.ssmShape(o)
	var half backend.Tensor
	strip := 0
	if len(wdt.Parts) == 1 {
		half, strip = c.packed(o.Dst)
	}
	packed, types := c.view(half), wdt.types(shaders.TypeF32)
	if len(wdt.Parts) == 1 && c.outProjTakes(o.Dst) && c.target.Invocations >= readyColumns*ssmLanes {
		s.size, types = max(s.size, readyColumns*ssmLanes), wdt.types(shaders.TypeI16)
		packed = c.readyView(c.handRows(o.Dst))
	}
	for i := range wdt.Parts {
		p := &wdt.Parts[i]
		c.run([3]int{over(p.Rows*ssmLanes, s.size), over(rows, s.rows), 1}, shaders.SSM[Operand]{
			Params: ssmParams(o, wdt, p),
			Constants: shaders.SSMConstants{
				Size: uint32(s.size), Rows: uint32(s.rows), Slices: uint32(slices), States: uint32(s.states),
				Tile: uint32(s.tile), StateType: stateType(o.State), Keep: o.Keeps, BlocksConstants: wdt.blocks(),
				Strip: uint32(strip), StripRows: stripRows(half, strip),
			},
			Dst: c.view(o.Dst), X: x, Z: c.view(o.Z), DBC: c.view(sums), Weight: c.weight(p), Bias: c.view(o.DTBias),
			A: c.view(o.A), D: c.view(o.D), State: c.view(o.State), Batch: c.view(o.Batch), Packed: packed,
		}.SSM(types))
	}
}

// outProjTakes reports whether the next operation is the product of dst as integers.
func (c *compiler) outProjTakes(dst backend.Tensor) bool {
	next, ok := c.next().(mamba.OutProjAdd)
	return ok && next.Src == dst && c.takesIntegers(dst, backend.Tensor{}, next.OutProj, 1, next.Precision)
}

// ssmParams are the parameters of what follows x_proj, for a part of dt_proj.
func ssmParams(o mamba.SSM, w *Weight, p *Part) shaders.SSMParams {
	return shaders.SSMParams{
		Rows: uint32(o.Dst.Rows), Cols: uint32(p.Rows), First: uint32(p.First),
		Rank: uint32(w.Desc.Cols), States: uint32(o.A.Cols), Norm: truth(o.BCDTNorm), Eps: o.NormEps,
		Pitch: w.words(), Slots: uint32(o.State.Rows), BatchRecords: records(o.Batch),
	}
}

// prefillSSM adds x_proj's parts where they are normalised, and ends the scan
// with the gate.
func prefillSSM(c *compiler, o mamba.SSM) {
	live := rowsOf(o.Batch)
	t, r, n := o.Dst.Rows, o.DTProj.Desc().Cols, o.A.Cols

	// The product has parts, even if it is one, and no destination but these.
	shape := backend.Tensor{Type: backend.F32, Rows: t, Cols: r + 2*n, Stride: r + 2*n}
	x := c.product(shape, c.layout(o.XProj), o.Precision)
	wdt := c.layout(o.DTProj)
	if _, ok := c.target.ssmHalfShape(o, wdt); ok {
		x.parts = min(x.parts, ssmHalfSlices)
	}
	x.input(c, o.X, live)
	sums := c.sums(x)
	if c.ssmHalf(o, wdt, sums, x.parts) {
		return
	}

	dt := c.productOfRows(c.tensor(backend.F32, t, o.Dst.Cols), wdt, o.Precision)
	dt.bias, dt.live = o.DTBias, live
	bc := c.tensor(backend.F32, t, 2*n)
	dbc := shaders.DBC[Operand]{
		Params: shaders.DBCParams{
			Rows: uint32(t), Rank: uint32(r), States: uint32(n), Norm: truth(o.BCDTNorm),
			Parts: uint32(x.parts), Part: uint32(t * sums.Stride), Eps: o.NormEps,
		},
		Constants: shaders.DBCConstants{Size: uint32(c.target.workgroup(r, 256))},
		Src:       c.view(sums), BC: c.view(bc), Live: c.view(live),
	}
	if dt.packed() {
		dt.src = c.tensor(backend.F16, over(t, dt.tile.BM())*dt.tile.BM(), over(r, dt.tile.BK)*dt.tile.BK)
		dbc.DT, dbc.Params.DTPitch = c.view(dt.src).vectors(4), uint32(dt.src.Cols/4)
		dbc.Params.Tile = uint32(dt.tile.BM())
		c.run([3]int{dt.src.Rows, 1, 1}, dbc.DBCF16())
	} else {
		dt.src = c.tensor(backend.F32, t, r)
		dbc.DT, dbc.Params.DTPitch = c.view(dt.src), uint32(r)
		c.run([3]int{dt.src.Rows, 1, 1}, dbc.DBCF32())
	}

	c.multiply(dt)
	c.scan(backend.SelectiveScan{
		Dst: o.Dst, X: o.X, DT: dt.dst, A: o.A, B: bc.Columns(0, n), C: bc.Columns(n, 2*n), D: o.D,
		State: o.State, Batch: o.Batch, Keeps: o.Keeps,
	}, o.Z, o.Precision)
}

// packed makes room for dst as float16, if the next operation is the product of
// it on matrix units.
func (c *compiler) packed(dst backend.Tensor) (half backend.Tensor, strip int) {
	next, ok := c.next().(mamba.OutProjAdd)
	if !ok || next.Src != dst || c.target.SubgroupMin < 2*ssmLanes || dst.Cols%8 != 0 {
		return half, 0
	}
	w, err := c.target.Weight(next.OutProj)
	if err != nil {
		return half, 0
	}
	k := c.matvec(dst.Rows, w.Desc.Rows, w, 1, next.Precision, c.view(dst), Operand{})
	if k.half == 0 {
		return half, 0
	}
	rows := dst.Rows
	if k.strip > 0 {
		rows = k.rows
	}
	half = c.tensor(backend.F16, rows, dst.Cols)
	c.handOver(dst, half)
	return half, k.strip
}

// stripRows is the rows that lie together in packed, where those of a strip do.
func stripRows(half backend.Tensor, strip int) uint32 {
	if strip == 0 {
		return 1
	}
	return uint32(half.Rows)
}
