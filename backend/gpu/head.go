package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

func supportsHead(d *Target, o backend.Head) forms {
	var f forms
	f.decode = o.NormEps >= leastEps && d.hasMatvec(shaders.HeadKernels, o.Weight)
	f.prefill = d.prefills(o.Logits.Rows, f.decode, 1, o.Precision, o.Weight) &&
		d.hasGemm(o.Weight) && o.NormEps >= leastEps && d.holds(8*packedRows(o.Logits.Rows)*int64(o.Src.Cols))
	return f
}

func decodeHead(c *compiler, o backend.Head) {
	w := c.layout(o.Weight)
	var rows headRows
	for i := range w.Parts {
		k := c.matvec(o.Logits.Rows, w.Parts[i].Rows, w, 1, o.Precision, c.view(o.Src), c.view(o.Norm))
		x, grid := c.head(o, w, &w.Parts[i], k)
		rows.give(c, &x, o, k)
		x.Dst = c.view(o.Logits)
		c.run(grid, k.call(x.Head, x.HeadDirect))
	}
}

// headRows are a head's rows made ready, which all parts of its weight share.
type headRows struct {
	half     backend.Tensor // as float16
	integers readyRows
}

// give gives x the rows that k wants, and makes them ready for that before.
func (r *headRows) give(c *compiler, x *shaders.Head[Operand], o backend.Head, k matvec) {
	p := packing{src: o.Src, rows: o.Rows.Rows, from: o.Rows, norm: true, weight: o.Norm, eps: o.NormEps,
		live: backend.BatchWord(o.Batch, backend.BatchHeads)}
	if k.ready && r.half.IsZero() {
		r.half = c.pack(1, 8, order{}, p)
	}
	if k.integers && r.integers.words.IsZero() {
		r.integers = c.ready(p)
	}
	x.Packed, x.Squares = c.view(r.half), c.view(r.integers.squares)
	if k.integers {
		x.Packed, x.Params.Squares = c.readyView(r.integers.words), uint32(r.integers.squares.Cols)
		x.Constants.Chosen = r.integers.handed
	}
}

// head is a part of lm_head by k, without its destination.
func (c *compiler) head(o backend.Head, w *Weight, p *Part, k matvec) (x shaders.Head[Operand], grid [3]int) {
	rows := o.Rows.Rows
	return shaders.Head[Operand]{
		Params: shaders.HeadParams{
			Rows: uint32(rows), Cols: uint32(o.Src.Cols), Outs: uint32(p.Rows), First: uint32(p.First),
			SrcRows: uint32(o.Src.Rows), Eps: o.NormEps, Pitch: w.words(),
		},
		Constants: shaders.HeadConstants{Size: k.size, Packed: k.ready,
			MatvecConstants: k.constants},
		Src: c.view(o.Src), From: c.view(o.Rows), Norm: c.view(o.Norm), Weight: c.weight(p),
		Live: c.view(backend.BatchWord(o.Batch, backend.BatchHeads)),
	}, [3]int{k.groups, over(rows, k.rows), 1}
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
