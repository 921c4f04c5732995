package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/cpu/internal/simd"
	"falconmamba/backend/quant"
	"falconmamba/internal/half"
)

// Every set of kernels that this processor has, against plain Go and float64.

func eachKernels(t *testing.T, test func(t *testing.T, k *kernels)) {
	for _, k := range kernelsHere() {
		t.Run(k.name, func(t *testing.T) { test(t, k) })
	}
}

func random(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

// randomMatrix returns a matrix of type t on h. What cannot be packed is random
// bits, with scales that are numbers.
func randomMatrix(t *testing.T, h *host, rng *rand.Rand, typ backend.DType, rows, cols int) matrix {
	p := quant.New(typ, rows*cols)
	if quant.Encodes(typ) {
		if err := p.Encode(random(rng, rows*cols), 0); err != nil {
			t.Fatal(err)
		}
	} else {
		for i := range p.Data {
			p.Data[i] = byte(rng.Uint32())
		}
		// The high bytes of the scales, which are at one end of a block or the
		// other: their exponents become small.
		for b := 0; b < len(p.Data); b += typ.Size() {
			for _, at := range []int{1, typ.Size() - 1, typ.Size() - 3} {
				p.Data[b+at] &= 0xaf
			}
		}
	}
	w, err := h.newWeight(backend.WeightDesc{Type: typ, Rows: rows, Cols: cols, Aux: p.Aux}, p.Data, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return matrixOf(w)
}

func newTestHost(t *testing.T) *host {
	h := newHost("test")
	t.Cleanup(func() { h.Close() })
	return h
}

func TestKernelProducts(t *testing.T) {
	eachKernels(t, func(t *testing.T, k *kernels) {
		h, w, rng := newTestHost(t), &worker{}, rand.New(rand.NewPCG(1, 2))
		for typ := backend.F32; typ.Valid(); typ++ {
			if typ == backend.I32 {
				continue
			}
			sizes := []int{1, 2, 3, 5}
			if typ.Block() == 1 {
				sizes = []int{1, 7, 15, 16, 17, 33, 257, 513, 1040}
			}
			for i, n := range sizes {
				rows, cols := []int{1, 3, 5, 19}[i%4], n*typ.Block()
				m := randomMatrix(t, h, rng, typ, rows, cols)
				wide := make([]float32, rows*cols)
				if err := m.packed.Decode(wide, 0); err != nil {
					t.Fatal(err)
				}
				checkWiden(t, k, &m, wide)
				checkProducts(t, k, w, &m, wide, rng)
			}
		}
	})
}

// checkWiden wants the values of package quant, bit by bit but for the sign of
// zeros.
func checkWiden(t *testing.T, k *kernels, m *matrix, wide []float32) {
	t.Helper()
	got := make([]float32, m.cols+1)
	for r := range m.rows {
		got[m.cols] = 7
		k.widen(got[:m.cols], m, r)
		for c, want := range wide[r*m.cols:][:m.cols] {
			if got[c] != want && (got[c] == got[c] || want == want) {
				t.Fatalf("%v %dx%d: [%d %d] widens to %v, want %v", m.typ, m.rows, m.cols, r, c, got[c], want)
			}
		}
		if got[m.cols] != 7 {
			t.Fatalf("%v %dx%d: row %d was widened beyond its end", m.typ, m.rows, m.cols, r)
		}
	}
}

// checkProducts wants the products in float64, within the rounding of sums, and
// the same bits from rows and from tile.
func checkProducts(t *testing.T, k *kernels, w *worker, m *matrix, wide []float32, rng *rand.Rand) {
	t.Helper()
	const most = 13
	stride := m.cols + 3
	x := random(rng, most*stride)
	single := make([]float32, most*m.rows)
	for i := range most {
		// In two calls, so that groups of rows begin anywhere.
		y, first := single[i*m.rows:][:m.rows], i%(m.rows+1)
		k.rows(w, y[:first], m, 0, x[i*stride:][:m.cols])
		k.rows(w, y[first:], m, first, x[i*stride:][:m.cols])
		for r, got := range y {
			sum, size := 0.0, 0.0
			for c, v := range wide[r*m.cols:][:m.cols] {
				p := float64(v) * float64(x[i*stride+c])
				sum += p
				size += math.Abs(p)
			}
			if e := math.Abs(float64(got) - sum); !(e <= 2e-6*size) {
				t.Fatalf("%s: %v %dx%d: row %d is %v, want %v: off by %.2g of the terms",
					k.name, m.typ, m.rows, m.cols, r, got, sum, e/size)
			}
		}
	}
	for _, tokens := range []int{1, 2, 3, 4, 5, 6, most} {
		for r := 0; r < m.rows; r += k.tileRows {
			rows := min(k.tileRows, m.rows-r)
			y := make([]float32, tokens*k.tileRows)
			k.tile(w, y, m, r, rows, x, stride, tokens)
			for i := range tokens {
				if got, want := y[i*k.tileRows:][:rows], single[i*m.rows+r:][:rows]; !slices.Equal(got, want) {
					t.Fatalf("%s: %v %dx%d: row %d of %d tokens is %v, alone %v",
						k.name, m.typ, m.rows, m.cols, i, tokens, got, want)
				}
			}
		}
	}
}

// Rounded activations lose 1 part in 32,766 of the largest of 256 at most; the
// products of what is left are exact but for sums of floats.
func TestKernelsOfRoundedActivations(t *testing.T) {
	eachKernels(t, func(t *testing.T, k *kernels) {
		if k.rounds == nil {
			t.Skipf("kernels %s have no products of rounded activations", k.name)
		}
		h, rng := newTestHost(t), rand.New(rand.NewPCG(7, 8))
		for typ := backend.F32; typ.Valid(); typ++ {
			if typ == backend.I32 || !k.rounds(typ) {
				continue
			}
			for i, n := range []int{1, 2, 3, 5, 8, 9, 17} {
				rows, cols := []int{1, 3, 4, 5, 19, 6}[i%6], n*typ.Block()
				m := randomMatrix(t, h, rng, typ, rows, cols)
				// What is behind a matrix would make NaN of the last row, even times zeros.
				end := len(m.stored.Data)
				m.stored.Data = append(slices.Clone(m.stored.Data), slices.Repeat([]byte{0xff}, 512)...)[:end]
				x := random(rng, cols)
				for c := range x {
					switch c / 256 % 4 {
					case 1:
						x[c] *= 1e20
					case 2:
						x[c] *= 1e-12
					case 3:
						x[c] *= 0
					}
				}
				to := make([]byte, simd.RoundedSize(cols))
				k.round(to, x, typ)
				y := make([]float32, rows)
				k.rounded(y, rows, &m, 0, rows/2, to, 1)
				k.rounded(y[rows/2:], rows, &m, rows/2, rows-rows/2, to, 1)
				sameForEachToken(t, k, &m, rng)
				wide := make([]float32, cols)
				for r, got := range y {
					m.widen(wide, r, 0)
					sum, bound := 0.0, 0.0
					for c := 0; c < cols; c += 256 {
						most, weights := 0.0, 0.0
						for i := c; i < min(c+256, cols); i++ {
							sum += float64(x[i]) * float64(wide[i])
							most = max(most, math.Abs(float64(x[i])))
							weights += math.Abs(float64(wide[i]))
						}
						// What is taken from codes by a minimum is as large as they are.
						bound += most * weights * (1./32766 + 4e-6)
					}
					if e := math.Abs(float64(got) - sum); !(e <= bound) {
						t.Fatalf("%v %dx%d: row %d is %v, want %v: off by %.2g, at most %.2g",
							typ, rows, cols, r, got, sum, e, bound)
					}
				}
				for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
					x := slices.Clone(x)
					x[rng.IntN(cols)] = float32(bad)
					k.round(to, x, typ)
					k.rounded(y, len(y), &m, 0, len(y), to, 1)
					for r, got := range y {
						if got-got == 0 {
							t.Fatalf("%v %dx%d: with %v among the activations, row %d is %v",
								typ, rows, cols, bad, r, got)
						}
					}
				}
			}
		}
		// The widest codes and activations stay within what sums are of.
		m := randomMatrix(t, h, rng, backend.Q6_K, 1, 256)
		to, y, wide := make([]byte, simd.RoundedSize(256)), make([]float32, 1), make([]float32, 256)
		x := make([]float32, 256)
		for _, code := range []byte{0, 0xff} {
			for i := range m.packed.Data[:192] {
				m.packed.Data[i] = code
			}
			for i := range 16 {
				m.packed.Data[192+i] = 0x80
			}
			for _, sign := range []float32{1, -1} {
				for i := range x {
					x[i] = sign
				}
				m.widen(wide, 0, 0)
				k.round(to, x, backend.Q6_K)
				k.rounded(y, len(y), &m, 0, len(y), to, 1)
				want := 256 * sign * wide[0]
				if math.Abs(float64(y[0]-want)) > 1e-5*math.Abs(float64(want)) || want == 0 {
					t.Errorf("codes of %#x and activations of %v give %v, want %v", code, sign, y[0], want)
				}
			}
		}
	})
}

// sameForEachToken checks that each of some tokens has the products that it has alone.
func sameForEachToken(t *testing.T, k *kernels, m *matrix, rng *rand.Rand) {
	t.Helper()
	size, x := simd.RoundedSize(m.cols), make([]float32, m.cols)
	const most = 9
	all, alone := make([]byte, most*size), make([]float32, most*m.rows)
	for i := range most {
		for c := range x {
			x[c] = float32(rng.NormFloat64())
		}
		k.round(all[i*size:][:size], x, m.typ)
		k.rounded(alone[i*m.rows:], m.rows, m, 0, m.rows, all[i*size:][:size], 1)
	}
	for tokens := range most + 1 {
		stride := m.rows + 1
		y := slices.Repeat([]float32{7}, tokens*stride)
		k.rounded(y, stride, m, 0, m.rows, all, tokens)
		for i := range tokens {
			if y[i*stride+m.rows] != 7 {
				t.Fatalf("%v: token %d of %d is written beyond its %d outputs", m.typ, i, tokens, m.rows)
			}
			if got, want := y[i*stride:][:m.rows], alone[i*m.rows:][:m.rows]; !slices.Equal(got, want) {
				t.Fatalf("%v: token %d of %d has %v, alone %v", m.typ, i, tokens, got, want)
			}
		}
	}
}

// Activations as bytes lose half a step of the largest of 32 at most, and each token has the products that it has
// alone.
func TestKernelsInBytes(t *testing.T) {
	eachKernels(t, func(t *testing.T, k *kernels) {
		if k.hasBytes == nil || !k.hasBytes(backend.Q4_K) {
			t.Skipf("kernels %s have no products of bytes", k.name)
		}
		h, rng := newTestHost(t), rand.New(rand.NewPCG(9, 10))
		for _, typ := range []backend.DType{backend.Q4_K, backend.Q5_K, backend.Q6_K} {
			for i, blocks := range []int{1, 3, 9, 17} {
				rows, cols := []int{7, 4, 1, 6}[i], 256*blocks
				m := randomMatrix(t, h, rng, typ, rows, cols)
				size, wide := simd.BytesSize(cols), make([]float32, cols)
				const tokens = 17
				x, all := make([]float32, tokens*cols), make([]byte, tokens*size)
				for i := range x {
					x[i] = float32(rng.NormFloat64() * math.Exp2(float64(i/32%7)))
				}
				for i := range tokens {
					k.roundBytes(all[i*size:][:size], x[i*cols:][:cols])
				}
				y, alone := make([]float32, tokens*rows), make([]float32, tokens*rows)
				for i := range tokens {
					k.bytes(alone[i*rows:], rows, &m, 0, rows, all[i*size:][:size], 1)
				}
				for some := range tokens + 1 {
					k.bytes(y, rows, &m, 0, rows, all, some)
					if got, want := y[:some*rows], alone[:some*rows]; !slices.Equal(got, want) {
						t.Fatalf("%v %dx%d: %d tokens have %v, alone %v", typ, rows, cols, some, got, want)
					}
				}
				for i := range y {
					v := x[i/rows*cols:][:cols]
					m.widen(wide, i%rows, 0)
					sum, bound := 0.0, 0.0
					for c := 0; c < cols; c += 32 {
						most, weights := 0.0, 0.0
						for j := c; j < c+32; j++ {
							sum += float64(v[j]) * float64(wide[j])
							most = max(most, math.Abs(float64(v[j])))
							weights += math.Abs(float64(wide[j]))
						}
						bound += most * weights * (1./253 + 1e-5)
					}
					if e := math.Abs(float64(y[i]) - sum); !(e <= bound) {
						t.Fatalf("%v %dx%d: product %d is %v, want %v: off by %.2g, at most %.2g",
							typ, rows, cols, i, y[i], sum, e, bound)
					}
				}
				for _, bad := range []float64{math.NaN(), math.Inf(1)} {
					x[rng.IntN(cols)] = float32(bad)
					k.roundBytes(all[:size], x[:cols])
					k.bytes(y, rows, &m, 0, rows, all, 1)
					for r, got := range y[:rows] {
						if got-got == 0 {
							t.Fatalf("%v: with %v among the activations, row %d is %v", typ, bad, r, got)
						}
					}
				}
			}
		}
	})
}

// Tiles in bfloat16 are those in float32 of what was rounded before.
func TestKernelsInHalf(t *testing.T) {
	eachKernels(t, func(t *testing.T, k *kernels) {
		if k.halve == nil {
			t.Skipf("kernels %s have no products in bfloat16", k.name)
		}
		h, w, rng := newTestHost(t), &worker{}, rand.New(rand.NewPCG(9, 10))
		behind := float32(math.Inf(1)) // what is twice itself
		round := func(x float32) float64 { return float64(half.BF16(half.BF16Bits(x))) }
		for typ := backend.F32; typ.Valid(); typ++ {
			if typ == backend.I32 {
				continue
			}
			sizes := []int{1, 2, 3, 5}
			if typ.Block() == 1 {
				sizes = []int{1, 15, 16, 17, 31, 32, 33, 511, 513, 1040}
			}
			for i, n := range sizes {
				rows, cols := []int{1, 3, 5, 31, 67, 150}[i%6], n*typ.Block()
				m := randomMatrix(t, h, rng, typ, rows, cols)
				const most = 50
				x := random(rng, most*cols)
				pitch := k.halfSize(cols)
				to := make([]byte, (most+simd.HalfBlock-1)/simd.HalfBlock*simd.HalfBlock*pitch)
				for i := range to {
					to[i] = 0x7f // not a number, unless it is overwritten
				}
				k.halve(to, x, cols, cols, most)
				wide := make([]float32, cols)
				for _, tokens := range []int{1, 3, 5, 7, 16, 17, 34, most} {
					for r := 0; r < rows; r += k.halfRows {
						some := min(k.halfRows, rows-r)
						stride := some + 1
						y := make([]float32, tokens*stride)
						for i := range tokens {
							y[i*stride+some] = behind
						}
						k.halfTile(w, y, stride, &m, r, some, to, tokens, false)
						twice := slices.Clone(y)
						k.halfTile(w, twice, stride, &m, r, some, to, tokens, true)
						for i, v := range y {
							if twice[i] != 2*v {
								t.Fatalf("%v %dx%d: product %d is %v, added to itself %v", typ, rows, cols, i, v, twice[i])
							}
						}
						for i := range tokens {
							if v := y[i*stride+some]; v != behind {
								t.Fatalf("%v %dx%d: %v is written behind row %d", typ, rows, cols, v, r+some-1)
							}
						}
						for j := range some {
							m.widen(wide, r+j, 0)
							for i := range tokens {
								sum, size := 0.0, 0.0
								for c, v := range wide {
									p := round(v) * round(x[i*cols+c])
									sum += p
									size += math.Abs(p)
								}
								if e := math.Abs(float64(y[i*stride+j]) - sum); !(e <= 2e-6*size) {
									t.Fatalf("%v %dx%d: row %d of %d tokens: output %d is off by %.2g of the terms",
										typ, rows, cols, i, tokens, r+j, e/size)
								}
							}
						}
					}
				}
			}
		}
	})
}

// A product in bfloat16 may be added to the residual in place, for as many rows and tokens as parts have.
func TestResidualInHalf(t *testing.T) {
	eachKernels(t, func(t *testing.T, k *kernels) {
		if k.halve == nil {
			t.Skipf("kernels %s have no products in bfloat16", k.name)
		}
		h, rng := newTestHost(t), rand.New(rand.NewPCG(11, 12))
		const outs, cols = 150, 320
		for _, rows := range []int{9, 33, 530} {
			view := func(cols int) view[float32] {
				return view[float32]{data: random(rng, rows*(cols+3)), rows: rows, cols: cols, stride: cols + 3}
			}
			m := &matmul{k: k, pool: newPool(2), shared: &shared{}, dst: view(outs), src: view(cols),
				weight: randomMatrix(t, h, rng, backend.BF16, outs, cols), live: live{rows: rows}, halves: true,
				residual: view(outs), bias: random(rng, outs)}
			t.Cleanup(m.pool.close)
			m.pool.run(m, m.begin())
			apart, residual := slices.Clone(m.dst.data), slices.Clone(m.residual.data)
			m.dst = m.residual
			m.pool.run(m, m.begin())
			w, want := &worker{}, make([]float32, outs)
			for i := range rows {
				got := m.dst.row(i)
				if !slices.Equal(got, apart[i*(outs+3):][:outs]) {
					t.Fatalf("%d rows: row %d is another in place", rows, i)
				}
				k.rows(w, want, &m.weight, 0, m.src.row(i))
				for j := range want {
					want[j] += m.bias[j] + residual[i*(outs+3)+j]
				}
				near(t, fmt.Sprintf("row %d of %d", i, rows), got, want, 0.3) // as activations are rounded
			}
		}
	})
}

// near wants got to be want within a bound of 1+|want|.
func near(t *testing.T, what string, got, want []float32, bound float64) {
	t.Helper()
	for i, w := range want {
		if e := math.Abs(float64(got[i]) - float64(w)); got[i] != w && !(e <= bound*(1+math.Abs(float64(w)))) &&
			(got[i] == got[i] || w == w) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, got[i], w)
		}
	}
}

