package simd

import "falconmamba/backend"

// A Matrix is a weight as it is stored: rows of whole blocks, one after another.
type Matrix struct {
	Type       backend.DType
	Rows, Cols int
	Data       []byte

	// Interleaved is how many rows, from the first on, lie in Data as Interleave leaves them: a multiple of Lanes. What
	// a Set reads of them at once begins at such a multiple and ends at one, but for Widen.
	Interleaved int

	// Scales and Book are what NF4 and FP4 keep apart, see backend.WeightDesc.
	Scales, Book []byte
}

// pitch is the bytes from one row to the next.
func (m *Matrix) pitch() int { return int(m.Type.RowBytes(m.Cols)) }

// Lanes is how many rows Interleave takes together.
const Lanes = 16

// InterleavedRows is how many of rows Interleave interleaves.
func InterleavedRows(rows int) int { return rows / Lanes * Lanes }

// What Tile takes at most.
const (
	TileRows   = 16 // rows of a weight
	TileTokens = 96 // rows of activations
	TileWork   = TileRows*tileCols + 16*TileRows*TileTokens
	tileCols   = 512
)

// States is the number of states to a channel that Scan is made for, and Taps
// those of Conv: all published models have these.
const (
	States = 16
	Taps   = 4
)

// A Scan is the operands of Set.Scan: Tokens rows of each of Y, X, DT, B and C,
// which begin at their first element; Channels rows of A and of the states.
type Scan struct {
	Y, X, DT, B, C                               []float32
	YStride, XStride, DTStride, BStride, CStride int
	A, Skip                                      []float32
	From, To                                     []float32 // states before and after, may be one
	Channels, Tokens                             int
}

// Activations are rounded to integers of 15 bits with a scale for every 256: to
// about 1 part in 30,000 of the largest of them, which is finer than binary16 is
// for most.

// Rounds reports whether there is a kernel for weights of type t and rounded
// activations.
func Rounds(t backend.DType) bool {
	switch t {
	case backend.Q8_0, backend.Q4_0, backend.Q4_K, backend.Q5_K, backend.Q6_K:
		return true
	}
	return false
}

// group is the bytes of 256 rounded activations.
const group = 256*2 + 2*64 + 32

// RoundedSize returns the bytes that n activations are rounded to.
func RoundedSize(n int) int { return (n + 255) / 256 * group }

// byteGroup is the bytes of 256 activations that were rounded to bytes.
const byteGroup = 256 + 2*64

// BytesSize returns the bytes that RoundBytes rounds n activations to.
func BytesSize(n int) int { return (n + 255) / 256 * byteGroup }

// RoundedRows is up to how many rows of activations the kernels that round are the
// faster for weights of type t. They unpack a weight for each row, or where the set
// has better (planes.h), for every four.
func (s Set) RoundedRows(t backend.DType) int {
	if s.name == "avx2" && t.Block() == 256 || s.name == "neoni8mm" || s.name == "neonbf16" {
		return 96
	}
	return 8
}

// FewRows is up to how many rows of activations HalfTile is not worth its while for weights of type t: a weight is
// unpacked for all of them. Of bfloat16 there is nothing to unpack.
func (s Set) FewRows(t backend.DType) int {
	if s.name == "amx" || t == backend.BF16 {
		return 3
	}
	return 8
}

// HalfBlock is how many rows of activations Halve keeps together at most.
const HalfBlock = 16

// HalfSize returns the bytes of n activations in bfloat16.
func HalfSize(n int) int { return (n + 31) / 32 * 64 }
