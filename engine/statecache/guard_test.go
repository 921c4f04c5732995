package statecache

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A faulty store does what a test says. Calls that were left may still go on when that says something else.
type faulty struct {
	reads, writes does
	calls         atomic.Int64
}

// does is what calls do.
type does struct{ atomic.Pointer[func() error] }

func (d *does) set(do func() error) { d.Store(&do) }

// do counts a call, and does it.
func (f *faulty) do(d *does) error {
	f.calls.Add(1)
	if do := d.Load(); do != nil {
		return (*do)()
	}
	return nil
}

func (f *faulty) Put(context.Context, string, []byte) error    { return f.do(&f.writes) }
func (f *faulty) Get(context.Context, string) ([]byte, error)  { return nil, f.do(&f.reads) }
func (f *faulty) First(context.Context, []string) (int, error) { return 0, f.do(&f.reads) }
func (f *faulty) Remove(context.Context, string) (bool, error) { return false, f.do(&f.writes) }

// A store that fails is left alone for a while, and then one call finds out.
func TestGuardPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		broken := errors.New("no route to host")
		f := &faulty{}
		f.reads.set(func() error { return broken })
		g := Guard(f, time.Second, 10*time.Second, slog.New(slog.NewTextHandler(&log, nil)))
		if _, err := g.Get(t.Context(), ""); !errors.Is(err, broken) {
			t.Error(err)
		}
		for range 5 {
			if _, err := g.First(t.Context(), nil); !errors.Is(err, ErrPaused) {
				t.Error(err)
			}
		}
		if err := g.Put(t.Context(), "", nil); err != nil {
			t.Errorf("what cannot be read can be written: %v", err)
		}
		if f.calls.Load() != 2 {
			t.Errorf("%d calls, want 2", f.calls.Load())
		}
		for _, pause := range []int{10, 20, 40} {
			time.Sleep(time.Duration(pause)*time.Second - time.Millisecond)
			if _, err := g.First(t.Context(), nil); !errors.Is(err, ErrPaused) {
				t.Errorf("before %d s are over: %v", pause, err)
			}
			time.Sleep(time.Millisecond)
			if _, err := g.First(t.Context(), nil); !errors.Is(err, broken) {
				t.Errorf("when %d s are over: %v", pause, err)
			}
		}
		time.Sleep(80 * time.Second)
		f.reads.set(func() error { time.Sleep(500 * time.Millisecond); return nil })
		tried := make(chan error, 1)
		go func() { _, err := g.First(t.Context(), nil); tried <- err }()
		synctest.Wait()
		if _, err := g.First(t.Context(), nil); !errors.Is(err, ErrPaused) {
			t.Errorf("while one finds out another calls too: %v", err)
		}
		if err := <-tried; err != nil {
			t.Error(err)
		}
		if _, err := g.First(t.Context(), nil); err != nil {
			t.Errorf("after it serves again: %v", err)
		}
		if strings.Count(log.String(), "\n") != 2 {
			t.Errorf("the log: %s", &log)
		}
	})
}

// A call that does not come back is left after the limit. What is lost, and a caller who leaves, say nothing of the store.
func TestGuardLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &faulty{}
		f.reads.set(func() error { time.Sleep(time.Hour); return nil })
		g := Guard(f, time.Second, 10*time.Second, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := g.Get(ctx, ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		begin := time.Now()
		if _, err := g.Get(t.Context(), ""); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		time.Sleep(11 * time.Second)
		for _, lost := range []error{fs.ErrNotExist, ErrDamaged} {
			f.reads.set(func() error { return lost })
			for range 3 {
				if _, err := g.Get(t.Context(), ""); !errors.Is(err, lost) {
					t.Error(err)
				}
			}
		}
		time.Sleep(time.Hour) // for those that were left
	})
}

// A call that has come to its end is not taken for one that took too long.
func TestGuardTakesWhatCame(t *testing.T) {
	g := Guard(&faulty{}, time.Minute, time.Hour, slog.New(slog.DiscardHandler))
	for range 100000 {
		if _, err := g.First(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
}
