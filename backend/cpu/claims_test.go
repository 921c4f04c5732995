package cpu

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// Every part is claimed once, whoever does how many, and what one worker claims alone follows in order.
func TestClaims(t *testing.T) {
	for _, workers := range []int{1, 2, 3, 7} {
		for _, parts := range []int{0, 1, 2, 5, 64, 1000} {
			c := newClaims(workers)
			for range 2 {
				c.begin(parts)
				var calls atomic.Int64
				claimed := make([][]int, workers)
				var all sync.WaitGroup
				for i := range workers {
					all.Go(func() {
						w := &worker{number: i}
						for calls.Add(1) <= int64(parts) {
							claimed[i] = append(claimed[i], c.claim(w))
						}
					})
				}
				all.Wait()
				got := slices.Concat(claimed...)
				slices.Sort(got)
				for i, part := range got {
					if part != i {
						t.Fatalf("%d workers, %d parts: claimed %v", workers, parts, got)
					}
				}
				if len(got) != parts {
					t.Fatalf("%d workers claimed %d of %d parts", workers, len(got), parts)
				}
			}
		}
	}
	c := newClaims(2)
	c.begin(4)
	second := &worker{number: 1}
	var got []int
	for range 4 {
		got = append(got, c.claim(second))
	}
	if want := []int{2, 3, 0, 1}; !slices.Equal(got, want) {
		t.Errorf("the second of two workers claims %v of 4 parts, want %v", got, want)
	}
}
