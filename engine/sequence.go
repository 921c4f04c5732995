package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"falconmamba/backend"
)

// A Sequence is one text: the tokens so far and the state that the model is in
// after them. It belongs to one goroutine at a time; Close and Row may be called
// from any. While it is written, in the loop over its tokens, questions about it
// (Logits, State, Snapshot, Fork) see the text as it came out of the loop, and what
// would change the text is ErrBusy.
//
// Reading is lazy: tokens that were appended, or generated last, are read when
// something depends on them. The state is always that after the first fed tokens of
// the history.
type Sequence struct {
	e       *Engine
	history []int32
	drawn   uint32 // tokens that were drawn for it, the generator's counter
	stop    StopReason
	came    string // the stop string, where that is the reason

	// The engine's mu guards these.
	slot   int            // of the state, where the device has it; 0 for the state before the first token
	fed    int            // tokens of history that the state has seen
	spare  place          // an earlier state, kept where the state has seen the whole text; its slot is 0 for none
	host   *hostState     // the state, where the host has it
	copied backend.Ticket // of what copied the state to slot; 0 where a pass computed it
	task   *task          // that writes it
	asked  int            // questions that go on from the state
	used   uint64         // when it was last of use, see tick
	reused int            // tokens of what was appended last that were not read, since the cache had a state
	kept   int            // tokens of history, as many at most as the cache was given a state of
	alien  bool           // the state comes of another arithmetic: the cache is given none
	closed bool
	placed time.Time // when the text that is, or was, written had its row

	row atomic.Int64 // the slot that Row tells; -1 where the device has none
}

// NewSequence returns an empty sequence. It takes no memory of the device before
// something is read.
func (e *Engine) NewSequence() (*Sequence, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || e.closing {
		return nil, e.over()
	}
	s := &Sequence{e: e}
	e.sequences[s] = true
	return s, nil
}

// Tokens returns the text so far: what was appended and what was generated and
// kept. It is not a copy and must not be changed.
func (s *Sequence) Tokens() []int32 { return s.history }

// Fed returns how many of the tokens the state has seen.
func (s *Sequence) Fed() int {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	return s.fed
}

// StopReason says why the last generation ended.
func (s *Sequence) StopReason() StopReason { return s.stop }

// StopString returns the stop string that ended the last generation, "" where something else did.
func (s *Sequence) StopString() string { return s.came }

// Row returns the slot of the sequence's state, for States: while it is written, the
// state after all steps that were submitted, else that after all that was read. ok
// is false where the state is not on the device, and while its text is guessed in little memory. It takes no lock.
func (s *Sequence) Row() (slot int, ok bool) {
	row := int(s.row.Load())
	return max(row, 0), row >= 0
}

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
	s.e.mu.Lock()
	s.reused = 0
	s.e.mu.Unlock()
	return nil
}

// Reused returns how many tokens of the text were not read, since the cache knew a state after them,
// from when tokens were last appended on.
func (s *Sequence) Reused() int {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	return s.reused
}

// Placed returns when the text that was generated last had a row of the tables, for the first time; zero before
// that.
func (s *Sequence) Placed() time.Time {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	return s.placed
}

// Usable says why the sequence cannot be changed now: ErrClosed once it or its
// engine is closed, ErrBusy while it is written or a question about it is answered.
func (s *Sequence) Usable() error {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	return s.free()
}

// free is Usable for a caller that holds the engine's mu.
func (s *Sequence) free() error {
	switch {
	case s.closed || s.e.closed || s.e.closing:
		return s.e.over()
	case s.task != nil || s.asked > 0:
		return ErrBusy
	}
	return nil
}

// enter begins a question that goes on from the state: until leave that stays where it is, but
// for what the question itself reads. It returns the tokens that the state has seen.
func (s *Sequence) enter(ctx context.Context) (fed int, err error) {
	return s.begin(ctx, (*Sequence).moveIn)
}

// look is enter for a question about the state as it is, wherever that is.
func (s *Sequence) look(ctx context.Context) (fed int, err error) {
	return s.begin(ctx, func(*Sequence) error { return nil })
}

