package half

import (
	"encoding/binary"
	"math"
	"testing"
)

// Every bfloat16 becomes the binary16 that its float32 becomes, and what is lost is told.
func TestBF16ToF16(t *testing.T) {
	for b := range 1 << 16 {
		var src, dst [Size]byte
		binary.LittleEndian.PutUint16(src[:], uint16(b))
		x := BF16(uint16(b))
		lost, squares, ok := BF16ToF16(dst[:], src[:])
		if want := math.Abs(float64(x)) < 65536; ok != want {
			t.Fatalf("%g: ok %t, want %t", x, ok, want)
		}
		if !ok {
			continue
		}
		want := F16Bits(x)
		if got := binary.LittleEndian.Uint16(dst[:]); got != want {
			t.Fatalf("%g became %#04x, want %#04x", x, got, want)
		}
		d := float64(x) - float64(F16(want))
		if lost != d*d || squares != float64(x)*float64(x) {
			t.Fatalf("%g: lost %g of %g, want %g of %g", x, lost, squares, d*d, float64(x)*float64(x))
		}
	}
}
