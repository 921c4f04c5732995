package cpu

import (
	"math"

	"falconmamba/backend"
)

func newRMSNorm(k *kernels, o backend.RMSNorm) *rowwise {
	dst, src := floats(o.Dst), floats(o.Src)
	var weight []float32
	if !o.Weight.IsZero() {
		weight = floats(o.Weight).row(0)
	}
	return &rowwise{live: liveOf(o.Live, dst.rows), cost: 1.5 * float64(dst.cols), each: func(t int) {
		k.norm(dst.row(t), src.row(t), weight, o.Eps)
	}}
}

// plainNorm is the norm of kernels. The sum is of float64: it scales all that follows.
func plainNorm(dst, x, weight []float32, eps float32) {
	scale := float32(1 / math.Sqrt(squares(x)/float64(len(x))+float64(eps)))
	dst = dst[:len(x)]
	if weight == nil {
		for c, v := range x {
			dst[c] = v * scale
		}
		return
	}
	weight = weight[:len(x)]
	for c, v := range x {
		dst[c] = v * scale * weight[c]
	}
}

// squares returns the sum of the squares of x.
func squares(x []float32) float64 {
	var s0, s1, s2, s3 float64
	for ; len(x) >= 4; x = x[4:] {
		a, b, c, d := float64(x[0]), float64(x[1]), float64(x[2]), float64(x[3])
		s0 += a * a
		s1 += b * b
		s2 += c * c
		s3 += d * d
	}
	for _, v := range x {
		s0 += float64(v) * float64(v)
	}
	return s0 + s1 + (s2 + s3)
}