var lengths = []int{1, 2, 15, 16, 17, 33, 64, 100, 257}

func TestKernelRows(t *testing.T) {
	inf := float32(math.Inf(1))
	special := []float32{0, float32(math.Copysign(0, -1)), inf, float32(math.NaN()), 1e-30, -1e-30, 88, -88, 89, -89,
		104, -104, 1e30, -1e30, 200, -200}
	eachKernels(t, func(t *testing.T, k *kernels) {
		rng := rand.New(rand.NewPCG(3, 4))
		for _, n := range lengths {
			y, z, weight := random(rng, n), random(rng, n), random(rng, n)
			for i := range z {
				z[i] *= 10
				if n > len(special) && i < len(special) {
					z[i] = special[i]
				}
			}
			got, want := make([]float32, n), make([]float32, n)
			k.gate(got, y, z)
			plainGate(want, y, z)
			near(t, fmt.Sprintf("gate of %d", n), got, want, 1e-6)
			for _, weight := range [][]float32{weight, nil} {
				k.norm(got, y, weight, 1e-5)
				plainNorm(want, y, weight, 1e-5)
				near(t, fmt.Sprintf("norm of %d", n), got, want, 1e-6)
				copy(got, y)
				k.norm(got, got, weight, 1e-5)
				near(t, fmt.Sprintf("norm of %d in place", n), got, want, 1e-6)
			}
		}
	})
}

// The powers of two in a scan, by one token and by many: what a state of 1 decays to in a step of 32, for which softplus
// is the identity.
func TestKernelScanPowers(t *testing.T) {
	eachKernels(t, func(t *testing.T, k *kernels) {
		const d, n, step = 256, 16, 32
		for _, c := range []struct{ from, to, ulps float64 }{{-125.9, 126.9, 1.5}, {-1.2, 1.2, 1.5}, {-1e-3, 1e-3, 1}} {
			w := &worker{}
			view := func(rows, cols int) view[float32] {
				return view[float32]{data: make([]float32, rows*cols), rows: rows, cols: cols, stride: cols}
			}
			const rows = 9
			s := &scan{k: k, dst: view(rows, d), x: view(rows, d), dt: view(rows, d), a: view(d, n), b: view(rows, n),
				c: view(rows, n), skip: make([]float32, d), state: states{view: view(rows+1, d*n), typ: backend.F32}}
			for i := range s.a.data {
				x := c.from + (c.to-c.from)*float64(i)/(d*n-1)
				s.a.data[i] = float32(x / step / log2E)
				s.state.data[i] = 1
			}
			for i := range s.dt.data {
				s.dt.data[i] = -1000 // a step of 0, which changes nothing
			}
			for i := range d {
				s.dt.data[i] = step
			}
			for _, count := range []int{1, rows} {
				k.scan(w, s, backend.Sequence{To: count, Rows: count}, 0, d)
				worst, at := 0.0, float32(0)
				for i, got := range s.state.row(count) {
					x := s.a.data[i] * log2E * step
					if e := ulps(got, math.Exp2(float64(x))); !(e <= worst) {
						worst, at = e, x
					}
				}
				t.Logf("%v to %v, %d tokens: at most %.2f ulp", c.from, c.to, count, worst)
				if !(worst <= c.ulps) {
					t.Errorf("%d tokens: off by %.2f ulp at %v, want %v", count, worst, at, c.ulps)
				}
			}
		}
	})
}

