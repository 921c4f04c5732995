package cpu

import "falconmamba/backend"

func newArgMax(o backend.ArgMax) *rowwise {
	dst, src := ints(o.Dst), floats(o.Src)
	return &rowwise{live: liveOf(o.Live, dst.rows), cost: float64(src.cols), each: func(t int) {
		best, _ := largest(src.row(t))
		dst.row(t)[0] = int32(max(best, 0))
	}}
}

// largest returns the lowest index of the largest element of row and that
// element; -1 where there is nothing but NaN.
func largest(row []float32) (at int, value float32) {
	at = -1
	for i, v := range row {
		if v > value || at < 0 && v == v {
			at, value = i, v
		}
	}
	return at, value
}
