package engine

import (
	"context"
	"errors"
	"slices"

	"falconmamba/backend"
	"falconmamba/internal/clock"
	"falconmamba/model"
)

// A score is what the host asks of a run of tokens: logits, hidden states or a state. Scores
// that wait together share a pass.
type score struct {
	seq    *Sequence
	from   int // tokens that the sequence has seen before ids
	ids    []int32
	heads  []int32 // rows of ids
	hidden bool
	spare  bool // the state before ids stays too
	moves  bool // the sequence goes on behind ids; else its state stays
	beside int  // the slot of the state behind ids, where the sequence stays; freed by who asked
	row    int  // of the pass: the first of ids
	head   int  // of the pass's logits: the first of heads
	done   chan error
}

func (s *score) end(err error) { s.done <- err }

// logits returns the scores at heads[i], valid while ask's use runs.
func (s *score) logits(r *Runner, i int) []float32 { return r.Logits(s.head + i) }

// states returns the hidden states [len(ids)·H] of all ids at block i, valid while ask's use
// runs.
func (s *score) states(r *Runner, i int) []float32 {
	return r.Hidden(i, s.row+len(s.ids))[s.row*r.e.cfg.HiddenSize:]
}

// scorable reports whether scores wait that may be submitted: what a pass of them leaves on
// the device stays there until all who asked have read it.
func (e *Engine) scorable() bool {
	return len(e.scoring) > 0 && e.using == 0 &&
		!slices.ContainsFunc(e.flights, func(f flight) bool { return len(f.scores) > 0 })
}

// submitScores submits the first score, and with it those that fit into its pass. It reports
// whether to go on: a score for which there is no memory now waits for what others free,
// unless nothing else runs.
func (e *Engine) submitScores(last bool) bool {
	e.repeat = nil
	p, ticket, err := e.startScores(2 * e.most)
	if err != nil && len(p.scores) > 1 && !e.recovers(err) {
		// What fails for one must not fail for all.
		p, ticket, err = e.startScores(1)
	}
	switch {
	case e.lost || e.recovers(err):
		return false
	case err == nil && len(p.scores) == 0:
		return true // all have ended
	case err == nil:
		e.flights = append(e.flights,
			flight{ticket: ticket, at: clock.Now(), rows: len(p.IDs), scores: p.scores})
		return true
	case errors.Is(err, backend.ErrOutOfMemory) && (!last || e.frees()):
		return false
	}
	s := e.scoring[0]
	e.scoring = slices.Delete(e.scoring, 0, 1)
	s.end(err)
	return true
}

// startScores submits a pass of the first score that waits and of others, at most of them. An
// error is what the pass failed with, or where nothing could be added to it the first score;
// then all wait as before. Others that fail are ended.
func (e *Engine) startScores(most int) (p scorePass, ticket backend.Ticket, err error) {
	defer clear(e.goesOn)
	for _, s := range slices.Clone(e.scoring) {
		if !p.takes(e, s, most) {
			continue
		}
		if err = p.add(e, s); err == nil {
			continue
		}
		if e.recovers(err) || errors.Is(err, backend.ErrOutOfMemory) {
			break
		}
		e.unqueue(s)
		s.end(err)
		err = nil
	}
	if e.lost || len(p.scores) == 0 {
		p.undo(e)
		return p, 0, err
	}
	if ticket, err = e.runner.submit(p.Pass); err != nil {
		p.undo(e)
		return p, 0, err
	}
	for i, s := range p.scores {
		q, to := s.seq, p.Seqs[i].To
		e.unqueue(s)
		if !s.moves {
			s.beside = to
			continue
		}
		before := place{q.slot, q.fed}
		q.moveTo(to, q.fed+len(s.ids))
		if s.spare {
			q.spare = before
		}
	}
	return p, ticket, nil
}

// A scorePass is a pass whose sequence i is for scores[i].
type scorePass struct {
	Pass
	scores []*score
}

// takes reports whether a score has room in the pass; the first always has.
func (p *scorePass) takes(e *Engine, s *score, most int) bool {
	return len(p.scores) == 0 ||
		len(p.scores) < most && s.hidden == p.Hidden && !e.goesOn[s.seq] &&
			len(p.IDs)+len(s.ids) <= e.chunk && len(p.Heads)+len(s.heads) <= e.heads
}

// add adds a score to the pass, and takes the slot that it needs.
func (p *scorePass) add(e *Engine, s *score) error {
	q := s.seq
	if q.fed != s.from {
		return errRestarted
	}
	e.goesOn[q] = true
	if err := q.moveIn(); err != nil {
		return err
	}
	one := backend.Sequence{From: q.slot, To: q.slot, First: len(p.IDs), Rows: len(s.ids)}
	if !s.moves || s.spare || q.slot == 0 {
		slot, err := e.takeSlots(1)
		if err != nil {
			return err
		}
		one.To = slot
	}
	s.row, s.head = len(p.IDs), len(p.Heads)
	p.scores, p.Seqs = append(p.scores, s), append(p.Seqs, one)
	p.IDs = append(p.IDs, s.ids...)
	for _, row := range s.heads {
		p.Heads = append(p.Heads, int32(s.row)+row)
	}
	p.Head = model.NoHead
	if len(p.Heads) > 0 {
		p.Head = model.Logits
	}
	p.Hidden = s.hidden
	return nil
}

// undo gives back the slots of a pass that was not submitted.
func (p *scorePass) undo(e *Engine) {
	for i, s := range p.scores {
		if to := p.Seqs[i].To; to != s.seq.slot {
			e.freeSlot(to)
		}
	}
}

// ask runs a score and calls use while its results are there.
func (e *Engine) ask(ctx context.Context, s *score, use func(r *Runner) error) error {
	if err := e.enter(s); err != nil {
		return err
	}
	select {
	case err := <-s.done:
		if err != nil {
			return err
		}
	case <-ctx.Done():
		// What is submitted comes to its end, since it moves the sequence.
		if e.withdraw(s) {
			return ctx.Err()
		}
		if err := <-s.done; err != nil {
			return errors.Join(ctx.Err(), err)
		}
	}
	defer e.used(s)
	if err := ctx.Err(); err != nil {
		return err
	}
	e.mu.Lock()
	runner := e.runner
	e.mu.Unlock()
	return use(runner)
}

// used says that who asked for a score has read what it left on the device.
func (e *Engine) used(s *score) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.freeSlot(s.beside)
	s.beside = 0
	if e.using--; e.using == 0 {
		e.lookAgain()
	}
	e.rested.Broadcast()
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
	e.lookAgain()
	return nil
}

// withdraw takes a score back that was not submitted yet.
func (e *Engine) withdraw(s *score) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.unqueue(s)
}

// unqueue takes a score out of those that wait, and reports whether it was there.
func (e *Engine) unqueue(s *score) bool {
	i := slices.Index(e.scoring, s)
	if i < 0 {
		return false
	}
	e.scoring = slices.Delete(e.scoring, i, i+1)
	return true
}
