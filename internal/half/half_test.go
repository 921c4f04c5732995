package half

import (
	"encoding/binary"
	"math"
	"testing"
)

// value is the meaning of a 16-bit float with e exponent and m mantissa bits,
// from the standard's definition and nothing of this package.
func value(bits uint16, e, m int) float64 {
	sign, exp, frac := bits>>15, int(bits>>m)&(1<<e-1), int(bits)&(1<<m-1)
	bias := 1<<(e-1) - 1
	var v float64
	switch {
	case exp == 1<<e-1 && frac != 0:
		return math.NaN()
	case exp == 1<<e-1:
		v = math.Inf(1)
	case exp == 0:
		v = math.Ldexp(float64(frac), 1-bias-m)
	default:
		v = math.Ldexp(float64(1<<m+frac), exp-bias-m)
	}
	if sign == 1 {
		v = math.Copysign(v, -1)
	}
	return v
}

type format struct {
	name  string
	e, m  int
	value func(uint16) float32
	bits  func(float32) uint16
	from  func([]float32, []byte)
	to    func([]byte, []float32)
}

var formats = []format{
	{"f16", 5, 10, F16, F16Bits, FromF16, ToF16},
	{"bf16", 8, 7, BF16, BF16Bits, FromBF16, ToBF16},
}

// narrow is bits by way of the slice form, which has a path of its own.
func (f format) narrow(x float32) uint16 {
	var p [8]byte
	f.to(p[:], []float32{x, x, x, x})
	return binary.LittleEndian.Uint16(p[6:])
}

func same(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

func TestWidenEveryValue(t *testing.T) {
	for _, f := range formats {
		for i := range 1 << 16 {
			got, want := f.value(uint16(i)), float32(value(uint16(i), f.e, f.m))
			if !same(got, want) {
				t.Fatalf("%s(%#04x) = %g, want %g", f.name, i, got, want)
			}
		}
	}
}

func TestNarrowRoundTrip(t *testing.T) {
	for _, f := range formats {
		for i := range 1 << 16 {
			x := f.value(uint16(i))
			got := f.bits(x)
			if x != x {
				if y := f.value(got); y == y {
					t.Fatalf("%s: NaN %#04x became %g", f.name, i, y)
				}
				continue
			}
			if s := f.narrow(x); s != got {
				t.Fatalf("%s: in a slice, %g narrows to %#04x, alone to %#04x", f.name, x, s, got)
			}
			if got != uint16(i) {
				t.Fatalf("%s: %#04x is %g, which narrows to %#04x", f.name, i, x, got)
			}
		}
	}
}

// TestNarrowNearestEven takes every finite value and its successor, and what
// lies halfway, just below and just above.
func TestNarrowNearestEven(t *testing.T) {
	for _, f := range formats {
		inf := uint16(1<<f.e-1) << f.m
		for i := range inf {
			lo := value(i, f.e, f.m)
			hi := value(i+1, f.e, f.m)
			if i+1 == inf { // overflow rounds as though the exponent went on
				hi = math.Ldexp(1, 1<<(f.e-1))
			}
			mid := float32((lo + hi) / 2)
			if float64(mid) != (lo+hi)/2 {
				continue // below float32's own subnormals
			}
			even := i + i&1
			for _, c := range []struct {
				x    float32
				want uint16
			}{
				{mid, even},
				{math.Nextafter32(mid, 0), i},
				{math.Nextafter32(mid, float32(math.Inf(1))), i + 1},
			} {
				if got := f.bits(c.x); got != c.want {
					t.Fatalf("%s: %g (%#08x) narrows to %#04x, want %#04x",
						f.name, c.x, math.Float32bits(c.x), got, c.want)
				}
				if got := f.narrow(c.x); got != c.want {
					t.Fatalf("%s: in a slice, %g narrows to %#04x, want %#04x", f.name, c.x, got, c.want)
				}
				if got := f.bits(-c.x); got != c.want|0x8000 {
					t.Fatalf("%s: %g narrows to %#04x, want %#04x", f.name, -c.x, got, c.want|0x8000)
				}
			}
		}
	}
}

func TestNarrowNaN(t *testing.T) {
	for _, f := range formats {
		for _, b := range []uint32{0x7f800001, 0xff800001, 0x7fc00000, 0x7fffffff, 0xffffffff, 0x7f80ffff} {
			x := math.Float32frombits(b)
			if y := f.value(f.bits(x)); y == y {
				t.Errorf("%s: NaN %#08x became %g", f.name, b, y)
			}
		}
	}
}

// TestSlices compares the slice forms with the scalar ones at every length
// around their strides and at odd addresses, and looks for writes beyond.
func TestSlices(t *testing.T) {
	for _, f := range formats {
		for n := range 20 {
			for off := range 3 {
				src := make([]byte, off+2*n+1)
				for i := range n {
					binary.LittleEndian.PutUint16(src[off+2*i:], uint16(i*3469+n))
				}
				dst := make([]float32, n+1)
				dst[n] = 42
				f.from(dst[:n], src[off:])
				for i := range n {
					if want := f.value(uint16(i*3469 + n)); !same(dst[i], want) {
						t.Fatalf("%s: %d elements: dst[%d] = %g, want %g", f.name, n, i, dst[i], want)
					}
				}
				if dst[n] != 42 {
					t.Fatalf("%s: %d elements: wrote beyond dst", f.name, n)
				}
				back := make([]byte, off+2*n+1)
				back[off+2*n] = 42
				f.to(back[off:], dst[:n])
				for i := range n {
					got, want := binary.LittleEndian.Uint16(back[off+2*i:]), f.bits(dst[i])
					if got != want {
						t.Fatalf("%s: %d elements: element %d narrows to %#04x, want %#04x", f.name, n, i, got, want)
					}
				}
				if back[off+2*n] != 42 {
					t.Fatalf("%s: %d elements: wrote beyond dst", f.name, n)
				}
			}
		}
	}
}

func BenchmarkSlices(b *testing.B) {
	const n = 1 << 16
	x, p := make([]float32, n), make([]byte, 2*n)
	for i := range x {
		x[i] = float32(math.Sin(float64(i))) * 0.1
	}
	for _, f := range formats {
		b.Run(f.name+"/to", func(b *testing.B) {
			b.SetBytes(2 * n)
			for b.Loop() {
				f.to(p, x)
			}
		})
		b.Run(f.name+"/from", func(b *testing.B) {
			b.SetBytes(2 * n)
			for b.Loop() {
				f.from(x, p)
			}
		})
	}
}
