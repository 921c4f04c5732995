package quant

import (
	"encoding/binary"

	"falconmamba/backend"
	"falconmamba/internal/half"
)

// A format is one block type that carries its scales with it.
type format struct {
	// decode sets dst, whole blocks, to what src begins with.
	decode func(dst []float32, src []byte)
	// encode stores one block, or reports that its scale does not fit.
	encode func(e *encoder, dst []byte, x []float32) bool
}

// formats is indexed by type; NF4 and FP4 have their scales elsewhere.
var formats = [backend.FP4 + 1]format{
	backend.Q8_0:   {decodeQ8_0, encodeQ8_0},
	backend.Q4_0:   {decodeQ4_0, encodeQ4_0},
	backend.Q4_1:   {decodeQ4_1, encodeQ4_1},
	backend.Q5_0:   {decodeQ5_0, encodeQ5_0},
	backend.Q5_1:   {decodeQ5_1, encodeQ5_1},
	backend.Q2_K:   {decodeQ2_K, encodeQ2_K},
	backend.Q3_K:   {decodeQ3_K, encodeQ3_K},
	backend.Q4_K:   {decodeQ4_K, encodeQ4_K},
	backend.Q5_K:   {decodeQ5_K, encodeQ5_K},
	backend.Q6_K:   {decodeQ6_K, encodeQ6_K},
	backend.IQ4_NL: {decodeIQ4_NL, encodeIQ4_NL},
	backend.IQ4_XS: {decodeIQ4_XS, encodeIQ4_XS},
}

// scaleAt is the binary16 at the start of b.
func scaleAt(b []byte) float32 { return half.F16(binary.LittleEndian.Uint16(b)) }

// q8_0: scale, 32 int8.
func decodeQ8_0(dst []float32, src []byte) {
	for ; len(dst) > 0; dst, src = dst[32:], src[34:] {
		y, q := (*[32]float32)(dst), (*[32]byte)(src[2:])
		d := scaleAt(src)
		for i, v := range q {
			y[i] = float32(int8(v)) * d
		}
	}
}

// q4_0: scale, 16 bytes; the low nibbles are the first half of the block, the
// high ones the second, as in all types of 32. Codes are 8 too large.
func decodeQ4_0(dst []float32, src []byte) {
	for ; len(dst) > 0; dst, src = dst[32:], src[18:] {
		y, q := (*[32]float32)(dst), (*[16]byte)(src[2:])
		d := scaleAt(src)
		for i, v := range q {
			y[i] = float32(int(v&15)-8) * d
			y[i+16] = float32(int(v>>4)-8) * d
		}
	}
}

// q4_1: scale, minimum, 16 bytes.
func decodeQ4_1(dst []float32, src []byte) {
	for ; len(dst) > 0; dst, src = dst[32:], src[20:] {
		y, q := (*[32]float32)(dst), (*[16]byte)(src[4:])
		d, m := scaleAt(src), scaleAt(src[2:])
		for i, v := range q {
			y[i] = float32(v&15)*d + m
			y[i+16] = float32(v>>4)*d + m
		}
	}
}

// q5_0: scale, the fifth bits of the 32 codes in order, 16 bytes as in q4_0.
// Codes are 16 too large.
func decodeQ5_0(dst []float32, src []byte) {
	for ; len(dst) > 0; dst, src = dst[32:], src[22:] {
		y, q := (*[32]float32)(dst), (*[16]byte)(src[6:])
		d, high := scaleAt(src), binary.LittleEndian.Uint32(src[2:])
		for i, v := range q {
			y[i] = float32(int(uint32(v&15)|high>>i&1<<4)-16) * d
			y[i+16] = float32(int(uint32(v>>4)|high>>(i+16)&1<<4)-16) * d
		}
	}
}

// q5_1: scale, minimum, fifth bits, 16 bytes.
func decodeQ5_1(dst []float32, src []byte) {
	for ; len(dst) > 0; dst, src = dst[32:], src[24:] {
		y, q := (*[32]float32)(dst), (*[16]byte)(src[8:])
		d, m, high := scaleAt(src), scaleAt(src[2:]), binary.LittleEndian.Uint32(src[4:])
		for i, v := range q {
			y[i] = float32(uint32(v&15)|high>>i&1<<4)*d + m
			y[i+16] = float32(uint32(v>>4)|high>>(i+16)&1<<4)*d + m
		}
	}
}

// q2_K: 16 bytes of 4-bit scale (low) and minimum (high), one for 16 elements;
// 64 bytes of codes; scale and minimum of the scales. Each half of the block has
// 32 bytes, whose bit pairs from the lowest up are 32 elements each.
func decodeQ2_K(dst []float32, src []byte) {
	for ; len(dst) > 0; dst, src = dst[256:], src[84:] {
		d, dmin := scaleAt(src[80:]), scaleAt(src[82:])
		for g := range 16 {
			y := (*[16]float32)(dst[16*g:])
			q := (*[16]byte)(src[16+g/8*32+g%2*16:])
			shift := g / 2 % 4 * 2
			scale, m := d*float32(src[g]&15), dmin*float32(src[g]>>4)
			for i, v := range q {
				y[i] = scale*float32(v>>shift&3) - m
			}
		}
	}
}

