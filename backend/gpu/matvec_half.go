package gpu

import "falconmamba/shaders"

// Products that decode on cooperative matrices: the kernels of matvec.go have a
// twin where activations may be rounded, see matvec_half.glsl.

// How matvec_half.glsl is limited, and from how many rows on it is taken: below
// reading the weight takes as long without. Codes of a byte are multiplied as
// integers where they stand, which is quick for longer. Weights go straight into matrices,
// where that is possible, from directLeast rows on, or always where channels are many; those
// in blocks from leastStraight rows on, and up to blocksRows, beyond which the kernels of
// prompts are quicker. Products whose columns are divided among workgroups do so only
// beyond halfRows.
const (
	halfRows      = 16
	directLeast   = 9
	directRows    = 64
	halfLeast     = 3
	halfLeastByte = 5
	blocksRows    = 32      // a multiple of every matrix's rows
	halfHeld      = 20      // registers of a lane for blocks that are being loaded
	scarceLoads   = 4       // words of rows that a lane of few registers loads for a step
	halfFixed     = 4 << 10 // bytes of shared memory beside its arrays
)

// halfChunk is the columns of a subgroup at a time, of which chunks of blocks fill
// a multiple: two have the runs of 64 columns by turns.
const halfChunk = 64

// A HalfShape is how a kernel of matvec_half.glsl goes about a product.
type HalfShape struct {
	Fragment     // channels × rows
	Size     int // invocations of a workgroup
	Rows     int
	Outs     int // channels of a team
	Split    int // subgroups of a team
	Chunk    int // columns of a subgroup at a time
	Depth    int // chunks in flight
	Chunks   int // of a subgroup in a step
	Groups   int // workgroups
	Slices   int // of the columns
	// Direct says that weights go straight into matrices, whose lanes hold them so.
	// A chunk is then what one load of each lane takes.
	Direct bool
	// Ready says that rows are made ready as float16 by a kernel before, not by every
	// workgroup.
	Ready bool
	// Straight says that these rows lie in memory as lanes read them, and go straight into matrices too
	// (shaders/strip.glsl), and Near that those of the next turn are on their way.
	Straight, Near bool
	held           Lanes
	lanes          int  // of a subgroup
	packed         bool // weights are blocks
	codebook       bool // whose codes are of a codebook
	perChunk       int  // elements that the kernel takes from a row at a time
}

// setChunks is the chunks of a channel that a lane takes at a turn, with Direct.
func (s HalfShape) setChunks() int { return max(1, s.held.Run/s.perChunk) }

// pairsBytes is the shared memory of a codebook's pairs (matvec_direct_blocks.glsl).
const pairsBytes = 4 * 256 * 8

// words returns the chunks of a weight tile that a lane loads.
func (s HalfShape) words() int {
	if s.Direct {
		return s.Outs / s.M * s.held.A.Rows * s.setChunks()
	}
	return s.Outs * s.Chunk / s.perChunk / s.lanes
}

// loads returns the words of a step's rows that an invocation loads, or with packed weights that go straight into
// matrices the pairs of words.
func (s HalfShape) loads() int {
	if s.Direct && s.packed {
		return over(s.Rows*s.step()/2, s.Size)
	}
	return over(s.Rows*s.step(), s.Size)
}

// strip is the words of a row that lie together in memory where rows go straight into matrices.
func (s HalfShape) strip() int {
	if !s.Straight {
		return 0
	}
	return s.held.Sets
}

// step returns the words of float16 of a row in a step.
func (s HalfShape) step() int { return s.Split * s.Chunks * s.Chunk / 8 }

// stage, span and partials are the lengths of the kernels' shared arrays. With Direct
// there is one.
func (s HalfShape) stage() int { return s.Size / s.lanes * s.Outs * (s.Chunk/8 + 1) }

func (s HalfShape) span() int {
	if !s.Direct {
		return 2 * s.Rows * (s.step() + 1)
	}
	sums := s.partials() / 4
	if !s.apart() {
		sums /= s.Split
	}
	if s.Straight {
		return sums
	}
	return max(2*s.Rows*s.step(), sums)
}

