package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

// A Tile is how a workgroup of gemm_half.comp or gemm_direct.comp divides a product.
type Tile struct {
	Fragment
	WarpTile
	lanes int   // of a subgroup
	held  Lanes // how these hold the fragment's factors, if that is known
}

// A WarpTile is what one subgroup makes of a tile, and how many subgroups a
// workgroup has.
type WarpTile struct {
	Rows, Cols   int  // fragments of a subgroup
	Down, Across int  // subgroups, along rows and channels
	BK           int  // inputs at a time
	Buffers      int  // of shared memory; 0 where rows go straight to matrices too
	Direct       bool // weights go straight to matrices: gemm_direct.comp
	Deep         int  // subgroups that divide the inputs of the same sums
}

// warpTiles lists the tiles from the largest down, the better of two first, as
// measured on an H200 (TestPrefillSpeed of package vulkan).
var warpTiles = []WarpTile{
	{4, 4, 2, 4, 32, 0, true, 1},
	{8, 2, 1, 8, 64, 2, true, 1},
	{4, 3, 1, 2, 64, 0, true, 4},
	{4, 4, 2, 2, 32, 0, true, 2},
	{4, 2, 1, 4, 64, 2, true, 1},
	{4, 4, 2, 2, 32, 2, false, 1},
	{4, 4, 2, 2, 32, 1, false, 1},
	{4, 2, 2, 4, 64, 1, false, 1},
	{4, 2, 2, 4, 32, 1, false, 1},
	{2, 2, 2, 4, 32, 2, false, 1},
	{2, 2, 2, 2, 32, 2, false, 1},
	{2, 2, 2, 2, 32, 1, false, 1},
	{1, 2, 2, 2, 32, 1, false, 1},
}

// WarpTiles returns the tiles that are chosen from.
func WarpTiles() []WarpTile { return append([]WarpTile(nil), warpTiles...) }

// BM returns the rows of a tile.
func (t Tile) BM() int { return t.Down * t.Rows * t.M }

// BN returns the channels of a tile.
func (t Tile) BN() int { return t.Across * t.Cols * t.N }

func (t Tile) subgroups() int { return t.Down * t.Across * t.Deep }

func (t Tile) invocations() int { return t.subgroups() * t.lanes }

// codebookBytes is the shared memory of a codebook (blocks.glsl).
const codebookBytes = 64

// shared returns the 16-byte words of shared memory: rows of both operands'
// tiles and a word after each, or those of one operand's alone, or the sums of
// a row of matrices per subgroup.
func (t Tile) shared() int {
	load := t.Buffers * (t.BM() + t.BN()) * (t.BK/8 + 1)
	if t.Direct {
		load = t.Buffers * t.BM() * t.BK / 8
	}
	store := t.subgroups() * t.M * (t.Cols*t.N/4 + 1)
	return max(load, store)
}

// constants are those of both kernels.
func (t Tile) constants(whole, wide bool) shaders.GemmHalfConstants {
	n := t.invocations()
	wordsA := t.BM() * t.BK / 8 / n
	if t.Direct { // in words that go together
		wordsA = over(t.BM()*t.BK/8/t.held.A.Rows, n) * t.held.A.Rows
	}
	return shaders.GemmHalfConstants{
		Size: uint32(n), TM: uint32(t.M), TN: uint32(t.N), TK: uint32(t.K),
		Rows: uint32(t.Rows), Cols: uint32(t.Cols), Down: uint32(t.Down), BK: uint32(t.BK), Buffers: uint32(t.Buffers),
		BM: uint32(t.BM()), BN: uint32(t.BN()), Shared: uint32(t.shared()),
		WordsA: uint32(wordsA), WordsB: uint32(t.BN() * t.BK / 8 / n), Whole: whole, Wide: wide,
		Share: uint32(t.held.Sets), LinesFirst: t.held.A.SetDiv > 1,
		SpreadA: t.held.A.PairStep > 2, SpreadB: t.held.B.PairStep > 2,
		OrderedA: t.ordered(), Deep: uint32(t.Deep),
	}
}

// ordered reports whether rows are in the order of the lanes.
func (t Tile) ordered() bool { return t.Direct && t.Buffers == 0 }

