// Package softmax has what losses and divergences take from logits.
package softmax

import "math"

// LogSum returns log Σ exp of logits as two summands, their largest and the rest,
// so that a caller can take one of the logits from the first without losing its
// last bits.
func LogSum(logits []float32) (top, rest float64) {
	top = math.Inf(-1)
	for _, v := range logits {
		top = max(top, float64(v))
	}
	sum := 0.0
	for _, v := range logits {
		sum += math.Exp(float64(v) - top)
	}
	return top, math.Log(sum)
}
