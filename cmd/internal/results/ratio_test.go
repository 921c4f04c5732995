package results

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestOver(t *testing.T) {
	for _, c := range []struct {
		a, b Rate
		want Ratio
		v    Verdict
	}{
		{Rate{20, 0, 3}, Rate{10, 0, 3}, Ratio{2, 2, 2}, Faster},
		{Rate{10, 0, 3}, Rate{20, 0, 2}, Ratio{0.5, 0.5, 0.5}, Slower},
		{Rate{20, 1, 1}, Rate{10, 1, 5}, Ratio{2, 0, math.Inf(1)}, Unknown},
		{Rate{20, 1, 5}, Rate{10, 1, 0}, Ratio{2, 0, math.Inf(1)}, Unknown},
		// One side alone has errors: 2.776 · √(π/2) · 0.1 / √5 of it.
		{Rate{10, 1, 5}, Rate{10, 0, 5}, Ratio{1, math.Exp(-2.776 * math.Sqrt(math.Pi/10) / 10),
			math.Exp(2.776 * math.Sqrt(math.Pi/10) / 10)}, Even},
		{Rate{1e308, 1e308, 2}, Rate{1e-308, 1e308, 2}, Ratio{math.Inf(1), 0, math.Inf(1)}, Unknown},
	} {
		got := c.a.Over(c.b)
		near := func(a, b float64) bool { return a == b || math.Abs(a-b) < 1e-9 }
		if c.want.Value < math.MaxFloat64 && (!near(got.Value, c.want.Value) || !near(got.Low, c.want.Low) ||
			!near(got.High, c.want.High)) || got.Verdict() != c.v {
			t.Errorf("%v over %v is %+v, %s, want %+v, %s", c.a, c.b, got, got.Verdict(), c.want, c.v)
		}
	}
}

// Of intervals of 95 %, about that many have the true ratio in them, whatever the number of runs is. Runs are drawn
// here, by a seed.
func TestCoverage(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	draw := func(mean, spread float64, n int) Rate {
		runs := make([]float64, n)
		sum := 0.0
		for i := range runs {
			runs[i] = mean * (1 + spread*rng.NormFloat64())
			sum += runs[i]
		}
		slices.Sort(runs)
		r := Rate{Median: (runs[(n-1)/2] + runs[n/2]) / 2, Runs: n}
		for _, v := range runs {
			r.Spread += (v - sum/float64(n)) * (v - sum/float64(n))
		}
		r.Spread = math.Sqrt(r.Spread / float64(n-1))
		return r
	}
	for _, n := range []int{2, 3, 5, 20} {
		const all = 4000
		in := 0
		for range all {
			r := draw(140, 0.05, n).Over(draw(100, 0.02, n+1))
			if r.Low <= 1.4 && 1.4 <= r.High {
				in++
			}
		}
		if part := float64(in) / all; part < 0.93 || part > 0.998 {
			t.Errorf("of %d runs %.3f of the intervals have the ratio, want 0.95 or somewhat more", n, part)
		}
	}
}

func TestTimes(t *testing.T) {
	for v, want := range map[float64]string{1: "1.00", 0.0024: "0.0024", 33.333: "33.3", 412.6: "413", 1e9: "1e+09"} {
		if got := Times(v); got != want {
			t.Errorf("%g is %s, want %s", v, got, want)
		}
	}
}
