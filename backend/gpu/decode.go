package gpu

import (
	"math"

	"falconmamba/backend"
	"falconmamba/backend/mamba"
	"falconmamba/shaders"
)

// The fused operations for few rows, whose time is that of reading the weights
// once: a block in four dispatches, with a barrier before each.
//
//	in_proj_conv   norm, in_proj, convolution
//	x_proj         sums over slices of the columns, in the device's scratch
//	ssm            the rest of the middle third
//	out_proj       out_proj and the residual
//
// They are right for any number of rows, but take them in blocks of 8. On matrix
// units (decode_half.go) they take up to 16, and some leave the next one more
// than the operations say (left.go).

// How matvec.glsl and ssm.comp are limited.
const (
	fewRows      = 8 // in a block
	fewOuts      = 4
	fewSubgroups = 16
	fewSlices    = 8
	fewTaps      = 4
	fewStates    = 64
	fewHeld      = 16 // rows times an invocation's states: two workgroups' registers to a core
	fewLanes     = 4  // of a channel, in ssm.comp
	fewFixed     = 4 << 10
	fewEps       = 1e-12 // rms.glsl
)

// fuses reports whether the kernels for a fused operation are there and take
// its shapes. It is true of other operations.
func (d *Target) fuses(op backend.Op) bool {
	switch o := op.(type) {
	case mamba.InProjConv:
		return o.NormEps >= fewEps && o.Conv.Cols <= fewTaps && d.multiplies("in_proj_conv_", o.InProj)
	case mamba.SSM:
		_, fits := d.ssmShape(o)
		return (o.NormEps >= fewEps || !o.BCDTNorm) && fits &&
			d.multiplies("x_proj_", o.XProj) && d.multiplies("ssm_", o.DTProj)
	case mamba.OutProjAdd:
		return d.multiplies("out_proj_", o.OutProj)
	case backend.Head:
		return o.NormEps >= fewEps && d.multiplies("head_", o.Weight)
	case backend.HeadArgMax:
		// Many rows on matrix units are faster as head and argmax.
		units := o.Dst.Rows >= d.many(o.Precision, o.Weight) && o.Precision != backend.Float && len(d.Tiles()) > 0
		return o.NormEps >= fewEps && d.multiplies("head_argmax_", o.Weight) && !units
	}
	return true
}

// multiplies reports whether the kernel family is there for w's type, and the
// device has what it needs.
func (d *Target) multiplies(family string, w backend.Weight) bool {
	own, err := d.Weight(w)
	if err != nil {
		return false
	}
	return d.runs(family+own.kernel("_f32")) && d.fewSize() >= d.SubgroupMax &&
		d.SubgroupMin >= fewLanes && own.perPiece()/4*d.SubgroupMax <= d.fewShared()
}

// fewSize is the invocations of a workgroup: full subgroups, and not too many.
func (d *Target) fewSize() int {
	size := 1
	for most := min(256, d.Invocations, fewSubgroups*d.SubgroupMin); 2*size <= most; {
		size *= 2
	}
	return size
}

// fewShared is how many vectors of shared memory a workgroup takes at most, so
// that two fit a core of the devices that are known.
func (d *Target) fewShared() int { return (min(d.Shared, 40<<10) - fewFixed) / Word }

// powerOfTwo returns the least that is not below n.
func powerOfTwo(n int) int {
	p := 1
	for p < n {
		p *= 2
	}
	return p
}

// A Shape is how a kernel of matvec.glsl goes about a product.
type Shape struct {
	Size   int // invocations of a workgroup
	Rows   int // in a block
	Outs   int // channels of a subgroup at a time
	Ahead  int // pieces of each in flight
	Tile   int // vectors of shared memory
	Groups int // workgroups
	Slices int // of the columns
}

func (s Shape) constants() []Constant { return inOrder(s.Size, s.Rows, s.Outs, s.Ahead, s.Tile) }

// shape chooses for rows rows and outs channels of w, whose columns may be cut
// into as many as slices slices.
func (d *Target) shape(rows, outs int, w *Weight, slices int) Shape {
	return d.shapeOf(rows, outs, w, slices, w.perPiece()/4)
}

