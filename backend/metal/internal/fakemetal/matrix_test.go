//go:build metalfake

package fakemetal

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"falconmamba/internal/half"
	"falconmamba/shaders"
)

// A gemm is a product of matrix_test's: rows that are live of those there are,
// channels, and inputs that do not fill the last step.
const (
	gemmRows, gemmLive, gemmOuts, gemmInputs = 40, 37, 20, 40
	gemmBM, gemmBN, gemmBK                   = 32, 16, 32
	gemmStride                               = 24 // of dst and residual
)

// gemmSource is the kernel with a tile of 32 × 16 by two simdgroups.
func gemmSource(t *testing.T, typ string, buffers, wide int) string {
	t.Helper()
	source, err := shaders.Lookup("gemm_" + typ + "_f16").MSL()
	if err != nil {
		t.Fatal(err)
	}
	const size = 64
	shared := max(buffers*(gemmBM+gemmBN)*(gemmBK/8+1), 2*8*(gemmBN/4+1))
	var b strings.Builder
	for id, v := range []int{size, 8, 8, 8, 2, 2, 2, gemmBK, buffers, gemmBM, gemmBN, shared,
		gemmBM * gemmBK / 8 / size, gemmBN * gemmBK / 8 / size, 0, wide} {
		fmt.Fprintf(&b, "#define SPIRV_CROSS_CONSTANT_ID_%d %du\n", id, v)
	}
	return b.String() + source
}

// runGemm runs one threadgroup over all tiles, and says what is wrong.
func runGemm(source, typ string, order Order) error {
	a := func(r, k int) float64 { return float64((r*7+k*3)%11 - 5) }
	w := func(c, k int) float64 { return float64((c*5+k*2)%7-3) / 4 }
	bias := func(c int) float64 { return float64(c) / 2 }
	residual := func(r, c int) float64 { return float64(r - c) }
	const steps = (gemmInputs + gemmBK - 1) / gemmBK

	src := make([]byte, 2*(gemmRows+gemmBM-1)/gemmBM*gemmBM*steps*gemmBK)
	for r := range gemmLive {
		for k := range gemmInputs {
			binary.LittleEndian.PutUint16(src[2*(r*steps*gemmBK+k):], half.F16Bits(float32(a(r, k))))
		}
	}
	elem := map[string]int{"f32": 4, "f16": 2, "bf16": 2}[typ]
	weight := make([]byte, elem*gemmOuts*gemmInputs)
	for i := range gemmOuts * gemmInputs {
		switch v := float32(w(i/gemmInputs, i%gemmInputs)); typ {
		case "f32":
			binary.LittleEndian.PutUint32(weight[4*i:], math.Float32bits(v))
		case "f16":
			binary.LittleEndian.PutUint16(weight[2*i:], half.F16Bits(v))
		case "bf16":
			binary.LittleEndian.PutUint16(weight[2*i:], uint16(math.Float32bits(v)>>16))
		}
	}
	floats := func(n int, f func(i int) float64) []byte {
		b := make([]byte, 4*n)
		for i := range n {
			binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(float32(f(i))))
		}
		return b
	}
	const untouched = -12345
	dst := floats(gemmRows*gemmStride, func(int) float64 { return untouched })
	params := []uint32{gemmRows, gemmOuts, steps, steps, 0, 0, gemmStride, 0, steps * gemmBK / 8,
		uint32(elem * gemmInputs / 16), 0, 0, gemmStride, 0}
	p := make([]byte, 0, 4*len(params))
	for _, v := range params {
		p = binary.LittleEndian.AppendUint32(p, v)
	}
	err := Trial{Source: source, Order: order, Seed: 3, Groups: [3]int{1, 1, 1}, Threads: [3]int{64, 1, 1},
		Buffers: [][]byte{
			p, dst, src, weight, floats(gemmOuts, bias),
			floats(gemmRows*gemmStride, func(i int) float64 { return residual(i/gemmStride, i%gemmStride) }),
			binary.LittleEndian.AppendUint32(nil, gemmLive),
		}}.Run()
	if err != nil {
		return err
	}
	for i := range gemmRows * gemmStride {
		r, c, want := i/gemmStride, i%gemmStride, float64(untouched)
		if r < gemmLive && c < gemmOuts {
			want = bias(c) + residual(r, c)
			for k := range gemmInputs {
				want += a(r, k) * w(c, k)
			}
		}
		if got := math.Float32frombits(binary.LittleEndian.Uint32(dst[4*i:])); float64(got) != want {
			return fmt.Errorf("row %d, column %d is %v, want %v", r, c, got, want)
		}
	}
	return nil
}

