package backendtest

import (
	"encoding/binary"
	"fmt"
	"math"

	"falconmamba/backend"
	"falconmamba/backend/quant"
	"falconmamba/internal/half"
)

// Weights of block types: every type in every operation that takes a weight. A
// backend need not keep them; what it keeps it computes with to the same
// tolerance as plain ones, since unpacking is exact.

// blockTypes are all types of several elements to a block.
var blockTypes = func() (types []backend.DType) {
	for t := backend.F32; t.Valid(); t++ {
		if t.Block() > 1 {
			types = append(types, t)
		}
	}
	return types
}()

func blockCases() (cases []Case) {
	add := func(c Case, p backend.Precision, chain bool) {
		c.Precision, c.Tolerance = p, rounded(p, chain)
		if c.Kind == backend.KindEmbed {
			c.Tolerance = copied
		}
		c.Name = title(c.Kind, c.Name) // Cases adds the kind to its own alone
		cases = append(cases, plainAndOdd(c)...)
	}
	for i, t := range blockTypes {
		n := t.Block()
		for j, p := range precisions {
			for k, s := range []span{{1, -1}, {2, 1}, {3, -1}, {7, 5}, {33, -1}, {130, 101}} {
				// Few rows and many, one block and several, an odd number of both.
				shape := [][2]int{{67, 3 * n}, {1, n}, {33, 5 * n}, {131, 2 * n}, {5, 7 * n}, {96, 4 * n},
					{257, n}}[(i+j+2*k)%7]
				add(matmulCase(t, p, shape[0], shape[1], s, (j+k)%2 == 0, false), p, false)
			}
		}
		for k, s := range []span{{1, -1}, {7, 5}, {33, -1}} {
			rows, cols := 19+7*k, n*(1+(i+k)%3)
			add(Case{
				Name: title(t, fmt.Sprintf("table=%dx%d", rows, cols), liveName(s.rows, s.live)),
				Kind: backend.KindEmbed, typ: t, rows: s.rows,
				build: func(f *fixture) backend.Op { return buildEmbed(f, t, rows, cols, s, k%2 == 0) },
			}, backend.Float, false)
		}
		for j, name := range []string{"one token", "ragged", "prompts", "many"} {
			b, p := batchNamed(name), precisions[(i+j)%len(precisions)]
			width := max(n, 64) * (1 + (i+j)%2)
			add(inProjCase(b, p, t, width, 64+3*j, 4, j == 1, j != 1), p, true)
			add(ssmCase(b, p, t, width, 16, n, true, j != 1), p, true)
			add(outProjCase(b, p, t, 33+j, width, j == 0, j == 1), p, true)
			add(headCase(b, p, t, 131, width, false), p, true)
			if quant.Encodes(t) {
				add(headCase(b, p, t, 257, width, true), p, true)
			}
		}
	}
	return cases
}

// scalesOf says where a block has its scales, in binary16.
var scalesOf = map[backend.DType][]int{
	backend.Q8_0: {0}, backend.Q4_0: {0}, backend.Q4_1: {0, 2}, backend.Q5_0: {0}, backend.Q5_1: {0, 2},
	backend.Q2_K: {80, 82}, backend.Q3_K: {108}, backend.Q4_K: {0, 2}, backend.Q5_K: {0, 2}, backend.Q6_K: {208},
	backend.IQ4_NL: {0}, backend.IQ4_XS: {0},
}

// randomBlocks returns n elements of random bits, whose scales make them of
// about the given root mean square: every code, packed scale and minimum, and
// scales of either sign and of zero.
func (f *fixture) randomBlocks(t backend.DType, n int, rms float64) quant.Packed {
	p := quant.New(t, n)
	for i := range p.Data {
		p.Data[i] = byte(f.rng.Uint32())
	}
	scale := func(unit float64) float32 {
		s := unit * (0.5 + f.rng.Float64())
		switch f.rng.IntN(16) {
		case 0:
			s = 0
		case 1, 2, 3, 4:
			s = -s
		}
		return float32(s)
	}
	set := func(unit float64) {
		for b := 0; b < len(p.Data); b += t.Size() {
			for _, at := range scalesOf[t] {
				binary.LittleEndian.PutUint16(p.Data[b+at:], half.F16Bits(scale(unit)))
			}
		}
		if len(p.Aux) > 0 {
			for b := 0; b < len(p.Aux[0]); b += 4 {
				binary.LittleEndian.PutUint32(p.Aux[0][b:], math.Float32bits(scale(unit)))
			}
		}
	}
	set(1)
	values := make([]float32, n)
	if f.err == nil {
		f.err = p.Decode(values, 0)
	}
	sum := 0.0
	for _, v := range values {
		sum += float64(v) * float64(v)
	}
	set(rms / math.Max(math.Sqrt(sum/float64(n)), 0.1))
	return p
}
