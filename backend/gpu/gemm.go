package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

// Matrix products of a prompt. Where the device has cooperative matrices and
// the operation lets activations be rounded, gemm_half.comp makes them; else
// gemm.comp, in float32.

// A product is dst = src · weightᵀ + bias + residual over the many rows of a
// prompt.
type product struct {
	dst      backend.Tensor // (T, M)
	src      backend.Tensor // (T, K), or as pack returns it for tile
	inputs   int            // K
	weight   *Weight        // (M, K)
	bias     backend.Tensor // (1, M) or absent
	residual backend.Tensor // (T, M) or absent; may be dst
	live     backend.Tensor
	tile     Tile
	parts    int // into which the inputs are divided
}

// What one workgroup of gemm.comp makes, in rows and channels, and the inputs
// that it loads at a time: its SIZE and BK.
const (
	plainTile = 64
	plainStep = 16
)

// product plans dst = a · wᵀ for a of rows × K, in the precision given: it
// chooses how to divide the work.
func (c *compiler) product(dst backend.Tensor, w *Weight, p backend.Precision) product {
	out := product{dst: dst, weight: w, inputs: w.Desc.Cols}
	if tiles := c.target.Tiles(); p != backend.Float && len(tiles) > 0 && c.target.runs("gemm_"+w.kernel("_f16")) {
		out.tile, out.parts = c.target.tile(tiles, dst.Rows, dst.Cols, out.inputs)
	} else {
		groups := over(dst.Rows, plainTile) * over(dst.Cols, plainTile)
		out.parts = c.target.divide(groups, over(out.inputs, 2*plainStep), 1)
	}
	// All of the scratch is one buffer: see holds.
	if most := int(c.target.MaxBuffer / 4 / (4 * int64(dst.Rows) * int64(dst.Cols+3))); out.parts > most {
		out.parts = 1
	}
	return out
}

// packed reports whether the product wants its input from pack.
func (p *product) packed() bool { return p.tile.lanes > 0 }

// input gives the product its rows, packed if it wants that.
func (p *product) input(c *compiler, src, live backend.Tensor) {
	p.src, p.live = src, live
	if p.packed() {
		p.src = c.pack(p.tile, packing{src: src, rows: src.Rows, live: live})
	}
}

// normed is input after a norm of each row.
func (p *product) normed(c *compiler, n packing) {
	p.live = n.live
	if p.packed() {
		p.src = c.pack(p.tile, n)
		return
	}
	p.src = c.tensor(backend.F32, n.rows, n.src.Cols)
	decodeRMSNorm(c, backend.RMSNorm{Dst: p.src, Src: n.src, Weight: n.weight, Eps: n.eps, Live: n.live})
}

// A packing says which rows are packed: src's, or with from those that it
// names; with a norm normalised.
type packing struct {
	src    backend.Tensor
	rows   int            // of the result
	from   backend.Tensor // (rows, 1) or absent
	norm   bool
	weight backend.Tensor // of the norm
	eps    float32
	live   backend.Tensor
}

// pack emits rows as gemm_half.comp wants them for a tile.
func (c *compiler) pack(t Tile, p packing) backend.Tensor {
	dst := c.tensor(backend.F16, over(p.rows, t.BM())*t.BM(), over(p.src.Cols, t.BK)*t.BK)
	d, s, f, w, l := c.view(dst), c.view(p.src), c.view(p.from), c.view(p.weight), c.view(p.live)
	kernel := "pack_f16"
	if p.norm {
		kernel = "rmsnorm_f16"
	}
	c.run(kernel, [3]int{dst.Rows, 1, 1}, shaders.Pack{
		Rows: uint32(p.rows), Cols: uint32(p.src.Cols), Tile: uint32(t.BM()), Pitch: uint32(dst.Cols / 4),
		SrcOff: s.Off, SrcStride: s.Stride, SrcRows: uint32(p.src.Rows), FromOff: f.Off, FromStride: f.Stride,
		WeightOff: w.Off, LiveOff: l.Off, Eps: p.eps,
	}, inOrder(c.target.workgroup(dst.Cols/4, 256), int(truth(s.wide()))), d, s, f, w, l)
	return dst
}

