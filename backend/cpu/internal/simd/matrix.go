package simd

import "falconmamba/backend"

// A Matrix is a weight as it is stored: rows of whole blocks, one after another.
type Matrix struct {
	Type       backend.DType
	Rows, Cols int
	Data       []byte

	// Scales and Book are what NF4 and FP4 keep apart, see backend.WeightDesc.
	Scales, Book []byte
}

// pitch is the bytes from one row to the next.
func (m *Matrix) pitch() int { return int(m.Type.RowBytes(m.Cols)) }

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