func (s HalfShape) partials() int { return s.Size / s.lanes * s.Outs * s.Rows }

// apart reports whether, with Direct, subgroups of a team have room for sums of their own,
// in what rows have or in little.
func (s HalfShape) apart() bool { return s.Straight || s.partials()/4 <= max(2*s.Rows*s.step(), 512) }

func (s HalfShape) shared() int {
	if s.Direct {
		n := Word*s.span() + halfFixed
		if s.codebook {
			n += pairsBytes
		}
		return n
	}
	return Word*(s.stage()+s.span()) + 4*s.partials() + halfFixed
}

func (s HalfShape) constants() shaders.MatvecConstants {
	c := shaders.MatvecConstants{
		Rows: uint32(s.Rows), Outs: uint32(s.Outs), TM: uint32(s.M), TN: uint32(s.N), TK: uint32(s.K),
		Split: uint32(s.Split), Chunk: uint32(s.Chunk), Depth: uint32(s.Depth), Chunks: uint32(s.Chunks),
		Words: uint32(s.words()), Loads: uint32(s.loads()),
		Stage: uint32(s.stage()), Span: uint32(s.span()), Partials: uint32(s.partials()),
	}
	if s.Direct {
		a, b := s.held.A, s.held.B
		c.Apart, c.Stage, c.Straight, c.Near = s.apart(), 1, s.Straight, s.Near
		if s.codebook {
			c.Stage = pairsBytes / 4
		}
		c.Sets, c.Inputs = uint32(s.held.Sets), uint32(s.held.Run)
		c.HeldA, c.DivA, c.ModA, c.StepA = uint32(a.Rows), uint32(a.Div), uint32(a.Mod), uint32(a.Step)
		c.SetDivA, c.RowStepA, c.PairStepA = uint32(a.SetDiv), uint32(a.RowStep), uint32(a.PairStep)
		c.HeldB, c.DivB, c.ModB, c.StepB = uint32(b.Rows), uint32(b.Div), uint32(b.Mod), uint32(b.Step)
		c.SetDivB, c.RowStepB, c.PairStepB = uint32(b.SetDiv), uint32(b.RowStep), uint32(b.PairStep)
	}
	return c
}

// fits reports whether the device can run the shape and the kernel divide it.
func (s HalfShape) fits(d *Target) bool {
	return s.Outs%s.M == 0 && s.M%4 == 0 && s.Rows%s.N == 0 && s.Chunk%s.K == 0 &&
		(s.Chunks%s.Depth == 0 || s.packed && s.Direct) &&
		s.Size%(s.lanes*s.Split) == 0 && s.Size/s.lanes <= matvecSubgroups && s.Size <= d.Invocations &&
		s.Rows <= s.Size && s.shared() <= d.groupShared() && (s.Direct ||
		s.Outs*s.Chunk/s.perChunk%s.lanes == 0 && (s.perChunk == Word/2 || s.Chunk%halfChunk == 0))
}

// mostHalf is the most rows of products with a fragment.
func (d *Target) mostHalf(f Fragment) int {
	if _, known := d.Lanes[f]; known {
		return directRows
	}
	return halfRows
}

// halfFragment returns the device's matrices for rows rows: those that pad them
// least, and of these the largest.
func (d *Target) halfFragment(rows int) (best Fragment, ok bool) {
	if !d.runs(shaders.OutProjKernels, shaders.Types{Weight: shaders.TypeF16, Activations: shaders.TypeF16}) {
		return best, false
	}
	padded := func(f Fragment) int { return over(rows, f.N) * f.N }
	for _, f := range d.Fragments {
		if f.K%8 != 0 || padded(f) > d.mostHalf(f) {
			continue
		}
		if !ok || padded(f) < padded(best) || padded(f) == padded(best) && f.M*f.N*f.K > best.M*best.N*best.K {
			best, ok = f, true
		}
	}
	return best, ok
}