// A scan of more tokens than are taken at a time, some with steps and decays so large that nothing of a state is left.
func TestKernelScanEnds(t *testing.T) {
	eachKernels(t, func(t *testing.T, k *kernels) {
		const rows, d, n = 75, 32, 16
		w, rng := &worker{}, rand.New(rand.NewPCG(7, 8))
		view := func(rows, cols int) view[float32] {
			return view[float32]{data: random(rng, rows*cols), rows: rows, cols: cols, stride: cols}
		}
		s := &scan{k: k, x: view(rows, d), dt: view(rows, d), a: view(d, n), b: view(rows, n), c: view(rows, n),
			skip: random(rng, d), state: states{view: view(3, d*n), typ: backend.F32}}
		for i, v := range s.a.data {
			s.a.data[i] = -float32(math.Abs(float64(v)))
		}
		s.a.data[n+3], s.a.data[2*n+1], s.a.data[3*n] = -1e30, float32(math.Inf(-1)), -math.MaxFloat32
		for t := 5; t < rows; t += 10 {
			s.dt.data[t*d+t%d] = 500
			s.x.data[t*d+t%d] = 0
		}
		s.dt.data[40*d+9], s.x.data[40*d+9] = math.MaxFloat32, 0
		var out [3][]float32
		for j := range out {
			c := *s
			c.dst, c.state.data = view(rows, d), slices.Clone(s.state.data)
			switch j {
			case 0:
				k.scan(w, &c, backend.Sequence{To: 2, Rows: rows}, 0, d)
			case 1:
				plainScan(w, &c, backend.Sequence{To: 2, Rows: rows}, 0, d)
			case 2:
				for i := range rows {
					k.scan(w, &c, backend.Sequence{First: i, From: min(i, 1) * 2, To: 2, Rows: 1}, 0, d)
				}
			}
			out[j] = append(c.dst.data, c.state.data...)
		}
		near(t, "scan", out[0], out[1], 1e-5)
		if !slices.Equal(out[0], out[2]) {
			t.Error("tokens one by one have other bits")
		}
	})
}

