package quant

import (
	"encoding/binary"
	"math"

	"falconmamba/internal/half"
)

// An encoder is the working memory for one block.
type encoder struct {
	weight [maxBlock]float32
	code   [maxBlock]uint8
}

// beyond is more than any type with binary16 scales holds: 65504·128·63 of q4_K's
// kin and q6_K. Below it the sums of the search do not overflow.
const beyond = 1 << 29

// admit weighs a block's elements, or reports that one is no number or out of
// reach.
func (e *encoder) admit(x []float32) bool {
	sum := 0.0
	for _, v := range x {
		if !(abs(v) < beyond) {
			return false
		}
		sum += float64(v) * float64(v)
	}
	rms := float32(math.Sqrt(sum / float64(len(x))))
	for i, v := range x {
		e.weight[i] = rms + abs(v)
	}
	return true
}

// putScale stores d as a binary16 and returns what that holds, or reports that
// it is too large.
func putScale(dst []byte, d float32) (float32, bool) {
	b := half.F16Bits(d)
	binary.LittleEndian.PutUint16(dst, b)
	return half.F16(b), b&0x7fff < 0x7c00
}

// nearest rounds to a whole number, halves up, and keeps it within 0 and most.
// v is above −2³¹.
func nearest(v float32, most int32) int32 {
	return max(min(int32(v+16384.5)-16384, most), 0)
}

// extent returns the smallest and the largest element.
func extent(x []float32) (lo, hi float32) {
	lo, hi = x[0], x[0]
	for _, v := range x {
		lo, hi = min(lo, v), max(hi, v)
	}
	return lo, hi
}

func encodeQ8_0(_ *encoder, dst []byte, x []float32) bool {
	lo, hi := extent(x)
	d, ok := putScale(dst, max(hi, -lo)/127)
	inv := reciprocal(d)
	for i, v := range x {
		dst[2+i] = byte(nearest(v*inv+127, 254) - 127)
	}
	return ok
}

func encodeQ4_0(e *encoder, dst []byte, x []float32) bool {
	d, ok := putScale(dst, signed(x, e.weight[:32], 8))
	e.round(x, d, 8)
	packNibbles(dst[2:], e.code[:32])
	return ok
}

func encodeQ5_0(e *encoder, dst []byte, x []float32) bool {
	d, ok := putScale(dst, signed(x, e.weight[:32], 16))
	e.round(x, d, 16)
	binary.LittleEndian.PutUint32(dst[2:], fifthBits(e.code[:32]))
	packNibbles(dst[6:], e.code[:32])
	return ok
}

func encodeQ4_1(e *encoder, dst []byte, x []float32) bool {
	d, m := affine(x, e.weight[:32], 15, false)
	d, ok1 := putScale(dst, d)
	m, ok2 := putScale(dst[2:], m)
	e.roundAbove(x, d, m, 15)
	packNibbles(dst[4:], e.code[:32])
	return ok1 && ok2
}

func encodeQ5_1(e *encoder, dst []byte, x []float32) bool {
	d, m := affine(x, e.weight[:32], 31, false)
	d, ok1 := putScale(dst, d)
	m, ok2 := putScale(dst[2:], m)
	e.roundAbove(x, d, m, 31)
	binary.LittleEndian.PutUint32(dst[4:], fifthBits(e.code[:32]))
	packNibbles(dst[8:], e.code[:32])
	return ok1 && ok2
}

// round sets the codes to x/d + n, within 0 and 2n−1.
func (e *encoder) round(x []float32, d float32, n int32) {
	inv := reciprocal(d)
	for i, v := range x {
		e.code[i] = uint8(nearest(clamp(v*inv)+float32(n), 2*n-1))
	}
}

// roundAbove sets the codes to (x−m)/d, within 0 and most.
func (e *encoder) roundAbove(x []float32, d, m float32, most int32) {
	inv := reciprocal(d)
	for i, v := range x {
		e.code[i] = uint8(nearest(clamp((v-m)*inv), most))
	}
}

// clamp keeps a quotient within what an int32 holds: a scale that was rounded
// to a subnormal may be far from what was asked for.
func clamp(v float32) float32 { return max(min(v, 1024), -1024) }

// packNibbles stores 32 codes' low nibbles, the second half of them high.
func packNibbles(dst []byte, code []uint8) {
	for i := range 16 {
		dst[i] = code[i]&15 | code[i+16]<<4
	}
}

func fifthBits(code []uint8) (high uint32) {
	for i, c := range code {
		high |= uint32(c>>4&1) << i
	}
	return high
}

func abs(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }
