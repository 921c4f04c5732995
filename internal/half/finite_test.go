package half

import (
	"encoding/binary"
	"math"
	"testing"
)

// TestFinite takes every number at which either type rounds up or down, and its
// neighbours: where narrowing gives an infinity the finite form gives the largest
// number, and elsewhere the same bits.
func TestFinite(t *testing.T) {
	for _, f := range []struct {
		format
		finite func([]byte, []float32)
		most   uint16
	}{{formats[0], ToFiniteF16, 0x7bff}, {formats[1], ToFiniteBF16, 0x7f7f}} {
		bits := func(x float32) uint16 {
			var p [2]byte
			f.finite(p[:], []float32{x})
			return binary.LittleEndian.Uint16(p[:])
		}
		check := func(x float32) {
			want := f.bits(x)
			if inf := f.most + 1; want&0x7fff == inf {
				want = want&0x8000 | f.most
			}
			if got := bits(x); got != want {
				t.Fatalf("%s: %g (%#08x) is stored as %#04x, want %#04x", f.name, x, math.Float32bits(x), got, want)
			}
		}
		for i := range f.most {
			mid := float32((value(i, f.e, f.m) + value(i+1, f.e, f.m)) / 2)
			for _, x := range []float32{f.value(i), mid, math.Nextafter32(mid, 0),
				math.Nextafter32(mid, float32(math.Inf(1)))} {
				check(x)
				check(-x)
			}
		}
		for _, x := range []float32{65504, 65519, 65520, 65536, 1e6, math.MaxFloat32, 3.39e38, 1e-45,
			float32(math.Inf(1))} {
			check(x)
			check(-x)
		}
		for _, b := range []uint32{0x7f800001, 0xff800001, 0x7fc00000, 0xffffffff} {
			if y := f.value(bits(math.Float32frombits(b))); y == y {
				t.Errorf("%s: NaN %#08x is stored as %g", f.name, b, y)
			}
		}
	}
}
