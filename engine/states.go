package engine

import (
	"fmt"
	"sync/atomic"

	"falconmamba/backend"
)

// States are the memory that states live in, for a program that reads it on the
// device. It stays until Close, and so does what is in it once the engine has moved
// to a larger pool, as it may when a sequence is made. Meanwhile the engine goes to no
// smaller one. It pins no state: one that moves to the host is in no row, see
// Sequence.Row.
type States struct {
	Conv []backend.Tensor // of each layer: (slots, D·(K−1)) of Options.StateType, absent where K is 1
	SSM  []backend.Tensor // of each layer: (slots, D·N) of the same

	pool   *slotPool
	closed atomic.Bool
}

// States returns the memory that states live in now.
func (e *Engine) States() (*States, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.pool == nil {
		return nil, fmt.Errorf("states of a closed model: %w", backend.ErrClosed)
	}
	s := &States{pool: e.pool}
	s.pool.holders.Add(1)
	for _, l := range s.pool.layers {
		s.Conv, s.SSM = append(s.Conv, l.Conv), append(s.SSM, l.SSM)
	}
	return s, nil
}

// Moved reports whether the engine has gone to other memory. It takes no lock.
func (s *States) Moved() bool { return s.pool.moved.Load() }

// Close lets the memory go. If the engine has moved, it waits for the device.
func (s *States) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	return s.pool.release()
}
