package parallel

import (
	"sync"
	"testing"
)

func TestRanges(t *testing.T) {
	for _, c := range [][2]int{{0, 1}, {1, 1}, {7, 1}, {7, 3}, {9, 3}, {2, 5}, {1000, 7}} {
		n, step := c[0], c[1]
		var mu sync.Mutex
		seen := make([]int, n)
		Ranges(n, step, func() func(from, to int) {
			return func(from, to int) {
				mu.Lock()
				defer mu.Unlock()
				if from%step != 0 || to-from > step {
					t.Errorf("%d by %d: a range from %d to %d", n, step, from, to)
				}
				for i := from; i < to; i++ {
					seen[i]++
				}
			}
		})
		for i, times := range seen {
			if times != 1 {
				t.Errorf("%d by %d: %d was taken %d times", n, step, i, times)
			}
		}
	}
}

func TestEach(t *testing.T) {
	seen := make([]int, 100)
	Each(len(seen), func(i int) { seen[i]++ })
	for i, times := range seen {
		if times != 1 {
			t.Errorf("%d was taken %d times", i, times)
		}
	}
}
