//go:build cgo && !darwin

package vulkan

import (
	"flag"
	"math"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/quant"
)

// near compares with float64 sums of terms that are about 1.
func near(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	for i := range want {
		if err := math.Abs(float64(got[i]) - want[i]); !(err <= 1e-5*(1+math.Abs(want[i]))) {
			t.Errorf("%s: element %d is %v, want %v", what, i, got[i], want[i])
			return
		}
	}
}

// noise is a deterministic sequence in [−1, 1).
func noise(n int, seed uint32) []float32 {
	out := make([]float32, n)
	for i := range out {
		seed = seed*1664525 + 1013904223
		out[i] = float32(int32(seed)>>8) / (1 << 23)
	}
	return out
}

// testWeight makes a weight and returns the values that it stands for.
func testWeight(t *testing.T, d *device, typ backend.DType, rows, cols int) (backend.Weight, []float32) {
	t.Helper()
	p, v := quant.New(typ, rows*cols), noise(rows*cols, 5)
	err := p.Encode(v, 0)
	if err == nil {
		err = p.Decode(v, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	w, err := d.NewWeight(backend.WeightDesc{Name: "w", Type: typ, Rows: rows, Cols: cols, Aux: p.Aux}, p.Data)
	return own(t, w, err), v
}

// packed are the block types that kernels read.
var packed = []backend.DType{backend.Q8_0, backend.Q4_0, backend.Q4_K, backend.Q6_K, backend.NF4, backend.FP4}

// A weight that one binding cannot reach comes in parts, which must give what
// the whole would.
func TestWeights(t *testing.T) {
	d := openTest(t)
	whole := d.reach
	for _, most := range []int64{whole, 1 << 10} {
		d.reach = most
		for _, typ := range []backend.DType{backend.F32, backend.F16, backend.BF16} {
			for _, s := range [][3]int{{1, 1, 1}, {1, 64, 48}, {4, 33, 7}, {6, 130, 65}, {3, 5, 129}} {
				testMatMul(t, d, typ, s[0], s[1], s[2])
			}
		}
		for _, typ := range packed {
			for _, s := range [][3]int{{1, 5, 1}, {4, 33, 3}, {3, 18, 2}} {
				testMatMul(t, d, typ, s[0], s[1], s[2]*typ.Block())
			}
		}
	}
	d.reach = whole
}

func testMatMul(t *testing.T, d *device, typ backend.DType, rows, outs, cols int) {
	t.Helper()
	w, wv := testWeight(t, d, typ, outs, cols)

	xv, bv := noise(rows*cols, 6), noise(outs, 7)
	x, bias := matrix(t, d, rows, cols, xv), matrix(t, d, 1, outs, bv)
	dst, plain := matrix(t, d, rows, outs, noise(rows*outs, 8)), matrix(t, d, rows, outs, noise(rows*outs, 8))
	ids := []int32{int32(outs - 1), -2, 0}
	last := matrix(t, d, 2, 1, []int32{0, int32(outs / 2)})
	rowsOf := matrix(t, d, len(ids), cols, noise(len(ids)*cols, 8))
	submit(t, d,
		backend.MatMul{Dst: dst, Src: x, Weight: w, Bias: bias},
		backend.MatMul{Dst: plain, Src: x, Weight: w, Live: matrix(t, d, 1, 1, []int32{1})},
		backend.Embed{Dst: rowsOf, Table: w, IDs: matrix(t, d, len(ids), 1, ids), Last: last},
	)
	want, wantPlain := make([]float64, rows*outs), make([]float64, rows*outs)
	for r := range rows {
		for m := range outs {
			sum := 0.0
			for k := range cols {
				sum += float64(xv[r*cols+k]) * float64(wv[m*cols+k])
			}
			want[r*outs+m] = sum + float64(bv[m])
			wantPlain[r*outs+m] = sum
			if r > 0 {
				wantPlain[r*outs+m] = float64(noise(rows*outs, 8)[r*outs+m])
			}
		}
	}
	near(t, "matmul", values(t, dst), want)
	near(t, "matmul of one live row", values(t, plain), wantPlain)
	wantRows := make([]float64, len(ids)*cols)
	for i, id := range []int{outs - 1, outs / 2, 0} {
		for c := range cols {
			wantRows[i*cols+c] = float64(wv[id*cols+c])
		}
	}
	near(t, "embed", values(t, rowsOf), wantRows)
}

// Barriers stand where operands conflict, and nowhere else.
func TestBarriers(t *testing.T) {
	d := openTest(t)
	m := matrix(t, d, 3, 8, noise(24, 1))
	x, y := matrix(t, d, 3, 4, noise(12, 2)), matrix(t, d, 3, 4, noise(12, 3))
	p, err := d.Compile("barriers", []backend.Op{
		backend.Copy{Dst: m.Columns(0, 4), Src: x},
		backend.Copy{Dst: m.Columns(4, 8), Src: y},
		backend.Add{Dst: x, A: m.Columns(0, 4), B: m.Columns(4, 8)}, // reads both halves
		backend.Add{Dst: y, A: m.Columns(0, 4), B: m.Columns(4, 8)}, // reads what the last did
		backend.Gate{Dst: x, Y: x, Z: y},                            // reads both
	})
	p = own(t, p, err)
	var got []uint32
	for _, r := range p.(*plan).record {
		got = append(got, uint32(r.barrier))
	}
	want := []uint32{0, 0, 1, 0, 1}
	if d.spans {
		want[1] = 1
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("barriers %v, want %v", got, want)
		}
	}
	if n := p.(*plan).Barriers(); n != 2 && !d.spans {
		t.Errorf("%d barriers, want 2", n)
	}
}

var mutant = flag.Bool("mutant", false, "run a plan that lacks a barrier, which synchronization validation must find")

// With -mutant this is no test of the driver but of the validation that the
// tests run under: it must report the missing barrier.
func TestMutant(t *testing.T) {
	if !*mutant {
		t.Skip("runs with -mutant, where a fault must be found")
	}
	d := openTest(t)
	x, y := matrix(t, d, 1, 4, noise(4, 2)), matrix(t, d, 1, 4, noise(4, 3))
	p, err := d.Compile("mutant", []backend.Op{
		backend.Add{Dst: y, A: x, B: y},
		backend.Copy{Dst: x, Src: y},
	})
	p = own(t, p, err)
	if p.(*plan).Barriers() != 1 {
		t.Fatalf("%d barriers, want 1", p.(*plan).Barriers())
	}
	p.(*plan).record[1].barrier = 0
	if err := p.(*plan).write(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Submit(); err != nil {
		t.Fatal(err)
	}
}