// TestGemm runs the product on simdgroup matrices, every variant in every order.
func TestGemm(t *testing.T) {
	for _, typ := range []string{"f32", "f16", "bf16"} {
		for _, c := range [][2]int{{1, 0}, {2, 1}} {
			source := gemmSource(t, typ, c[0], c[1])
			for _, order := range Orders {
				if err := runGemm(source, typ, order); err != nil {
					t.Errorf("%s, %d buffers, wide %d, %s: %v", typ, c[0], c[1], order, err)
				}
			}
		}
	}
}

// TestBrokenGemm breaks it, in one place each, which must show in every order.
func TestBrokenGemm(t *testing.T) {
	const barrier = "threadgroup_barrier(mem_flags::mem_threadgroup);"
	for _, c := range []struct{ name, part, by, want string }{
		{"no barrier before the first product", "put(tile, next, at);\n\t\t\t" + barrier, "put(tile, next, at);",
			"no barrier between|no thread has written"},
		{"no barrier before a tile is written over", "if (BUFFERS == 1) " + barrier, "", "no barrier between"},
		{"no barrier after a tile is written", "if (more) put(tile + then * BOTH, next, at);\n\t\t\t\t" + barrier,
			"if (more) put(tile + then * BOTH, next, at);", "no barrier between"},
		{"a tile written over while it is read", "tile + then * BOTH", "tile + now * BOTH", ""},
		{"no barrier before the sums are read", "STAGE);\n\t\tsimdgroup_barrier(mem_flags::mem_threadgroup);",
			"STAGE);", "no barrier between|no thread has written"},
		{"no barrier before the next sums", "\t\tsimdgroup_barrier(mem_flags::mem_threadgroup);\n\t}\n}", "\t}\n}",
			"no barrier between"},
		{"one place for the sums of all", "own * 8 * STAGE", "0", "no barrier between"},
		{"weights that are not turned", "ulong2(0), true", "ulong2(0), false", "want"},
		{"half a simdgroup", "multiply(acc,", "if (lane < 16) multiply(acc,", "is reached by 16 of 32 threads"},
		{"lanes that differ", "stage + j * 8, STAGE", "stage + j * 8 + lane / 16, STAGE",
			"different places for one matrix"},
		{"sums that begin with anything", "acc[i] = make_filled_simdgroup_matrix<float, 8>(0.0f);", ";", "no value"},
		{"rows of another length", "#define ROW (PITCH * 8)", "#define ROW (PITCH * 8 + 8)", ""},
		{"the last column", "k < BK; k += 8", "k < BK - 8; k += 8", "want"},
		{"weights beyond the last channel", "min(c0 + i / ROW_WORDS, p.outs - 1u)", "c0 + i / ROW_WORDS",
			"bytes at byte"},
		{"weights beyond the last word", "WHOLE || w + m < p.pitch", "true", "bytes at byte"},
		{"sums beyond the last row", "r >= rows || c >= p.outs", "c >= p.outs", ""},
		{"sums beyond the last channel", "r >= rows || c >= p.outs", "r >= rows", ""},
		{"rows that are not live", "uint(max(live[p.live_off], 0))", "p.rows", "row 37"},
	} {
		source := gemmSource(t, "f16", 1, 0)
		if strings.Contains(c.part, "then") && !strings.Contains(c.part, "barrier") {
			source = gemmSource(t, "f16", 2, 0)
		}
		if !strings.Contains(source, c.part) {
			t.Errorf("%s: no %q to change", c.name, c.part)
			continue
		}
		source = strings.Replace(source, c.part, c.by, 1)
		for _, order := range Orders {
			err, caught := runGemm(source, "f16", order), false
			for _, want := range strings.Split(c.want, "|") {
				caught = caught || err != nil && strings.Contains(err.Error(), want)
			}
			if !caught {
				t.Errorf("%s, %s: %v, want %q", c.name, order, err, c.want)
			}
		}
	}
}