// halfShape chooses for rows rows and outs channels of w, whose columns may be
// in up to slices slices; none where the kernel does not run here or
// would gain nothing.
func (d *Target) halfShape(rows, outs int, w *Weight, slices int) (s HalfShape, ok bool) {
	f, ok := d.halfFragment(rows)
	least := halfLeast
	if w.perChunk() == Word && d.integers(w) {
		least = halfLeastByte
	}
	blocks, packed := formats[w.Type]
	l, known := d.Lanes[f]
	straight := packed && known && l.TakesBlocks() && rows <= blocksRows
	if straight && slices == 1 {
		least = blocks.leastStraight()
	}
	if d.Tuning.HalfLeast > 0 {
		least = d.Tuning.HalfLeast
	}
	if !ok || rows < least || !packed && w.Type.Size() != 2 {
		return s, false
	}
	lanes, held := d.SubgroupSize, halfHeld
	s = HalfShape{Fragment: f, lanes: lanes, perChunk: w.perChunk(), packed: packed,
		codebook: packed && !blocks.integer, Size: min(d.matvecSize(), 8*lanes),
		Rows: over(rows, f.N) * f.N, Outs: over(16, f.M) * f.M, Split: 1, Chunk: halfChunk, Depth: 2, Chunks: 2}
	if d.scarce() {
		s.Outs, held = f.M, halfHeld/2
		if !packed && halfChunk/2%f.K == 0 {
			s.Chunk /= 2
		}
	}
	if s.Rows > 8 || d.scarce() { // their sums and loads take the registers of more in flight
		s.Depth, s.Chunks = 1, 1
	}
	many := over(outs, s.Outs) >= 4*d.Cores
	if straight && (rows > halfRows || slices == 1) {
		s.directBlocks(l, many)
	} else if known && !packed && (rows > halfRows || slices == 1 && (rows >= directLeast || many)) {
		s.direct(l)
		// Larger teams have fewer sums to an invocation, which is less code.
		team := 2
		if s.Rows > halfRows && many {
			s.Size, team = min(d.Invocations, matvecSubgroups*lanes), 4
		}
		s.Split = min(team, s.Size/lanes)
		// Fewer rows of in_proj come with a power of two to each group of columns.
		strips := 8 * l.Sets * min(slices, over(w.Desc.Cols, s.Chunk)) // columns of a strip of each slice
		few := outs < w.Desc.Cols && s.Rows <= halfRows
		if (few || s.Rows > halfRows && !d.Software) && w.Desc.Cols%strips == 0 {
			s.straighten(min(d.matvecSize(), 8*lanes), many)
		}
	} else if packed { // these need others to be unpacked
		s.Chunks = max(1, held/max(1, s.words()*blocks.held)/over(s.Rows, 8))
		s.Depth = s.Chunks
	}
	if s.Rows > halfRows && !s.Direct {
		return s, false
	}
	s.Slices = min(slices, over(w.Desc.Cols, s.Chunk))
	subs := s.Size / lanes
	for s.Split < subs && over(outs, s.Outs*subs/s.Split)*s.Slices < 3*d.Cores/2 {
		s.Split *= 2
	}
	if straight && s.Direct && s.Rows <= 8 && s.Split == subs && over(outs, s.Outs) <= 2*d.Cores &&
		2*subs <= matvecSubgroups && 2*s.Size <= d.Invocations {
		s.Size *= 2 // one workgroup to a core, which shares the rows, and not two
	}
	for d.scarce() && !s.Straight && s.Split > 1 && over(s.Rows*s.step(), s.Size) > scarceLoads {
		s.Split /= 2
	}
	if d.Tuning.Half != nil {
		d.Tuning.Half(&s)
	}
	s.Straight = s.Straight && s.Direct && !s.packed && w.Desc.Cols%(8*s.held.Sets*s.Slices) == 0
	// matvec_direct_blocks.glsl takes rows that are float16 alone.
	s.Ready = s.Ready || s.Straight || s.packed && s.Direct
	if s.Direct {
		s.shrink(d.groupShared())
		for s.Size > lanes*s.Split && s.Size/2 >= s.Rows &&
			over(outs, s.Outs*(s.Size/lanes)/s.Split)*s.Slices < 3*d.Cores/4 {
			s.Size /= 2 // fewer subgroups to a team leave cores idle
		}
	} else {
		s.shorten(d.groupShared())
	}
	s.Groups = over(outs, s.Outs*(s.Size/lanes)/s.Split)
	return s, s.fits(d)
}

