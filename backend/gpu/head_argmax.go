package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

func supportsHeadArgMax(d *Target, o backend.HeadArgMax) forms {
	// Many rows on matrix units are faster as head and argmax.
	units := o.Dst.Rows >= d.prefillRows(o.Precision, o.Weight) && o.Precision != backend.Float && len(d.Tiles()) > 0
	return forms{decode: o.NormEps >= leastEps && d.hasMatvec("head_argmax_", o.Weight) && !units}
}

func decodeHeadArgMax(c *compiler, o backend.HeadArgMax) {
	w := c.layout(o.Weight)
	rows, pairs := o.Dst.Rows, 0
	var kernels []matvec
	for i := range w.Parts {
		k := c.matvec(rows, w.Parts[i].Rows, w, 1, o.Precision, c.view(o.Src), c.view(o.Norm))
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
