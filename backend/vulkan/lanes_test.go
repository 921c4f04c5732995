//go:build cgo && !darwin

package vulkan

import (
	"testing"

	"falconmamba/backend"
)

// A device's matrices are asked for once, before the first plan, and what it answers
// leaves no memory behind.
func TestLanes(t *testing.T) {
	d := openTest(t)
	if len(d.target.Fragments) == 0 {
		t.Skipf("%s has no cooperative matrices of float16", d.info.Device)
	}
	if d.target.Lanes != nil {
		t.Errorf("%v before the first plan", d.target.Lanes)
	}
	m := matrix(t, d, 1, 4, make([]float32, 4))
	submit(t, d, backend.Add{Dst: m, A: m, B: m})
	for _, f := range d.target.Fragments {
		l, ok := d.target.Lanes[f]
		t.Logf("%d×%d×%d: %+v, %t", f.M, f.N, f.K, l, ok)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.last
	if err := d.probe(); err != nil || d.last != before {
		t.Errorf("a second time: %v, %d submissions", err, d.last-before)
	}
}