// shapeOf is shape where a piece takes so many vectors of shared memory.
func (d *Target) shapeOf(rows, outs int, w *Weight, slices, quads int) Shape {
	s := Shape{Size: d.fewSize(), Outs: fewOuts, Tile: d.fewShared(), Slices: 1}
	lanes := max(d.SubgroupSize, 1)
	subs, pieces := s.Size/lanes, w.pieces()
	s.Rows = powerOfTwo(min(rows, fewRows))
	if d.fewShapes() {
		s.Outs, s.Ahead = 2, 1
		if rows > 1 {
			s.Rows = 4
		}
		for s.Rows > 1 && s.Rows*quads*d.SubgroupMax > s.Tile {
			s.Rows /= 2
		}
		s.Groups = max(1, min(over(over(outs, s.Outs), subs), 2*d.Cores))
		return s
	}

	// About two workgroups to a core, each with as many channels as there are
	// for it; 128 bytes in flight to a lane, or 64 where sums fill the registers.
	most := 2 * d.Cores
	for s.Outs > 1 && over(outs, s.Outs) < most*subs*3/4 {
		s.Outs /= 2
	}
	words := 8
	if s.Rows > 2 {
		words = 4
	}
	if slices > 1 {
		s.Outs = 2
		s.Slices = max(1, min(slices, most/over(over(outs, s.Outs), subs), over(pieces, lanes)))
	}
	s.Ahead = max(1, min(words/s.Outs, over(over(pieces, s.Slices), lanes)))
	s.Groups = max(1, min(over(over(outs, s.Outs), subs), most/s.Slices))
	if d.Tuning.Shape != nil {
		d.Tuning.Shape(&s)
		s.Tile = max(s.Tile, quads*d.SubgroupMax)
	}

	widest := d.SubgroupMax
	for s.Ahead > 1 && s.Rows*quads*widest*s.Ahead > s.Tile {
		s.Ahead /= 2
	}
	for s.Rows > 1 && s.Rows*quads*widest*s.Ahead > s.Tile {
		s.Rows /= 2
	}
	// All columns where they fit, in sizes that many weights share: each size is
	// a pipeline.
	stride := widest * s.Ahead
	s.Tile = min(s.Tile, powerOfTwo(s.Rows*quads*over(over(pieces, s.Slices), stride)*stride))
	return s
}

func emitInProjConv(c *compiler, o mamba.InProjConv) {
	w, channels := c.layout(o.InProj), o.Dst.Cols
	dst, z := c.view(o.Dst), c.view(o.XZ.Columns(channels, 2*channels))
	src, norm, bias := c.view(o.Src), c.view(o.Norm), c.view(o.InBias)
	conv, convBias, state, batch := c.view(o.Conv), c.view(o.ConvBias), c.view(o.ConvState), c.view(o.Batch)
	slots := uint32(o.ConvState.Rows)
	if o.ConvState.IsZero() {
		slots = math.MaxUint32
	}
	squares := c.found(o.Src)
	sums := c.view(squares)
	for i := range w.Parts {
		p := &w.Parts[i]
		k := c.few(o.Dst.Rows, p.Rows, w, 1, o.Precision, src, norm)
		c.run("in_proj_conv_"+k.kernel, [3]int{k.groups, 1, 1}, shaders.InProjConv{
			Rows: uint32(o.Dst.Rows), Cols: uint32(o.Src.Cols), Outs: uint32(p.Rows),
			First: uint32(p.First), Channels: uint32(channels),
			DstOff: dst.Off, DstStride: dst.Stride, ZOff: z.Off, ZStride: z.Stride,
			SrcOff: src.Off, SrcStride: src.Stride, NormOff: norm.Off, Eps: o.NormEps,
			Pitch: uint32(w.Pitch / Word), BiasOff: bias.Off,
			ConvOff: conv.Off, ConvStride: conv.Stride, Taps: uint32(o.Conv.Cols), ConvBiasOff: convBias.Off,
			StateOff: state.Off, StateStride: state.Stride, Slots: slots,
			BatchOff: batch.Off, BatchStride: batch.Stride, BatchRecords: uint32(o.Batch.Rows - 1),
			Act: uint32(o.Act), SquaresOff: sums.Off, SquaresStride: sums.Stride, Squares: uint32(squares.Cols),
		}, k.constants, dst, z, src, norm, c.weight(p), bias, conv, convBias, state, batch, sums)
	}
}

