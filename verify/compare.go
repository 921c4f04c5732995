package verify

import (
	"math"

	"falconmamba/backend/backendtest"
	"falconmamba/internal/softmax"
)

// A Deviation is how far values are from what they should be: |e|/(1+|x|) of each.
type Deviation struct {
	Max  float64
	Mean float64
	At   int // index of the largest error
	// Fault says that the value at At is infinite or not a number and should not be.
	Fault string
}

// Compare measures got against want, which must have the same length.
func Compare(got, want []float32) Deviation {
	d := backendtest.Compare(got, want)
	e := Deviation{Max: d.Max, At: d.At, Fault: d.Fault}
	for i, w := range want {
		e.Mean += math.Abs(float64(got[i])-float64(w)) / (1 + math.Abs(float64(w)))
	}
	if len(want) > 0 {
		e.Mean /= float64(len(want))
	}
	return e
}

// Within reports whether no value is off by more than limit.
func (d Deviation) Within(limit float64) bool { return d.Fault == "" && d.Max <= limit }

// KL returns the Kullback–Leibler divergence of softmax(got) from softmax(want), in nats: the
// extra cost of a text drawn by want and predicted by got.
func KL(got, want []float32) float64 {
	g, w := logSum(got), logSum(want)
	sum := 0.0
	for i, x := range want {
		logp := float64(x) - w
		if p := math.Exp(logp); p > 0 {
			sum += p * (logp - (float64(got[i]) - g))
		}
	}
	return max(sum, 0) // below 0 by rounding only; a NaN stays
}

// logSum returns log Σ exp.
func logSum(row []float32) float64 {
	top, rest := softmax.LogSum(row)
	return top + rest
}

// Argmax returns the index of the largest element, the first of equals, and its margin over
// all others. NaNs are never largest.
func Argmax(row []float32) (at int, margin float64) {
	first, second := math.Inf(-1), math.Inf(-1)
	for i, v := range row {
		switch x := float64(v); {
		case x > first:
			at, first, second = i, x, first
		case x > second:
			second = x
		}
	}
	return at, first - second
}

// FirstDifference returns the first index at which a and b differ, or −1 where they are equal.
// Where one is the beginning of the other, it is the length of the shorter.
func FirstDifference(a, b []int32) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) == len(b) {
		return -1
	}
	return min(len(a), len(b))
}