// begin begins a question, for which bring may have to wait for memory.
func (s *Sequence) begin(ctx context.Context, bring func(*Sequence) error) (fed int, err error) {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	if s.closed || s.e.closed || s.e.closing {
		return 0, s.e.over()
	}
	// Questions that wait for memory must not hold what each other needs.
	for s.asked == 0 && s.e.asking > 0 && !s.e.fitsBeside(s.e.writing()+s.e.asking) {
		err := s.e.rest(ctx)
		if s.closed || s.e.closed {
			return 0, ErrClosed
		}
		if err != nil {
			return 0, err
		}
	}
	s.e.asking++
	err = s.e.patiently(ctx, func() error {
		if s.closed {
			return ErrClosed
		}
		return bring(s)
	})
	if err != nil {
		s.e.answered()
		return 0, err
	}
	if s.task != nil {
		s.e.goOn(s.task)
	}
	s.dropUnseen()
	s.asked++
	return s.fed, nil
}

func (s *Sequence) leave() {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	s.asked--
	s.used = s.e.tick()
	s.e.answered()
}

// answered counts one question less, and wakes who waits for its memory.
func (e *Engine) answered() {
	e.asking--
	e.lookAgain()
	e.rested.Broadcast()
}

// Prefill reads what was appended, but for the last token, which the next step
// begins with. progress may be nil; it is called with the tokens read and those
// to read.
func (s *Sequence) Prefill(ctx context.Context, progress func(done, total int)) error {
	start, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer s.leave()
	end := len(s.history) - 1
	return s.feed(ctx, end, func(fed int) {
		if progress != nil {
			progress(fed-start, end-start)
		}
	})
}

// feed reads the history up to end, and calls each, if not nil, with the tokens that
// are read after each pass. If ctx ends, what was submitted is still read.
func (s *Sequence) feed(ctx context.Context, end int, each func(fed int)) error {
	e := s.e
	t := &task{seq: s, step: make(chan struct{}, 1), done: make(chan error, 1)}
	e.fetch(ctx, s, s.history[:max(end, 0)], end)
	e.mu.Lock()
	err := e.unread(ctx, s)
	known := 0
	if err == nil && s.fed < end {
		known = e.reuse(s, s.history[:end], end)
	}
	if err != nil || s.fed >= end {
		e.mu.Unlock()
		return err
	}
	t.ids = slices.Clip(s.history[:end])
	t.cuts = e.cuts(s.fed, known, end)
	if err = ctx.Err(); err == nil {
		_, err = e.add(t)
	}
	e.mu.Unlock()
	if err != nil {
		return err
	}
	defer func() { // whoever is called may panic
		e.mu.Lock()
		defer e.mu.Unlock()
		e.drop(t, nil)
	}()
	tell := func() {
		e.mu.Lock()
		passed := t.passed
		t.passed = nil
		e.asking-- // whoever is called may ask himself
		e.mu.Unlock()
		defer func() {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.asking++
		}()
		for _, fed := range passed {
			if each != nil {
				each(fed)
			}
		}
	}
	for {
		select {
		case <-t.step:
			tell()
		case err := <-t.done:
			if err == nil {
				tell()
			}
			return err
		case <-ctx.Done():
		}
		if err := ctx.Err(); err != nil {
			e.mu.Lock()
			e.drop(t, err)
			e.mu.Unlock()
			return <-t.done
		}
	}
}

// unread waits until no task reads s, of which there is one where a question is asked while
// another is answered: two would read the same tokens twice. A closed sequence is an error.
func (e *Engine) unread(ctx context.Context, s *Sequence) error {
	reads := func(t *task) bool { return t.seq == s && t.out == nil }
	for slices.ContainsFunc(e.tasks, reads) || slices.ContainsFunc(e.waiting, reads) {
		if err := e.rest(ctx); err != nil {
			return err
		}
	}
	if s.closed {
		return ErrClosed
	}
	return nil
}

// moveTo makes slot the sequence's, which has seen fed tokens. What fills it has been
// submitted.
func (s *Sequence) moveTo(slot, fed int) {
	s.dropSpare()
	s.host.release()
	s.slot, s.fed, s.host, s.copied = slot, fed, nil, 0
	s.used = s.e.tick()
	s.show()
}