// q3_K: 32 bytes of third bits (bit n of byte i is that of element 32n+i, and a
// missing one takes 4 off), 64 bytes of codes as in q2_K, 16 packed scales, the
// scale of the scales.
func decodeQ3_K(dst []float32, src []byte) {
	for ; len(dst) > 0; dst, src = dst[256:], src[110:] {
		d := scaleAt(src[108:])
		for g := range 16 {
			y := (*[16]float32)(dst[16*g:])
			q, high := (*[16]byte)(src[32+g/8*32+g%2*16:]), (*[16]byte)(src[g%2*16:])
			shift, bit := g/2%4*2, g/2
			scale := d * float32(scaleQ3_K((*[12]byte)(src[96:]), g))
			for i, v := range q {
				y[i] = scale * float32(int(v>>shift&3|high[i]>>bit&1<<2)-4)
			}
		}
	}
}

// scaleQ3_K unpacks scale g of 16: four bits in a nibble of the first eight
// bytes, two in the last four; 32 too large.
func scaleQ3_K(b *[12]byte, g int) int {
	low := b[g%8] >> (g / 8 * 4) & 15
	high := b[8+g%4] >> (g / 4 * 2) & 3
	return int(low|high<<4) - 32
}

// q4_K: scale of the scales, scale of the minima, 8 packed pairs of both, 128
// bytes; 32 of them have two runs of 32 elements, the first in the low nibbles.
func decodeQ4_K(dst []float32, src []byte) {
	for ; len(dst) > 0; dst, src = dst[256:], src[144:] {
		d, dmin := scaleAt(src), scaleAt(src[2:])
		for g := range 8 {
			y, q := (*[32]float32)(dst[32*g:]), (*[32]byte)(src[16+g/2*32:])
			s, m := pairK((*[12]byte)(src[4:]), g)
			shift := g % 2 * 4
			scale, minimum := d*float32(s), dmin*float32(m)
			for i, v := range q {
				y[i] = scale*float32(v>>shift&15) - minimum
			}
		}
	}
}

// pairK unpacks 6-bit scale and minimum g of 8. The first four scales are in
// bytes 0–3, their minima in 4–7; those of the others have their low four bits
// in bytes 8–11 (minimum above scale) and their high two at the top of the first
// eight bytes.
func pairK(b *[12]byte, g int) (scale, minimum byte) {
	if g < 4 {
		return b[g] & 63, b[g+4] & 63
	}
	return b[g+4]&15 | b[g-4]>>6<<4, b[g+4]>>4 | b[g]>>6<<4
}

// q5_K: as q4_K, with 32 bytes of fifth bits before the codes; bit n of byte i
// is that of element 32n+i.
func decodeQ5_K(dst []float32, src []byte) {
	for ; len(dst) > 0; dst, src = dst[256:], src[176:] {
		d, dmin := scaleAt(src), scaleAt(src[2:])
		high := (*[32]byte)(src[16:])
		for g := range 8 {
			y, q := (*[32]float32)(dst[32*g:]), (*[32]byte)(src[48+g/2*32:])
			s, m := pairK((*[12]byte)(src[4:]), g)
			shift := g % 2 * 4
			scale, minimum := d*float32(s), dmin*float32(m)
			for i, v := range q {
				y[i] = scale*float32(v>>shift&15|high[i]>>g&1<<4) - minimum
			}
		}
	}
}

// q6_K: 128 bytes of low four bits, 64 of high two, 16 int8 scales, the scale
// of the scales. A half of the block is four runs of 32: 64 bytes have the
// nibbles of the first two runs low and of the last two high, 32 bytes the bit
// pairs of the runs from the lowest up. Codes are 32 too large.
func decodeQ6_K(dst []float32, src []byte) {
	for ; len(dst) > 0; dst, src = dst[256:], src[210:] {
		d := scaleAt(src[208:])
		for g := range 16 {
			y := (*[16]float32)(dst[16*g:])
			h, run, part := g/8, g/2%4, g%2*16
			low := (*[16]byte)(src[64*h+run%2*32+part:])
			high := (*[16]byte)(src[128+32*h+part:])
			shiftLow, shiftHigh := run/2*4, 2*run
			scale := d * float32(int8(src[192+g]))
			for i, v := range low {
				y[i] = scale * float32(int(v>>shiftLow&15|high[i]>>shiftHigh&3<<4)-32)
			}
		}
	}
}

// valuesIQ4 are what the codes of iq4_nl and iq4_xs stand for.
var valuesIQ4 = [16]int8{-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113}

// iq4_nl: as q4_0, with a value for each code.
func decodeIQ4_NL(dst []float32, src []byte) {
	for ; len(dst) > 0; dst, src = dst[32:], src[18:] {
		decodeIQ4((*[32]float32)(dst), (*[16]byte)(src[2:]), scaleAt(src))
	}
}

func decodeIQ4(y *[32]float32, q *[16]byte, d float32) {
	for i, v := range q {
		y[i] = d * float32(valuesIQ4[v&15])
		y[i+16] = d * float32(valuesIQ4[v>>4])
	}
}

// iq4_xs: scale of the scales; two bytes with the high two bits of the 8
// scales, four with their low nibbles; 8 times 16 bytes as in iq4_nl. The scales
// are 32 too large.
func decodeIQ4_XS(dst []float32, src []byte) {
	for ; len(dst) > 0; dst, src = dst[256:], src[136:] {
		d, high := scaleAt(src), binary.LittleEndian.Uint16(src[2:])
		for g := range 8 {
			s := int(src[4+g/2]>>(g%2*4)&15) | int(high>>(2*g)&3)<<4
			decodeIQ4((*[32]float32)(dst[32*g:]), (*[16]byte)(src[8+16*g:]), d*float32(s-32))
		}
	}
}
