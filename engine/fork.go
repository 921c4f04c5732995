package engine

import (
	"context"
	"errors"
	"slices"

	"falconmamba/backend"
)

// forks are the latest copies of states for forked sequences, of which the oldest is at next.
type forks struct {
	copied [forksAhead]backend.Ticket
	next   int
}

// forksAhead is how many forks may be in the device's queue. A caller that forks for ever would
// else fill the queue sooner than the device empties it, and everybody would wait behind him.
const forksAhead = 16

// add takes the newest copy, and returns the one that has to be done before.
func (f *forks) add(t backend.Ticket) (before backend.Ticket) {
	before = f.copied[f.next]
	f.copied[f.next] = t
	f.next = (f.next + 1) % forksAhead
	return before
}

// Fork returns a new sequence that goes on from the same place. The state is
// copied on the device; nothing is read again. Where many forks are not done yet, it waits
// for some; and for memory, until ctx ends.
func (s *Sequence) Fork(ctx context.Context) (*Sequence, error) {
	if _, err := s.look(ctx); err != nil {
		return nil, err
	}
	defer s.leave()
	f, err := s.e.NewSequence()
	if err != nil {
		return nil, err
	}
	f.history, f.drawn = slices.Clone(s.history), s.soFar()
	if err := f.takeFrom(ctx, s); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// takeFrom gives f the state of s.
func (f *Sequence) takeFrom(ctx context.Context, s *Sequence) error {
	e := s.e
	e.mu.Lock()
	defer e.mu.Unlock()
	err := e.patiently(ctx, func() error {
		switch {
		case s.closed || e.closed:
			return e.over()
		case s.fed == 0:
			return nil
		}
		f.alien = s.alien
		return f.fill(s.fed, func(slot int) (backend.Ticket, error) {
			if s.host != nil {
				return e.copyIn(slot, s.host)
			}
			return e.copyState(slot, s.slot)
		})
	})
	if err != nil || f.copied == 0 {
		return err
	}
	before := e.forks.add(f.copied)
	if before <= e.sound {
		return nil
	}
	if err := e.await(before, nil); err != nil && !e.recovers(err) {
		return err
	}
	return nil // after a loss f is read again, as s is
}