// show sets what Row tells.
func (s *Sequence) show() {
	row, host := s.slot, s.host
	if t := s.task; t != nil && t.writes() {
		if row, host = t.work, t.host; t.speculates() && t.draft.replays() {
			row = -1
		}
	}
	if host != nil {
		row = -1
	}
	s.row.Store(int64(row))
}

// restart goes back to the state before the first token: everything is to be
// read again.
func (s *Sequence) restart() {
	s.e.freeSlot(s.slot)
	s.moveTo(0, 0)
	s.kept, s.alien = 0, false
}

// dropUnseen goes back to the beginning where the state has seen more than the text, as it
// has where a text was read again after a loss, with what its reader had not seen.
func (s *Sequence) dropUnseen() {
	if s.fed > len(s.history) {
		s.restart()
	}
}

// Reset empties the sequence.
func (s *Sequence) Reset() error {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	if err := s.free(); err != nil {
		return err
	}
	s.history, s.drawn, s.reused = s.history[:0], 0, 0
	s.restart()
	return nil
}

// Drawn returns how many tokens were drawn for the text, the generator's counter.
func (s *Sequence) Drawn() uint32 { return s.drawn }

// Rewind takes the text back to its first n tokens, when so many had been drawn for it. What of
// these the state had not seen then is read again, from the longest beginning on that
// the cache knows.
func (s *Sequence) Rewind(n int, drawn uint32) error {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	if err := s.free(); err != nil {
		return err
	}
	if n < 0 || n > len(s.history) {
		return fmt.Errorf("back to token %d of %d: want one of the text", n, len(s.history))
	}
	s.history, s.drawn, s.reused = s.history[:n], drawn, 0
	if s.fed <= n {
		return nil
	}
	if s.spare.slot != 0 && s.spare.fed <= n {
		s.goBack()
	} else {
		s.restart()
	}
	s.kept = min(s.kept, s.fed)
	return nil
}

// ErrEmpty is returned where a model has no token to go on from.
var ErrEmpty = errors.New("the prompt is empty: give at least one token to go on from")

// ready makes sure that at least one token is still to be read, since logits
// come from reading one. It goes back to the state that was kept for this, or else
// to the beginning.
func (s *Sequence) ready() {
	if s.fed < len(s.history) {
		return
	}
	if s.spare.slot != 0 {
		s.goBack()
		return
	}
	s.restart()
}

// goBack goes to the earlier state that was kept.
func (s *Sequence) goBack() {
	back := s.spare
	s.spare = place{}
	s.e.freeSlot(s.slot)
	s.moveTo(back.slot, back.fed)
}

// dropSpare lets the earlier state go, and reports whether there was one.
func (s *Sequence) dropSpare() bool {
	had := s.spare.slot != 0
	s.e.freeSlot(s.spare.slot)
	s.spare = place{}
	return had
}

// A Snapshot is a sequence at one moment, in the host's memory.
type Snapshot struct {
	Tokens []int32   // the text
	Fed    int       // how many of them the state has seen
	Drawn  uint32    // tokens that were drawn for it
	Alien  bool      // the state was computed with another Arithmetic than the engine's
	State  []float32 // per layer the conv state [D][K−1], oldest first, then the SSM state [D][N]
}

// Snapshot copies the sequence. It may wait for memory of the device until ctx ends.
func (s *Sequence) Snapshot(ctx context.Context) (Snapshot, error) {
	if _, err := s.look(ctx); err != nil {
		return Snapshot{}, err
	}
	defer s.leave()
	n := Snapshot{Tokens: slices.Clone(s.history), Drawn: s.soFar(), State: s.e.newState()}
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	err := s.e.patiently(ctx, func() error {
		if s.closed || s.e.closed {
			return s.e.over()
		}
		n.Fed, n.Alien = s.fed, s.alien
		return s.download(n.State)
	})
	return n, err
}

// soFar is how many tokens were drawn for the text that came out of the loop.
func (s *Sequence) soFar() uint32 {
	if t := s.task; t != nil {
		return s.drawn + uint32(t.seen.Load())
	}
	return s.drawn
}

