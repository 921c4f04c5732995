package gpu

import (
	"falconmamba/backend"
	"falconmamba/backend/mamba"
	"falconmamba/shaders"
)

// emitters has what each kind of operation becomes: a function that calls
// compiler.run for every dispatch. What is not here is not supported.
var emitters = map[backend.Kind]func(*compiler, backend.Op){
	backend.KindAdd:           emit(emitAdd),
	backend.KindAdvance:       emit(emitAdvance),
	backend.KindArgMax:        emit(emitArgMax),
	backend.KindConv1D:        byRows(emitConv1D, prefillConv1D),
	backend.KindCopy:          emit(emitCopy),
	backend.KindEmbed:         emit(emitEmbed),
	backend.KindGate:          emit(emitGate),
	backend.KindGather:        emit(emitGather),
	backend.KindHead:          byRows(emitHead, prefillHead),
	backend.KindHeadArgMax:    emit(emitHeadArgMax),
	mamba.KindInProjConv:      byRows(emitInProjConv, prefillInProjConv),
	backend.KindMatMul:        byRows(emitMatMul, prefillMatMul),
	mamba.KindOutProjAdd:      byRows(emitOutProjAdd, prefillOutProjAdd),
	backend.KindRMSNorm:       emit(emitRMSNorm),
	mamba.KindSSM:             byRows(emitSSM, prefillSSM),
	backend.KindSample:        emit(emitSample),
	backend.KindSelectiveScan: byRows(emitSelectiveScan, prefillScan),
}

// emit makes a table entry of a function for one type of operation.
func emit[O backend.Op](f func(*compiler, O)) func(*compiler, backend.Op) {
	return func(c *compiler, op backend.Op) {
		if o, ok := op.(O); ok {
			f(c, o)
		} else {
			c.failf("a %T, want a %T", op, *new(O))
		}
	}
}

// byRows makes a table entry of two functions: one for passes of few rows, and
// one for passes of many that prefills is true of.
func byRows[O backend.Op](few, many func(*compiler, O)) func(*compiler, backend.Op) {
	return func(c *compiler, op backend.Op) {
		if c.target.prefills(op) {
			emit(many)(c, op)
		} else {
			emit(few)(c, op)
		}
	}
}

// over returns how many groups of n cover count.
func over(count, n int) int { return (count + n - 1) / n }

// width is the invocations of a workgroup of the kernels that go along a row.
const width = 64

func emitAdd(c *compiler, o backend.Add) { c.elementwise("add_f32", o.Dst, o.A, o.B, o.Live) }

func emitGate(c *compiler, o backend.Gate) { c.elementwise("gate_f32", o.Dst, o.Y, o.Z, o.Live) }

func (c *compiler) elementwise(kernel string, dst, a, b, live backend.Tensor) {
	d, x, y, l := c.view(dst), c.view(a), c.view(b), c.view(live)
	c.run(kernel, [3]int{over(dst.Cols, width), dst.Rows, 1}, shaders.Elementwise{
		Rows: uint32(dst.Rows), Cols: uint32(dst.Cols),
		DstOff: d.Off, DstStride: d.Stride, AOff: x.Off, AStride: x.Stride, BOff: y.Off, BStride: y.Stride,
		LiveOff: l.Off,
	}, nil, d, x, y, l)
}

func emitCopy(c *compiler, o backend.Copy) {
	// Large copies are bound by the launch of workgroups if these are small.
	each := 4 // words of an invocation
	d, s, l := c.view(o.Dst), c.view(o.Src), c.view(o.Live)
	wide := d.wide() && s.wide() && o.Dst.Cols%4 == 0
	if wide {
		each = 16
	}
	size := c.target.workgroup(over(o.Dst.Cols, each), 256)
	c.run("copy_u32", [3]int{over(o.Dst.Cols, each*size), o.Dst.Rows, 1}, shaders.Copy{
		Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols),
		DstOff: d.Off, DstStride: d.Stride, SrcOff: s.Off, SrcStride: s.Stride,
		LiveOff: l.Off,
	}, inOrder(size, int(truth(wide))), d, s, l)
}

func emitGather(c *compiler, o backend.Gather) {
	d, s, f, t, l := c.view(o.Dst), c.view(o.Src), c.view(o.From), c.view(o.To), c.view(o.Live)
	c.run("gather_u32", [3]int{over(o.Dst.Cols, width), o.From.Rows, 1}, shaders.Gather{
		Rows: uint32(o.From.Rows), Cols: uint32(o.Dst.Cols),
		DstOff: d.Off, DstStride: d.Stride, DstRows: uint32(o.Dst.Rows),
		SrcOff: s.Off, SrcStride: s.Stride, SrcRows: uint32(o.Src.Rows),
		FromOff: f.Off, FromStride: f.Stride, ToOff: t.Off, ToStride: t.Stride,
		LiveOff: l.Off,
	}, nil, d, s, f, t, l)
}

func emitEmbed(c *compiler, o backend.Embed) {
	w := c.layout(o.Table)
	d, ids, last, l := c.view(o.Dst), c.view(o.IDs), c.view(o.Last), c.view(o.Live)
	for i := range w.Parts {
		p := &w.Parts[i]
		c.run("embed_"+w.kernel("_f32"), [3]int{over(w.pieces(), width), o.Dst.Rows, 1}, shaders.Embed{
			Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols),
			DstOff: d.Off, DstStride: d.Stride,
			Pitch: uint32(w.Pitch / Word), First: uint32(p.First), Count: uint32(p.Rows),
			IdsOff: ids.Off, IdsStride: ids.Stride,
			LastOff: last.Off, LastStride: last.Stride, LastRows: uint32(o.Last.Rows),
			LiveOff: l.Off,
		}, w.constants(nil), d, c.weight(p), ids, last, l)
	}
}

func emitRMSNorm(c *compiler, o backend.RMSNorm) {
	d, s, w, l := c.view(o.Dst), c.view(o.Src), c.view(o.Weight), c.view(o.Live)
	c.run("rmsnorm_f32", [3]int{o.Dst.Rows, 1, 1}, shaders.RMSNorm{
		Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols),
		DstOff: d.Off, DstStride: d.Stride, SrcOff: s.Off, SrcStride: s.Stride,
		WeightOff: w.Off, LiveOff: l.Off, Eps: o.Eps,
	}, nil, d, s, w, l)
}

// The tile of matmul.comp: channels and rows to a workgroup.
const (
	matmulChannels = width / 16
	matmulRows     = 4
)

func emitMatMul(c *compiler, o backend.MatMul) {
	w := c.layout(o.Weight)
	s, l := c.view(o.Src), c.view(o.Live)
	for i := range w.Parts {
		p := &w.Parts[i]
		d, b := c.view(o.Dst.Columns(p.First, p.First+p.Rows)), c.view(o.Bias)
		if !o.Bias.IsZero() {
			b = c.view(o.Bias.Columns(p.First, p.First+p.Rows))
		}
		c.run("matmul_"+w.kernel("_f32"), [3]int{over(p.Rows, matmulChannels), over(o.Dst.Rows, matmulRows), 1}, shaders.MatMul{
			Rows: uint32(o.Dst.Rows), Cols: uint32(o.Src.Cols), Outs: uint32(p.Rows),
			DstOff: d.Off, DstStride: d.Stride, SrcOff: s.Off, SrcStride: s.Stride,
			Pitch: uint32(w.Pitch / Word), BiasOff: b.Off, LiveOff: l.Off,
		}, w.constants(nil), d, s, c.weight(p), b, l)
	}
}
