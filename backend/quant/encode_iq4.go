package quant

import "encoding/binary"

// ladderIQ4 finds the codes of iq4_nl and iq4_xs.
var ladderIQ4 = func() (l ladder) {
	for i := range l.middle {
		l.middle[i] = (float32(valuesIQ4[i]) + float32(valuesIQ4[i+1])) / 2
	}
	for i := range l.code {
		l.code[i] = byte(i)
	}
	return l
}()

// trialStepIQ4 is how far apart the scales are that are tried, in units of the
// values.
const trialStepIQ4 = 2.5

// scaleIQ4 returns the scale d for which d times a value of iq4 comes closest to
// x. It may be negative: the largest magnitude takes the longer side.
func scaleIQ4(x, w []float32) float32 {
	var most float32
	for _, v := range x {
		if abs(v) > abs(most) {
			most = v
		}
	}
	inv := reciprocal(most)
	if inv == 0 {
		return 0
	}
	var best, scale float64
	for k := -trials; k <= trials; k++ {
		s := (float32(valuesIQ4[0]) + trialStepIQ4*float32(k)) * inv
		var xq, qq float32
		for i, v := range x {
			q := float32(valuesIQ4[ladderIQ4.nearest(v*s)])
			wq := w[i] * q
			xq += wq * v
			qq += wq * q
		}
		if qq <= 0 {
			continue
		}
		if gain := float64(xq) * float64(xq) / float64(qq); gain > best {
			best, scale = gain, float64(xq)/float64(qq)
		}
	}
	return float32(scale)
}

// codesIQ4 sets the first 32 codes to those nearest to x/d.
func (e *encoder) codesIQ4(x []float32, d float32) {
	inv := reciprocal(d)
	for i, v := range x {
		e.code[i] = ladderIQ4.nearest(v * inv)
	}
}

func encodeIQ4_NL(e *encoder, dst []byte, x []float32) bool {
	d, ok := putScale(dst, scaleIQ4(x, e.weight[:32]))
	e.codesIQ4(x, d)
	packNibbles(dst[2:], e.code[:32])
	return ok
}

func encodeIQ4_XS(e *encoder, dst []byte, x []float32) bool {
	var scale [8]float32
	var most float32
	for g := range scale {
		scale[g] = scaleIQ4(x[32*g:32*g+32], e.weight[32*g:32*g+32])
		if abs(scale[g]) > abs(most) {
			most = scale[g]
		}
	}
	d, ok := putScale(dst, most/-32)
	inv := reciprocal(d)
	var high uint16
	clear(dst[4:8])
	for g := range scale {
		s := nearest(clamp(scale[g]*inv)+32, 63)
		dst[4+g/2] |= byte(s) & 15 << (g % 2 * 4)
		high |= uint16(s) >> 4 << (2 * g)
		e.codesIQ4(x[32*g:32*g+32], d*float32(s-32))
		packNibbles(dst[8+16*g:], e.code[:32])
	}
	binary.LittleEndian.PutUint16(dst[2:], high)
	return ok
}
