package half

import (
	"encoding/binary"
	"math"
)

// BF16ToF16 stores the bfloat16 elements of src, a multiple of 2 bytes, in dst as the nearest binary16, and returns the
// sums of the squares of what each differs by and of the elements. It returns false for a number beyond binary16's
// range, and for an infinity or a NaN.
func BF16ToF16(dst, src []byte) (lost, squares float64, ok bool) {
	const (
		least = minF16 >> 16  // the smallest normal binary16, in bfloat16
		over  = overF16 >> 16 // what no binary16 reaches
	)
	dst = dst[:len(src)]
	for at := 0; at+Size <= len(src); at += Size {
		b := binary.LittleEndian.Uint16(src[at:])
		abs := b & 0x7fff
		x := float64(BF16(b))
		squares += x * x
		if least <= abs && abs < over { // exact: 8 bits of 11
			binary.LittleEndian.PutUint16(dst[at:], b&0x8000|(abs-112<<7)<<3)
			continue
		}
		if abs >= over {
			return math.Inf(1), squares, false
		}
		h := F16Bits(float32(x))
		binary.LittleEndian.PutUint16(dst[at:], h)
		d := x - float64(F16(h))
		lost += d * d
	}
	return lost, squares, true
}
