package gpu

import (
	"falconmamba/backend/mamba"
	"falconmamba/shaders"
)

func supportsOutProjAdd(d *Target, o mamba.OutProjAdd) forms {
	var f forms
	f.decode = d.hasMatvec(shaders.OutProjKernels, o.OutProj)
	f.prefill = d.prefills(o.Dst.Rows, f.decode, 1, o.Precision, o.OutProj) &&
		d.hasGemm(o.OutProj) && d.holds(4*packedRows(o.Dst.Rows)*int64(o.Src.Cols))
	return f
}

func decodeOutProjAdd(c *compiler, o mamba.OutProjAdd) {
	w := c.layout(o.OutProj)
	src, half := c.view(o.Src), c.view(c.takeOver(o.Src))
	var integers readyRows
	for i := range w.Parts {
		p := &w.Parts[i]
		k := c.matvec(o.Dst.Rows, p.Rows, w, 1, o.Precision, src, Operand{})
		if k.ready && half.Off == shaders.Absent {
			half = c.view(c.pack(1, 8, order{}, packing{src: o.Src, rows: o.Src.Rows, live: rowsOf(o.Batch)}))
		}
		if k.integers {
			if integers.words.IsZero() {
				integers = c.ready(packing{src: o.Src, rows: o.Src.Rows, live: rowsOf(o.Batch)})
			}
			half = c.readyView(integers.words)
		}
		var next norming
		if len(w.Parts) == 1 {
			next = c.norming(k, o.Dst)
		}
		x := shaders.OutProj[Operand]{
			Params: shaders.OutProjParams{
				Rows: uint32(o.Dst.Rows), Cols: uint32(o.Src.Cols), Outs: uint32(p.Rows), Pitch: w.words(),
			},
			Constants: shaders.OutProjConstants{
				Size: k.size, Packed: half.Off != shaders.Absent && k.half != 0, MatvecConstants: k.constants,
			},
			Dst: c.channels(o.Dst, p), Residual: c.channels(o.Residual, p), Src: src, Weight: c.weight(p),
			Bias: c.channels(o.Bias, p), Live: c.view(rowsOf(o.Batch)), Squares: c.view(next.squares), Packed: half,
			NextNorm: c.view(next.weight), Normed: c.view(next.rows),
		}
		if k.integers {
			x.Normed = c.readyView(next.rows)
		}
		c.run([3]int{k.groups, 1, 1}, k.call(x.OutProj, x.OutProjDirect))
	}
}

func prefillOutProjAdd(c *compiler, o mamba.OutProjAdd) {
	p := c.product(o.Dst, c.layout(o.OutProj), o.Precision)
	p.bias, p.residual = o.Bias, o.Residual
	p.input(c, o.Src, rowsOf(o.Batch))
	c.multiply(p)
}
