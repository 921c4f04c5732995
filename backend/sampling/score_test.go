package sampling

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestKeyOrder(t *testing.T) {
	inf := float32(math.Inf(1))
	ascending := []float32{-math.MaxFloat32, -1.5, -1, -0x1p-126, 0, 0x1p-126, 1, 1.5, math.MaxFloat32}
	for i, y := range ascending {
		k := keyOf(y)
		if scoreOf(k) != y {
			t.Errorf("scoreOf(keyOf(%g)) = %g", y, scoreOf(k))
		}
		if k == noKey || k == nanKey || i > 0 && k <= keyOf(ascending[i-1]) {
			t.Errorf("keyOf(%g) = %#x, not above that of its predecessor", y, k)
		}
	}
	for _, c := range []struct{ y, same float32 }{
		{float32(math.Copysign(0, -1)), 0}, {1e-40, 0}, {-1e-40, 0}, {inf, math.MaxFloat32},
	} {
		if keyOf(c.y) != keyOf(c.same) {
			t.Errorf("keyOf(%g) = %#x, want that of %g, %#x", c.y, keyOf(c.y), c.same, keyOf(c.same))
		}
	}
	negativeNaN := math.Float32frombits(0xffc00000)
	for _, y := range []float32{float32(math.NaN()), negativeNaN} {
		if k := keyOf(y); k != nanKey {
			t.Errorf("keyOf(%g) = %#x, want %#x", y, k, uint32(nanKey))
		}
	}
	if k := keyOf(-inf); k != noKey {
		t.Errorf("keyOf(-Inf) = %#x, want %#x", k, uint32(noKey))
	}
}

func TestPenalised(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	const tenth = float32(0.1)
	third := float32(tenth * 3) // above 3 × tenth, which rounds to it
	for _, c := range []struct {
		s     float32
		count int32
		p     Params
		want  float32
	}{
		{2, 0, Params{RepetitionPenalty: 2, PresencePenalty: 1, FrequencyPenalty: 1}, 2},
		{2, -1, Params{RepetitionPenalty: 2, PresencePenalty: 1, FrequencyPenalty: 1}, 2},
		{2, 3, Params{PresencePenalty: 0.25}, 1.75},
		{2, 3, Params{FrequencyPenalty: 0.5}, 0.5},
		{-1, 2, Params{FrequencyPenalty: -0.5, PresencePenalty: 0.25}, -0.25},
		{-1, 2, Params{RepetitionPenalty: 2, FrequencyPenalty: -0.5, PresencePenalty: 1}, -2},
		{3, 1, Params{RepetitionPenalty: 2, FrequencyPenalty: 2}, -0.5},
		{third, 3, Params{FrequencyPenalty: tenth}, 0}, // fused it would be 7e-9
		{1, 1, Params{FrequencyPenalty: 0x1p-25, PresencePenalty: 0x1p-25}, 1},
		{0, 1<<24 + 1, Params{FrequencyPenalty: 1}, -1 << 24},
		{0, math.MaxInt32, Params{FrequencyPenalty: 2}, -1 << 25},
		{1e-40, 1, Params{PresencePenalty: 0x1p-100}, -0x1p-100},
		{1e-40, 1, Params{PresencePenalty: 0x1p-101}, 0},
		{inf, 1, Params{PresencePenalty: 2, FrequencyPenalty: 2}, inf},
		{-inf, 1, Params{PresencePenalty: -2, FrequencyPenalty: -2}, -inf},
		{-3e38, 1, Params{RepetitionPenalty: 2, PresencePenalty: -2}, -inf},
		{3e38, 9, Params{RepetitionPenalty: 0.5, PresencePenalty: 2, FrequencyPenalty: 2}, inf},
		{nan, 1, Params{PresencePenalty: 1}, nan},
	} {
		r, err := Encode(c.p, 0, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.penalised(c.s, c.count); keyOf(got) != keyOf(c.want) {
			t.Errorf("%g that occurs %d times, %+v: %g, want %g", c.s, c.count, c.p, got, c.want)
		}
	}
}

func TestWeight(t *testing.T) {
	for _, c := range []struct {
		t    float32
		want uint32
	}{
		{0, 1 << 31}, {1, 1 << 30}, {2, 1 << 29}, {30, 2}, {31, 1}, {31.999998, 1}, {32, 0}, {1e30, 0},
		{float32(math.Inf(1)), 0}, {float32(math.NaN()), 0},
	} {
		if got := Weight(c.t); got != c.want {
			t.Errorf("Weight(%v) = %d, want %d", c.t, got, c.want)
		}
	}
	// The fixed point alone is off by 2.4e-9 of 2^31 and by the 2^-26 that x
	// cuts off; rounding adds half a unit.
	for x := uint32(0); x < 32<<26; x += 7919 {
		v := float32(x) / (1 << 26)
		exact := math.Exp2(31 - float64(v))
		if got := float64(Weight(v)); math.Abs(got-exact) > 0.5+exact*1.5e-8 {
			t.Fatalf("Weight(%v) = %v, want %v", v, got, exact)
		}
	}
}

// A heavier score never weighs less, also across the seams of octaves.
func TestWeightFalls(t *testing.T) {
	falls := func(a, b float32) bool { return Weight(a) >= Weight(b) }
	for n := range 33 {
		v := float32(n)
		if below := math.Nextafter32(v, 0); !falls(below, v) {
			t.Errorf("Weight(%v) = %d < Weight(%v) = %d", below, Weight(below), v, Weight(v))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Float32Range(0, 33).Draw(t, "t")
		if b := math.Nextafter32(a, 40); !falls(a, b) {
			t.Errorf("Weight(%v) = %d < Weight(%v) = %d", a, Weight(a), b, Weight(b))
		}
	})
}

// The error of a weight as the package comment states it.
func TestWeightError(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Params{Temperature: rapid.Float32Range(0.05, 5).Draw(t, "temperature")}
		best := rapid.Float32Range(-50, 50).Draw(t, "best")
		y := best - rapid.Float32Range(0, 30).Draw(t, "distance")
		r, err := Encode(p, 0, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := float64(Weight(float32(float32(best-scoreOf(keyOf(y))) * r.Float(WordScale))))
		v := (float64(best) - float64(y)) / float64(p.Temperature) * math.Log2E
		exact := math.Exp2(31 - v)
		if v < 31.9 && math.Abs(got-exact) > 0.5+exact*(2.1*v*0x1p-24+1.5e-8) {
			t.Errorf("weight at t = %v is %v, want %v", v, got, exact)
		}
	})
}
