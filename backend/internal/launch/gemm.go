package launch

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

// Matrix products of many rows. Where the device has cooperative matrices and
// the operation lets activations be rounded, gemm_half.comp makes them; else
// gemm.comp, in float32.

// A Fragment is a shape of the device's cooperative matrices: float16 products
// m×k · k×n, float32 sums.
type Fragment struct{ M, N, K int }

// fragment is a Fragment that was chosen.
type fragment struct{ m, n, k int }

// halves returns the tiles of the largest fragment that gemm_half.comp can use.
func (d *Target) halves() (best []tile) {
	k := shaders.Lookup("gemm_f16_f16")
	if k == nil || k.Needs&^d.Has != 0 {
		return nil
	}
	most := 0
	for _, f := range d.Fragments {
		if list, volume := d.tiles(fragment{f.M, f.N, f.K}), f.M*f.N*f.K; len(list) > 0 && volume > most {
			best, most = list, volume
		}
	}
	return best
}

// A tile is how a workgroup of gemm_half.comp divides a product.
type tile struct {
	fragment
	lanes        int // of a subgroup
	down, across int // subgroups, along rows and channels
	rows, cols   int // matrices of a subgroup
	bk           int // inputs at a time
	buffers      int // of shared memory
}

func (t tile) bm() int { return t.down * t.rows * t.m }

func (t tile) bn() int { return t.across * t.cols * t.n }

func (t tile) invocations() int { return t.down * t.across * t.lanes }

// shared returns the 16-byte words of shared memory: rows of both operands'
// tiles and a word after each, or the sums of a row of matrices per subgroup.
func (t tile) shared() int {
	load := t.buffers * (t.bm() + t.bn()) * (t.bk/8 + 1)
	store := t.down * t.across * t.m * (t.cols*t.n/4 + 1)
	return max(load, store)
}

// fits reports whether the device can run the tile and the kernel divide it.
func (d *Target) fitsTile(t tile) bool {
	n := t.invocations()
	return t.m%4 == 0 && t.n%4 == 0 && t.k%8 == 0 && t.bk%t.k == 0 &&
		t.bm()*t.bk/8%n == 0 && t.bn()*t.bk/8%n == 0 &&
		n <= d.Invocations && n <= 256 &&
		16*t.shared() <= d.Shared
}

// warp is what one subgroup makes of a tile, in elements, and what a workgroup
// has of them.
type warp struct{ rows, cols, down, across, bk, buffers int }

// warps lists the tiles from the largest down. The first that fills the device
// is taken.
var warps = []warp{
	{64, 64, 2, 4, 32, 1},
	{64, 32, 2, 4, 32, 2},
	{64, 32, 2, 4, 32, 1},
	{64, 64, 2, 2, 32, 1},
	{32, 32, 2, 4, 32, 2},
	{32, 32, 2, 2, 32, 2},
	{32, 32, 2, 2, 32, 1},
	{16, 32, 2, 2, 32, 1},
}

// tiles lists those of warps that the device can run with a shape of matrices.
func (d *Target) tiles(s fragment) (list []tile) {
	for _, w := range warps {
		t := tile{fragment: s, lanes: d.SubgroupSize, down: w.down, across: w.across,
			rows: w.rows / s.m, cols: w.cols / s.n, bk: w.bk, buffers: w.buffers}
		if t.rows*s.m == w.rows && t.cols*s.n == w.cols && d.fitsTile(t) {
			list = append(list, t)
		}
	}
	return list
}

// maxParts is the most pieces that the inputs are divided into.
const maxParts = 8

// divide returns into how many parts the inputs of a product go, so that there
// are enough workgroups for the device, two to a core: steps is the number of
// times that a tile's inputs are loaded, and a part has some of those at least.
func (d *Target) divide(groups, steps int) int {
	const least = 16
	n := max(1, min(2*d.Cores/max(groups, 1), steps/least, maxParts))
	return over(steps, over(steps, n)) // none is empty
}

// tile chooses how gemm_half.comp divides a product of rows × outs, and into
// how many parts its inputs go: the largest tile that fills the device and is
// not mostly padding, else the smallest.
func (d *Target) tile(rows, outs, inputs int) (best tile, parts int) {
	for _, t := range d.halves() {
		groups := over(rows, t.bm()) * over(outs, t.bn())
		best, parts = t, d.divide(groups, over(inputs, t.bk))
		if t.bm() < 2*rows && 2*groups*parts >= 3*d.Cores {
			break
		}
	}
	return best, parts
}

// A product is dst = src · weightᵀ + bias + residual over many rows.
type product struct {
	dst      backend.Tensor // (T, M)
	src      backend.Tensor // (T, K), or as pack returns it for tile
	inputs   int            // K
	weight   *Weight        // (M, K)
	bias     backend.Tensor // (1, M) or absent
	residual backend.Tensor // (T, M) or absent; may be dst
	live     backend.Tensor
	tile     tile
	parts    int // into which the inputs are divided
}

