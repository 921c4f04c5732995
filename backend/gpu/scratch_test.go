package gpu

import (
	"errors"
	"testing"
)

// A pool grows beside what is in use, and each of its memories goes with the
// last plan that has it.
func TestScratchPool(t *testing.T) {
	live, full := map[int64]bool{}, errors.New("full")
	p := ScratchPool[int64]{
		Alloc: func(n int64) (int64, error) {
			if n > 100 {
				return 0, full
			}
			live[n] = true
			return n, nil
		},
		Free: func(n int64) { delete(live, n) },
	}
	take := func(n int64) *Scratch[int64] {
		s, err := p.Take(n)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := take(0); s != nil {
		t.Errorf("%+v for nothing", s)
	}
	p.Release(nil)
	small, same, large, less := take(10), take(7), take(20), take(15)
	if small != same || large != less || small == large || len(live) != 2 {
		t.Errorf("%p, %p, %p and %p of %v", small, same, large, less, live)
	}
	if _, err := p.Take(101); err != full {
		t.Errorf("more than there is: %v", err)
	}
	p.Release(small)
	p.Release(large)
	if len(live) != 2 {
		t.Errorf("plans have two, %v are live", live)
	}
	p.Release(same)
	p.Release(less)
	if len(live) != 0 {
		t.Errorf("no plan is left, %v are live", live)
	}
	if s := take(5); s.Memory != 5 {
		t.Errorf("%+v is not new", s)
	}
}