// order is that of the tile's rows.
func (t Tile) order() order {
	if !t.ordered() {
		return order{}
	}
	l := t.held
	return order{matrix: t.M, share: l.Sets, lines: l.A.Rows, linesFirst: l.A.SetDiv > 1, spread: l.A.PairStep > 2}
}

// orders reports whether a product of that many rows has its weights turned into float16 in the order of the
// tile's lanes first: where decoding them in every tile of rows takes longer.
func (d *Target) orders(t Tile, w *Weight, rows int) bool {
	f, packed := formats[w.Type]
	bytes := int64(w.Desc.Rows) * int64(w.Desc.Cols) * 2
	return t.ordered() && d.runs(shaders.GemmOrderKernels, w.types(shaders.TypeF16)) && bytes <= d.MaxBuffer/4 &&
		(packed && rows >= f.orderRows || d.Tuning.Order)
}

// fitsTile reports whether the device can run the tile and the kernel divide it.
func (d *Target) fitsTile(t Tile) bool {
	n := t.invocations()
	if t.Direct && (t.Buffers != 2 && t.Buffers != 0 || !t.straight() || t.BK%(8*t.held.Sets) != 0) {
		return false
	}
	if t.Deep > 1 && !t.ordered() {
		return false
	}
	if !t.Direct && (t.BM()*t.BK/8%n != 0 || t.BN()*t.BK/8%n != 0) {
		return false
	}
	return t.M%4 == 0 && t.N%4 == 0 && t.K%8 == 0 && t.BK%t.K == 0 &&
		n <= d.Invocations && n <= 256 && t.Rows*t.Cols <= d.maxFragments() && t.registers() <= d.mostRegisters(t) &&
		t.shared()*Word+codebookBytes <= d.Shared
}

// mostRegisters is the registers of 32 lanes that a subgroup has for its matrices at most: of 256, some are
// for addresses and for what is being loaded, and of few half.
func (d *Target) mostRegisters(t Tile) int {
	if d.scarce() {
		return d.Registers / 2 * t.lanes / 32
	}
	return 176
}

// registers is what a subgroup's sums and the factors of a step take, in registers of 32 lanes. Some devices hold each
// factor twice.
func (t Tile) registers() int {
	a, b := over(t.M*t.K, t.lanes), over(t.N*t.K, t.lanes)
	if l := t.held; l.Run > 0 {
		a, b = l.A.Rows*l.Run, l.B.Rows*l.Run
	}
	return over(t.lanes*(t.Rows*t.Cols*t.M*t.N/t.lanes+over(t.Rows*a+t.Cols*b, 2)), 32)
}

// straight reports whether gemm_direct.comp knows how lanes hold the fragment: eight
// elements of both factors each, of rows and inputs at even distances.
func (t Tile) straight() bool {
	l, of := t.held, 8*t.lanes
	if l.Run < 1 || t.M*t.K != of || t.N*t.K != of || l.A.Rows*l.Run != 8 || l.B.Rows*l.Run != 8 {
		return false
	}
	for _, h := range []Held{l.A, l.B} {
		rows := t.lanes / l.Sets // that the lanes' first are
		near := (h.Div == l.Sets || rows == 1) && h.SetDiv == 1
		far := h.Div == 1 && h.SetDiv == rows
		if h.Mod != rows || h.Rows > 1 && h.Step != rows || l.Sets > 1 && (!near && !far || h.SetDiv != l.A.SetDiv) {
			return false
		}
	}
	return true
}

// takes reports whether the tile's kernel is there for products of so many rows of a weight, and is worth while.
func (d *Target) takes(t Tile, w *Weight, rows int) bool {
	types := w.types(shaders.TypeF16)
	if !t.Direct {
		return d.runs(shaders.GemmKernels, types)
	}
	if d.orders(t, w, rows) {
		types.Weight = shaders.TypeF16
		return d.runs(shaders.GemmDirectKernels, types)
	}
	_, packed := formats[w.Type]
	// Subgroups beside one another along the rows would each turn the same weights into float16.
	known := d.Tuning.WarpTiles != nil || !t.ordered() || !packed && t.Down == 1 || w.Type == backend.F16 && t.Deep > 1
	return known && d.runs(shaders.GemmDirectKernels, types) && (!packed || t.BK%64 == 0)
}

