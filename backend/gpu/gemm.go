package gpu

import (
	"slices"

	"falconmamba/backend"
	"falconmamba/shaders"
)

// Matrix products of a prompt. Where the device has cooperative matrices and
// the operation lets activations be rounded, gemm_half.comp makes them, or
// gemm_direct.comp where it is known how lanes hold a matrix; else gemm.comp, in float32. Where
// there are so many rows that decoding a weight once is quicker, gemm_order.comp does that first.

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
	fours    int  // of rows of an invocation of gemm.comp
	parts    int  // into which the inputs are divided
	ordered  bool // weights become float16 in the order of the lanes first
}

// What one workgroup of gemm.comp makes: channels, rows by the fours of an invocation, and the
// inputs that it loads at a time.
const (
	plainChannels = 64
	plainRows     = 32
	plainStep     = 16
)

// plainGroups is how many workgroups of gemm.comp there should be to a core: they are a subgroup
// or two each, and what one waits for others multiply.
const plainGroups = 8

// plainFours chooses a tile's rows: the sums of 64 take half of the registers where there are few,
// and else what a few rows leave empty costs more than reading the weights again.
func (d *Target) plainFours(rows int) int {
	if d.scarce() || over(rows, plainRows) == 1 || over(rows, plainRows) == 3 {
		return 1
	}
	return 2
}

// product plans dst = a · wᵀ for a of rows × K, in the precision given: it
// chooses how to divide the work.
func (c *compiler) product(dst backend.Tensor, w *Weight, p backend.Precision) product {
	return c.divided(dst, w, p, c.target.tilesFor(w, dst.Rows))
}

// productOfRows is product for rows that another kernel than pack leaves, one after another.
func (c *compiler) productOfRows(dst backend.Tensor, w *Weight, p backend.Precision) product {
	return c.divided(dst, w, p, slices.DeleteFunc(c.target.tilesFor(w, dst.Rows), Tile.ordered))
}

// divided is product with one of tiles, if there are any.
func (c *compiler) divided(dst backend.Tensor, w *Weight, p backend.Precision, tiles []Tile) product {
	out := product{dst: dst, weight: w, inputs: w.Desc.Cols}
	if p != backend.Float && len(tiles) > 0 {
		out.tile, out.parts = c.target.tile(tiles, dst.Rows, dst.Cols, out.inputs)
		out.ordered = c.target.orders(out.tile, w, dst.Rows)
	} else {
		out.fours = c.target.plainFours(dst.Rows)
		groups := over(dst.Rows, plainRows*out.fours) * over(dst.Cols, plainChannels)
		out.parts = c.target.divide(groups, out.inputs, 2*plainStep, plainGroups*c.target.Cores)
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
		p.src = c.pack(p.tile.BM(), p.tile.BK, p.tile.order(), packing{src: src, rows: src.Rows, live: live})
	}
}

