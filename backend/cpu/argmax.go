package cpu

import (
	"math"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
)

func newArgMax(o backend.ArgMax) *rowwise {
	dst, src := ints(o.Dst), floats(o.Src)
	return &rowwise{live: liveOf(o.Live, dst.rows), cost: float64(src.cols), each: func(t int) {
		dst.row(t)[0] = int32(largest(src.row(t)))
	}}
}

// largest returns the lowest index of the largest element of row, -1 where one is
// NaN or none is above −Inf.
func largest(row []float32) int {
	at, value := sampling.NoToken, float32(math.Inf(-1))
	for i, v := range row {
		if v <= value {
			continue
		}
		if v != v {
			return sampling.NoToken
		}
		at, value = i, v
	}
	return at
}