// maxFragments is the most sums of a subgroup: of 16×16, half the registers of
// the devices that are known. The kernel's loops over them are unrolled.
func (d *Target) maxFragments() int {
	if d.Software {
		return 4
	}
	return 16
}

// Tiles returns what can run here, of the largest fragment that gemm_half.comp
// can use; nothing where that does not run.
func (d *Target) Tiles() (best []Tile) {
	if !d.runs(shaders.GemmKernels, shaders.Types{Weight: shaders.TypeF16, Activations: shaders.TypeF16}) {
		return nil
	}
	most := 0
	for _, f := range d.Fragments {
		if volume := f.M * f.N * f.K; volume > most {
			if list := d.tilesOf(f); len(list) > 0 {
				best, most = list, volume
			}
		}
	}
	return best
}

// tilesFor returns the tiles that products of so many rows of w can have.
func (d *Target) tilesFor(w *Weight, rows int) (list []Tile) {
	for _, t := range d.Tiles() {
		if d.takes(t, w, rows) {
			list = append(list, t)
		}
	}
	return list
}

// tilesOf lists the tiles that the device can run with its fragments f.
func (d *Target) tilesOf(f Fragment) (list []Tile) {
	from := warpTiles
	if d.Tuning.WarpTiles != nil {
		from = d.Tuning.WarpTiles
	}
	for _, w := range from {
		if t := (Tile{f, w, d.SubgroupSize, d.Lanes[f]}); d.fitsTile(t) {
			list = append(list, t)
		}
	}
	return list
}

// maxParts is the most parts that the inputs are divided into.
const maxParts = 16

// sideBySide is how many of the tile's workgroups the device should have at least: two
// to a core, or three to two cores where they have more than four subgroups; of
// gemm_direct.comp, which takes most of a core's registers then, one to a core.
func (d *Target) sideBySide(t Tile) int {
	switch {
	case t.subgroups() <= 4:
		return 2 * d.Cores
	case t.Direct:
		return d.Cores
	}
	return 3 * d.Cores / 2
}

// divide returns into how many parts the inputs of a product go, so that there
// are as many workgroups as are wanted: step is the inputs of a tile that are
// loaded at a time, and a part has some of those at least.
func (d *Target) divide(groups, inputs, step, want int) int {
	const least = 512
	steps := over(inputs, step)
	n := max(1, min(want/max(groups, 1), steps/max(least/step, 1), maxParts))
	if d.Tuning.Parts > 0 {
		n = min(d.Tuning.Parts, steps)
	}
	return over(steps, over(steps, n)) // none is empty
}

// tile chooses one of list for a product of rows × outs, and into how many
// parts its inputs go: the largest tile that is not mostly padding and fills
// the device, else the smallest. A large tile of few subgroups must fill it
// undivided: where it would not, more subgroups to a tile are better than
// parts. Those of gemm_direct.comp come first if they need no parts, the smaller
// ones too, and may have parts else. Those whose subgroups divide the inputs are for as many
// rows as two of them have, those of an odd number of matrices' width for few channels that they divide.
func (d *Target) tile(list []Tile, rows, outs, inputs int) (best Tile, parts int) {
	groups := func(t Tile) int { return over(rows, t.BM()) * over(outs, t.BN()) }
	suits := func(t Tile) bool {
		padded := over(outs, t.BN()) * t.BN()
		if t.ordered() && (t.Deep > 1 && 2*t.BM() > rows || t.Cols%2 != 0 && (padded > outs || outs > 4*t.BN())) {
			return false
		}
		return t.BM() < 2*rows && (!t.Direct || 3*padded <= 4*outs)
	}
	fills := func(t Tile, n, parts int) bool {
		if t.subgroups() > 4 || t.Direct && parts > 1 {
			return 3*n*parts >= 2*d.Cores
		}
		return 2*n >= 3*d.Cores
	}
	for _, t := range list {
		if n := groups(t); t.Direct && suits(t) && fills(t, n, 1) {
			return t, d.divide(n, inputs, t.BK, d.sideBySide(t))
		}
	}
	for _, t := range list {
		n := groups(t)
		best, parts = t, d.divide(n, inputs, t.BK, d.sideBySide(t))
		if suits(t) && fills(t, n, parts) {
			break
		}
	}
	return best, parts
}
