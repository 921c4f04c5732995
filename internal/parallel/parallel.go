// Package parallel spreads loops over all cores.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Each calls do for 0 … n−1, on all cores.
func Each(n int, do func(i int)) {
	Ranges(n, 1, func() func(from, to int) {
		return func(from, _ int) { do(from) }
	})
}

// Ranges has all cores take ranges of step from 0 … n−1, the last of them
// shorter. Each core calls start once, for a function that may have scratch of its
// own.
func Ranges(n, step int, start func() func(from, to int)) {
	var next atomic.Int64
	work := func() {
		do := start()
		for {
			from := (int(next.Add(1)) - 1) * step
			if from >= n {
				return
			}
			do(from, min(from+step, n))
		}
	}
	if n <= 0 {
		return
	}
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (n+step-1)/step) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
}
