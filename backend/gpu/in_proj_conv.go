package gpu

import (
	"falconmamba/backend"
	"falconmamba/backend/mamba"
	"falconmamba/shaders"
)

// decodeTaps is the most that in_proj_conv.comp takes.
const decodeTaps = 4

func supportsInProjConv(d *Target, o mamba.InProjConv) forms {
	var f forms
	f.decode = o.NormEps >= leastEps && o.Conv.Cols <= decodeTaps && d.hasMatvec(shaders.InProjConvKernels, o.InProj)
	f.prefill = d.prefills(o.Dst.Rows, f.decode, o.Precision, o.InProj) &&
		d.hasGemm(o.InProj) && o.Conv.Cols <= prefillTaps && o.NormEps >= leastEps &&
		d.holds(4*packedRows(o.Dst.Rows)*int64(o.Src.Cols))
	return f
}

func decodeInProjConv(c *compiler, o mamba.InProjConv) {
	w, channels := c.layout(o.InProj), o.Dst.Cols
	src, norm := c.view(o.Src), c.view(o.Norm)
	squares := c.takeOver(o.Src)
	for i := range w.Parts {
		p := &w.Parts[i]
		k := c.matvec(o.Dst.Rows, p.Rows, w, 1, o.Precision, src, norm)
		c.run([3]int{k.groups, 1, 1}, shaders.InProjConv[Operand]{
			Params: shaders.InProjConvParams{
				Rows: uint32(o.Dst.Rows), Cols: uint32(o.Src.Cols), Outs: uint32(p.Rows),
				First: uint32(p.First), Channels: uint32(channels), Eps: o.NormEps, Pitch: w.words(),
				Taps: uint32(o.Conv.Cols), Slots: convSlots(o.ConvState), BatchRecords: records(o.Batch),
				Act: uint32(o.Act), Squares: uint32(squares.Cols),
			},
			Constants: shaders.InProjConvConstants{Size: k.size, StateType: stateType(o.ConvState), Keep: o.Keeps,
				MatvecConstants: k.constants},
			Dst: c.view(o.Dst), Z: c.view(o.XZ.Columns(channels, 2*channels)), Src: src, Norm: norm,
			Weight: c.weight(p), Bias: c.view(o.InBias), Conv: c.view(o.Conv), ConvBias: c.view(o.ConvBias),
			State: c.view(o.ConvState), Batch: c.view(o.Batch), Squares: c.view(squares),
		}.InProjConv(k.types))
	}
}

// prefillInProjConv is the product, with the norm on the way into it, and the
// convolution.
func prefillInProjConv(c *compiler, o mamba.InProjConv) {
	p := c.product(o.XZ, c.layout(o.InProj), o.Precision)
	p.bias = o.InBias
	p.normed(c, packing{src: o.Src, rows: o.Src.Rows, norm: true, weight: o.Norm, eps: o.NormEps,
		live: rowsOf(o.Batch)})
	c.multiply(p)
	prefillConv1D(c, backend.Conv1D{Dst: o.Dst, Src: o.XZ.Columns(0, o.Dst.Cols), Weight: o.Conv, Bias: o.ConvBias,
		State: o.ConvState, Batch: o.Batch, Act: o.Act, Keeps: o.Keeps})
}

// squares takes room for the sums of squares of the rows of dst that a kernel
// of one dispatch writes along with them, if the next operation norms them.
func (c *compiler) squares(k matvec, dst backend.Tensor) (sums backend.Tensor) {
	next, ok := c.next().(mamba.InProjConv)
	if !ok || next.Src != dst || k.half == 0 {
		return sums
	}
	sums = c.tensor(backend.F32, dst.Rows, over(dst.Cols, k.half))
	c.handOver(dst, sums)
	return sums
}
