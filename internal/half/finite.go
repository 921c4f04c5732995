package half

import (
	"encoding/binary"
	"math"
)

// ToFiniteF16 is ToF16 without infinities: what would become one becomes 65504,
// with its sign.
func ToFiniteF16(dst []byte, src []float32) {
	dst = dst[:Size*len(src)]
	for i, x := range src {
		b := math.Float32bits(x)
		abs := b &^ (1 << 31)
		var bits uint16
		switch {
		case minF16 <= abs && abs < mostF16: // see ToF16
			abs += 0xfff + abs>>13&1 - 112<<23
			bits = uint16(abs>>13 | b>>16&0x8000)
		case abs < mostF16 || abs > infinity:
			bits = F16Bits(x)
		default:
			bits = uint16(b>>16&0x8000) | 0x7bff
		}
		binary.LittleEndian.PutUint16(dst[Size*i:], bits)
	}
}

// ToFiniteBF16 is ToBF16 without infinities: what would become one becomes the
// largest finite number, with its sign.
func ToFiniteBF16(dst []byte, src []float32) {
	dst = dst[:Size*len(src)]
	for i, x := range src {
		bits := BF16Bits(x)
		if bits&0x7fff == infinity>>16 {
			bits--
		}
		binary.LittleEndian.PutUint16(dst[Size*i:], bits)
	}
}

const (
	mostF16  = 0x477fe000 // bits of 65504, the largest finite binary16
	infinity = 0x7f800000
)
