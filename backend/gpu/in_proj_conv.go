package gpu

import (
	"math"

	"falconmamba/backend"
	"falconmamba/backend/mamba"
	"falconmamba/shaders"
)

// decodeTaps is the most that in_proj_conv.comp takes.
const decodeTaps = 4

func supportsInProjConv(d *Target, o mamba.InProjConv) forms {
	var f forms
	f.decode = o.NormEps >= leastEps && o.Conv.Cols <= decodeTaps && d.hasMatvec("in_proj_conv_", o.InProj)
	f.prefill = d.prefills(o.Dst.Rows, f.decode, o.Precision, o.InProj) &&
		d.hasGemm(o.InProj) && o.Conv.Cols <= prefillTaps && o.NormEps >= leastEps &&
		d.holds(4*packedRows(o.Dst.Rows)*int64(o.Src.Cols))
	return f
}

func decodeInProjConv(c *compiler, o mamba.InProjConv) {
	w, channels := c.layout(o.InProj), o.Dst.Cols
	dst, z := c.view(o.Dst), c.view(o.XZ.Columns(channels, 2*channels))
	src, norm, bias := c.view(o.Src), c.view(o.Norm), c.view(o.InBias)
	conv, convBias, state, batch := c.view(o.Conv), c.view(o.ConvBias), c.view(o.ConvState), c.view(o.Batch)
	slots := uint32(o.ConvState.Rows)
	if o.ConvState.IsZero() {
		slots = math.MaxUint32
	}
	squares := c.takeOver(o.Src)
	sums := c.view(squares)
	for i := range w.Parts {
		p := &w.Parts[i]
		k := c.matvec(o.Dst.Rows, p.Rows, w, 1, o.Precision, src, norm)
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

// prefillInProjConv is the product, with the norm on the way into it, and the
// convolution.
func prefillInProjConv(c *compiler, o mamba.InProjConv) {
	p := c.product(o.XZ, c.layout(o.InProj), o.Precision)
	p.bias = o.InBias
	p.normed(c, packing{src: o.Src, rows: o.Src.Rows, norm: true, weight: o.Norm, eps: o.NormEps, live: rowsOf(o.Batch)})
	c.multiply(p)
	prefillConv1D(c, backend.Conv1D{Dst: o.Dst, Src: o.XZ.Columns(0, o.Dst.Cols), Weight: o.Conv, Bias: o.ConvBias,
		State: o.ConvState, Batch: o.Batch, Act: o.Act})
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
