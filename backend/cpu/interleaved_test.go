package cpu

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/cpu/internal/simd"
	"falconmamba/backend/quant"
)

// A matrix with its rows interleaved is the same matrix to every kernel: to the bit, but for those of rounded
// activations, which add in another order.
func TestKernelsOfInterleavedRows(t *testing.T) {
	eachKernels(t, func(t *testing.T, k *kernels) {
		if k.interleaves == nil || !k.interleaves(backend.Q4_K, simd.Lanes, 256) {
			t.Skipf("kernels %s interleave no rows", k.name)
		}
		const lanes = simd.Lanes
		h, w, rng := newTestHost(t), &worker{}, rand.New(rand.NewPCG(13, 14))
		for _, c := range []struct {
			typ        backend.DType
			rows, cols int
		}{
			{backend.Q4_K, lanes, 256}, {backend.Q4_K, 2*lanes + 5, 512}, {backend.Q4_K, 5 * lanes, 768},
			{backend.Q4_K, 3*lanes - 1, 9 * 256},
			{backend.Q6_K, lanes, 256}, {backend.Q6_K, 2*lanes + 5, 768}, {backend.Q6_K, 3*lanes - 1, 9 * 256},
			{backend.Q8_0, lanes, 64}, {backend.Q8_0, 3 * lanes, 128}, {backend.Q8_0, 2 * lanes, 256},
			{backend.Q8_0, 2 * lanes, 1088},
			{backend.Q4_0, lanes, 64}, {backend.Q4_0, 3 * lanes, 128}, {backend.Q4_0, 2 * lanes, 256},
			{backend.Q4_0, 2 * lanes, 1088},
		} {
			rows, cols := c.rows, c.cols
			if !k.interleaves(c.typ, rows, cols) {
				t.Fatalf("%v %dx%d is not interleaved", c.typ, rows, cols)
			}
			m := randomMatrix(t, h, rng, c.typ, rows, cols)
			data := m.stored.Data
			for b := 0; c.typ == backend.Q4_K && b < len(data); b += 144 { // scales and minima of all 6 bits
				for j := 4; j < 16; j++ {
					data[b+j] = byte(rng.Uint32())
				}
			}
			for b := 0; c.typ == backend.Q6_K && b < len(data); b += 210 { // scales of either sign
				data[b+192], data[b+199], data[b+207] = 0x80, 0x7f, 0xff
			}
			for b := 2; c.typ == backend.Q8_0 && b < len(data); b += 34 { // the widest codes
				data[b], data[b+31] = 0x80, 0x7f
			}
			for b := 2; c.typ == backend.Q4_0 && b < len(data); b += 18 {
				data[b], data[b+1], data[b+15] = 0xf0, 0x0f, 0x0f
			}
			wide := make([]float32, rows*cols)
			if err := m.packed.Decode(wide, 0); err != nil {
				t.Fatal(err)
			}
			woven := m
			woven.stored.Data = make([]byte, len(data))
			k.interleave(woven.stored.Data, data, m.typ, rows, cols)
			woven.stored.Interleaved = simd.InterleavedRows(rows)
			if woven.stored.Interleaved != rows/lanes*lanes || slices.Equal(woven.stored.Data, data) {
				t.Fatalf("%v %dx%d: rows are not interleaved", m.typ, rows, cols)
			}
			checkWiden(t, k, &woven, wide)

			const tokens, many = 9, 3*simd.HalfBlock - 7
			x := random(rng, many*cols)
			for r := 0; r < rows; r += lanes {
				n := min(2*lanes, rows-r) // the last ones may be as they are stored
				want, got := make([]float32, n), make([]float32, n)
				k.rows(w, want, &m, r, x[:cols])
				k.rows(w, got, &woven, r, x[:cols])
				if !slices.Equal(got, want) {
					t.Fatalf("%v %dx%d: rows from %d on are %v, want %v", m.typ, rows, cols, r, got, want)
				}
				n = min(k.tileRows, rows-r)
				want, got = make([]float32, tokens*k.tileRows), make([]float32, tokens*k.tileRows)
				k.tile(w, want, &m, r, n, x, cols, tokens)
				k.tile(w, got, &woven, r, n, x, cols, tokens)
				if !slices.Equal(got, want) {
					t.Fatalf("%v %dx%d: the tile from %d on is %v, want %v", m.typ, rows, cols, r, got, want)
				}
				if k.halve == nil {
					continue
				}
				n = min(k.halfRows, rows-r)
				for _, tokens := range []int{tokens, many} {
					to := make([]byte, ceil(tokens, simd.HalfBlock)*simd.HalfBlock*k.halfSize(cols))
					k.halve(to, x, cols, cols, tokens)
					want, got = make([]float32, tokens*n), make([]float32, tokens*n)
					k.halfTile(w, want, n, &m, r, n, to, tokens, false)
					k.halfTile(w, got, n, &woven, r, n, to, tokens, false)
					if !slices.Equal(got, want) {
						t.Fatalf("%v %dx%d: the tile in bfloat16 from %d on, %d tokens, is %v, want %v", m.typ, rows, cols, r,
							tokens, got, want)
					}
				}
			}

			size := simd.RoundedSize(cols)
			all, alone := make([]byte, tokens*size), make([]float32, tokens*rows)
			for i := range tokens {
				k.round(all[i*size:][:size], x[i*cols:][:cols], backend.Q4_K)
				k.rounded(alone[i*rows:], rows, &woven, 0, rows, all[i*size:][:size], 1)
			}
			for some := range tokens + 1 {
				y := make([]float32, some*rows)
				k.rounded(y, rows, &woven, 0, rows, all, some)
				if !slices.Equal(y, alone[:some*rows]) {
					t.Fatalf("%v: %d tokens have %v, alone %v", m.typ, some, y, alone[:some*rows])
				}
			}
			to, want, got := make([]byte, size), make([]float32, rows), make([]float32, rows)
			k.round(to, x[:cols], m.typ)
			k.rounded(want, rows, &m, 0, rows, to, 1)
			k.round(to, x[:cols], backend.Q4_K)
			k.rounded(got[:lanes], rows, &woven, 0, lanes, to, 1)
			k.rounded(got[lanes:], rows, &woven, lanes, rows-lanes, to, 1)
			for r := range got {
				terms := 0.0
				for b := 0; b < cols; b += 32 { // what codes and minima are at most, apart from each other
					most := 0.0
					for c := b; c < b+32; c++ {
						most = max(most, math.Abs(float64(wide[r*cols+c])))
					}
					for c := b; c < b+32; c++ {
						terms += 4 * most * math.Abs(float64(x[c]))
					}
				}
				if e := math.Abs(float64(got[r] - want[r])); !(e <= 1e-6*terms) {
					t.Fatalf("%v %dx%d: row %d is %v, want %v: off by %.2g of the terms", m.typ, rows, cols, r, got[r], want[r],
						e/terms)
				}
			}
			for _, bad := range []float64{math.NaN(), math.Inf(1)} {
				bent := slices.Clone(x[:cols])
				bent[rng.IntN(cols)] = float32(bad)
				k.round(to, bent, backend.Q4_K)
				k.rounded(got, rows, &woven, 0, rows, to, 1)
				for r, v := range got {
					if v-v == 0 {
						t.Fatalf("%v %dx%d: with %v among the activations, row %d is %v", m.typ, rows, cols, bad, r, v)
					}
				}
			}
		}
	})
}

