package quant

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"falconmamba/backend"
)

// NF4 are the values of bitsandbytes' nf4: quantiles of the normal distribution
// (Dettmers et al., QLoRA, 2023, appendix E).
var NF4 = [16]float32{
	-1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453,
	-0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0,
	0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
	0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
}

// FP4 are the values of bitsandbytes' fp4: a sign and three bits that mean
// 0, 1/16, 8, 12, 4, 6, 2 and 3 twelfths.
var FP4 = [16]float32{
	0, 0.0625 / 12, 8. / 12, 1, 4. / 12, 6. / 12, 2. / 12, 3. / 12,
	0, -0.0625 / 12, -8. / 12, -1, -4. / 12, -6. / 12, -2. / 12, -3. / 12,
}

// codebookOf is the codebook of the types that have one in Aux.
func codebookOf(t backend.DType) []float32 {
	switch t {
	case backend.NF4:
		return NF4[:]
	case backend.FP4:
		return FP4[:]
	}
	return nil
}

func floatAt(b []byte, i int) float32 {
	return math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
}

func readCodebook(b []byte) (codebook [16]float32) {
	for i := range codebook {
		codebook[i] = floatAt(b, i)
	}
	return codebook
}

// decodeCodebook decodes whole blocks of 64 codes, the first of two in the high
// nibble.
func decodeCodebook(dst []float32, src, scales, values []byte) {
	codebook := readCodebook(values)
	for b := 0; len(dst) > 0; b, dst, src = b+1, dst[64:], src[32:] {
		y, q := (*[64]float32)(dst), (*[32]byte)(src)
		d := floatAt(scales, b)
		for i, v := range q {
			y[2*i] = codebook[v>>4] * d
			y[2*i+1] = codebook[v&15] * d
		}
	}
}

// A ladder finds the nearest value of a codebook: sorted values, the midpoints
// between them, and the codes they have.
type ladder struct {
	middle [15]float32 // +Inf beyond the last
	code   [16]byte
}

func newLadder(values []byte) *ladder {
	codebook := readCodebook(values)
	order := make([]int, 0, 16)
	for c := range codebook {
		order = append(order, c)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(codebook[a], codebook[b]) })
	// fp4 has zero twice.
	order = slices.CompactFunc(order, func(a, b int) bool { return codebook[a] == codebook[b] })
	l := &ladder{}
	for i := range l.middle {
		l.middle[i] = float32(math.Inf(1))
		if i+1 < len(order) {
			l.middle[i] = (codebook[order[i]] + codebook[order[i+1]]) / 2
		}
	}
	for i, c := range order {
		l.code[i] = byte(c)
	}
	return l
}

func (l *ladder) nearest(v float32) byte {
	i := 0
	for step := 8; step > 0; step /= 2 {
		if v > l.middle[i+step-1] {
			i += step
		}
	}
	return l.code[i]
}

// encode scales a block by its largest magnitude and takes the nearest
// values, as bitsandbytes does. It reports false where one is no number.
func (l *ladder) encode(dst, scale []byte, x []float32) bool {
	var most float32
	for _, v := range x {
		most = max(most, v, -v) // NaN, once there
	}
	if !(most <= math.MaxFloat32) {
		return false
	}
	binary.LittleEndian.PutUint32(scale, math.Float32bits(most))
	inv := reciprocal(most)
	for i := range 32 {
		dst[i] = l.nearest(x[2*i]*inv)<<4 | l.nearest(x[2*i+1]*inv)
	}
	return true
}

// reciprocal is 1/d, or 0 where that is no number: for scales so small that
// all codes are zero.
func reciprocal(d float32) float32 {
	if inv := 1 / d; !math.IsInf(float64(inv), 0) {
		return inv
	}
	return 0
}
