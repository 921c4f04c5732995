package cpu

import (
	"fmt"
	"strings"

	"falconmamba/backend"
	"falconmamba/backend/cpu/internal/simd"
)

// kernels are the inner loops, chosen once when the device is opened: plain Go
// (plain.go), or a vector unit's (vector.go).
//
// A matrix product is the same sum in rows and in tile and for any number of
// tokens: so a row has the same bits whatever shares the pass with it. Different
// kernels add in different orders.
type kernels struct {
	name string

	// rows sets y to the products of rows r to r+len(y)-1 of m and x, (cols).
	rows func(w *worker, y []float32, m *matrix, r int, x []float32)

	// tile sets y, (tokens, rows) of stride tileRows, to the products of rows r
	// to r+rows-1 of m and tokens rows of x, of stride elements each: at most
	// tileRows and tileTokens.
	tile                 func(w *worker, y []float32, m *matrix, r, rows int, x []float32, stride, tokens int)
	tileRows, tileTokens int
	product              float64 // nanoseconds of an element in rows, about

	// rounds reports whether there are kernels for weights of a type that round
	// activations to integers; nil where there are none. round rounds x to dst,
	// of roundedSize bytes, for weights of type t. rounded sets y, (tokens, rows) of
	// stride elements, to the products of rows r to r+rows-1 of m and tokens rows of
	// what round leaves, one after another.
	rounds      func(t backend.DType) bool
	round       func(dst []byte, x []float32, t backend.DType)
	rounded     func(y []float32, stride int, m *matrix, r, rows int, x []byte, tokens int)
	roundedSize func(cols int) int
	roundedRows func(t backend.DType) int // up to how many rows of activations it is the faster

	// interleaves reports whether interleave makes rounded faster for weights of type t; nil where it does for none.
	// interleave sets dst to the rows of src, which matrix.stored then says; round is for Q4_K then, whatever the type.
	interleaves func(t backend.DType, rows, cols int) bool
	interleave  func(dst, src []byte, t backend.DType, rows, cols int)

	// bytes is rounded for what roundBytes leaves of rows of x, of bytesSize bytes
	// each: bytes with a scale for every 32, for weights of types of which hasBytes
	// is true.
	hasBytes   func(t backend.DType) bool
	roundBytes func(dst []byte, x []float32)
	bytes      func(y []float32, stride int, m *matrix, r, rows int, x []byte, tokens int)

	// halve rounds the first cols columns of tokens rows of x, of stride elements each,
	// to bfloat16; nil where the processor has no products of them. halfTile is tile for
	// rows of it from a multiple of simd.HalfBlock on, at halfSize bytes each: at most
	// halfRows and halfTokens, to y of ystride elements from one token to the next, or
	// added to it. It rounds weights too.
	halve    func(dst []byte, x []float32, stride, cols, tokens int)
	halfTile func(w *worker, y []float32, ystride int, m *matrix, r, rows int, x []byte, tokens int, add bool)
	halfSize func(cols int) int

	halfRows, halfTokens int
	fewRows              func(t backend.DType) int // up to how many rows of activations it gains nothing

	// widen sets dst to row r of m.
	widen func(dst []float32, m *matrix, r int)

	// scan is the tokens of q for channels [from, to), and conv likewise.
	scan func(w *worker, s *scan, q backend.Sequence, from, to int)
	conv func(w *worker, c *conv, q backend.Sequence, from, to int)

	// gate sets out to y·silu(z).
	gate func(out, y, z []float32)

	// norm sets dst to x / sqrt(mean(x²) + eps) · weight; weight may be nil, and
	// dst x.
	norm func(dst, x, weight []float32, eps float32)
}

// mostTile is the products of the largest tile of all kernels.
const mostTile = max(panelRows*tileTokens, simd.TileRows*simd.TileTokens)

// kernelsHere are the kernels that this processor runs, the best first.
func kernelsHere() []*kernels {
	var all []*kernels
	for _, s := range simd.Sets() {
		all = append(all, vectorKernels(s))
	}
	return append(all, &plainGo)
}

// kernelsOf returns the kernels of a name, or the best for this processor where
// it is empty.
func kernelsOf(want string) (*kernels, error) {
	all := kernelsHere()
	if want == "" {
		return all[0], nil
	}
	var names []string
	for _, k := range all {
		if strings.EqualFold(k.name, want) {
			return k, nil
		}
		names = append(names, k.name)
	}
	return nil, fmt.Errorf("cpu: there are no %q kernels: this processor has %s", want, strings.Join(names, ", "))
}