func emitOutProjAdd(c *compiler, o mamba.OutProjAdd) {
	w := c.layout(o.OutProj)
	src, live := c.view(o.Src), c.view(backend.BatchWord(o.Batch, backend.BatchRows))
	half := c.view(c.found(o.Src))
	for i := range w.Parts {
		p := &w.Parts[i]
		k := c.few(o.Dst.Rows, p.Rows, w, 1, o.Precision, src, Operand{})
		dst, residual := c.view(o.Dst.Columns(p.First, p.First+p.Rows)), c.view(o.Residual.Columns(p.First, p.First+p.Rows))
		bias := c.view(o.Bias)
		if !o.Bias.IsZero() {
			bias = c.view(o.Bias.Columns(p.First, p.First+p.Rows))
		}
		sums := Operand{Size: Word, Off: shaders.Absent}
		if len(w.Parts) == 1 {
			sums = c.view(c.squares(k, o.Dst))
		}
		constants := k.constants
		if half.Off != shaders.Absent && k.half != 0 {
			constants = append(constants, Constant{packedID, 1})
		}
		c.run("out_proj_"+k.kernel, [3]int{k.groups, 1, 1}, shaders.OutProj{
			Rows: uint32(o.Dst.Rows), Cols: uint32(o.Src.Cols), Outs: uint32(p.Rows),
			DstOff: dst.Off, DstStride: dst.Stride, ResidualOff: residual.Off, ResidualStride: residual.Stride,
			SrcOff: src.Off, SrcStride: src.Stride,
			Pitch: uint32(w.Pitch / Word), BiasOff: bias.Off, LiveOff: live.Off,
			SquaresOff: sums.Off, SquaresStride: sums.Stride, PackedOff: half.Off, PackedStride: half.Stride,
		}, constants, dst, residual, src, c.weight(p), bias, live, sums, half)
	}
}

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
	if err != nil || o.A.Cols > fewStates {
		return ssmShape{}, false
	}
	s := ssmShape{size: d.fewSize(), rows: 1, states: over(o.A.Cols, fewLanes)}
	width := over(w.pieces()*w.perPiece()+2*o.A.Cols, 4) // dt in whole pieces, B and C
	for s.rows < min(o.Dst.Rows, fewRows) && 2*s.rows*s.states <= fewHeld && 2*s.rows*width <= d.fewShared() {
		s.rows *= 2
	}
	// A workgroup and a half to a core at least. Rows of sequences of their own
	// need not be taken together; those of one would wait for each other.
	apart := o.Batch.Rows > o.Dst.Rows
	groups := func() int {
		n := over(o.Dst.Cols*fewLanes, s.size)
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
	s.tile = min(powerOfTwo(s.rows*width), d.fewShared())
	if d.fewShapes() {
		s.size, s.rows, s.tile = d.fewSize(), min(s.rows, 2), d.fewShared()
	}
	return s, s.rows*width <= s.tile
}

func emitSSM(c *compiler, o mamba.SSM) {
	wx, wdt := c.layout(o.XProj), c.layout(o.DTProj)
	rows, rank, states := o.Dst.Rows, wdt.Desc.Cols, o.A.Cols
	x, live := c.view(o.X), c.view(backend.BatchWord(o.Batch, backend.BatchRows))
	slices := c.few(rows, wx.Desc.Rows, wx, fewSlices, o.Precision, x, Operand{}).slices
	sums := c.tensor(backend.F32, slices*rows, rank+2*states)
	for i := range wx.Parts {
		p := &wx.Parts[i]
		k := c.few(rows, p.Rows, wx, slices, o.Precision, x, Operand{})
		dst := c.view(sums.Columns(p.First, p.First+p.Rows))
		c.run("x_proj_"+k.kernel, [3]int{k.groups, 1, slices}, shaders.XProj{
			Rows: uint32(rows), Cols: uint32(o.X.Cols), Outs: uint32(p.Rows),
			DstOff: dst.Off, DstStride: dst.Stride, SrcOff: x.Off, SrcStride: x.Stride,
			Pitch: uint32(wx.Pitch / Word), LiveOff: live.Off,
		}, k.constants, dst, x, c.weight(p), live)
	}

	s, _ := c.target.ssmShape(o)
	var half backend.Tensor
	if len(wdt.Parts) == 1 {
		half = c.packed(o.Dst)
	}
	packed := c.view(half)
	dst, z, dbc, bias, a, d := c.view(o.Dst), c.view(o.Z), c.view(sums), c.view(o.DTBias), c.view(o.A), c.view(o.D)
	state, batch := c.view(o.State), c.view(o.Batch)
	norm := uint32(0)
	if o.BCDTNorm {
		norm = 1
	}
	for i := range wdt.Parts {
		p := &wdt.Parts[i]
		c.run("ssm_"+wdt.kernel("_f32"), [3]int{over(p.Rows*fewLanes, s.size), over(rows, s.rows), 1}, shaders.SSM{
			Rows: uint32(rows), Cols: uint32(p.Rows), First: uint32(p.First),
			Rank: uint32(rank), States: uint32(states), Norm: norm, Eps: o.NormEps,
			DstOff: dst.Off, DstStride: dst.Stride, XOff: x.Off, XStride: x.Stride, ZOff: z.Off, ZStride: z.Stride,
			DbcOff: dbc.Off, DbcStride: dbc.Stride, Pitch: uint32(wdt.Pitch / Word), BiasOff: bias.Off,
			AOff: a.Off, AStride: a.Stride, DOff: d.Off,
			StateOff: state.Off, StateStride: state.Stride, Slots: uint32(o.State.Rows),
			BatchOff: batch.Off, BatchStride: batch.Stride, BatchRecords: uint32(o.Batch.Rows - 1),
			PackedOff: packed.Off, PackedStride: packed.Stride,
		}, wdt.constants(inOrder(s.size, s.rows, slices, s.states, s.tile)), dst, x, z, dbc, c.weight(p), bias, a, d, state, batch, packed)
	}
}

