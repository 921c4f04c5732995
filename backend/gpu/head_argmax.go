package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

func supportsHeadArgMax(d *Target, o backend.HeadArgMax) forms {
	// Many rows on matrix units are faster as head and argmax.
	most := min(halfRows, d.prefillRows(1, o.Precision, o.Weight)-1)
	units := o.Dst.Rows > most && o.Precision != backend.Float && len(d.Tiles()) > 0
	return forms{decode: o.NormEps >= leastEps && d.hasMatvec(shaders.HeadArgMaxKernels, o.Weight) && !units}
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
	head := backend.Head{Src: o.Src, Rows: o.Rows, Norm: o.Norm, NormEps: o.NormEps, Batch: o.Batch}
	at := 0
	var ready headRows
	for i, k := range kernels {
		x, grid := c.head(head, w, &w.Parts[i], k)
		ready.give(c, &x, head, k)
		x.Dst = c.view(best.Columns(2*at, 2*(at+k.groups)))
		c.run(grid, k.call(x.HeadArgMax, x.HeadArgMaxDirect))
		at += k.groups
	}
	c.run([3]int{rows, 1, 1}, shaders.HeadPick[Operand]{
		Params: shaders.HeadPickParams{Rows: uint32(rows), Pairs: uint32(pairs)},
		Dst:    c.view(o.Dst), Src: c.view(best), Live: c.view(backend.BatchWord(o.Batch, backend.BatchHeads)),
	}.HeadPickU32())
}
