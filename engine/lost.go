package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"falconmamba/backend"
	"falconmamba/model"
)

// lossesInARow is how many times a device is opened anew without a pass that came to its
// end in between.
const lossesInARow = 3

// errRestarted is what a score gets whose sequence has to be read again first.
var errRestarted = errors.New("the state was lost by a pass that failed: ask again, and the text is read anew")

// RecoverWith makes the engine go on after [backend.ErrDeviceLost]: reopen closes the model, the draft
// model if there is one, and their device, as far as that is possible, and loads them again on another. Texts are read
// again, and what is written is what would have been. Meanwhile all calls wait. It is called
// before the engine is used.
func (e *Engine) RecoverWith(reopen func() (m, draft *model.Model, err error)) { e.reopen = reopen }

// recovers reports whether err is a loss that the engine goes on after, and wakes the
// loop to do so.
func (e *Engine) recovers(err error) bool {
	if e.reopen == nil || e.closed || !errors.Is(err, backend.ErrDeviceLost) {
		return false
	}
	if !e.lost {
		e.log.Error("the device is lost", "err", err)
	}
	e.lost = true
	e.lookAgain()
	return true
}

// reopened waits until a device that is lost is open again, or ctx ends, which is an error, as the engine's end is.
func (e *Engine) reopened(ctx context.Context) error {
	for e.lost && !e.closed {
		if err := e.rest(ctx); err != nil && e.lost && !e.closed {
			return err
		}
	}
	if e.closed {
		return e.over()
	}
	return nil
}

// recover opens the device anew. Nothing is in flight.
func (e *Engine) recover() {
	for e.using+e.reading > 0 {
		e.rested.Wait()
	}
	defer func() {
		e.lost = false
		e.lookAgain()
		e.rested.Broadcast()
	}()
	e.losses++
	e.count.Lost++
	for _, t := range slices.Concat(e.tasks, e.waiting) {
		t.lose()
	}
	for s := range e.sequences {
		s.lose()
	}
	e.repeat, e.prompts, e.sound, e.forks = nil, prompts{}, 0, forks{}
	_ = e.free() // of a device that is lost
	e.runner = nil
	err := errors.New("it was lost again and again")
	if e.losses <= lossesInARow {
		var m, draft *model.Model
		if m, draft, err = e.reopen(); err == nil {
			e.m, e.b = m, m.Backend()
			e.block, e.stream = backend.NewScratch(e.b), backend.NewScratch(e.b)
			err = e.open(draft)
		}
	}
	if err == nil || e.recovers(err) {
		e.log.Info("the device is open again", "err", err)
		return
	}
	err = fmt.Errorf("%w, and cannot be used again: %w", backend.ErrDeviceLost, err)
	e.log.Error("the device is gone", "err", err)
	e.fallen = err
	for _, t := range slices.Concat(e.tasks, e.waiting) {
		e.drop(t, err)
	}
	for _, s := range e.scoring {
		s.end(err)
	}
	e.scoring = nil
	e.close()
}

// lose forgets what the device had of the sequence.
func (s *Sequence) lose() {
	s.slot, s.spare, s.host, s.copied = 0, place{}, nil, 0
	s.fed, s.kept, s.alien = 0, 0, false // the cache is lost too
	if t := s.task; t != nil {
		t.mark, t.marked, t.final, t.host = place{}, 0, place{}, nil
	}
	s.show()
}

// lose makes a text that was written one that is to be read, with what was written of it.
func (t *task) lose() {
	t.inFlight = 0
	if t.draft != nil {
		t.draft.on, t.draft.ring, t.draft.other = false, backend.Ring{}, 0
		t.draft.stale, t.draft.follow = false, nil
	}
	if !t.writes() {
		return
	}
	if t.turn == pickTurn {
		t.turn = noTurn // the logits come again
		t.turns++
	}
	t.ids = slices.Concat(t.ids, t.written)
	t.begun, t.cuts = false, nil
	t.work, t.host, t.written, t.submitted, t.resumes = 0, nil, nil, t.taken, false
	t.seq.show()
}
