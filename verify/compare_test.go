package verify

import (
	"math"
	"testing"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12*(1+math.Abs(b)) }

func TestCompare(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		got, want []float32
		max, mean float64
		at        int
		fault     string
	}{
		{[]float32{1, 2}, []float32{1, 2}, 0, 0, 0, ""},
		{[]float32{1, -2.5, 3}, []float32{0, -2, 3}, 1, (1 + 0.5/3) / 3, 0, ""},
		{[]float32{1, 9}, []float32{1, 4}, 1, 0.5, 1, ""},
		{[]float32{1, nan}, []float32{1, 4}, 0, math.NaN(), 1, "NaN, want 4"},
		{[]float32{1, 4}, []float32{1, inf}, 0, math.NaN(), 1, "4, want +Inf"},
		{nil, nil, 0, 0, 0, ""},
	} {
		e := Compare(c.got, c.want)
		if !near(e.Max, c.max) || e.At != c.at || e.Fault != c.fault || !near(e.Mean, c.mean) && !math.IsNaN(c.mean) {
			t.Errorf("Compare(%v, %v) = %+v, want %g at %d, mean %g, fault %q",
				c.got, c.want, e, c.max, c.at, c.mean, c.fault)
		}
		if e.Within(1) != (c.fault == "") {
			t.Errorf("%+v is within 1: %v", e, e.Within(1))
		}
	}
	if (Deviation{Max: 2}).Within(1.9) {
		t.Error("2 is within 1.9")
	}
}

func TestKL(t *testing.T) {
	log := func(p ...float64) []float32 {
		row := make([]float32, len(p))
		for i, v := range p {
			row[i] = float32(math.Log(v)) + 3 // a constant more changes nothing
		}
		return row
	}
	for _, c := range []struct {
		got, want []float32
		kl        float64
	}{
		{log(0.5, 0.5), log(0.5, 0.5), 0},
		{log(0.25, 0.75), log(0.5, 0.5), 0.5*math.Log(2) + 0.5*math.Log(0.5/0.75)},
		{log(0.5, 0.5), log(0.25, 0.75), 0.25*math.Log(0.5) + 0.75*math.Log(1.5)},
		{[]float32{0, 0}, []float32{0, float32(math.Inf(-1))}, math.Log(2)}, // what is impossible costs nothing
		{[]float32{1000, 0}, []float32{1000, 0}, 0},
	} {
		if got := KL(c.got, c.want); math.Abs(got-c.kl) > 1e-6 {
			t.Errorf("KL(%v, %v) = %g, want %g", c.got, c.want, got, c.kl)
		}
	}
	if got := KL([]float32{float32(math.NaN()), 0}, []float32{0, 0}); !math.IsNaN(got) {
		t.Errorf("KL of NaN is %g", got)
	}
}

func TestArgmax(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		row    []float32
		at     int
		margin float64
	}{
		{[]float32{1, 4, 2}, 1, 2}, {[]float32{4, 1}, 0, 3}, {[]float32{1, 3, 3}, 1, 0}, {[]float32{nan, -1, -3}, 1, 2},
		{[]float32{5}, 0, math.Inf(1)},
	} {
		if at, margin := Argmax(c.row); at != c.at || margin != c.margin {
			t.Errorf("Argmax(%v) = %d, %g, want %d, %g", c.row, at, margin, c.at, c.margin)
		}
	}
}

func TestFirstDifference(t *testing.T) {
	for _, c := range []struct {
		a, b []int32
		want int
	}{
		{nil, nil, -1}, {[]int32{1, 2}, []int32{1, 2}, -1}, {[]int32{1, 2}, []int32{1, 3}, 1},
		{[]int32{1}, []int32{1, 3}, 1}, {[]int32{2}, []int32{1, 3}, 0}, {[]int32{1, 2}, nil, 0},
	} {
		if got := FirstDifference(c.a, c.b); got != c.want {
			t.Errorf("FirstDifference(%v, %v) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
