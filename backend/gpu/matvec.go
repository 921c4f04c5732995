package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

// Products that decode: of few rows, whose time is that of reading the weights
// once. A block is four dispatches, with a barrier before each.
//
//	in_proj_conv   norm, in_proj, convolution
//	x_proj         sums over slices of the columns, in the device's scratch
//	ssm            the rest of the middle third
//	out_proj       out_proj and the residual
//
// They are right for any number of rows, but take them in blocks of 8. On matrix
// units (matvec_half.go) they take up to 16, or 64, and some hand more over to the next
// one than the operations say (handover.go).

// How matvec.glsl is limited.
const (
	matvecRows      = 8 // in a block
	matvecOuts      = 4
	matvecSubgroups = 16
	matvecSlices    = 8
	matvecFixed     = 4 << 10 // bytes of shared memory beside its arrays
	leastEps        = 1e-12   // of a norm: rms.glsl
	integerRows     = 4       // in a block: more are words of rows in more registers than AMD's GPUs have
	integerSize     = 512     // invocations of a core at least
	integerLoads    = 2       // of a lane at once, of each channel, where a core has one workgroup
	integerPairs    = 32      // of a lane at most, where workgroups may be larger
	integerChannels = 128     // of a workgroup: in_proj_conv.glsl
)

// hasMatvec reports whether the kernel family is there for w's type, and the
// device has what it needs.
func (d *Target) hasMatvec(family shaders.Family, w backend.Weight) bool {
	own, err := d.Weight(w)
	if err != nil {
		return false
	}
	return d.runs(family, own.types(shaders.TypeF32)) && d.matvecSize() >= d.SubgroupMax &&
		d.SubgroupMin >= ssmLanes && own.perChunk()/4*d.SubgroupMax <= d.matvecShared()
}

// matvecSize is the invocations of a workgroup: full subgroups, and not too many.
func (d *Target) matvecSize() int {
	return d.sizeWithin(256)
}

// sizeWithin is the invocations of a workgroup of at most so many.
func (d *Target) sizeWithin(most int) int {
	size := 1
	for most := min(most, d.Invocations, matvecSubgroups*d.SubgroupMin); 2*size <= most; {
		size *= 2
	}
	return size
}

// wholeShared is the shared memory of a core of devices that give all of it to one workgroup.
const wholeShared = 64 << 10

// groupShared is the bytes of shared memory that a workgroup takes at most, so that two fit a core: half of what
// there is where a workgroup could have all that a core has.
func (d *Target) groupShared() int {
	if d.Shared >= wholeShared {
		return d.Shared / 2
	}
	return d.Shared
}

// matvecShared is how many vectors of shared memory a workgroup takes at most, so
// that two fit a core of the devices that are known.
func (d *Target) matvecShared() int { return (min(d.groupShared(), 40<<10) - matvecFixed) / Word }

// A Shape is how a kernel of matvec.glsl goes about a product.
type Shape struct {
	Size   int // invocations of a workgroup
	Rows   int // in a block
	Outs   int // channels of a subgroup at a time
	Ahead  int // chunks of each in flight
	Tile   int // vectors of shared memory
	Groups int // workgroups
	Slices int // of the columns
}

func (s Shape) constants() shaders.MatvecConstants {
	return shaders.MatvecConstants{
		Rows: uint32(s.Rows), Outs: uint32(s.Outs), Ahead: uint32(s.Ahead), Tile: uint32(s.Tile),
	}
}

// shape chooses for rows rows and outs channels of w, whose columns may be in
// up to slices slices.
func (d *Target) shape(rows, outs int, w *Weight, slices int) Shape {
	return d.shapeOf(rows, outs, w, slices, false)
}