// newState returns memory for a state of the model.
func (e *Engine) newState() []float32 { return make([]float32, e.cfg.StateBytes()/4) }

// Restore puts the sequence where n was taken, whatever it held. It may wait for memory of the device until ctx ends;
// the sequence stays as it was then.
func (s *Sequence) Restore(ctx context.Context, n Snapshot) error {
	e := s.e
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := s.free(); err != nil {
		return err
	}
	err := e.patiently(ctx, func() error {
		if err := s.free(); err != nil {
			return err
		}
		return s.set(n.Fed, n.State)
	})
	if err != nil {
		return err
	}
	s.history, s.drawn = append(s.history[:0], n.Tokens...), n.Drawn
	s.reused, s.kept, s.alien = 0, 0, n.Alien
	return nil
}

// fill gives the sequence another state, of fed tokens, which f has copied to a slot. If
// that fails the sequence stays where it was.
func (s *Sequence) fill(fed int, f func(slot int) (backend.Ticket, error)) error {
	slot, err := s.e.takeSlots(1)
	if err != nil {
		return err
	}
	copied, err := f(slot)
	if err != nil {
		s.e.freeSlot(slot)
		return err
	}
	s.e.freeSlot(s.slot)
	s.moveTo(slot, fed)
	s.copied = copied
	return nil
}

// set gives the sequence a state of fed tokens.
func (s *Sequence) set(fed int, state []float32) error {
	return s.fill(fed, func(slot int) (backend.Ticket, error) { return 0, s.e.writeSlot(slot, state) })
}

// State reads what is pending and returns the state after the whole text, in the
// layout of Snapshot.State.
func (s *Sequence) State(ctx context.Context) ([]float32, error) {
	if _, err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave()
	if err := s.feed(ctx, len(s.history)-1, nil); err != nil {
		return nil, err
	}
	state := s.e.newState()
	for {
		fed, err := s.readState(ctx, state)
		if err != nil || fed == len(s.history) {
			return state, err
		}
		if fed < len(s.history)-1 { // it was lost
			if err := s.feed(ctx, len(s.history)-1, nil); err != nil {
				return nil, err
			}
			continue
		}
		// One more token, into a slot beside the sequence's own place.
		one := &score{seq: s, from: fed, ids: s.history[fed:]}
		lost := false
		err = s.e.askBehind(ctx, one, func(*Runner) error {
			s.e.mu.Lock()
			defer s.e.mu.Unlock()
			if s.e.closed {
				return s.e.over()
			}
			err := s.e.readSlot(one.beside, state)
			lost = s.e.recovers(err)
			return err
		})
		if !lost {
			return state, err
		}
	}
}

// readState reads the state, if it has seen the whole text, and returns the tokens that it
// has seen.
func (s *Sequence) readState(ctx context.Context, state []float32) (fed int, err error) {
	e := s.e
	e.mu.Lock()
	defer e.mu.Unlock()
	err = e.patiently(ctx, func() error {
		if err := e.reopened(ctx); err != nil {
			return err
		}
		if s.closed {
			return ErrClosed
		}
		if fed = s.fed; fed < len(s.history) {
			return nil
		}
		return s.download(state)
	})
	return fed, err
}

// download copies the state to dst, wherever it is. Others have the engine's mu meanwhile.
func (s *Sequence) download(dst []float32) error {
	if s.host != nil {
		return s.e.readRow(s.host, dst)
	}
	return s.e.readSlot(s.slot, dst)
}

// Close frees the sequence. A loop over its tokens ends with ErrClosed.
func (s *Sequence) Close() error {
	e := s.e
	e.mu.Lock()
	defer e.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	delete(e.sequences, s)
	if e.closed {
		return nil
	}
	for _, t := range slices.Concat(e.tasks, e.waiting) {
		if t.seq == s {
			e.drop(t, ErrClosed)
		}
	}
	e.scoring = slices.DeleteFunc(e.scoring, func(q *score) bool {
		if q.seq == s {
			q.end(ErrClosed)
		}
		return q.seq == s
	})
	s.restart()
	e.rested.Broadcast() // a question about it may wait for memory
	return nil
}
