package quant

import (
	"encoding/binary"
	"math"

	"falconmamba/backend"
)

// A second decoder, written from the formats' description element by element:
// it finds the bits of one number and does the arithmetic in float64, where
// nothing of it rounds but the result.

// binary16 evaluates the bits of IEEE 754-2008, 3.4.
func binary16(b []byte) float64 {
	v := binary.LittleEndian.Uint16(b)
	sign, exp, frac := 1.0, int(v>>10&31), float64(v&1023)
	if v>>15 == 1 {
		sign = -1
	}
	switch {
	case exp == 31 && frac != 0:
		return math.NaN()
	case exp == 31:
		return sign * math.Inf(1)
	case exp == 0:
		return sign * frac * math.Pow(2, -24)
	}
	return sign * (1 + frac/1024) * math.Pow(2, float64(exp-15))
}

// field returns n bits of b from bit at on, counting from the lowest bit of the
// first byte.
func field(b []byte, at, n int) (v int) {
	for i := range n {
		k := at + i
		v += int(b[k/8]) / (1 << (k % 8)) % 2 << i
	}
	return v
}

// halves is where the code of element i of 32 lies: nibbles, first half low.
func halves(i int) int { return i%16*8 + i/16*4 }

func secondIQ4(code int) float64 {
	return []float64{-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113}[code]
}

// second returns element i of the block b.
func second(t backend.DType, b []byte, i int) float64 {
	bit := func(byteAt, bitAt, n int) int { return field(b[byteAt:], bitAt, n) }
	switch t {
	case backend.Q8_0:
		q := bit(2, 8*i, 8)
		if q > 127 {
			q -= 256
		}
		return binary16(b) * float64(q)
	case backend.Q4_0:
		return binary16(b) * float64(bit(2, halves(i), 4)-8)
	case backend.Q4_1:
		return binary16(b)*float64(bit(4, halves(i), 4)) + binary16(b[2:])
	case backend.Q5_0:
		return binary16(b) * float64(bit(6, halves(i), 4)+16*bit(2, i, 1)-16)
	case backend.Q5_1:
		return binary16(b)*float64(bit(8, halves(i), 4)+16*bit(4, i, 1)) + binary16(b[2:])
	case backend.IQ4_NL:
		return binary16(b) * secondIQ4(bit(2, halves(i), 4))
	case backend.IQ4_XS:
		g := i / 32
		scale := bit(4, 4*g, 4) + 16*bit(2, 2*g, 2) - 32
		return binary16(b) * float64(scale) * secondIQ4(bit(8+16*g, halves(i%32), 4))
	case backend.Q2_K:
		g := i / 16
		q := bit(16, i/128*32*8+i%32*8+i%128/32*2, 2)
		return binary16(b[80:])*float64(bit(0, 8*g, 4))*float64(q) - binary16(b[82:])*float64(bit(0, 8*g+4, 4))
	case backend.Q3_K:
		g := i / 16
		// Scales, in 96-bit fields: 16 nibbles of which the k-th holds number
		// k/2 + 8·(k odd); then 16 pairs of which the k-th holds k/4 + 4·(k mod 4).
		scale := bit(96, 8*(g%8)+4*(g/8), 4) + 16*bit(96, 64+8*(g%4)+2*(g/4), 2) - 32
		q := bit(32, i/128*32*8+i%32*8+i%128/32*2, 2) + 4*bit(0, 8*(i%32)+i/32, 1) - 4
		return binary16(b[108:]) * float64(scale) * float64(q)
	case backend.Q4_K:
		s, m := secondPair(b[4:16], i/32)
		q := bit(16, i/64*32*8+i%32*8+i%64/32*4, 4)
		return binary16(b)*float64(s)*float64(q) - binary16(b[2:])*float64(m)
	case backend.Q5_K:
		s, m := secondPair(b[4:16], i/32)
		q := bit(48, i/64*32*8+i%32*8+i%64/32*4, 4) + 16*bit(16, 8*(i%32)+i/32, 1)
		return binary16(b)*float64(s)*float64(q) - binary16(b[2:])*float64(m)
	case backend.Q6_K:
		h, k := i/128, i%128
		q := bit(64*h, 8*(k%64)+4*(k/64), 4) + 16*bit(128+32*h, 8*(k%32)+2*(k/32), 2) - 32
		s := bit(192, 8*(i/16), 8)
		if s > 127 {
			s -= 256
		}
		return binary16(b[208:]) * float64(s) * float64(q)
	}
	panic("no second decoder for " + t.String())
}

// secondPair reads the 12 bytes of scales and minima of q4_K and q5_K, as eight
// six-bit fields and four pairs of nibbles with the bits that were left over.
func secondPair(b []byte, g int) (scale, minimum int) {
	if g < 4 {
		return field(b, 8*g, 6), field(b, 8*(g+4), 6)
	}
	k := g - 4
	return field(b, 8*(8+k), 4) + 16*field(b, 8*k+6, 2), field(b, 8*(8+k)+4, 4) + 16*field(b, 8*(4+k)+6, 2)
}