// shapeOf is shape where w's codes are multiplied as integers, or not. As integers rows take no shared memory, and
// chunks are loaded by twos.
func (d *Target) shapeOf(rows, outs int, w *Weight, slices int, integers bool) Shape {
	if integers {
		return d.integerShape(rows, outs, w, slices)
	}
	quads := w.perChunk() / 4 // vectors of shared memory that a chunk takes
	s := Shape{Size: d.matvecSize(), Outs: matvecOuts, Tile: d.matvecShared(), Slices: 1}
	lanes := max(d.SubgroupSize, 1)
	subs, chunks := s.Size/lanes, w.chunks()
	s.Rows = powerOfTwo(min(rows, matvecRows))
	if d.decodeShapes() {
		s.Outs, s.Ahead = 2, 1
		if rows > 1 {
			s.Rows = 4
		}
		for s.Rows > 1 && s.Rows*quads*d.SubgroupMax > s.Tile {
			s.Rows /= 2
		}
		s.Groups = max(1, min(over(over(outs, s.Outs), subs), 2*d.Cores))
		return s
	}

	// About two workgroups to a core, each with as many channels as there are
	// for it; 128 bytes in flight to a lane, or 64 where sums fill the registers.
	most := 2 * d.Cores
	for s.Outs > 1 && over(outs, s.Outs) < most*subs*3/4 {
		s.Outs /= 2
	}
	words := 8
	if s.Rows > 2 {
		words = 4
	}
	if d.scarce() { // sums and loads of four channels would fill them
		s.Outs, words = min(s.Outs, 2), 2
	}
	if slices > 1 {
		s.Outs = 2
		s.Slices = max(1, min(slices, most/over(over(outs, s.Outs), subs), over(chunks, lanes)))
	}
	s.Ahead = max(1, min(words/s.Outs, over(over(chunks, s.Slices), lanes)))
	s.Groups = max(1, min(over(over(outs, s.Outs), subs), most/s.Slices))
	if d.Tuning.Shape != nil {
		d.Tuning.Shape(&s)
		s.Tile = max(s.Tile, quads*d.SubgroupMax)
	}

	widest := d.SubgroupMax
	for s.Ahead > 1 && s.Rows*quads*widest*s.Ahead > s.Tile {
		s.Ahead /= 2
	}
	for s.Rows > 1 && s.Rows*quads*widest*s.Ahead > s.Tile {
		s.Rows /= 2
	}
	// All columns where they fit, in sizes that many weights share: each size is
	// a pipeline.
	stride := widest * s.Ahead
	s.Tile = min(s.Tile, powerOfTwo(s.Rows*quads*over(over(chunks, s.Slices), stride)*stride))
	return s
}

// integerShape is shapeOf where w's codes are multiplied as integers. A workgroup's channels are whole blocks of those
// that are made ready together. Four of them are at work on a core where there are channels enough, so that some
// multiply while others begin or end: of few subgroups where they have few channels, else of more. Where there is one
// to a core, it is large, and loads more at once.
func (d *Target) integerShape(rows, outs int, w *Weight, slices int) Shape {
	s := Shape{Size: d.matvecSize(), Rows: powerOfTwo(min(rows, integerRows)), Outs: 2, Ahead: 1, Slices: 1}
	lanes, pairs, most := max(d.SubgroupSize, 1), over(w.chunks(), 2), 4*d.Cores
	if slices > 1 && !d.decodeShapes() {
		s.Outs = 1
		s.Slices = max(1, min(slices, most/over(outs, s.Size/lanes), over(pairs, lanes)))
		s.Groups = over(outs, s.Size/lanes)
	} else {
		blocks, teams := over(outs, readyColumns), readyColumns/s.Outs
		each := min(over(blocks, most), integerChannels/readyColumns)
		for over(blocks*teams, over(blocks, each))%teams != 0 { // what the kernel makes of it are not whole blocks
			each--
		}
		s.Groups = over(blocks, each)
		beside := min(4, over(s.Groups, d.Cores)) // workgroups of a core
		s.Size = max(1, d.SubgroupMax, powerOfTwo(integerSize/beside))
		for 2*s.Size <= d.matvecSize() && each*readyColumns*over(pairs, lanes) >= integerPairs*(s.Size/lanes) {
			s.Size *= 2
		}
		if s.Rows <= 2 {
			s.Size = min(s.Size, d.sizeWithin(integerSize))
			s.Ahead = max(1, min(integerLoads/beside, over(pairs, lanes)))
		} else { // they take the registers that a lane of a larger one has
			s.Size = min(s.Size, d.matvecSize())
		}
	}
	if d.decodeShapes() {
		s.Size, s.Ahead = d.matvecSize(), 1
		if rows > 1 {
			s.Rows = 4
		}
	}
	if d.Tuning.Shape != nil {
		d.Tuning.Shape(&s)
		s.Groups = max(s.Groups, over(over(outs, s.Outs), integerChannels/s.Outs))
	}
	return s
}

