package gpu

import (
	"falconmamba/backend"
	"falconmamba/backend/mamba"
	"falconmamba/shaders"
)

func supportsOutProjAdd(d *Target, o mamba.OutProjAdd) forms {
	var f forms
	f.decode = d.hasMatvec("out_proj_", o.OutProj)
	f.prefill = d.prefills(o.Dst.Rows, f.decode, o.Precision, o.OutProj) &&
		d.hasGemm(o.OutProj) && d.holds(4*packedRows(o.Dst.Rows)*int64(o.Src.Cols))
	return f
}

func decodeOutProjAdd(c *compiler, o mamba.OutProjAdd) {
	w := c.layout(o.OutProj)
	src, live := c.view(o.Src), c.view(backend.BatchWord(o.Batch, backend.BatchRows))
	half := c.view(c.takeOver(o.Src))
	for i := range w.Parts {
		p := &w.Parts[i]
		k := c.matvec(o.Dst.Rows, p.Rows, w, 1, o.Precision, src, Operand{})
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

func prefillOutProjAdd(c *compiler, o mamba.OutProjAdd) {
	p := c.product(o.Dst, c.layout(o.OutProj), o.Precision)
	p.bias, p.residual = o.Bias, o.Residual
	p.input(c, o.Src, rowsOf(o.Batch))
	c.multiply(p)
}
