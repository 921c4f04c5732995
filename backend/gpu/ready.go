package gpu

import (
	"falconmamba/backend"
	"falconmamba/backend/mamba"
	"falconmamba/shaders"
)

// Rows as integers, for products of weights whose codes are integers (shaders/ready.glsl): the kernel that makes them
// hands them over so (handover.go), or one of their own makes them ready.

// readyColumns is the columns that have a scale together, of which a workgroup that makes rows has a multiple.
const readyColumns = 32

// readyRows are rows of a tensor, made ready.
type readyRows struct {
	words   backend.Tensor // 16-byte words are four of its columns
	squares backend.Tensor // of rows that a norm follows: parts of the sums of their squares
	handed  bool           // they are all rows of the tensor, not those that were chosen
}

// roomForReady takes room for rows of cols columns, made ready.
func (c *compiler) roomForReady(rows, cols int) backend.Tensor {
	return c.tensor(backend.I32, rows, 4*9*over(cols, 64))
}

// readyView is the operand for them.
func (c *compiler) readyView(words backend.Tensor) Operand { return c.view(words).vectors(4) }

// ready returns src's rows made ready, by the operation before or a kernel of their own.
func (c *compiler) ready(p packing) readyRows {
	if words := c.takeOverRows(p.src); words.Type == backend.I32 && !words.IsZero() {
		return readyRows{words, c.takeOver(p.src), true}
	}
	r := readyRows{words: c.roomForReady(p.rows, p.src.Cols)}
	if p.norm {
		r.squares = c.tensor(backend.F32, p.rows, 1)
	}
	x := shaders.PackI16[Operand]{
		Params: shaders.PackI16Params{
			Rows: uint32(p.rows), Cols: uint32(p.src.Cols), SrcRows: uint32(p.src.Rows),
		},
		Constants: shaders.PackI16Constants{Size: uint32(c.target.workgroup(p.src.Cols/8, 256))},
		Dst:       c.readyView(r.words), Src: c.view(p.src), From: c.view(p.from), Weight: c.view(p.weight),
		Live: c.view(p.live), Squares: c.view(r.squares),
	}
	call := x.PackI16()
	if p.norm {
		call = x.RMSNormI16()
	}
	c.run([3]int{p.rows, 1, 1}, call)
	return r
}

// handRows takes room for dst's rows as integers, which no norm follows, and hands it over.
func (c *compiler) handRows(dst backend.Tensor) backend.Tensor {
	rows := c.roomForReady(dst.Rows, dst.Cols)
	c.handOver(dst, backend.Tensor{})
	c.handed.rows = rows
	return rows
}

// takesIntegers reports whether the product of src's rows, normalised with norm or absent, and w is one of integers.
func (c *compiler) takesIntegers(src, norm backend.Tensor, w backend.Weight, slices int, p backend.Precision) bool {
	own, err := c.target.Weight(w)
	if err != nil || src.Cols%(2*readyColumns) != 0 {
		return false
	}
	k := c.matvec(src.Rows, own.Desc.Rows, own, slices, p, c.view(src), c.view(norm))
	return k.integers
}

// readyTile gives k, which makes its rows ready itself, the tile for a block of them, and makes the block smaller where
// the tile would take too much shared memory (shaders/matvec_ready_tile.glsl).
func (d *Target) readyTile(k *matvec, w *Weight) {
	const arrays = 9 // of a row: shaders/ready.glsl
	blocks := 2      // of 32 columns, of two chunks
	if w.perChunk() == Word {
		blocks = 1
	}
	step := max(d.SubgroupSize, d.SubgroupMax, 1) * int(k.constants.Ahead)
	words := arrays * (step*blocks/2 + 1)
	for k.rows > 1 && k.rows*words > d.matvecShared() {
		k.rows /= 2
	}
	k.constants.Rows, k.constants.Tile = uint32(k.rows), uint32(k.rows*words)
}

// wholeBlocks reports whether every workgroup of k, one of integers, makes whole blocks of a row's outs columns.
func (c *compiler) wholeBlocks(k matvec, outs int) bool {
	channels := int(k.constants.Outs)
	each := over(over(outs, channels), k.groups) // groups of channels of a workgroup
	return k.integers && each*channels%readyColumns == 0
}

// nextNorm is the norm of dst that the next operation begins with, if it is followed by a product of integers.
func (c *compiler) nextNorm(dst backend.Tensor) (norm backend.Tensor) {
	switch next := c.next().(type) {
	case mamba.InProjConv:
		if next.Src == dst && c.takesIntegers(dst, next.Norm, next.InProj, 1, next.Precision) {
			norm = next.Norm
		}
	case backend.Head:
		if next.Src == dst && c.headTakes(dst, next) {
			norm = next.Norm
		}
	case backend.HeadArgMax:
		head := backend.Head{Src: next.Src, Rows: next.Rows, Norm: next.Norm, Weight: next.Weight,
			Precision: next.Precision}
		if next.Src == dst && c.headTakes(dst, head) {
			norm = next.Norm
		}
	}
	if !c.view(norm).wide() {
		return backend.Tensor{}
	}
	return norm
}

// headTakes reports whether a head takes dst's rows as integers, of which it chooses some.
func (c *compiler) headTakes(dst backend.Tensor, o backend.Head) bool {
	chosen := dst
	chosen.Rows = o.Rows.Rows
	return c.takesIntegers(chosen, o.Norm, o.Weight, 1, o.Precision)
}
