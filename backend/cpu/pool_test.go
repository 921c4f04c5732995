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

// partFunc is a stage that calls itself.
type partFunc func()

func (f partFunc) part(*worker, int) { f() }

// A worker that comes late to say that a stage has ended wakes nobody who waits for another.
func TestTheEndOfAnotherStage(t *testing.T) {
	p := newPool(1)
	defer p.close()
	const stage, later = 5, 6
	p.stage = partFunc(func() { p.waiting.Store(later) })
	p.next.Store(stage<<48 | 1<<24)
	p.take(&p.workers[0])
	if len(p.last) != 0 || p.waiting.Load() != later {
		t.Fatalf("stage %d ended, and who waits for %d is woken", stage, later)
	}
	p.stage = partFunc(func() { p.waiting.Store(stage) })
	p.done.Store(0)
	p.next.Store(stage<<48 | 1<<24)
	p.take(&p.workers[0])
	if len(p.last) != 1 || p.waiting.Load() != noStage {
		t.Errorf("stage %d ended, and who waits for it is not woken", stage)
	}
}
