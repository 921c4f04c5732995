package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

// A Target is the device that dispatches are for.
type Target struct {
	Align       int64  // what a binding's first byte is a multiple of: a power of two, 256 at most
	MaxBuffer   int64  // bytes of the largest buffer; an operation's scratch is one
	Groups      [3]int // the most workgroups in each dimension
	Invocations int    // the most of a workgroup, all in its first dimension
	Shared      int    // bytes of workgroup memory
	Has         shaders.Feature
	Cores       int // how many workgroups run side by side, at least
	// Subgroups are from SubgroupMin to SubgroupMax invocations, SubgroupSize as
	// a rule.
	SubgroupMin, SubgroupMax, SubgroupSize int
	// Registers is how many a lane has, of 32 bits, where they are known to be few; otherwise 0.
	Registers int
	// Dots says that the device has instructions for dot products of bytes, which others take several for.
	Dots      bool
	Fragments []Fragment // of cooperative matrices
	// Lanes is how lanes hold the fragments' factors, of those where that is known.
	Lanes map[Fragment]Lanes
	// MSL says that kernels are taken in Metal's language, which some are not in.
	MSL bool
	// Software says that the device is a processor, whose compilers take minutes
	// over long unrolled loops and a second over any pipeline: it gets few shapes
	// of the kernels for few rows.
	Software bool
	// Unfused is backend.Options.Unfused.
	Unfused bool
	// BatchInvariant is backend.Options.BatchInvariant.
	BatchInvariant bool

	// Own reports why a tensor's buffer cannot be used, or nil: the rest of a
	// sentence about it.
	Own func(backend.Buffer) error
	// Weight is the driver's form of a weight, or why it has none, as for Own.
	Weight func(backend.Weight) (*Weight, error)

	Tuning Tuning
}

// A Fragment is a shape of the device's cooperative matrices: float16 products
// M×K · K×N, float32 sums, one subgroup to each.
type Fragment struct{ M, N, K int }

// A Tuning changes what is chosen for a target: for tests of other choices, and
// for those who measure them. The zero value changes nothing.
type Tuning struct {
	Shape      func(*Shape)     // of a product that decodes, before it is made to fit
	Half       func(*HalfShape) // the same on matrix units
	HalfLeast  int              // rows from which matrix units decode
	WarpTiles  []WarpTile       // the tiles of gemm_half.comp, instead of those that are known
	Parts      int              // of every product of a prompt
	Order      bool             // weights of a prompt's products become float16 in the order of the lanes, if one can
	Conv, Scan Sweep
	AllShapes  bool // of the kernels that decode, on a processor too
}

// runs reports whether the device has what a kernel needs, and the kernel its
// language.
func (d *Target) runs(f shaders.Family, t shaders.Types) bool {
	k := f.Kernel(t)
	return k != nil && k.Needs&^d.Has == 0 && (k.Metal || !d.MSL)
}

// scarce reports whether kernels hold less in registers than they do where a lane has 255.
func (d *Target) scarce() bool { return d.Registers > 0 && d.Registers <= 128 }

// decodeShapes reports whether the kernels that decode get a shape for one row and
// one for several, and not those that suit a weight best.
func (d *Target) decodeShapes() bool {
	return d.Software && !d.Tuning.AllShapes && d.Tuning.Shape == nil
}
