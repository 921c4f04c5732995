package cpu

import (
	"math"
	"testing"

	"falconmamba/backend"
)

// ulps returns how far got lies from want, in units in the last place of a
// float32 of want's size.
func ulps(got float32, want float64) float64 {
	if math.IsNaN(want) && got != got || math.IsInf(want, 0) && float64(got) == want {
		return 0
	}
	_, e := math.Frexp(want)
	return math.Abs(float64(got)-want) / math.Ldexp(1, max(e, -125)-24)
}

// exp2 is the exponential inside the scan: what a state of 1 decays to.
func exp2(x float32) float32 {
	y, one, zero := []float32{0}, []float32{1}, []float32{0}
	scanStep(y, zero, one, []float32{1}, []float32{x}, zero, one)
	return y[0]
}

func TestElementaryFunctions(t *testing.T) {
	for _, f := range []struct {
		name     string
		got      func(float32) float32
		want     func(float64) float64
		from, to float64
		ulps     float64
	}{
		{"exp", exp, math.Exp, -110, 88.7, 1},
		{"exp near 0", exp, math.Exp, -1e-3, 1e-3, 1},
		{"exp2", exp2, math.Exp2, -126, 127, 1.5},
		{"exp2 near 0", exp2, math.Exp2, -1e-3, 0, 1},
		{"log1p", log1p, math.Log1p, 0, 1, 2},
		{"log1p near 0", log1p, math.Log1p, 0, 1e-6, 2},
		{"softplus", softplus, backend.Softplus, -87, 30, 3},
		{"softplus of a small step", softplus, backend.Softplus, -12, -4, 3},
		{"silu", silu, backend.SiLU.Apply, -85, 100, 3},
	} {
		t.Run(f.name, func(t *testing.T) {
			const n = 400_000
			worst, at := 0.0, float32(0)
			for i := range n + 1 {
				x := float32(f.from + (f.to-f.from)*float64(i)/n)
				if e := ulps(f.got(x), f.want(float64(x))); !(e <= worst) {
					worst, at = e, x
				}
			}
			t.Logf("at most %.2f ulp, at %v", worst, at)
			if !(worst <= f.ulps) {
				t.Errorf("off by %.2f ulp at %v: %v, want %v", worst, at, f.got(at), f.want(float64(at)))
			}
		})
	}
}

func TestElementaryFunctionsAtTheEnds(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		name      string
		got, want float32
	}{
		{"exp(-Inf)", exp(-inf), 0},
		{"exp(Inf)", exp(inf), inf},
		{"exp(NaN)", exp(nan), nan},
		{"exp(0)", exp(0), 1},
		{"exp2(0)", exp2(0), 1},
		{"exp2(-Inf)", exp2(-inf), 0x1p-126},
		{"exp2(NaN)", exp2(nan), nan},
		{"softplus(-Inf)", softplus(-inf), 0},
		{"softplus(Inf)", softplus(inf), inf},
		{"softplus(NaN)", softplus(nan), nan},
		{"softplus(1000)", softplus(1000), 1000},
		{"silu(Inf)", silu(inf), inf},
		{"silu(-200)", silu(-200), 0},
		{"silu(NaN)", silu(nan), nan},
	} {
		if c.got != c.want && (c.got == c.got || c.want == c.want) {
			t.Errorf("%s = %v, want %v", c.name, c.got, c.want)
		}
	}
}
