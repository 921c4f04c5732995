package bench

import (
	"context"
	"fmt"
	"sync"
	"time"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/internal/clock"
	"falconmamba/internal/procmem"
)

// A LongPoint is where a long prompt was at one moment.
type LongPoint struct {
	Tokens   int // read so far
	Rate     float64
	Stats    backend.Stats
	Process  procmem.Reading
	Measured bool // whether Process is
}

// Long reads a prompt of n random tokens in chunks and hands out ten points.
func Long(ctx context.Context, m *falconmamba.Model, n int, seed uint64, each func(LongPoint)) error {
	s, err := m.NewSession()
	if err != nil {
		return err
	}
	defer s.Close()
	// One more, which Prefill leaves to the step behind it.
	if err := s.Append(RandomIDs(m, n+1, seed)...); err != nil {
		return err
	}
	start, last, next := clock.Now(), 0, 1
	return s.Prefill(ctx, func(done, total int) {
		if done*10 < next*total {
			return
		}
		for done*10 >= next*total {
			next++
		}
		now := clock.Now()
		p := LongPoint{Tokens: done, Rate: float64(done-last) / now.Sub(start).Seconds(), Stats: m.Backend().Stats()}
		p.Process, p.Measured = procmem.Read()
		each(p)
		start, last = now, done
	})
}

// flatSlack is what a process may grow by while nothing that is counted does:
// what Go's collector leaves between collections.
const flatSlack = 64 << 20

// Flat reports how memory grew between two points of a long prompt, if it did.
func Flat(first, last LongPoint) error {
	if first.Stats.Peak != last.Stats.Peak || first.Stats.Live != last.Stats.Live {
		return fmt.Errorf("memory grew from %d bytes live and %d at most to %d and %d",
			first.Stats.Live, first.Stats.Peak, last.Stats.Live, last.Stats.Peak)
	}
	if first.Measured && last.Measured && last.Process.Private > first.Process.Private+flatSlack {
		return fmt.Errorf("the process grew from %d to %d bytes", first.Process.Private, last.Process.Private)
	}
	return nil
}

// A LoadReport is what loading a model took.
type LoadReport struct {
	Seconds  float64
	Stats    backend.Stats // at the end
	Process  procmem.Reading
	Measured bool  // whether Process and Overhead are
	Largest  int64 // bytes of the largest tensor
	// Overhead is the most memory that was held at once besides the files'
	// mappings and what Stats counts as live on a device in this host's memory.
	Overhead int64
}

// loadSlack is what loading may hold besides a tensor: the program itself, the
// collector's room, a tokenizer.
const loadSlack = 200 << 20

// Limit is the most that Overhead should be.
func (r LoadReport) Limit() int64 { return r.Largest + loadSlack }

// sampleEvery is how often memory is looked at while a model loads; it is
// looked at after every tensor too.
const sampleEvery = 2 * time.Millisecond

// An Opener loads a model and reports bytes that are done.
type Opener func(progress func(done, total int64)) (*falconmamba.Model, error)

// Load measures open, which loads a model onto b.
func Load(b backend.Backend, open Opener) (*falconmamba.Model, LoadReport, error) {
	var r LoadReport
	// Memory of a device with its own is not this process's.
	shared := b.Info().Class <= backend.Software || b.Info().Unified
	var mu sync.Mutex
	sample := func() {
		mu.Lock()
		defer mu.Unlock()
		p, ok := procmem.Read()
		if !ok {
			return
		}
		held := p.Private
		if shared {
			held -= b.Stats().Live
		}
		r.Process, r.Measured, r.Overhead = p, true, max(r.Overhead, held)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(sampleEvery)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				sample()
			}
		}
	}()
	start := clock.Now()
	m, err := open(func(int64, int64) { sample() })
	r.Seconds = clock.Since(start).Seconds()
	close(stop)
	<-stopped
	sample()
	r.Stats = b.Stats()
	if err != nil {
		return nil, r, err
	}
	for _, t := range m.Checkpoint().Tensors() {
		r.Largest = max(r.Largest, t.Bytes)
	}
	return m, r, nil
}