func TestKernelChannels(t *testing.T) {
	eachKernels(t, func(t *testing.T, k *kernels) {
		w, rng := &worker{}, rand.New(rand.NewPCG(5, 6))
		view := func(rows, cols, gap int) view[float32] {
			return view[float32]{data: random(rng, rows*(cols+gap)), rows: rows, cols: cols, stride: cols + gap}
		}
		for i, d := range lengths {
			for _, n := range []int{16, 5} {
				rows, gap := 1+3*i, i%3
				s := &scan{k: k, x: view(rows, d, gap), dt: view(rows, d, gap), a: view(d, n, gap),
					b: view(rows, n, gap), c: view(rows, n, gap),
					skip: random(rng, d), state: states{view: view(3, d*n, gap), typ: backend.F32}}
				for i, v := range s.a.data {
					s.a.data[i] = -float32(math.Abs(float64(v))) * 8
				}
				q := backend.Sequence{From: 0, To: 2, Rows: rows}
				var out [2][]float32
				for j, run := range []func(*worker, *scan, backend.Sequence, int, int){k.scan, plainScan} {
					c := *s
					c.dst, c.state.data = view(rows, d, gap), slices.Clone(s.state.data)
					clear(c.dst.data)
					split := d / 2
					run(w, &c, q, 0, split)
					run(w, &c, q, split, d)
					out[j] = append(c.dst.data, c.state.data...)
				}
				near(t, fmt.Sprintf("scan of %d channels of %d states", d, n), out[0], out[1], 1e-5)

				one := *s // token by token, in place: the same bits
				one.dst, one.state.data = view(rows, d, gap), slices.Clone(s.state.data)
				clear(one.dst.data)
				for i := range rows {
					k.scan(w, &one, backend.Sequence{First: i, From: min(i, 1) * 2, To: 2, Rows: 1}, 0, d)
				}
				if got := append(one.dst.data, one.state.data...); !slices.Equal(got, out[0]) {
					t.Fatalf("scan of %d channels of %d states: %d tokens one by one have other bits", d, n, rows)
				}
			}
			for _, taps := range []int{4, 1, 3} {
				for _, act := range []backend.Activation{backend.SiLU, backend.Identity, backend.ReLU} {
					rows, gap := 1+i, i%3
					c := &conv{k: k, src: view(rows, d, gap), taps: view(d, taps, 0),
						state: states{view: view(3, d*max(taps-1, 1), 0), typ: backend.F32}, act: act, activate: activation(act)}
					if i%2 == 0 {
						c.bias = random(rng, d)
					}
					q := backend.Sequence{From: 0, To: 2, Rows: rows}
					var out [2][]float32
					for j, run := range []func(*worker, *conv, backend.Sequence, int, int){k.conv, plainConv} {
						c := *c
						c.dst, c.state.data = view(rows, d, gap), slices.Clone(c.state.data)
						clear(c.dst.data)
						run(w, &c, q, 0, d/3)
						run(w, &c, q, d/3, d)
						out[j] = append(c.dst.data, c.state.data...)
					}
					near(t, fmt.Sprintf("convolution of %d channels, %d taps, %v", d, taps, act), out[0], out[1], 1e-6)

					one := *c // token by token, in place: the same bits
					one.dst, one.state.data = view(rows, d, gap), slices.Clone(c.state.data)
					clear(one.dst.data)
					for i := range rows {
						k.conv(w, &one, backend.Sequence{First: i, From: min(i, 1) * 2, To: 2, Rows: 1}, 0, d)
					}
					if got := append(one.dst.data, one.state.data...); !slices.Equal(got, out[0]) {
						t.Fatalf("convolution of %d channels, %d taps: %d tokens one by one have other bits", d, taps, rows)
					}
				}
			}
		}
	})
}

func TestChoosingKernels(t *testing.T) {
	for _, k := range kernelsHere() {
		if got, err := kernelsOf(k.name); err != nil || got.name != k.name {
			t.Errorf("%s kernels: %v, %v", k.name, got, err)
		}
	}
	if _, err := kernelsOf("mmx"); err == nil {
		t.Error("mmx kernels: no error")
	}
}