// multiply emits a product.
func (c *compiler) multiply(p product) {
	if p.parts == 1 {
		c.gemm(p, p.dst, 0)
		return
	}
	sums := c.sums(p)
	d, s, b, r, l := c.view(p.dst), c.view(sums), c.view(p.bias), c.view(p.residual), c.view(p.live)
	c.run("gemm_sum_f32", [3]int{over(p.dst.Cols, width), p.dst.Rows, 1}, shaders.GemmSum{
		Rows: uint32(p.dst.Rows), Cols: uint32(p.dst.Cols), Parts: uint32(p.parts), Part: uint32(p.dst.Rows * sums.Stride),
		DstOff: d.Off, DstStride: d.Stride, SrcOff: s.Off, SrcStride: s.Stride,
		BiasOff: b.Off, ResidualOff: r.Off, ResidualStride: r.Stride, LiveOff: l.Off,
	}, nil, d, s, b, r, l)
}

// sums emits a product without bias and residual and returns its parts, one
// below the other.
func (c *compiler) sums(p product) backend.Tensor {
	p.bias, p.residual = backend.Tensor{}, backend.Tensor{}
	dst := c.tensor(backend.F32, p.parts*p.dst.Rows, (p.dst.Cols+3)&^3).Columns(0, p.dst.Cols)
	c.gemm(p, dst, p.dst.Rows*dst.Stride)
	return dst
}

// gemm emits the dispatches of a product, whose parts are part elements from
// one another.
func (c *compiler) gemm(p product, dst backend.Tensor, part int) {
	rows := p.dst.Rows
	s, l := c.view(p.src), c.view(p.live)
	for i := range p.weight.Parts {
		w := &p.weight.Parts[i]
		of := func(t backend.Tensor) Operand {
			if !t.IsZero() {
				t = t.Columns(w.First, w.First+w.Rows)
			}
			return c.view(t)
		}
		d, b, r := of(dst), of(p.bias), of(p.residual)
		pitch := uint32(p.weight.Pitch / Word)
		if !p.packed() {
			span := over(over(p.inputs, p.parts), plainStep) * plainStep
			c.run("gemm_"+p.weight.kernel("_f32"), [3]int{over(rows, plainTile), over(w.Rows, plainTile), p.parts}, shaders.Gemm{
				Rows: uint32(rows), Cols: uint32(p.inputs), Outs: uint32(w.Rows), Span: uint32(span), Part: uint32(part),
				DstOff: d.Off, DstStride: d.Stride, SrcOff: s.Off, SrcStride: s.Stride,
				Pitch: pitch, BiasOff: b.Off, ResidualOff: r.Off, ResidualStride: r.Stride, LiveOff: l.Off,
			}, p.weight.constants(nil), d, s, c.weight(w), b, r, l)
			continue
		}
		t := p.tile
		steps := over(p.inputs, t.BK)
		wide := d.wide() && (b.Off == shaders.Absent || b.Off%4 == 0) && r.wide() && w.Rows%4 == 0 && part%4 == 0
		c.run("gemm_"+p.weight.kernel("_f16"), [3]int{over(rows, t.BM()), over(w.Rows, t.BN()), p.parts}, shaders.GemmHalf{
			Rows: uint32(rows), Outs: uint32(w.Rows),
			Steps: uint32(steps), Span: uint32(over(steps, p.parts)), Part: uint32(part),
			DstOff: d.Off, DstStride: d.Stride, SrcOff: s.Off / 8, SrcPitch: s.Stride / 8,
			Pitch: pitch, BiasOff: b.Off, ResidualOff: r.Off, ResidualStride: r.Stride, LiveOff: l.Off,
		}, p.weight.constants(t.constants(p.inputs%t.BK == 0, wide)), d, s, c.weight(w), b, r, l)
	}
}
