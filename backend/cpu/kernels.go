package cpu

// kernels are the inner loops, chosen once when the device is opened. What is
// below is plain Go; sets for vector units replace single entries.
//
// A matrix product is the same sum in every kernel and for any number of rows:
// products in order of k within panels of panelCols, panels in order. So a row
// has the same bits whatever shares the pass with it, and float32 is enough:
// rounding grows with the panel's length and with the number of panels, not
// with their product (Higham, Accuracy and Stability, 4.2).
type kernels struct {
	name string

	// dot adds to sums[i] the product of row i of w, an element of stride 1
	// each, and x. One row, or dotRows of them.
	dotF32   func(sums *[dotRows]float32, w []float32, stride int, x []float32)
	dotHalf  func(sums *[dotRows]float32, w []uint16, stride int, x []float32, values *[1 << 16]float32)
	dot1F32  func(w, x []float32) float32
	dot1Half func(w []uint16, x []float32, values *[1 << 16]float32) float32

	// tile adds to sums, tokens × panelRows, the products of the rows of x, of
	// stride elements each, and panelRows rows of w, of pitch elements each, over
	// n elements.
	tileF32  func(sums, w []float32, pitch int, x []float32, stride, tokens, n int)
	tileHalf func(sums []float32, w []uint16, pitch int, x []float32, stride, tokens, n int, values *[1 << 16]float32)

	// widenHalf sets dst to the values of as many codes.
	widenHalf func(dst []float32, codes []uint16, values *[1 << 16]float32)

	// scan advances channels of the selective scan by a token.
	scan func(y, x, delta, state, a, b, c []float32)
}

// Shapes of the kernels. Six running sums, what they are multiplied with and
// the products fit the 15 registers that Go's compiler has on x86-64: with a
// seventh or eighth row it keeps sums in memory, and halves the speed.
const (
	dotRows    = 6   // rows of a weight at once, for one row of activations
	panelRows  = 18  // rows of a weight that a tile takes together
	panelCols  = 256 // so that a panel stays in the first-level cache
	tileTokens = 96  // rows of activations that a tile takes together
	widenFrom  = 12  // rows of activations for which widening a panel pays
)

var plainGo = kernels{
	name:      "go",
	dotF32:    dotF32,
	dotHalf:   dotHalf,
	dot1F32:   dot1F32,
	dot1Half:  dot1Half,
	tileF32:   tileF32,
	tileHalf:  tileHalf,
	widenHalf: widenHalf,
	scan:      scanStep,
}

// kernelsOf returns the best kernels for this processor.
func kernelsOf() *kernels { return &plainGo }
