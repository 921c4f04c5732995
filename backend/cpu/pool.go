package cpu

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"falconmamba/internal/clock"
)

// A pool is the workers of a device. One goroutine, the queue's, calls run; it
// is worker 0 and does its share. The others live as long as the device.
//
// A stage of work is divided into parts that do not depend on who runs them, and
// each worker takes the next part that is left. So a worker that wakes late, or
// whose core the system gave to another program, costs at most one part, where
// fixed shares would make everybody wait for it.
type pool struct {
	_ [64]byte
	// next says what is left of the stage: its number (16 bits), its parts (24)
	// and the next part (24). A part that is taken keeps the stage from ending,
	// so stage may be read after, not before.
	next atomic.Uint64
	_    [56]byte
	done atomic.Int64 // parts that have ended
	_    [56]byte

	stage   stage
	number  uint64
	workers []worker

	mu     sync.Mutex
	work   sync.Cond
	parked atomic.Int32
	closed atomic.Bool
	ended  sync.WaitGroup

	last    chan struct{} // receives when the last part of a stage has ended
	waiting atomic.Uint64 // the stage, as next numbers it, whose end run waits for on last; or noStage
}

// A stage is work in independent parts.
type stage interface {
	// part does part i. What it writes must not depend on w.
	part(w *worker, i int)
}

// noStage is no number of a stage.
const noStage = 1 << 16

// maxParts is the most parts that a stage may have.
const maxParts = 1<<24 - 1

// spinTime is how long a worker looks for the next stage before it parks.
// Waking a parked goroutine takes the Go scheduler about as long.
const spinTime = 50 * time.Microsecond

func newPool(threads int) *pool {
	p := &pool{workers: make([]worker, threads), last: make(chan struct{}, 1)}
	p.work.L = &p.mu
	p.waiting.Store(noStage)
	for i := range p.workers {
		p.workers[i].number = i
	}
	for i := range p.workers[1:] {
		p.ended.Go(func() { p.serve(&p.workers[1+i]) })
	}
	return p
}

// close ends the workers; no stage may be running.
func (p *pool) close() {
	p.mu.Lock()
	p.closed.Store(true)
	p.work.Broadcast()
	p.mu.Unlock()
	p.ended.Wait()
}

// run does all parts of s.
func (p *pool) run(s stage, parts int) {
	if parts <= 1 || len(p.workers) == 1 {
		for i := range parts {
			s.part(&p.workers[0], i)
		}
		return
	}
	p.stage = s
	p.done.Store(0)
	p.number++
	p.next.Store(p.number<<48 | uint64(parts)<<24)
	if p.parked.Load() > 0 {
		p.wake(parts - 1)
	}
	p.take(&p.workers[0])

	if !spin(func() bool { return p.done.Load() == int64(parts) }) {
		number := p.number % noStage
		// An exchange: qemu for Arm lets a load overtake a store that releases, so the last part could end unseen.
		p.waiting.Swap(number)
		if p.done.Load() < int64(parts) || !p.waiting.CompareAndSwap(number, noStage) {
			<-p.last
		}
	}
}

// take does parts as long as there are any.
func (p *pool) take(w *worker) {
	n := int64(0)
	for {
		if !p.left() {
			break
		}
		// Another stage may have begun since left: then this is a part of it.
		v := p.next.Add(1) - 1
		i, parts := int(v&maxParts), int(v>>24&maxParts)
		if i >= parts {
			break
		}
		p.stage.part(w, i)
		n++
	}
	if n == 0 {
		return
	}
	// With these parts the stage may end, and run wait for another before this worker goes on.
	v := p.next.Load()
	if p.done.Add(n) == int64(v>>24&maxParts) && p.waiting.CompareAndSwap(v>>48, noStage) {
		p.last <- struct{}{}
	}
}

// left reports whether a part can be taken.
func (p *pool) left() bool {
	v := p.next.Load()
	return v&maxParts < v>>24&maxParts
}

func (p *pool) serve(w *worker) {
	for !p.closed.Load() {
		if spin(func() bool { return p.left() || p.closed.Load() }) {
			p.take(w)
			continue
		}
		p.mu.Lock()
		p.parked.Add(1)
		for !p.left() && !p.closed.Load() {
			p.work.Wait()
		}
		p.parked.Add(-1)
		p.mu.Unlock()
	}
}

// wake lets up to n parked workers go on.
func (p *pool) wake(n int) {
	p.mu.Lock()
	for range min(n, int(p.parked.Load())) {
		p.work.Signal()
	}
	p.mu.Unlock()
}

// spin waits until ready for as long as parking would cost, and returns whether
// it came. Other goroutines get their turn meanwhile.
func spin(ready func() bool) bool {
	var start clock.Time
	for i := 0; ; i++ {
		if ready() {
			return true
		}
		if i%1024 != 1023 {
			continue
		}
		runtime.Gosched()
		if start == 0 {
			start = clock.Now()
		} else if clock.Since(start) > spinTime {
			return false
		}
	}
}