// plain is the part of a product in float32 that one workgroup makes, and the
// inputs that it loads at a time: gemm.comp's SIZE and BK.
const (
	plainTile = 64
	plainStep = 16
)

// product plans dst = a · wᵀ for a of rows × K, in the precision given: it
// chooses how to divide the work.
func (c *compiler) product(dst backend.Tensor, w *Weight, p backend.Precision) product {
	out := product{dst: dst, weight: w, inputs: w.Desc.Cols}
	if p != backend.Float && len(c.target.halves()) > 0 {
		out.tile, out.parts = c.target.tile(dst.Rows, dst.Cols, out.inputs)
		return out
	}
	groups := over(dst.Rows, plainTile) * over(dst.Cols, plainTile)
	out.parts = c.target.divide(groups, over(out.inputs, 2*plainStep))
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
	emitRMSNorm(c, backend.RMSNorm{Dst: p.src, Src: n.src, Weight: n.weight, Eps: n.eps, Live: n.live})
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
func (c *compiler) pack(t tile, p packing) backend.Tensor {
	dst := c.tensor(backend.F16, over(p.rows, t.bm())*t.bm(), over(p.src.Cols, t.bk)*t.bk)
	d, s, f, w, l := c.view(dst), c.view(p.src), c.view(p.from), c.view(p.weight), c.view(p.live)
	kernel := "pack_f16"
	if p.norm {
		kernel = "rmsnorm_f16"
	}
	c.run(kernel, [3]int{dst.Rows, 1, 1}, shaders.Pack{
		Rows: uint32(p.rows), Cols: uint32(p.src.Cols), Tile: uint32(t.bm()), Pitch: uint32(dst.Cols / 4),
		SrcOff: s.Off, SrcStride: s.Stride, SrcRows: uint32(p.src.Rows), FromOff: f.Off, FromStride: f.Stride,
		WeightOff: w.Off, LiveOff: l.Off, Eps: p.eps,
	}, []Constant{{0, c.target.workgroup(dst.Cols / 4)}, {1, truth(s.wide())}}, d, s, f, w, l)
	return dst
}

// workgroup is the size of a workgroup that has n things to do: a power of two
// that every device takes.
func (d *Target) workgroup(n int) uint32 {
	size := width
	for size < n && 2*size <= min(256, d.Invocations) {
		size *= 2
	}
	return uint32(size)
}

// wide reports whether the rows of an operand begin at 16-byte words.
func (o Operand) wide() bool { return o.Off == shaders.Absent || o.Off%4 == 0 && o.Stride%4 == 0 }

func truth(b bool) uint32 {
	if b {
		return 1
	}
	return 0
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
			c.run(p.weight.kernel("gemm_", "_f32"), [3]int{over(rows, plainTile), over(w.Rows, plainTile), p.parts}, shaders.Gemm{
				Rows: uint32(rows), Cols: uint32(p.inputs), Outs: uint32(w.Rows), Span: uint32(span), Part: uint32(part),
				DstOff: d.Off, DstStride: d.Stride, SrcOff: s.Off, SrcStride: s.Stride,
				Pitch: pitch, BiasOff: b.Off, ResidualOff: r.Off, ResidualStride: r.Stride, LiveOff: l.Off,
			}, p.weight.constants(nil), d, s, c.weight(w), b, r, l)
			continue
		}
		t := p.tile
		steps := over(p.inputs, t.bk)
		wide := d.wide() && (b.Off == shaders.Absent || b.Off%4 == 0) && r.wide() && w.Rows%4 == 0 && part%4 == 0
		c.run(p.weight.kernel("gemm_", "_f16"), [3]int{over(rows, t.bm()), over(w.Rows, t.bn()), p.parts}, shaders.GemmHalf{
			Rows: uint32(rows), Outs: uint32(w.Rows),
			Steps: uint32(steps), Span: uint32(over(steps, p.parts)), Part: uint32(part),
			DstOff: d.Off, DstStride: d.Stride, SrcOff: s.Off / 8, SrcPitch: s.Stride / 8,
			Pitch: pitch, BiasOff: b.Off, ResidualOff: r.Off, ResidualStride: r.Stride, LiveOff: l.Off,
		}, p.weight.constants(t.constants(p.inputs%t.bk == 0, wide)), d, s, c.weight(w), b, r, l)
	}
}

// constants are gemm_half.comp's.
func (t tile) constants(whole, wide bool) []Constant {
	n := t.invocations()
	values := [...]int{n, t.m, t.n, t.k, t.rows, t.cols, t.down, t.bk, t.buffers, t.bm(), t.bn(), t.shared(),
		t.bm() * t.bk / 8 / n, t.bn() * t.bk / 8 / n, int(truth(whole)), int(truth(wide))}
	list := make([]Constant, len(values))
	for i, v := range values {
		list[i] = Constant{uint32(i), uint32(v)}
	}
	return list
}
