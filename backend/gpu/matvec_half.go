package gpu

import "falconmamba/shaders"

// Products that decode on cooperative matrices: the kernels of matvec.go have a
// twin where activations may be rounded, see matvec_half.glsl.

// How matvec_half.glsl is limited, and from how many rows on it is taken: below
// reading the weight takes as long without. Codes of a byte are multiplied as
// integers where they stand, which is quick for longer.
const (
	halfRows      = 16
	halfLeast     = 3
	halfLeastByte = 5
	halfHeld      = 20      // registers of a lane for blocks that are being loaded
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
	lanes    int // of a subgroup
	perChunk int // elements that the kernel takes from a row at a time
}

// words returns the chunks of a weight tile that a lane loads.
func (s HalfShape) words() int { return s.Outs * s.Chunk / s.perChunk / s.lanes }

// step returns the words of float16 of a row in a step.
func (s HalfShape) step() int { return s.Split * s.Chunks * s.Chunk / 8 }

// stage, span and partials are the lengths of the kernel's shared arrays.
func (s HalfShape) stage() int { return s.Size / s.lanes * s.Outs * (s.Chunk/8 + 1) }

func (s HalfShape) span() int { return 2 * s.Rows * (s.step() + 1) }

func (s HalfShape) partials() int { return s.Size / s.lanes * s.Outs * s.Rows }

func (s HalfShape) shared() int { return Word*(s.stage()+s.span()) + 4*s.partials() + halfFixed }

func (s HalfShape) constants() shaders.MatvecConstants {
	return shaders.MatvecConstants{
		Rows: uint32(s.Rows), Outs: uint32(s.Outs), TM: uint32(s.M), TN: uint32(s.N), TK: uint32(s.K),
		Split: uint32(s.Split), Chunk: uint32(s.Chunk), Depth: uint32(s.Depth), Chunks: uint32(s.Chunks),
		Words: uint32(s.words()), Loads: uint32(over(s.Rows*s.step(), s.Size)),
		Stage: uint32(s.stage()), Span: uint32(s.span()), Partials: uint32(s.partials()),
	}
}

// fits reports whether the device can run the shape and the kernel divide it.
func (s HalfShape) fits(d *Target) bool {
	return s.Outs%s.M == 0 && s.Rows%s.N == 0 && s.Chunk%s.K == 0 && s.Chunks%s.Depth == 0 &&
		s.Size%(s.lanes*s.Split) == 0 && s.Size/s.lanes <= matvecSubgroups && s.Size <= d.Invocations &&
		s.Outs*s.Chunk/s.perChunk%s.lanes == 0 && (s.perChunk == Word/2 || s.Chunk%halfChunk == 0) &&
		s.shared() <= d.Shared
}

// halfFragment returns the device's matrices for rows rows: those that pad them
// least, and of these the largest.
func (d *Target) halfFragment(rows int) (best Fragment, ok bool) {
	if !d.runs(shaders.OutProjKernels, shaders.Types{Weight: shaders.TypeF16, Activations: shaders.TypeF16}) {
		return best, false
	}
	padded := func(f Fragment) int { return over(rows, f.N) * f.N }
	for _, f := range d.Fragments {
		if f.K%8 != 0 || padded(f) > halfRows {
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
	if !ok || rows < least || !packed && w.Type.Size() != 2 {
		return s, false
	}
	lanes := d.SubgroupSize
	s = HalfShape{Fragment: f, lanes: lanes, perChunk: w.perChunk(), Size: min(d.matvecSize(), 8*lanes),
		Rows: over(rows, f.N) * f.N, Outs: over(16, f.M) * f.M, Split: 1, Chunk: halfChunk, Depth: 2, Chunks: 2}
	if s.Rows > 8 { // their sums and loads take the registers of more in flight
		s.Depth, s.Chunks = 1, 1
	}
	if packed { // these need others to be unpacked
		s.Chunks = max(1, halfHeld/max(1, s.words()*blocks.held)/over(s.Rows, 8))
		s.Depth = s.Chunks
	}
	s.Slices = min(slices, over(w.Desc.Cols, s.Chunk))
	subs := s.Size / lanes
	for s.Split < subs && over(outs, s.Outs*subs/s.Split)*s.Slices < 3*d.Cores/2 {
		s.Split *= 2
	}
	if d.Tuning.Half != nil {
		d.Tuning.Half(&s)
	}
	for s.Chunks > s.Depth && s.shared() > d.Shared {
		s.Chunks -= s.Depth
	}
	for s.Depth > 1 && s.shared() > d.Shared {
		s.Depth--
		s.Chunks = s.Depth
	}
	for s.perChunk == Word/2 && s.Chunk > 32 && s.Chunk/2%f.K == 0 && s.shared() > d.Shared {
		s.Chunk /= 2
	}
	for s.Split > 1 && s.shared() > d.Shared {
		s.Split /= 2
	}
	s.Groups = over(outs, s.Outs*(s.Size/lanes)/s.Split)
	return s, s.fits(d)
}
