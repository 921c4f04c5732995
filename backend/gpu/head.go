package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

func supportsHead(d *Target, o backend.Head) forms {
	var f forms
	f.decode = o.NormEps >= leastEps && d.hasMatvec("head_", o.Weight)
	f.prefill = d.prefills(o.Logits.Rows, f.decode, o.Precision, o.Weight) &&
		d.hasGemm(o.Weight) && o.NormEps >= leastEps && d.holds(8*packedRows(o.Logits.Rows)*int64(o.Src.Cols))
	return f
}

func decodeHead(c *compiler, o backend.Head) {
	w := c.layout(o.Weight)
	for i := range w.Parts {
		p := &w.Parts[i]
		dst := c.view(o.Logits)
		k := c.matvec(o.Logits.Rows, p.Rows, w, 1, o.Precision, c.view(o.Src), c.view(o.Norm))
		c.head("head_", w, p, k, dst, o.Logits.Rows, o.Src, o.Rows, o.Norm, o.NormEps, o.Batch)
	}
}

// head adds a part of lm_head for rows rows.
func (c *compiler) head(family string, w *Weight, p *Part, k matvec, dst Operand, rows int, from, which, gain backend.Tensor, eps float32, batch backend.Tensor) {
	src, pick, norm := c.view(from), c.view(which), c.view(gain)
	live := c.view(backend.BatchWord(batch, backend.BatchHeads))
	c.run(family+k.kernel, [3]int{k.groups, over(rows, k.rows), 1}, shaders.Head{
		Rows: uint32(rows), Cols: uint32(from.Cols), Outs: uint32(p.Rows), First: uint32(p.First),
		DstOff: dst.Off, DstStride: dst.Stride, SrcOff: src.Off, SrcStride: src.Stride, SrcRows: uint32(from.Rows),
		FromOff: pick.Off, FromStride: pick.Stride, NormOff: norm.Off, Eps: eps,
		Pitch: uint32(w.Pitch / Word), LiveOff: live.Off,
	}, k.constants, dst, src, pick, norm, c.weight(p), live)
}

func prefillHead(c *compiler, o backend.Head) {
	p := c.product(o.Logits, c.layout(o.Weight), o.Precision)
	n := packing{src: o.Src, rows: o.Rows.Rows, from: o.Rows, norm: true, weight: o.Norm, eps: o.NormEps,
		live: backend.BatchWord(o.Batch, backend.BatchHeads)}
	if !p.packed() {
		chosen := c.tensor(backend.F32, o.Rows.Rows, o.Src.Cols)
		decodeGather(c, backend.Gather{Dst: chosen, Src: o.Src, From: o.Rows, Live: n.live})
		n.src, n.from = chosen, backend.Tensor{}
	}
	p.normed(c, n)
	c.multiply(p)
}