func emitHead(c *compiler, o backend.Head) {
	w := c.layout(o.Weight)
	for i := range w.Parts {
		p := &w.Parts[i]
		dst := c.view(o.Logits)
		k := c.few(o.Logits.Rows, p.Rows, w, 1, o.Precision, c.view(o.Src), c.view(o.Norm))
		c.head("head_", w, p, k, dst, o.Logits.Rows, o.Src, o.Rows, o.Norm, o.NormEps, o.Batch)
	}
}

// head adds a part of lm_head for rows rows.
func (c *compiler) head(family string, w *Weight, p *Part, k few, dst Operand, rows int, from, which, gain backend.Tensor, eps float32, batch backend.Tensor) {
	src, pick, norm := c.view(from), c.view(which), c.view(gain)
	live := c.view(backend.BatchWord(batch, backend.BatchHeads))
	c.run(family+k.kernel, [3]int{k.groups, over(rows, k.rows), 1}, shaders.Head{
		Rows: uint32(rows), Cols: uint32(from.Cols), Outs: uint32(p.Rows), First: uint32(p.First),
		DstOff: dst.Off, DstStride: dst.Stride, SrcOff: src.Off, SrcStride: src.Stride, SrcRows: uint32(from.Rows),
		FromOff: pick.Off, FromStride: pick.Stride, NormOff: norm.Off, Eps: eps,
		Pitch: uint32(w.Pitch / Word), LiveOff: live.Off,
	}, k.constants, dst, src, pick, norm, c.weight(p), live)
}

func emitHeadArgMax(c *compiler, o backend.HeadArgMax) {
	w := c.layout(o.Weight)
	rows, pairs := o.Dst.Rows, 0
	var kernels []few
	for i := range w.Parts {
		k := c.few(rows, w.Parts[i].Rows, w, 1, o.Precision, c.view(o.Src), c.view(o.Norm))
		kernels, pairs = append(kernels, k), pairs+k.groups
	}
	best := c.tensor(backend.I32, rows, 2*pairs) // a key and a channel from each workgroup
	at := 0
	for i := range w.Parts {
		k := kernels[i]
		dst := c.view(best.Columns(2*at, 2*(at+k.groups)))
		c.head("head_argmax_", w, &w.Parts[i], k, dst, rows, o.Src, o.Rows, o.Norm, o.NormEps, o.Batch)
		at += k.groups
	}
	dst, src, live := c.view(o.Dst), c.view(best), c.view(backend.BatchWord(o.Batch, backend.BatchHeads))
	c.run("head_pick_u32", [3]int{rows, 1, 1}, shaders.HeadPick{
		Rows: uint32(rows), Pairs: uint32(pairs), DstOff: dst.Off, DstStride: dst.Stride,
		SrcOff: src.Off, SrcStride: src.Stride, LiveOff: live.Off,
	}, nil, dst, src, live)
}
