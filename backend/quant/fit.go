package quant

import (
	"math"

	"falconmamba/backend"
)

// fallback is what a type falls back to where rows are no whole blocks of it.
var fallback = map[backend.DType]backend.DType{
	backend.Q2_K:   backend.Q4_0,
	backend.Q3_K:   backend.Q4_0,
	backend.Q4_K:   backend.Q5_0,
	backend.Q5_K:   backend.Q5_1,
	backend.Q6_K:   backend.Q8_0,
	backend.IQ4_XS: backend.IQ4_NL,
	backend.NF4:    backend.Q5_0,
	backend.FP4:    backend.Q5_0,
	backend.Q4_0:   backend.Q8_0,
	backend.Q4_1:   backend.Q8_0,
	backend.Q5_0:   backend.Q8_0,
	backend.Q5_1:   backend.Q8_0,
	backend.IQ4_NL: backend.Q8_0,
	backend.Q8_0:   backend.F16,
}

// Fit returns the type that a matrix of rows of cols elements gets where t was
// asked for: t, or the next that loses less and whose blocks divide the row,
// such as q4_K → q5_0 → q8_0 → f16.
func Fit(t backend.DType, cols int) backend.DType {
	for cols%t.Block() != 0 {
		t = fallback[t]
	}
	return t
}

// Bits returns the bits that an element of t takes, scales included.
func Bits(t backend.DType) float64 {
	bytes := float64(t.Size())
	if codebookOf(t) != nil {
		bytes += 4
	}
	return 8 * bytes / float64(t.Block())
}

// within lists the block types that hold every value of another: its scales and
// its integers, unchanged.
var within = map[backend.DType]backend.DType{
	backend.Q4_0:   backend.Q8_0,
	backend.Q5_0:   backend.Q8_0,
	backend.IQ4_NL: backend.Q8_0,
	backend.Q3_K:   backend.Q6_K,
}

// Within returns the block type that holds every value of t, for devices that do
// not keep t, or 0. [Rewrite] does it.
func Within(t backend.DType) backend.DType { return within[t] }

// Rewrite stores the first n elements of src, whole blocks, in dst, whose type
// is Within(src.Type): the same values bit by bit.
func Rewrite(dst, src Packed, n int) error {
	if dst.Type == 0 || dst.Type != within[src.Type] {
		return backend.ErrUnsupported
	}
	if err := src.Check(n); err != nil {
		return err
	}
	if err := dst.Check(n); err != nil {
		return err
	}
	from, to := src.Type.Size(), dst.Type.Size()
	for b := range n / src.Type.Block() {
		in, out := src.Data[b*from:(b+1)*from], dst.Data[b*to:(b+1)*to]
		if src.Type == backend.Q3_K {
			rewriteQ3_K(out, in)
		} else {
			rewrite32(out, in, src.Type)
		}
	}
	return nil
}

// Holds reports whether t, a plain type, holds the first n elements of p as they
// are, but for the payloads of NaN.
func Holds(t backend.DType, p Packed, n int) bool {
	if t == backend.F32 || t == p.Type {
		return true
	}
	x, y := make([]float32, min(n, span)), make([]float32, min(n, span))
	q := New(t, len(x))
	for at := 0; at < n; at += len(x) {
		x, y = x[:min(len(x), n-at)], y[:min(len(x), n-at)]
		if p.Decode(x, at) != nil || q.Encode(x, 0) != nil || q.Decode(y, 0) != nil {
			return false
		}
		for i := range x {
			if math.Float32bits(x[i]) != math.Float32bits(y[i]) && (x[i] == x[i] || y[i] == y[i]) {
				return false
			}
		}
	}
	return true
}

// rewrite32 decodes with a scale of 1 and stores the integers.
func rewrite32(dst, src []byte, t backend.DType) {
	var block [22]byte
	copy(block[:], src)
	block[0], block[1] = 0, 0x3c // binary16 of 1
	var x [32]float32
	formats[t].decode(x[:], block[:t.Size()])
	copy(dst, src[:2])
	for i, v := range x {
		dst[2+i] = byte(int8(v))
	}
}

func rewriteQ3_K(dst, src []byte) {
	copy(dst[208:210], src[108:110])
	clear(dst[:192])
	for g := range 16 {
		dst[192+g] = byte(int8(scaleQ3_K((*[12]byte)(src[96:]), g)))
		q, hi := src[32+g/8*32+g%2*16:], src[g%2*16:]
		h, run, part := g/8, g/2%4, g%2*16
		low, high := dst[64*h+run%2*32+part:], dst[128+32*h+part:]
		for i := range 16 {
			// From 4 too large to 32 too large.
			c := q[i]>>(2*run)&3 | hi[i]>>(g/2)&1<<2 + 28
			low[i] |= c & 15 << (run / 2 * 4)
			high[i] |= c >> 4 << (2 * run)
		}
	}
}