// A matvec is a kernel of a product that decodes, as it is to run.
type matvec struct {
	types     shaders.Types
	size      uint32 // invocations of a workgroup
	constants shaders.MatvecConstants
	rows      int  // in a block
	groups    int  // workgroups along the channels
	slices    int  // of the columns
	half      int  // channels of a team on matrix units; otherwise 0
	lanes     int  // of a subgroup, there
	direct    bool // whether weights go straight into their matrices
	ready     bool // rows are made ready for them by a kernel of their own
	integers  bool // rows are integers, made ready likewise
	strip     int  // words of float16 of a row that lie together there; 0: all of them
}

// integers reports whether the device multiplies w's codes as integers: with
// INTEGERS in matvec.glsl.
func (d *Target) integers(w *Weight) bool { return d.Integers(w.Type) }

// Integers reports whether the device multiplies a block type's codes as integers. Without instructions for it that is
// more work, and code, than in float32; processors do it for the tests' sake.
func (d *Target) Integers(t backend.DType) bool {
	types := shaders.Types{Weight: shaders.TypeBlock, Activations: shaders.TypeI16}
	return formats[t].integer && (d.Dots || d.Software) && d.runs(shaders.OutProjKernels, types)
}

// matvec chooses the kernel for a product of rows rows of src, normalised with
// norm or absent, and outs channels of w.
func (c *compiler) matvec(rows, outs int, w *Weight, slices int, p backend.Precision, src, norm Operand) matvec {
	if p != backend.Float {
		if s, ok := c.target.halfShape(rows, outs, w, slices); ok && src.wide() && norm.wide() {
			constants := s.constants()
			constants.Format = w.blocks().Format
			return matvec{w.types(shaders.TypeF16), uint32(s.Size), constants, s.Rows, s.Groups, s.Slices, s.Outs,
				s.lanes, s.Direct, s.Ready, false, s.strip()}
		}
	}
	activations, integers := shaders.TypeF32, p != backend.Float && c.target.integers(w)
	if integers {
		activations = shaders.TypeI16
	}
	s := c.target.shapeOf(rows, outs, w, slices, integers)
	constants := s.constants()
	constants.Format, constants.Alike = w.blocks().Format, c.target.BatchInvariant
	return matvec{w.types(activations), uint32(s.Size), constants, s.Rows, s.Groups, s.Slices, 0, 0, false, false,
		integers, 0}
}

// pack makes rows ready as the kernel wants them.
func (k *matvec) pack(c *compiler, p packing) backend.Tensor {
	if k.strip == 0 {
		return c.pack(1, 8, order{}, p)
	}
	return c.pack(k.rows, 8*k.strip, order{strip: k.strip}, p)
}

// call is the one of two calls whose weights go into matrices as k's do.
func (k *matvec) call(through, direct func(shaders.Types) shaders.Call[Operand]) shaders.Call[Operand] {
	if k.direct {
		return direct(k.types)
	}
	return through(k.types)
}