// The widest codes and scales of interleaved rows beside the largest activations, all of one sign, fit the sums.
func TestInterleavedRowsOfTheWidestCodes(t *testing.T) {
	eachKernels(t, func(t *testing.T, k *kernels) {
		const rows, cols = simd.Lanes, 512
		ran := false
		for _, typ := range []backend.DType{backend.Q4_K, backend.Q8_0, backend.Q4_0, backend.Q6_K} {
			if k.interleaves == nil || !k.interleaves(typ, rows, cols) {
				continue
			}
			ran = true
			m := randomMatrix(t, newTestHost(t), rand.New(rand.NewPCG(17, 18)), typ, rows, cols)
			fill := func(at, n int, v byte) {
				for b := at; b < len(m.stored.Data); b += int(typ.RowBytes(typ.Block())) {
					for i := range n {
						m.stored.Data[b+i] = v
					}
				}
			}
			switch typ {
			case backend.Q4_K:
				fill(4, 140, 0xff)
			case backend.Q8_0:
				fill(2, 32, 0x7f)
			case backend.Q4_0:
				fill(2, 16, 0xff)
			case backend.Q6_K:
				fill(0, 192, 0xff)
				fill(192, 16, 0x80)
			}
			woven := m
			woven.stored.Data = make([]byte, len(m.stored.Data))
			k.interleave(woven.stored.Data, m.stored.Data, typ, rows, cols)
			woven.stored.Interleaved = rows
			x, want, got, to := make([]float32, cols), make([]float32, rows), make([]float32, rows),
				make([]byte, simd.RoundedSize(cols))
			for i := range x {
				x[i] = 1
			}
			k.round(to, x, backend.Q4_K)
			k.rounded(got, rows, &woven, 0, rows, to, 1)
			k.rows(&worker{}, want, &m, 0, x)
			for r, v := range got {
				if e := math.Abs(float64(v - want[r])); !(e <= 1e-5*math.Abs(float64(want[r]))) {
					t.Errorf("%v: row %d is %v, want %v", typ, r, v, want[r])
				}
			}
		}
		if !ran {
			t.Skipf("kernels %s interleave no rows", k.name)
		}
	})
}

