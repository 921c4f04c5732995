//go:build cgo && !darwin

package vulkan

// #include "vk.h"
import "C"

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

// Matrix products of many rows. Where the device has cooperative matrices and
// the operation lets activations be rounded, gemm_half.comp makes them; else
// gemm.comp, in float32.

// A fragment is a shape of the device's cooperative matrices: float16 products
// m×k · k×n, float32 sums.
type fragment struct{ m, n, k int }

// VkComponentTypeKHR and VkScopeKHR.
const (
	componentF16  = 0
	componentF32  = 1
	scopeSubgroup = 3
)

// fragment returns the largest shape that the kernel can use, or none.
func (d *device) fragment() (best fragment, ok bool) {
	p := d.physical
	if lacks := shaders.Lookup("gemm_f16_f16").Needs &^ d.has; lacks != 0 {
		return best, false
	}
	for _, x := range p.matrix[:p.matrices] {
		if x.a != componentF16 || x.b != componentF16 || x.c != componentF32 || x.r != componentF32 || x.scope != scopeSubgroup {
			continue
		}
		s := fragment{int(x.m), int(x.n), int(x.k)}
		fits := s.m%4 == 0 && s.n%4 == 0 && s.k%8 == 0 && len(d.tiles(s)) > 0
		if volume := s.m * s.n * s.k; fits && volume > best.m*best.n*best.k {
			best, ok = s, true
		}
	}
	return best, ok
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

// fitsTile reports whether the device can run the tile and the kernel divide it.
func (d *device) fitsTile(t tile) bool {
	n := t.invocations()
	return t.bk%t.k == 0 && t.bm()*t.bk/8%n == 0 && t.bn()*t.bk/8%n == 0 &&
		n <= int(d.physical.max_invocations) && n <= int(d.physical.max_size[0]) && n <= 256 &&
		16*t.shared() <= int(d.physical.max_shared)
}

// A warp is what one subgroup makes of a tile, in fragments, and how many of
// them a workgroup has.
type warp struct{ rows, cols, down, across, bk, buffers int }

// warps lists the tiles from the largest down, the better of two first, as
// measured on an H200 (TestPrefillSpeed).
var warps = []warp{
	{4, 4, 2, 2, 32, 2},
	{4, 4, 2, 2, 32, 1},
	{4, 2, 2, 4, 64, 1},
	{4, 2, 2, 4, 32, 1},
	{2, 2, 2, 4, 32, 2},
	{2, 2, 2, 2, 32, 2},
	{2, 2, 2, 2, 32, 1},
	{1, 2, 2, 2, 32, 1},
}

// tiles lists those of warps that the device can run with its fragments.
func (d *device) tiles(f fragment) (list []tile) {
	for _, w := range warps {
		if t, ok := d.tileOf(f, w); ok {
			list = append(list, t)
		}
	}
	return list
}

// tileOf is the tile of a warp, if the device can run it.
func (d *device) tileOf(f fragment, w warp) (tile, bool) {
	t := tile{fragment: f, lanes: int(d.physical.subgroup_size), down: w.down, across: w.across,
		rows: w.rows, cols: w.cols, bk: w.bk, buffers: w.buffers}
	return t, t.rows*t.cols <= d.maxFragments() && d.fitsTile(t)
}

// maxFragments is the most sums of a subgroup: of 16×16, half the registers of
// the devices that are known. The kernel's loops over them are unrolled, which
// takes the compilers for processors minutes.
func (d *device) maxFragments() int {
	if d.info.Class == backend.Software {
		return 4
	}
	return 16
}

// maxParts is the most pieces that the inputs are divided into.
const maxParts = 16

// divide returns into how many parts the inputs of a product go, so that there
// are enough workgroups for the device, two to a core, or three to two cores
// where they have more than four subgroups: steps is the number of times that
// a tile's inputs are loaded, and a part has some of those at least.
func (d *device) divide(groups, steps, subgroups int) int {
	const least = 16
	want := 2 * d.cores()
	if subgroups > 4 {
		want = 3 * d.cores() / 2
	}
	n := max(1, min(want/max(groups, 1), steps/least, maxParts))
	return over(steps, over(steps, n)) // none is empty
}

// tile chooses how gemm_half.comp divides a product of rows × outs, and into
// how many parts its inputs go: the largest tile that is not mostly padding and
// fills the device, else the smallest. A large tile of few subgroups must fill
// it undivided: where it would not, more subgroups to a tile are better than
// parts.
func (d *device) tile(rows, outs, inputs int) (best tile, parts int) {
	for _, t := range d.half {
		groups := over(rows, t.bm()) * over(outs, t.bn())
		best, parts = t, d.divide(groups, over(inputs, t.bk), t.down*t.across)
		fills := 2*groups >= 3*d.cores()
		if t.down*t.across > 4 {
			fills = 3*groups*parts >= 2*d.cores()
		}
		if t.bm() < 2*rows && fills {
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
	weight   *weight        // (M, K)
	bias     backend.Tensor // (1, M) or absent
	residual backend.Tensor // (T, M) or absent; may be dst
	live     backend.Tensor
	tile     tile
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
func (c *compiler) product(dst backend.Tensor, w *weight, p backend.Precision) product {
	out := product{dst: dst, weight: w, inputs: w.desc.Cols}
	if p != backend.Float && len(c.d.half) > 0 {
		out.tile, out.parts = c.d.tile(dst.Rows, dst.Cols, out.inputs)
	} else {
		groups := over(dst.Rows, plainTile) * over(dst.Cols, plainTile)
		out.parts = c.d.divide(groups, over(out.inputs, 2*plainStep), 1)
	}
	// All of the scratch is one buffer: see holds.
	if most := int(c.d.info.MaxBuffer / 4 / (4 * int64(dst.Rows) * int64(dst.Cols+3))); out.parts > most {
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
		SrcOff: s.off, SrcStride: s.stride, SrcRows: uint32(p.src.Rows), FromOff: f.off, FromStride: f.stride,
		WeightOff: w.off, LiveOff: l.off, Eps: p.eps,
	}, []constant{{0, uint32(c.d.workgroup(dst.Cols/4, 256))}, {1, truth(s.wide())}}, d, s, f, w, l)
	return dst
}

// workgroup is the size of a workgroup that has n things to do, and at most
// most invocations: a power of two that the device takes.
func (d *device) workgroup(n, most int) int {
	size := width
	for most = min(most, int(d.physical.max_invocations), int(d.physical.max_size[0])); size < n && 2*size <= most; {
		size *= 2
	}
	return size
}

// wide reports whether the rows of an operand begin at 16-byte words.
func (o operand) wide() bool { return o.off == shaders.Absent || o.off%4 == 0 && o.stride%4 == 0 }

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
		DstOff: d.off, DstStride: d.stride, SrcOff: s.off, SrcStride: s.stride,
		BiasOff: b.off, ResidualOff: r.off, ResidualStride: r.stride, LiveOff: l.off,
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
	rows, kernel := p.dst.Rows, "gemm_"+p.weight.desc.Type.String()
	s, l := c.view(p.src), c.view(p.live)
	for _, w := range p.weight.parts {
		of := func(t backend.Tensor) operand {
			if !t.IsZero() {
				t = t.Columns(w.first, w.first+w.rows)
			}
			return c.view(t)
		}
		d, b, r := of(dst), of(p.bias), of(p.residual)
		pitch := uint32(p.weight.pitch / round)
		if !p.packed() {
			span := over(over(p.inputs, p.parts), plainStep) * plainStep
			c.run(kernel+"_f32", [3]int{over(rows, plainTile), over(w.rows, plainTile), p.parts}, shaders.Gemm{
				Rows: uint32(rows), Cols: uint32(p.inputs), Outs: uint32(w.rows), Span: uint32(span), Part: uint32(part),
				DstOff: d.off, DstStride: d.stride, SrcOff: s.off, SrcStride: s.stride,
				Pitch: pitch, BiasOff: b.off, ResidualOff: r.off, ResidualStride: r.stride, LiveOff: l.off,
			}, nil, d, s, c.weight(w), b, r, l)
			continue
		}
		t := p.tile
		steps := over(p.inputs, t.bk)
		wide := d.wide() && (b.off == shaders.Absent || b.off%4 == 0) && r.wide() && w.rows%4 == 0 && part%4 == 0
		c.run(kernel+"_f16", [3]int{over(rows, t.bm()), over(w.rows, t.bn()), p.parts}, shaders.GemmHalf{
			Rows: uint32(rows), Outs: uint32(w.rows),
			Steps: uint32(steps), Span: uint32(over(steps, p.parts)), Part: uint32(part),
			DstOff: d.off, DstStride: d.stride, SrcOff: s.off / 8, SrcPitch: s.stride / 8,
			Pitch: pitch, BiasOff: b.off, ResidualOff: r.off, ResidualStride: r.stride, LiveOff: l.off,
		}, t.constants(p.inputs%t.bk == 0, wide), d, s, c.weight(w), b, r, l)
	}
}

// constants are gemm_half.comp's.
func (t tile) constants(whole, wide bool) []constant {
	n := t.invocations()
	return inOrder([]int{n, t.m, t.n, t.k, t.rows, t.cols, t.down, t.bk, t.buffers, t.bm(), t.bn(), t.shared(),
		t.bm() * t.bk / 8 / n, t.bn() * t.bk / 8 / n, int(truth(whole)), int(truth(wide))})
}

// inOrder gives the constants from 0 up these values.
func inOrder(values []int) []constant {
	list := make([]constant, len(values))
	for i, v := range values {
		list[i] = constant{uint32(i), uint32(v)}
	}
	return list
}
