package engine

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"falconmamba/backend"
)

// A Sequence is one text: the tokens so far and the state that the model is in
// after them. It belongs to one goroutine at a time.
//
// Reading is lazy: tokens that were appended, or generated last, are read when
// something depends on them. The state on the device is always that after the
// first fed tokens of the history.
type Sequence struct {
	e       *Engine
	history []int32
	fed     int          // tokens of history that the state has seen
	slot    int          // where that state is: set with moveTo
	ring    backend.Ring // the sequence's own slots
	stop    StopReason
	closed  bool

	row atomic.Int64 // the slot that Row tells
}

// NewSequence returns an empty sequence.
func (e *Engine) NewSequence() (*Sequence, error) {
	e.use.Lock()
	defer e.use.Unlock()
	if e.closed {
		return nil, ErrClosed
	}
	// A step reads one slot and writes the next, and so do those that are
	// submitted ahead of the host. The state before the last kept token must
	// survive them all, so that generation can go on from any stop.
	n := e.ahead + 2
	first, err := e.TakeSlots(n)
	if err != nil {
		return nil, err
	}
	return &Sequence{e: e, ring: backend.Ring{First: first, Len: n}}, nil
}

// Tokens returns the text so far: what was appended and what was generated and
// kept. It is not a copy and must not be changed.
func (s *Sequence) Tokens() []int32 { return s.history }

// Fed returns how many of the tokens the state has seen.
func (s *Sequence) Fed() int { return s.fed }

// StopReason says why the last generation ended.
func (s *Sequence) StopReason() StopReason { return s.stop }

// Row returns the slot of the sequence's state, for States: while it generates,
// the state before the token that the host read last, else the state after all
// that was read. It takes no lock.
func (s *Sequence) Row() int { return int(s.row.Load()) }

// Append adds tokens to the text. They are read when something depends on
// them.
func (s *Sequence) Append(ids ...int32) error {
	if err := s.Usable(); err != nil {
		return err
	}
	if err := s.e.CheckIDs(ids); err != nil {
		return err
	}
	s.history = append(s.history, ids...)
	return nil
}

// Usable is ErrClosed once the sequence or its engine is closed.
func (s *Sequence) Usable() error {
	if s.closed {
		return ErrClosed
	}
	return s.e.usable()
}

// Prefill reads what was appended, but for the last token, which the next step
// begins with. progress may be nil; it is called with the tokens read and those
// to read.
func (s *Sequence) Prefill(ctx context.Context, progress func(done, total int)) error {
	if err := s.Usable(); err != nil {
		return err
	}
	r, err := s.e.borrow(1)
	if err != nil {
		return err
	}
	defer s.e.giveBack(r)
	start, end := s.fed, len(s.history)-1
	return s.feed(ctx, r, end, func() {
		if progress != nil {
			progress(s.fed-start, end-start)
		}
	})
}

// feed reads the history up to end in chunks, two of which may be in flight.
// If ctx ends, what was submitted is still read.
func (s *Sequence) feed(ctx context.Context, r *Runner, end int, each func()) error {
	var before backend.Ticket
	for s.fed < end {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(s.e.chunk, end-s.fed)
		t, err := r.Submit(Pass{IDs: s.history[s.fed : s.fed+n], Seqs: []backend.Sequence{s.rows(n)}})
		if err != nil {
			return err
		}
		s.advance(n)
		if each != nil {
			each()
		}
		if err := s.e.Wait(ctx, before); err != nil {
			return err
		}
		before = t
	}
	return s.e.Wait(ctx, before)
}

// pending is how many tokens are still to be read.
func (s *Sequence) pending() int { return len(s.history) - s.fed }

// rows is the record of a pass that reads n more tokens, the sequence alone.
func (s *Sequence) rows(n int) backend.Sequence {
	return backend.Sequence{From: s.slot, To: s.next(1), Rows: n}
}

// next returns the slot that is written n steps on.
func (s *Sequence) next(n int) int { return s.ring.Next(s.slot, n) }

// advance notes that n more tokens have been submitted, in one step.
func (s *Sequence) advance(n int) {
	s.moveTo(s.next(1))
	s.fed += n
}

