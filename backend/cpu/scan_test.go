package cpu

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"falconmamba/backend"
)

// However the tokens of a text and its channels are divided, a scan has the same bits, whatever the numbers are: a
// state that is read from a cache is that which would have been computed.
func TestKernelScanInParts(t *testing.T) {
	wild := []float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()),
		1e-45, -1e-40, 1e-38, math.MaxFloat32, -math.MaxFloat32, 88, -88, 104, -104, 500, 1e30, -1e30,
		0x1p60, -0x1p19, 0x1p44}
	eachKernels(t, func(t *testing.T, k *kernels) {
		const n = 16
		w, rng := &worker{}, rand.New(rand.NewPCG(15, 16))
		for round := range 150 {
			rows, d := 1+rng.IntN(40), 1+rng.IntN(50)
			share := []int{0, 1000, 50}[round%3] // one in so many is wild
			view := func(rows, cols int) view[float32] {
				v := view[float32]{data: random(rng, rows*cols), rows: rows, cols: cols, stride: cols}
				for i := range v.data {
					if share > 0 && rng.IntN(share) == 0 {
						v.data[i] = wild[rng.IntN(len(wild))]
					}
				}
				return v
			}
			s := &scan{k: k, x: view(rows, d), dt: view(rows, d), a: view(d, n), b: view(rows, n), c: view(rows, n),
				skip: view(1, d).data, state: states{view: view(3, d*n), typ: backend.F32}}
			for i := range s.a.data {
				s.a.data[i] *= 30
			}
			run := func(tokens, channels func(left int) int) []float32 {
				c := *s
				c.dst, c.state.data = view(rows, d), slices.Clone(s.state.data)
				for from := 0; from < d; {
					to := from + channels(d-from)
					for i := 0; i < rows; {
						some := tokens(rows - i)
						k.scan(w, &c, backend.Sequence{First: i, From: min(i, 1) * 2, To: 2, Rows: some}, from, to)
						i += some
					}
					from = to
				}
				return append(c.dst.data, c.state.row(2)...)
			}
			all := func(left int) int { return left }
			one := func(int) int { return 1 }
			some := func(left int) int { return 1 + rng.IntN(min(left, 9)) }
			part := func(left int) int { return 1 + rng.IntN(left) }
			want := run(all, all)
			for i, got := range [][]float32{run(one, all), run(some, all), run(all, part), run(some, part)} {
				for j, v := range got {
					if u := want[j]; math.Float32bits(v) != math.Float32bits(u) && (v == v || u == u) {
						t.Fatalf("%d tokens of %d channels, parts %d: element %d is %v, want %v", rows, d, i, j, v, u)
					}
				}
			}
		}
	})
}
