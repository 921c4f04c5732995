// Package half converts between float32 and the two 16-bit floating-point
// types of checkpoints: IEEE 754 binary16 (f16) and bfloat16 (bf16), the upper
// half of a binary32.
//
// Memory is little endian, as in safetensors and GGUF, and need not be
// aligned. Widening is exact. Narrowing rounds to nearest, ties to even;
// overflow becomes an infinity and a NaN stays one, made quiet.
package half

import (
	"encoding/binary"
	"math"
	"sync"

	"github.com/x448/float16"
)

// Size is the bytes of one element of either type.
const Size = 2

// F16 returns the value of a binary16.
func F16(bits uint16) float32 { return float16.Frombits(bits).Float32() }

// BF16 returns the value of a bfloat16.
func BF16(bits uint16) float32 { return math.Float32frombits(uint32(bits) << 16) }

// F16Bits returns the binary16 nearest to x.
func F16Bits(x float32) uint16 { return float16.Fromfloat32(x).Bits() }

// BF16Bits returns the bfloat16 nearest to x.
func BF16Bits(x float32) uint16 {
	b := math.Float32bits(x)
	if x != x {
		return uint16(b>>16) | 0x40 // a payload in the lower half only must not become an infinity
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// f16Values holds every binary16. A quarter of a megabyte, but the weights of
// a model use a small part of it, which stays in the cache: measured faster
// than shifting bits, and it needs no branch for subnormals.
var f16Values = sync.OnceValue(func() *[1 << 16]float32 {
	t := new([1 << 16]float32)
	for i := range t {
		t[i] = F16(uint16(i))
	}
	return t
})

// FromF16 sets dst to the binary16 elements of src, which holds at least
// 2·len(dst) bytes.
func FromF16(dst []float32, src []byte) {
	src = src[:Size*len(dst)]
	t := f16Values()
	for len(dst) >= 4 && len(src) >= 8 {
		v := binary.LittleEndian.Uint64(src)
		dst[0] = t[uint16(v)]
		dst[1] = t[uint16(v>>16)]
		dst[2] = t[uint16(v>>32)]
		dst[3] = t[uint16(v>>48)]
		dst, src = dst[4:], src[8:]
	}
	for i := range dst {
		dst[i] = t[binary.LittleEndian.Uint16(src[Size*i:])]
	}
}

// FromBF16 sets dst to the bfloat16 elements of src, which holds at least
// 2·len(dst) bytes.
func FromBF16(dst []float32, src []byte) {
	src = src[:Size*len(dst)]
	for len(dst) >= 4 && len(src) >= 8 {
		v := binary.LittleEndian.Uint64(src)
		dst[0] = math.Float32frombits(uint32(v) << 16)
		dst[1] = math.Float32frombits(uint32(v) & 0xffff0000)
		dst[2] = math.Float32frombits(uint32(v>>32) << 16)
		dst[3] = math.Float32frombits(uint32(v>>32) & 0xffff0000)
		dst, src = dst[4:], src[8:]
	}
	for i := range dst {
		dst[i] = BF16(binary.LittleEndian.Uint16(src[Size*i:]))
	}
}

const (
	minF16  = 113 << 23 // bits of 2⁻¹⁴, the smallest normal binary16
	overF16 = 143 << 23 // bits of 2¹⁶, which no binary16 reaches
)

// ToF16 stores the binary16 nearest to each of src in dst, which holds at
// least 2·len(src) bytes.
func ToF16(dst []byte, src []float32) {
	dst = dst[:Size*len(src)]
	for i, x := range src {
		b := math.Float32bits(x)
		abs := b &^ (1 << 31)
		if minF16 <= abs && abs < overF16 {
			// Normal numbers: rebias the exponent, round the 13 lost bits.
			abs += 0xfff + abs>>13&1 - 112<<23
			binary.LittleEndian.PutUint16(dst[Size*i:], uint16(abs>>13|b>>16&0x8000))
			continue
		}
		binary.LittleEndian.PutUint16(dst[Size*i:], F16Bits(x))
	}
}

// ToBF16 stores the bfloat16 nearest to each of src in dst, which holds at
// least 2·len(src) bytes.
func ToBF16(dst []byte, src []float32) {
	dst = dst[:Size*len(src)]
	for len(src) >= 4 && len(dst) >= 8 {
		binary.LittleEndian.PutUint64(dst, uint64(BF16Bits(src[0]))|uint64(BF16Bits(src[1]))<<16|
			uint64(BF16Bits(src[2]))<<32|uint64(BF16Bits(src[3]))<<48)
		src, dst = src[4:], dst[8:]
	}
	for i, x := range src {
		binary.LittleEndian.PutUint16(dst[Size*i:], BF16Bits(x))
	}
}