// moveTo makes slot the sequence's. What fills it has been submitted.
func (s *Sequence) moveTo(slot int) {
	s.slot = slot
	s.row.Store(int64(slot))
}

// restart goes back to the state before the first token: everything is to be
// read again.
func (s *Sequence) restart() {
	s.moveTo(0)
	s.fed = 0
}

// Reset empties the sequence.
func (s *Sequence) Reset() {
	s.history = s.history[:0]
	s.restart()
}

// ErrEmpty is returned where a model has no token to go on from.
var ErrEmpty = errors.New("the prompt is empty: give at least one token to go on from")

// ready makes sure that at least one token is still to be read, since logits
// come from reading one.
func (s *Sequence) ready() error {
	if err := s.Usable(); err != nil {
		return err
	}
	switch {
	case len(s.history) == 0:
		return ErrEmpty
	case s.fed == len(s.history):
		// Restored from a state without its last token's logits.
		s.restart()
	}
	return nil
}

// A Snapshot is a sequence at one moment, in the host's memory.
type Snapshot struct {
	Tokens []int32   // the text
	Fed    int       // how many of them the state has seen
	State  []float32 // per layer the conv state [D][K−1], oldest first, then the SSM state [D][N]
}

// Snapshot copies the sequence.
func (s *Sequence) Snapshot() (Snapshot, error) {
	if err := s.Usable(); err != nil {
		return Snapshot{}, err
	}
	n := Snapshot{Tokens: slices.Clone(s.history), Fed: s.fed, State: s.e.newState()}
	return n, s.e.readSlot(s.slot, n.State)
}

// newState returns memory for a state of the model.
func (e *Engine) newState() []float32 { return make([]float32, e.m.Config().StateBytes()/4) }

// Restore puts the sequence where n was taken, whatever it held.
func (s *Sequence) Restore(n Snapshot) error {
	if err := s.Usable(); err != nil {
		return err
	}
	// Into slots that nobody looks at, and by a copy on the device, so that all of
	// it has been submitted when the sequence moves there.
	to, by := s.next(1), s.next(2)
	if err := s.e.writeSlot(by, n.State); err != nil {
		return err
	}
	if err := s.e.copyState(to, by); err != nil {
		return err
	}
	s.history = append(s.history[:0], n.Tokens...)
	s.moveTo(to)
	s.fed = n.Fed
	return nil
}

// Fork returns a new sequence that goes on from the same place. The state is
// copied on the device; nothing is read again.
func (s *Sequence) Fork() (*Sequence, error) {
	if err := s.Usable(); err != nil {
		return nil, err
	}
	f, err := s.e.NewSequence()
	if err != nil {
		return nil, err
	}
	if s.fed > 0 {
		if err := s.e.copyState(f.ring.First, s.slot); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		f.moveTo(f.ring.First)
	}
	f.history, f.fed = slices.Clone(s.history), s.fed
	return f, nil
}

// State reads what is pending and returns the state after the whole text, in the
// layout of Snapshot.State.
func (s *Sequence) State(ctx context.Context) ([]float32, error) {
	if err := s.Usable(); err != nil {
		return nil, err
	}
	slot := s.slot
	if s.fed < len(s.history) {
		if err := s.Prefill(ctx, nil); err != nil {
			return nil, err
		}
		// One more token, into a slot beside the sequence's own place.
		r, err := s.e.borrow(1)
		if err != nil {
			return nil, err
		}
		defer s.e.giveBack(r)
		if _, err := r.Submit(Pass{IDs: s.history[s.fed:], Seqs: []backend.Sequence{s.rows(1)}}); err != nil {
			return nil, err
		}
		slot = s.next(1)
	}
	state := s.e.newState()
	return state, s.e.readSlot(slot, state)
}

// Close frees the sequence's slots. It must not be generating.
func (s *Sequence) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	s.e.use.Lock()
	defer s.e.use.Unlock()
	if !s.e.closed {
		s.e.FreeSlots(s.ring.First, s.ring.Len)
	}
	return nil
}