// shorten makes a shape without Direct fit that number of bytes of shared memory, if it
// can: by shorter steps.
func (s *HalfShape) shorten(shared int) {
	for s.Chunks > s.Depth && s.shared() > shared {
		s.Chunks -= s.Depth
	}
	for s.Depth > 1 && s.shared() > shared {
		s.Depth--
		s.Chunks = s.Depth
	}
	for s.perChunk == Word/2 && s.Chunk > 32 && s.Chunk/2%s.K == 0 && s.shared() > shared {
		s.Chunk /= 2
	}
	for s.Split > 1 && s.shared() > shared {
		s.Split /= 2
	}
}

// shrink makes a shape with Direct fit that number of bytes of shared memory, if it
// can: by fewer teams where sums take most of it, else by shorter steps.
func (s *HalfShape) shrink(shared int) {
	for s.shared() > shared {
		switch {
		case 2*s.Rows*s.step() < s.span() && s.Size > s.lanes*s.Split:
			s.Size /= 2
		case s.packed && s.Chunks > 1:
			s.Chunks--
		case s.Chunks > s.Depth:
			s.Chunks -= s.Depth
		case s.Depth > 1:
			s.Depth--
			s.Chunks = s.Depth
		case s.Split > 1:
			s.Split /= 2
		default:
			return
		}
	}
}

// leastStraight is the rows from which weights of the format go straight into matrices. One row of integers, and two of
// codes that stand as they are multiplied, are as quick by themselves.
func (f format) leastStraight() int {
	switch {
	case !f.integer:
		return 1
	case f.perWord == Word:
		return 3
	}
	return 2
}

// TakesBlocks reports whether weights in blocks go straight into matrices that lanes hold so: eight or sixteen elements
// of a block are one matrix's or two. Fewer to a matrix are more matrices, and more code than some compilers end with.
func (l Lanes) TakesBlocks() bool { return l.Run >= 4 && 16%l.Run == 0 }

// directBlocks makes a shape of one whose weights are blocks and go straight into matrices, of which lanes hold l.
func (s *HalfShape) directBlocks(l Lanes, many bool) {
	s.Direct, s.held = true, l
	s.Chunk = l.Sets * s.perChunk
	s.Depth, s.Chunks, s.Split = 1, 4, min(2, s.Size/s.lanes)
	if s.Rows > 8 {
		s.Chunks = 2
	}
	if s.Rows > halfRows && many { // rows are read as often as there are groups of channels
		s.Outs *= 2
	}
}

// direct makes a shape of one whose weights go straight into matrices, of which lanes
// hold l.
func (s *HalfShape) direct(l Lanes) {
	s.Direct, s.held = true, l
	s.Chunk = l.Sets * s.setChunks() * s.perChunk
	s.Depth = min(4, max(1, 64/s.words()/s.setChunks()/4))
	s.Chunks = s.Depth
	s.Ready = s.Rows > 8
}

// straightRows is the most rows of which two turns' weights are in flight to a lane, and that a convolution hands over
// to x_proj: the sums and rows of more take the registers.
const straightRows = 32

// straighten makes a shape with Direct one whose rows go straight into matrices as well, in workgroups of size
// invocations. They are read as often as there are groups of channels, from a core's cache mostly, and no subgroup
// waits for another. So a team is a workgroup, whose end others hide, and has few channels.
func (s *HalfShape) straighten(size int, many bool) {
	s.Straight, s.Ready, s.Size, s.Depth = true, true, size, 2
	switch {
	case s.Rows > straightRows:
		s.Depth = 1
	case many:
		s.Size = min(size, 4*s.lanes)
	default:
		s.Near = true
	}
	s.Split, s.Chunks = s.Size/s.lanes, s.Depth
}