// normed is input after a norm of each row.
func (p *product) normed(c *compiler, n packing) {
	p.live = n.live
	if p.packed() {
		p.src = c.pack(p.tile.BM(), p.tile.BK, p.tile.order(), n)
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

// An order is of which matrices' lanes rows are in the order; the zero value is that of the rows. With strip so many
// words of a row lie together instead, with those of the other rows behind them.
type order struct {
	matrix, share, lines int
	linesFirst, spread   bool
	strip                int
}

// pack emits rows as float16, zeros to a multiple of rows and of cols.
func (c *compiler) pack(rows, cols int, o order, p packing) backend.Tensor {
	dst := c.tensor(backend.F16, over(p.rows, rows)*rows, over(p.src.Cols, cols)*cols)
	src := c.view(p.src)
	x := shaders.PackF16[Operand]{
		Params: shaders.PackF16Params{
			Rows: uint32(p.rows), Cols: uint32(p.src.Cols), Tile: uint32(rows), Pitch: uint32(dst.Cols / 8),
			SrcRows: uint32(p.src.Rows), Eps: p.eps,
		},
		Constants: shaders.PackF16Constants{
			Size: uint32(c.target.workgroup(dst.Cols/8, 256)), Wide: src.wide(),
			TM: uint32(max(o.matrix, 1)), Lines: uint32(max(o.lines, 1)), Share: uint32(max(o.share, 1)),
			LinesFirst: o.linesFirst, Spread: o.spread, Strip: uint32(o.strip),
		},
		Dst: c.view(dst), Src: src, From: c.view(p.from), Weight: c.view(p.weight), Live: c.view(p.live),
	}
	call := x.PackF16()
	if p.norm {
		call = x.RMSNormF16()
	}
	c.run([3]int{dst.Rows / max(o.lines, 1), 1, 1}, call)
	return dst
}

// orderStep is the inputs that gemm_order.comp takes at a time, as decoding blocks wants it.
const orderStep = 64

// order emits a part of a weight as float16 in the order of the tile's lanes.
func (c *compiler) order(t Tile, w *Weight, p *Part) Operand {
	t.BK = orderStep
	matrices, steps := over(p.Rows, t.BN())*t.BN()/t.N, over(w.Desc.Cols, t.BK)
	dst := c.view(c.tensor(backend.F16, matrices*t.N, steps*t.BK))
	constants := t.constants(w.Desc.Cols%t.BK == 0, false)
	const size = 256
	c.run([3]int{over(steps, 4), over(matrices, size/t.lanes), 1}, shaders.GemmOrder[Operand]{
		Params: shaders.GemmOrderParams{
			Outs: uint32(p.Rows), Steps: uint32(steps), Matrices: uint32(matrices), Pitch: w.words(),
		},
		Constants: shaders.GemmOrderConstants{
			Size: size, TN: uint32(t.N), TK: uint32(t.K), Share: constants.Share, BK: constants.BK,
			LinesFirst: constants.LinesFirst, Whole: constants.Whole, SpreadB: constants.SpreadB,
			BlocksConstants: w.blocks(),
		},
		Dst: dst.vectors(8), Weight: c.weight(p),
	}.GemmOrder(w.types(shaders.TypeF16)))
	return dst
}

// multiply emits a product.
func (c *compiler) multiply(p product) {
	if p.parts == 1 {
		c.gemm(p, p.dst, 0)
		return
	}
	sums := c.sums(p)
	c.run(c.elements(p.dst), shaders.GemmSum[Operand]{
		Params: shaders.GemmSumParams{
			Rows: uint32(p.dst.Rows), Cols: uint32(p.dst.Cols), Parts: uint32(p.parts),
			Part: uint32(p.dst.Rows * sums.Stride),
		},
		Dst: c.view(p.dst), Src: c.view(sums), Bias: c.view(p.bias), Residual: c.view(p.residual), Live: c.view(p.live),
	}.GemmSumF32())
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
	src, live := c.view(p.src), c.view(p.live)
	for i := range p.weight.Parts {
		w := &p.weight.Parts[i]
		d, b, r := c.channels(dst, w), c.channels(p.bias, w), c.channels(p.residual, w)
		wide := d.wide() && (b.Off == shaders.Absent || b.Off%4 == 0) && r.wide() && w.Rows%4 == 0 && part%4 == 0
		if !p.packed() {
			span := over(over(p.inputs, p.parts), plainStep) * plainStep
			c.run([3]int{over(rows, plainRows*p.fours), over(w.Rows, plainChannels), p.parts}, shaders.Gemm[Operand]{
				Params: shaders.GemmParams{
					Rows: uint32(rows), Cols: uint32(p.inputs), Outs: uint32(w.Rows),
					Span: uint32(span), Part: uint32(part), Pitch: p.weight.words(),
				},
				Constants: shaders.GemmConstants{
					Fours: uint32(p.fours), Wide: src.wide() && p.inputs%4 == 0, WideDst: wide,
					Ahead:           !c.target.scarce(),
					BlocksConstants: p.weight.blocks(),
				},
				Dst: d, Src: src, Weight: c.weight(w), Bias: b, Residual: r, Live: live,
			}.Gemm(p.weight.types(shaders.TypeF32)))
			continue
		}
		t := p.tile
		steps := over(p.inputs, t.BK)
		constants := t.constants(p.inputs%t.BK == 0, wide)
		constants.BlocksConstants = p.weight.blocks()
		packed := src.vectors(8)
		x := shaders.GemmHalf[Operand]{
			Params: shaders.GemmHalfParams{
				Rows: uint32(rows), Outs: uint32(w.Rows), Steps: uint32(steps), Span: uint32(over(steps, p.parts)),
				Part: uint32(part), SrcPitch: packed.Stride, Pitch: p.weight.words(),
			},
			Constants: constants,
			Dst:       d, Src: packed, Weight: c.weight(w), Bias: b, Residual: r, Live: live,
		}
		if !t.Direct {
			c.run([3]int{over(rows, t.BM()), over(w.Rows, t.BN()), p.parts}, x.Gemm(p.weight.types(shaders.TypeF16)))
			continue
		}
		types := p.weight.types(shaders.TypeF16)
		if p.ordered {
			types.Weight = shaders.TypeF16
			x.Weight, x.Constants.OrderedB = c.order(t, p.weight, w), true
			x.Params.Pitch = uint32(over(p.inputs, orderStep) * orderStep / 8)
		}
		c.run([3]int{over(rows, t.BM()) * over(w.Rows, t.BN()), 1, p.parts}, x.GemmDirect(types))
	}
}
