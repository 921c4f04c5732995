package cpu

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// counting notes how often each part ran.
type counting struct {
	parts []atomic.Int32
	slow  int // a part that takes long, or -1
}

func (c *counting) part(_ *worker, i int) {
	if i == c.slow {
		time.Sleep(3 * spinTime) // whoever waits for it has parked
	}
	c.parts[i].Add(1)
}

func TestPoolRunsEveryPartOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 5} {
		p := newPool(threads)
		for round := range 2000 {
			c := &counting{parts: make([]atomic.Int32, round%23), slow: -1}
			if round%100 == 50 {
				c.slow = round / 100 % max(1, len(c.parts))
			}
			if round%500 == 0 {
				time.Sleep(3 * spinTime) // the workers have parked
			}
			p.run(c, len(c.parts))
			for i := range c.parts {
				if n := c.parts[i].Load(); n != 1 {
					t.Fatalf("%d threads, round %d: part %d of %d ran %d times", threads, round, i, len(c.parts), n)
				}
			}
		}
		p.close()
	}
}

func TestPoolEndsItsWorkers(t *testing.T) {
	before := runtime.NumGoroutine()
	p := newPool(4)
	p.run(&counting{parts: make([]atomic.Int32, 9), slow: -1}, 9)
	p.close()
	// A worker that has told its end is counted until the scheduler has taken it away.
	after := runtime.NumGoroutine()
	for i := 0; i < 1000 && after > before; i++ {
		time.Sleep(time.Millisecond)
		after = runtime.NumGoroutine()
	}
	if after > before {
		t.Errorf("%d goroutines a second after the end, %d before", after, before)
	}
}
