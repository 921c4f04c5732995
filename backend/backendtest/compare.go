package backendtest

import (
	"fmt"
	"math"

	"falconmamba/backend"
)

// A Tolerance is how far the outputs of an operation may lie from the
// reference's.
type Tolerance struct {
	Max  float64 // of |e| / (1+|x|), for every element
	NMSE float64 // of Σe² / Σx², over an output: sees what is wrong everywhere by little
	Why  string  // where the figures come from
}

// A Difference is how far results lie from what they should be.
type Difference struct {
	NMSE  float64 // normalised mean squared error, Σe² / Σx²
	Max   float64 // largest |e| / (1+|x|)
	At    int     // index of the largest
	Fault string  // a NaN or an infinity that should not be, or is missing
}

// Compare measures got, which must be as long as want. NaN is only right where
// NaN is wanted, and an infinity only where that infinity is: either fault
// comes before any figure.
func Compare(got, want []float32) Difference {
	var d Difference
	errors, squares := 0.0, 0.0
	for i, w := range want {
		g, w := float64(got[i]), float64(w)
		if math.IsNaN(w) || math.IsInf(w, 0) || math.IsNaN(g) || math.IsInf(g, 0) {
			if same := g == w || math.IsNaN(g) && math.IsNaN(w); !same && d.Fault == "" {
				d.At, d.Fault = i, fmt.Sprintf("%v, want %v", g, w)
			}
			continue
		}
		e := math.Abs(g - w)
		errors += e * e
		squares += w * w
		if r := e / (1 + math.Abs(w)); r > d.Max && d.Fault == "" {
			d.Max, d.At = r, i
		}
	}
	if errors > 0 {
		d.NMSE = errors / squares
	}
	return d
}

// Check returns what is wrong with a difference, or nil. Figures that are not
// numbers are wrong.
func (t Tolerance) Check(d Difference) error {
	switch {
	case d.Fault != "":
		return fmt.Errorf("element %d is %s", d.At, d.Fault)
	case !(d.Max <= t.Max):
		return fmt.Errorf("element %d is off by %.3g·(1+|x|), want at most %.3g", d.At, d.Max, t.Max)
	case !(d.NMSE <= t.NMSE):
		return fmt.Errorf("the normalised mean squared error is %.3g, want at most %.3g", d.NMSE, t.NMSE)
	}
	return nil
}

// stored is t for numbers that are rounded to typ where they are stored. What lies
// near the middle of two may go either way: by a unit in the last place, so 2^-10 of a
// number in float16 and 2^-7 in bfloat16. One in a hundred may. All that are cut off
// rather than rounded would be 1.6e-7 in NMSE, and 64 times as much.
func (t Tolerance) stored(typ backend.DType) Tolerance {
	switch {
	case t.Max == 0: // exact
	case typ == backend.F16:
		t.Max, t.NMSE = t.Max+1e-3, t.NMSE+2e-8
	case typ == backend.BF16:
		t.Max, t.NMSE = t.Max+8e-3, t.NMSE+1.3e-6
	}
	return t
}

// carried is t for what follows from states that are rounded to typ after every row: where a number
// goes the other way, see stored, the rows behind it differ by as much.
func (t Tolerance) carried(typ backend.DType) Tolerance {
	switch typ {
	case backend.F16:
		t.Max, t.NMSE = t.Max+4e-3, t.NMSE+1e-6
	case backend.BF16:
		t.Max, t.NMSE = t.Max+3e-2, t.NMSE+6e-5
	}
	return t
}

// worse merges what was measured of two outputs.
func (d Difference) worse(e Difference) Difference {
	if d.Fault != "" {
		return d
	}
	if e.Fault != "" || e.Max > d.Max {
		d.Max, d.At, d.Fault = e.Max, e.At, e.Fault
	}
	d.NMSE = max(d.NMSE, e.NMSE)
	return d
}
