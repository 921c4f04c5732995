package engine

import (
	"context"
	"slices"
	"sync"
)

// A sink is where the loop leaves tokens for one reader, who may be slow: each text
// has room for so many, and waits when they are there.
type sink struct {
	e     *Engine
	mu    sync.Mutex
	items []item
	ready chan struct{} // told when there are items
}

// An item is a token, or the end of a text, or both.
type item struct {
	t     *task
	token Token
	has   bool // a token
	end   bool
	why   StopReason
	err   error
	turn  turn // of the host
	turns int  // the number of that
}

// sinkRoom is how many tokens of a text are written ahead of its reader.
const sinkRoom = 32

func newSink(e *Engine) *sink { return &sink{e: e, ready: make(chan struct{}, 1)} }

func (s *sink) put(it item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items = append(s.items, it)
	if it.has {
		it.t.behind++
	}
}

// tell wakes the reader.
func (s *sink) tell() {
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

// full reports whether t has to wait. The reader then wakes the loop once most is
// read.
func (s *sink) full(t *task) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.paused = t.paused && t.behind > sinkRoom/4 || t.behind >= sinkRoom
	return t.paused
}

// forget drops what was not read of t.
func (s *sink) forget(t *task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items = slices.DeleteFunc(s.items, func(it item) bool { return it.t == t })
}

// next returns the next item.
func (s *sink) next(ctx context.Context) (item, error) {
	for {
		if err := ctx.Err(); err != nil {
			return item{}, err
		}
		it, ok, wake := s.pop()
		if wake {
			s.e.wake()
		}
		if ok {
			return it, nil
		}
		select {
		case <-s.ready:
		case <-ctx.Done():
		}
	}
}

func (s *sink) pop() (it item, ok, wake bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.items) == 0 {
		return item{}, false, false
	}
	it = s.items[0]
	s.items = slices.Delete(s.items, 0, 1)
	if it.has {
		it.t.behind--
		wake = it.t.paused && it.t.behind == sinkRoom/4
	}
	return it, true, wake
}

// wake makes the loop look at the schedule again.
func (e *Engine) wake() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lookAgain()
}
