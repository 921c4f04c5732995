//go:build cgo && !darwin

package vulkan

import (
	"testing"

	"falconmamba/backend"
)

// Operations of one plan, and plans of one device, share private scratch: each
// waits for the last to be done with it, and it grows under older plans. A
// product in parts keeps them there.
func TestPrivateScratch(t *testing.T) {
	d := openTest(t)
	const few, lots, cols, parts = 16, 200, 64, 2
	d.target.Tuning.Parts = parts
	unit := make([]float32, cols*cols)
	for i := range cols {
		unit[i*cols+i] = 1
	}
	w, err := d.NewWeight(backend.WeightDesc{Name: "unit", Type: backend.F32, Rows: cols, Cols: cols}, encode(unit))
	w = own(t, w, err)
	detour := func(dst, src backend.Tensor) backend.Op { return backend.MatMul{Dst: dst, Src: src, Weight: w} }

	a, b := noise(few*cols, 1), noise(few*cols, 2)
	x, y := matrix(t, d, few, cols, a), matrix(t, d, few, cols, b)
	u, v := matrix(t, d, few, cols, b), matrix(t, d, few, cols, a)
	small, err := d.Compile("small", []backend.Op{detour(u, x), detour(v, y)})
	if err != nil {
		t.Fatal(err)
	}
	if n := small.(*plan).Barriers(); n != 3 {
		t.Errorf("%d barriers, want 3: the scratch is written, read, written, read", n)
	}
	old := small.(*plan).List[0].Memory[0]
	big := matrix(t, d, lots, cols, noise(lots*cols, 3))
	copied := matrix(t, d, lots, cols, noise(lots*cols, 4))
	large, err := d.Compile("large", []backend.Op{detour(copied, big)})
	if err != nil {
		t.Fatal(err)
	}
	if large.(*plan).List[0].Memory[0] == old || small.(*plan).List[0].Memory[0] != old {
		t.Error("the scratch did not grow beside the one in use")
	}
	for _, p := range []backend.Plan{small, large, small} {
		if _, err := p.Submit(); err != nil {
			t.Fatal(err)
		}
	}
	wide := func(x []float32) []float64 {
		out := make([]float64, len(x))
		for i := range x {
			out[i] = float64(x[i])
		}
		return out
	}
	near(t, "first", values(t, u), wide(a))
	near(t, "second", values(t, v), wide(b))
	near(t, "large", values(t, copied), wide(noise(lots*cols, 3)))
	with := d.Stats().Live
	for _, p := range []backend.Plan{small, large} {
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if !old.closed {
		t.Error("a scratch outlived its last plan")
	}
	if got := with - d.Stats().Live; got < parts*lots*cols*4 {
		t.Errorf("closing the plans freed %d bytes", got)
	}
}
