package backendtest

import (
	"math"
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	tol := Tolerance{Max: 0.1, NMSE: 0.01}
	for _, c := range []struct {
		name      string
		got, want []float32
		err       string // part of it; empty: none
	}{
		{"equal", []float32{1, -2, 0}, []float32{1, -2, 0}, ""},
		{"nothing", nil, nil, ""},
		{"zeros of either sign", []float32{0}, []float32{float32(math.Copysign(0, -1))}, ""},
		{"within", []float32{1.1, -2, 0}, []float32{1, -2, 0}, ""},
		{"one far", []float32{1, -2, 0.2}, []float32{1, -2, 0}, "element 2 is off by 0.2"},
		{"small beside a large one", []float32{1000.5, 1}, []float32{1000, 1}, ""},
		{"all a little", []float32{0.012, 0.012}, []float32{0.01, 0.01}, "mean squared error is 0.04"},
		{"something for nothing", []float32{1e-20}, []float32{0}, "mean squared error is +Inf"},
		{"NaN", []float32{1, nan}, []float32{1, 2}, "element 1 is NaN, want 2"},
		{"NaN wanted", []float32{nan}, []float32{nan}, ""},
		{"NaN missing", []float32{3}, []float32{nan}, "element 0 is 3, want NaN"},
		{"infinity", []float32{inf}, []float32{3e38}, "element 0 is +Inf, want 3"},
		{"infinity wanted", []float32{inf, -inf}, []float32{inf, -inf}, ""},
		{"infinity of the other sign", []float32{-inf}, []float32{inf}, "element 0 is -Inf, want +Inf"},
		{"largest for infinity", []float32{math.MaxFloat32}, []float32{inf}, "want +Inf"},
		{"infinity for NaN", []float32{inf}, []float32{nan}, "want NaN"},
		{"a fault comes before a figure", []float32{50, nan}, []float32{1, 1}, "element 1 is NaN"},
		{"squares beyond float32", []float32{1e38, -1e38}, []float32{1e38, 1e38}, "element 1 is off by"},
	} {
		err := tol.Check(Compare(c.got, c.want))
		if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.err)
		}
	}
}

// Figures that are not numbers are never within a tolerance.
func TestCheckOfNaN(t *testing.T) {
	all := Tolerance{Max: math.Inf(1), NMSE: math.Inf(1)}
	for _, d := range []Difference{{Max: math.NaN()}, {NMSE: math.NaN()}} {
		if all.Check(d) == nil {
			t.Errorf("%+v passes", d)
		}
	}
	if err := all.Check(Difference{Max: math.Inf(1), NMSE: math.Inf(1)}); err != nil {
		t.Error(err)
	}
}

func TestWorse(t *testing.T) {
	a, b := Difference{NMSE: 1, Max: 2, At: 3}, Difference{NMSE: 2, Max: 1, At: 4}
	if got, want := a.worse(b), (Difference{NMSE: 2, Max: 2, At: 3}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := b.worse(Difference{Fault: "NaN", At: 9}); got.Fault != "NaN" || got.At != 9 {
		t.Errorf("%+v loses the fault", got)
	}
}

// Every case has its name and its kind, and says why it tolerates what it does.
func TestCasesAreNamed(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Cases() {
		if c.Name == "" || c.Kind == "" || seen[c.Name] {
			t.Errorf("case %q of kind %q: the name is taken, or missing", c.Name, c.Kind)
		}
		if (c.Tolerance.Max > 0 || c.Tolerance.NMSE > 0) && c.Tolerance.Why == "" {
			t.Errorf("%s: a tolerance without a reason", c.Name)
		}
		seen[c.Name] = true
	}
	t.Logf("%d cases", len(seen))
}