// Rows are interleaved of a mapped file too, but not where that would leave others little memory: then it is used in
// place. The products are the same.
func TestRowsAreInterleavedWhereThereIsRoom(t *testing.T) {
	if k := kernelsHere()[0]; k.interleaves == nil || !k.interleaves(backend.Q4_K, simd.Lanes, 256) {
		t.Skipf("kernels %s interleave no rows", k.name)
	}
	const rows, cols = 2 * simd.Lanes, 512
	rng := rand.New(rand.NewPCG(15, 16))
	p := quant.New(backend.Q4_K, rows*cols)
	if err := p.Encode(random(rng, rows*cols), 0); err != nil {
		t.Fatal(err)
	}
	size := int64(len(p.Data))
	x := random(rng, cols)
	var products [][]float32
	for _, c := range []struct {
		mapped, lookup bool
		total, free    int64
		woven          bool
	}{
		{false, false, 4 * size, size, true},
		{true, false, 4 * size, 2 * size, true},
		{true, false, 4 * size, 2*size - 1, false},
		{true, false, 0, 0, false},
		{false, true, 4 * size, size, false}, // of a table, by whose rows nothing is multiplied
		{true, true, 4 * size, 2 * size, false},
	} {
		b, err := backend.Open("cpu", backend.Options{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		d := b.(*device)
		d.memory.totals = func() (int64, int64) { return c.total, c.free }
		desc := backend.WeightDesc{Name: "w", Type: backend.Q4_K, Rows: rows, Cols: cols, Lookup: c.lookup}
		if c.mapped {
			if desc.From, err = d.Import(p.Data); err != nil {
				t.Fatal(err)
			}
			defer desc.From.Close()
		}
		w, err := d.NewWeight(desc, p.Data)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		m := matrixOf(w)
		if w.InPlace() != (c.mapped && !c.woven) || m.stored.Interleaved > 0 != c.woven || w.Size() != size {
			t.Errorf("%+v: in place %v, %d rows interleaved, %d bytes; want %d", c, w.InPlace(), m.stored.Interleaved,
				w.Size(), size)
		}
		y := make([]float32, rows)
		d.k.rows(&worker{}, y, &m, 0, x)
		products = append(products, y)
	}
	for i, y := range products {
		if !slices.Equal(y, products[0]) {
			t.Errorf("case %d has other products: %v, want %v", i, y, products[0])
		}
	}
}
