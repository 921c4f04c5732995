package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"falconmamba/backend"
	"falconmamba/model"
)

// A score is one pass whose logits or hidden states the host reads.
type score struct {
	seq    *Sequence
	from   int // tokens that the sequence has seen before ids
	ids    []int32
	heads  []int32
	hidden bool
	spare  bool // the state before ids stays too
	moves  bool // the sequence goes on behind ids; else its state stays
	beside int  // the slot of the state behind ids, where the sequence stays; freed by who asked
	done   chan error
}

func (s *score) end(err error) { s.done <- err }

// submitScore submits the first score, alone: what it leaves for the host is the
// caller's until it has been read. It reports whether to go on: a score for which there
// is no memory now waits for what others free, unless nothing else runs.
func (e *Engine) submitScore(last bool) bool {
	s := e.scoring[0]
	e.repeat = nil
	ticket, err := e.startScore(s)
	if errors.Is(err, backend.ErrOutOfMemory) && (!last || len(e.flights) > 0) || e.recovers(err) {
		return false
	}
	e.scoring = slices.Delete(e.scoring, 0, 1)
	if err != nil {
		s.end(err)
		return true
	}
	e.flights = append(e.flights, flight{ticket: ticket, at: time.Now(), rows: len(s.ids), score: s})
	return true
}

func (e *Engine) startScore(s *score) (backend.Ticket, error) {
	q := s.seq
	if q.fed != s.from {
		return 0, errRestarted
	}
	e.goesOn = q
	defer func() { e.goesOn = nil }()
	if err := q.moveIn(); err != nil {
		return 0, err
	}
	to := q.slot
	if !s.moves || s.spare || to == 0 {
		slot, err := e.takeSlots(1)
		if err != nil {
			return 0, err
		}
		to = slot
	}
	p := Pass{IDs: s.ids, Heads: s.heads, Head: model.Logits, Hidden: s.hidden,
		Seqs: []backend.Sequence{{From: q.slot, To: to, Rows: len(s.ids)}}}
	if len(s.heads) == 0 {
		p.Head = model.NoHead
	}
	ticket, err := e.runner.submit(p)
	switch {
	case err != nil:
		if to != q.slot {
			e.freeSlot(to)
		}
	case s.moves:
		before := place{q.slot, q.fed}
		q.moveTo(to, q.fed+len(s.ids))
		if s.spare {
			q.spare = before
		}
	default:
		s.beside = to
	}
	return ticket, err
}

// ask runs a score and calls use while its results are there.
func (e *Engine) ask(ctx context.Context, s *score, use func(r *Runner) error) error {
	select {
	case <-e.scores:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { e.scores <- struct{}{} }()
	if err := e.enter(s); err != nil {
		return err
	}
	var err error
	select {
	case err = <-s.done:
	case <-ctx.Done():
		// What is submitted comes to its end, since it moves the sequence.
		if e.withdraw(s) {
			return ctx.Err()
		}
		err = errors.Join(ctx.Err(), <-s.done)
	}
	e.mu.Lock()
	runner, beside := e.runner, s.beside
	if err != nil && beside != 0 {
		e.freeSlot(beside)
	}
	if err != nil {
		e.using = false
		e.rested.Broadcast()
	}
	e.mu.Unlock()
	if err != nil {
		return err
	}
	err = use(runner)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.using = false
	e.rested.Broadcast()
	e.freeSlot(beside)
	return err
}

// askBehind is ask for a question about what follows the first s.from tokens. Where the
// state is lost meanwhile, it reads them again first.
func (e *Engine) askBehind(ctx context.Context, s *score, use func(r *Runner) error) error {
	for {
		err := e.ask(ctx, s, use)
		if !errors.Is(err, errRestarted) || s.seq.Fed() >= s.from {
			return err
		}
		if err := s.seq.feed(ctx, s.from, nil); err != nil {
			return err
		}
	}
}

func (e *Engine) enter(s *score) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || e.closing || s.seq.closed {
		return e.over()
	}
	s.done = make(chan error, 1)
	e.scoring = append(e.scoring, s)
	e.more.Signal()
	return nil
}

// withdraw takes a score back that was not submitted yet.
func (e *Engine) withdraw(s *score) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.Index(e.scoring, s)
	if i < 0 {
		return false
	}
	e.scoring = slices.Delete(e.scoring, i, i+1)
	return true
}
