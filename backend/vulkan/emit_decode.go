//go:build cgo && !darwin

package vulkan

import (
	"math"

	"falconmamba/backend"
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
// They are right for any number of rows, but take them in blocks of 8.

// How matvec.glsl and ssm.comp are limited.
const (
	fewRows      = 8 // in a block
	fewOuts      = 4
	fewSubgroups = 16
	fewSlices    = 8
	fewTaps      = 4
	fewStates    = 64
	fewHeld      = 32 // rows times an invocation's states
	fewLanes     = 4  // of a channel, in ssm.comp
	fewFixed     = 4 << 10
	fewEps       = 1e-12 // rms.glsl
)

// fuses reports whether the kernels for a fused operation are there and take
// its shapes. It is true of other operations.
func (d *device) fuses(op backend.Op) bool {
	switch o := op.(type) {
	case backend.InProjConv:
		return o.NormEps >= fewEps && o.Conv.Cols <= fewTaps && d.multiplies("in_proj_conv_", o.InProj)
	case backend.SSM:
		_, fits := d.ssmShape(o)
		return (o.NormEps >= fewEps || !o.BCDTNorm) && fits &&
			d.multiplies("x_proj_", o.XProj) && d.multiplies("ssm_", o.DTProj)
	case backend.OutProjAdd:
		return d.multiplies("out_proj_", o.OutProj)
	case backend.Head:
		return o.NormEps >= fewEps && d.multiplies("head_", o.Weight)
	case backend.HeadArgMax:
		// Many rows on matrix units are faster as head and argmax.
		units := o.Dst.Rows >= many && o.Precision != backend.Float && len(d.half) > 0
		return o.NormEps >= fewEps && d.multiplies("head_argmax_", o.Weight) && !units
	}
	return true
}

// multiplies reports whether the kernel family is there for w's type, and the
// device has what it needs.
func (d *device) multiplies(family string, w backend.Weight) bool {
	own, ok := w.(*weight)
	if !ok || own.parts == nil {
		return false
	}
	k := shaders.Lookup(family + own.desc.Type.String() + "_f32")
	return k != nil && k.Needs&^d.has == 0 && d.fewSize() >= int(d.physical.subgroup_max) &&
		d.physical.subgroup_min >= fewLanes
}

// fewSize is the invocations of a workgroup: full subgroups, and not too many.
func (d *device) fewSize() int {
	size := 1
	for most := min(256, int(d.physical.max_invocations), int(d.physical.max_size[0]), fewSubgroups*int(d.physical.subgroup_min)); 2*size <= most; {
		size *= 2
	}
	return size
}

// fewShared is how many vectors of shared memory a workgroup takes at most, so
// that two fit a core of the devices that are known.
func (d *device) fewShared() int { return (min(int(d.physical.max_shared), 40<<10) - fewFixed) / round }

// cores is how many workgroups run side by side, at least.
func (d *device) cores() int {
	switch n := int(d.physical.cores); {
	case n > 0:
		return n
	case d.info.Class == backend.Discrete:
		return 132
	}
	return 16
}

// powerOfTwo returns the least that is not below n.
func powerOfTwo(n int) int {
	p := 1
	for p < n {
		p *= 2
	}
	return p
}

// A shape is how a kernel of matvec.glsl goes about a product.
type shape struct {
	size   int // invocations of a workgroup
	rows   int // in a block
	outs   int // channels of a subgroup at a time
	ahead  int // words of each in flight
	tile   int // vectors of shared memory
	groups int // workgroups
	slices int // of the columns
}

func (s shape) constants() []constant {
	return []constant{{0, uint32(s.size)}, {1, uint32(s.rows)}, {2, uint32(s.outs)}, {3, uint32(s.ahead)}, {4, uint32(s.tile)}}
}

// shape chooses for rows rows and outs channels of w, whose columns may be cut
// into as many as slices slices.
func (d *device) shape(rows, outs int, w *weight, slices int) shape {
	s := shape{size: d.fewSize(), outs: fewOuts, tile: d.fewShared(), slices: 1}
	lanes := max(int(d.physical.subgroup_size), 1)
	subs, pitch := s.size/lanes, int(w.pitch/round)
	quads := round / w.desc.Type.Size() / 4 // vectors of a word
	s.rows = powerOfTwo(min(rows, fewRows))

	// About two workgroups to a core, each with as many channels as there are
	// for it; 128 bytes in flight to a lane, or 64 where sums fill the registers.
	most := 2 * d.cores()
	for s.outs > 1 && over(outs, s.outs) < most*subs*3/4 {
		s.outs /= 2
	}
	words := 8
	if s.rows > 2 {
		words = 4
	}
	if slices > 1 {
		s.outs = 2
		s.slices = max(1, min(slices, most/over(over(outs, s.outs), subs), over(pitch, lanes)))
	}
	s.ahead = max(1, min(words/s.outs, over(over(pitch, s.slices), lanes)))
	s.groups = max(1, min(over(over(outs, s.outs), subs), most/s.slices))
	if d.tune != nil {
		d.tune(&s)
	}

	widest := int(d.physical.subgroup_max)
	for s.ahead > 1 && s.rows*quads*widest*s.ahead > s.tile {
		s.ahead /= 2
	}
	for s.rows > 1 && s.rows*quads*widest*s.ahead > s.tile {
		s.rows /= 2
	}
	// All columns where they fit, in sizes that many weights share: each size is
	// a pipeline.
	stride := widest * s.ahead
	s.tile = min(s.tile, powerOfTwo(s.rows*quads*over(over(pitch, s.slices), stride)*stride))
	return s
}

func emitInProjConv(c *compiler, o backend.InProjConv) {
	w, channels := c.layout(o.InProj), o.Dst.Cols
	dst, z := c.view(o.Dst), c.view(o.XZ.Columns(channels, 2*channels))
	src, norm, bias := c.view(o.Src), c.view(o.Norm), c.view(o.InBias)
	conv, convBias, state, batch := c.view(o.Conv), c.view(o.ConvBias), c.view(o.ConvState), c.view(o.Batch)
	slots := uint32(o.ConvState.Rows)
	if o.ConvState.IsZero() {
		slots = math.MaxUint32
	}
	for _, p := range w.parts {
		s := c.d.shape(o.Dst.Rows, p.rows, w, 1)
		c.run("in_proj_conv_"+w.desc.Type.String()+"_f32", [3]int{s.groups, 1, 1}, shaders.InProjConv{
			Rows: uint32(o.Dst.Rows), Cols: uint32(o.Src.Cols), Outs: uint32(p.rows),
			First: uint32(p.first), Channels: uint32(channels),
			DstOff: dst.off, DstStride: dst.stride, ZOff: z.off, ZStride: z.stride,
			SrcOff: src.off, SrcStride: src.stride, NormOff: norm.off, Eps: o.NormEps,
			Pitch: uint32(w.pitch / round), BiasOff: bias.off,
			ConvOff: conv.off, ConvStride: conv.stride, Taps: uint32(o.Conv.Cols), ConvBiasOff: convBias.off,
			StateOff: state.off, StateStride: state.stride, Slots: slots,
			BatchOff: batch.off, BatchStride: batch.stride, BatchRecords: uint32(o.Batch.Rows - 1),
			Act: uint32(o.Act),
		}, s.constants(), dst, z, src, norm, c.weight(p), bias, conv, convBias, state, batch)
	}
}

func emitOutProjAdd(c *compiler, o backend.OutProjAdd) {
	w := c.layout(o.OutProj)
	src, live := c.view(o.Src), c.view(backend.BatchWord(o.Batch, backend.BatchRows))
	for _, p := range w.parts {
		s := c.d.shape(o.Dst.Rows, p.rows, w, 1)
		dst, residual := c.view(o.Dst.Columns(p.first, p.first+p.rows)), c.view(o.Residual.Columns(p.first, p.first+p.rows))
		bias := c.view(o.Bias)
		if !o.Bias.IsZero() {
			bias = c.view(o.Bias.Columns(p.first, p.first+p.rows))
		}
		c.run("out_proj_"+w.desc.Type.String()+"_f32", [3]int{s.groups, 1, 1}, shaders.OutProj{
			Rows: uint32(o.Dst.Rows), Cols: uint32(o.Src.Cols), Outs: uint32(p.rows),
			DstOff: dst.off, DstStride: dst.stride, ResidualOff: residual.off, ResidualStride: residual.stride,
			SrcOff: src.off, SrcStride: src.stride,
			Pitch: uint32(w.pitch / round), BiasOff: bias.off, LiveOff: live.off,
		}, s.constants(), dst, residual, src, c.weight(p), bias, live)
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
func (d *device) ssmShape(o backend.SSM) (ssmShape, bool) {
	w, ok := o.DTProj.(*weight)
	if !ok || o.A.Cols > fewStates {
		return ssmShape{}, false
	}
	s := ssmShape{size: d.fewSize(), rows: 1, states: over(o.A.Cols, fewLanes)}
	width := over(int(w.pitch)/w.desc.Type.Size()+2*o.A.Cols, 4) // dt in whole words, B and C
	for s.rows < min(o.Dst.Rows, fewRows) && 2*s.rows*s.states <= fewHeld && 2*s.rows*width <= d.fewShared() {
		s.rows *= 2
	}
	for s.size > 64 && s.size/2 >= int(d.physical.subgroup_max) && over(o.Dst.Cols*fewLanes, s.size) < d.cores()/2 {
		s.size /= 2
	}
	s.tile = min(powerOfTwo(s.rows*width), d.fewShared())
	return s, s.rows*width <= s.tile
}

func emitSSM(c *compiler, o backend.SSM) {
	wx, wdt := c.layout(o.XProj), c.layout(o.DTProj)
	rows, rank, states := o.Dst.Rows, wdt.desc.Cols, o.A.Cols
	x, live := c.view(o.X), c.view(backend.BatchWord(o.Batch, backend.BatchRows))
	slices := c.d.shape(rows, wx.desc.Rows, wx, fewSlices).slices
	sums := c.tensor(backend.F32, slices*rows, rank+2*states)
	for _, p := range wx.parts {
		s := c.d.shape(rows, p.rows, wx, slices)
		dst := c.view(sums.Columns(p.first, p.first+p.rows))
		c.run("x_proj_"+wx.desc.Type.String()+"_f32", [3]int{s.groups, 1, slices}, shaders.XProj{
			Rows: uint32(rows), Cols: uint32(o.X.Cols), Outs: uint32(p.rows),
			DstOff: dst.off, DstStride: dst.stride, SrcOff: x.off, SrcStride: x.stride,
			Pitch: uint32(wx.pitch / round), LiveOff: live.off,
		}, s.constants(), dst, x, c.weight(p), live)
	}

	s, _ := c.d.ssmShape(o)
	dst, z, dbc, bias, a, d := c.view(o.Dst), c.view(o.Z), c.view(sums), c.view(o.DTBias), c.view(o.A), c.view(o.D)
	state, batch := c.view(o.State), c.view(o.Batch)
	norm := uint32(0)
	if o.BCDTNorm {
		norm = 1
	}
	for _, p := range wdt.parts {
		c.run("ssm_"+wdt.desc.Type.String()+"_f32", [3]int{over(p.rows*fewLanes, s.size), 1, 1}, shaders.SSM{
			Rows: uint32(rows), Cols: uint32(p.rows), First: uint32(p.first),
			Rank: uint32(rank), States: uint32(states), Norm: norm, Eps: o.NormEps,
			DstOff: dst.off, DstStride: dst.stride, XOff: x.off, XStride: x.stride, ZOff: z.off, ZStride: z.stride,
			DbcOff: dbc.off, DbcStride: dbc.stride, Pitch: uint32(wdt.pitch / round), BiasOff: bias.off,
			AOff: a.off, AStride: a.stride, DOff: d.off,
			StateOff: state.off, StateStride: state.stride, Slots: uint32(o.State.Rows),
			BatchOff: batch.off, BatchStride: batch.stride, BatchRecords: uint32(o.Batch.Rows - 1),
		}, []constant{{0, uint32(s.size)}, {1, uint32(s.rows)}, {2, uint32(slices)}, {3, uint32(s.states)}, {4, uint32(s.tile)}},
			dst, x, z, dbc, c.weight(p), bias, a, d, state, batch)
	}
}

func emitHead(c *compiler, o backend.Head) {
	w := c.layout(o.Weight)
	for _, p := range w.parts {
		dst := c.view(o.Logits)
		c.head("head_", w, p, c.d.shape(o.Logits.Rows, p.rows, w, 1), dst, o.Logits.Rows, o.Src, o.Rows, o.Norm, o.NormEps, o.Batch)
	}
}

// head adds a part of lm_head for rows rows.
func (c *compiler) head(family string, w *weight, p part, s shape, dst operand, rows int, from, which, gain backend.Tensor, eps float32, batch backend.Tensor) {
	src, pick, norm := c.view(from), c.view(which), c.view(gain)
	live := c.view(backend.BatchWord(batch, backend.BatchHeads))
	c.run(family+w.desc.Type.String()+"_f32", [3]int{s.groups, over(rows, s.rows), 1}, shaders.Head{
		Rows: uint32(rows), Cols: uint32(from.Cols), Outs: uint32(p.rows), First: uint32(p.first),
		DstOff: dst.off, DstStride: dst.stride, SrcOff: src.off, SrcStride: src.stride, SrcRows: uint32(from.Rows),
		FromOff: pick.off, FromStride: pick.stride, NormOff: norm.off, Eps: eps,
		Pitch: uint32(w.pitch / round), LiveOff: live.off,
	}, s.constants(), dst, src, pick, norm, c.weight(p), live)
}

func emitHeadArgMax(c *compiler, o backend.HeadArgMax) {
	w := c.layout(o.Weight)
	rows, pairs := o.Dst.Rows, 0
	var shapes []shape
	for _, p := range w.parts {
		s := c.d.shape(rows, p.rows, w, 1)
		shapes, pairs = append(shapes, s), pairs+s.groups
	}
	best := c.tensor(backend.I32, rows, 2*pairs) // a key and a channel from each workgroup
	at := 0
	for i, p := range w.parts {
		s := shapes[i]
		dst := c.view(best.Columns(2*at, 2*(at+s.groups)))
		c.head("head_argmax_", w, p, s, dst, rows, o.Src, o.Rows, o.Norm, o.NormEps, o.Batch)
		at += s.groups
	}
	dst, src, live := c.view(o.Dst), c.view(best), c.view(backend.BatchWord(o.Batch, backend.BatchHeads))
	c.run("head_pick_u32", [3]int{rows, 1, 1}, shaders.HeadPick{
		Rows: uint32(rows), Pairs: uint32(pairs), DstOff: dst.off, DstStride: dst.stride,
		SrcOff: src.off, SrcStride: src.stride, LiveOff: live.off,
	}, nil, dst, src, live)
}
