package softmax

import (
	"math"
	"testing"
)

func TestLogSum(t *testing.T) {
	for _, c := range []struct {
		logits    []float32
		top, rest float64
	}{
		{[]float32{0}, 0, 0},
		{[]float32{3, 3, 3, 3}, 3, math.Log(4)},
		{[]float32{-2000, 1000, 1000}, 1000, math.Ln2}, // neither exp(1000) nor exp(−2000) is a number
	} {
		if top, rest := LogSum(c.logits); top != c.top || math.Abs(rest-c.rest) > 1e-15 {
			t.Errorf("%v: %v and %v, want %v and %v", c.logits, top, rest, c.top, c.rest)
		}
	}
}
