package engine

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"falconmamba/backend"
	"falconmamba/engine/draft"
	"falconmamba/internal/clock"
	"falconmamba/model"
)

// A schedule is what the loop of an engine works from. The engine's mu guards it.
type schedule struct {
	more   sync.Cond // something was added, or may go on, or the engine is closed; told by lookAgain
	rested sync.Cond // something has ended

	runner  *Runner // of the loop; made when first wanted
	rows    tableRows
	tabled  bool     // there are rows
	waiting []*task  // for a row of the tables, see admit.go
	tasks   []*task  // that run, in the order in which they began
	arrived uint64   // tasks that were added so far
	scoring []*score // in order of arrival
	using   int      // scores whose results are read on the device
	scored  bool     // the latest pass was of scores: then it is the tasks' turn
	flights []flight // submitted and not finished, oldest first
	repeat  []*task  // who drew in the latest pass, where it may run again as it is

	drafts      int  // tokens that are guessed at most; 0: none
	draftStates int  // slots that rounds take at most
	replays     bool // what was right may be read again and comes to the same states

	spare []int // rows of the tables for drafts
	costs costs // of passes that write
	eager bool  // texts are guessed whatever it costs: in tests

	leastPass float64 // seconds of a plain pass, below which texts are not guessed

	guesser func(text []int32) draft.Drafter // of texts that bring none, where it is not nil: in tests

	count   counters
	asking  int        // questions, see Sequence.enter
	patient int        // callers that wait for memory
	idle    bool       // the loop has submitted all that it could, and waits for more
	looks   bool       // the loop is to look again for absent readers
	uses    uint64     // of sequences, counted by tick
	prompts prompts    // how many tokens of them a pass reads
	ready   clock.Time // when the latest flight was finished; 0 where the device is idle
}

// tableRows are the rows of the runner's tables that no task has. Texts that are only
// read have rows of their own: a text that waits for its reader may keep its row for
// ever, and its reader may be waiting for a text to be read.
type tableRows struct{ write, read []int }

// of returns the rows for a task like t.
func (r *tableRows) of(t *task) *[]int {
	if t.out != nil {
		return &r.write
	}
	return &r.read
}

// A flight is a submitted pass.
type flight struct {
	ticket  backend.Ticket
	at      clock.Time // when it was submitted
	rows    int
	writers int // rows of texts that go on
	draws   []drawn
	rounds  []round
	few     bool       // there are rounds, or texts that were written by them: rows are multiplied as one is
	guesses []guessing // what the draft model does, of which nothing else is in this flight
	passes  int        // of it that guess; 0 where it reads
	reads   []part     // of texts, n counted from the text's beginning
	scores  []*score
	kept    []*keptState // that it fills
}

// drawn is a token that a flight brings.
type drawn struct {
	t     *task
	token int // of the task, counted from 0
}

// serve is the loop: it keeps the device busy, and hands out what comes back.
// While it waits for the device, others add to the schedule.
func (e *Engine) serve() {
	defer close(e.ended)
	e.mu.Lock()
	defer e.mu.Unlock()
	for {
		for !e.closed && !e.lost && len(e.flights) < e.ahead && e.submitNext() {
		}
		if len(e.flights) == 0 {
			switch {
			case e.closed:
				return
			case e.lost:
				e.recover()
				continue
			}
			e.ready, e.idle = 0, true
			e.rested.Broadcast() // who waits for memory is told that none comes by itself
			e.more.Wait()
			continue
		}
		f, b := e.flights[0], e.b
		e.mu.Unlock()
		err := b.Wait(context.Background(), f.ticket)
		e.mu.Lock()
		e.flights = slices.Delete(e.flights, 0, 1)
		e.finish(f, err)
	}
}

// lookAgain has the loop look for something to submit.
func (e *Engine) lookAgain() {
	e.idle = false
	e.more.Signal()
}

// close ends everything. The loop returns once the device has done with what was
// submitted.
func (e *Engine) close() {
	if e.closed {
		return
	}
	for _, t := range slices.Concat(e.tasks, e.waiting) {
		e.drop(t, ErrClosed)
	}
	for _, s := range e.scoring {
		s.end(ErrClosed)
	}
	e.scoring = nil
	e.closed = true
	e.lookAgain()
	e.rested.Broadcast()
}

// submitNext submits one more pass, and reports whether there was one.
func (e *Engine) submitNext() bool {
	if err := e.prepare(); err != nil {
		if e.recovers(err) {
			return false
		}
		// Texts run without a runner where the device was opened anew.
		for _, t := range slices.Concat(e.tasks, e.waiting) {
			e.drop(t, err)
		}
		for _, s := range e.scoring {
			s.end(err)
		}
		e.scoring = nil
		return false
	}
	e.admit()
	if e.scorable() && !e.scored {
		e.scored = true
		if e.submitScores(false) {
			return true
		}
	}
	e.scored = false
	if e.submitStep() {
		return true
	}
	return e.scorable() && e.submitScores(true)
}

// prepare makes the runner when something first waits for it.
func (e *Engine) prepare() (err error) {
	if e.runner != nil || len(e.tasks)+len(e.waiting)+len(e.scoring) == 0 {
		return nil
	}
	spare := 0
	if e.drafts > 0 {
		spare = draftRows
	}
	if e.runner, err = e.newRunner(2*e.most, e.chunk, e.heads, spare); err != nil {
		e.runner = nil
		return err
	}
	e.spare = e.spare[:0]
	for i := range spare {
		e.spare = append(e.spare, 2*e.most+i)
	}
	if e.tabled {
		return nil // who has a row keeps it
	}
	e.tabled = true
	for i := range e.most {
		e.rows.write = append(e.rows.write, e.most-1-i)
		e.rows.read = append(e.rows.read, 2*e.most-1-i)
	}
	return nil
}

// submitStep submits a pass of the running tasks: a row for each that writes, and
// parts of the texts that are still to be read.
func (e *Engine) submitStep() bool {
	var writers, guessed, readers []*task
	keeping := e.keeping()
	for _, t := range e.tasks {
		switch {
		case t.yielding || t.waitsForHost() || t.keeps() && keeping:
		case !t.writes() && t.out != nil && t.seq.asked > 0: // it is read again, and a question is answered
		case !t.writes():
			if t.pending() > 0 && !e.begin(t) {
				readers = append(readers, t)
			}
		case t.full() || t.last():
		case !t.speculates():
			writers = append(writers, t)
		case t.drained():
			guessed = append(guessed, t)
		}
	}
	if e.draft != nil {
		var list []wish
		list, guessed = e.asks(guessed, len(writers)+len(guessed)-1, len(readers) > 0)
		if e.submitDrafts(list, len(writers)+len(guessed)) {
			return true
		}
	}
	rounds, writers := e.rounds(guessed, writers, len(readers) > 0)
	// Who was written by rounds that replay reads what it lags behind, in a pass like theirs.
	lagging := slices.ContainsFunc(writers, func(t *task) bool { return t.lag() > 1 })
	if lagging {
		readers = nil
	}
	if len(readers)+len(rounds) == 0 {
		if len(writers) == 0 {
			return false
		}
		if slices.Equal(writers, e.repeat) && !slices.ContainsFunc(writers, (*task).due) {
			ticket, err := e.runner.step()
			e.launched(flight{ticket: ticket, rows: len(writers), writers: len(writers), draws: e.next(writers)}, err)
			return true
		}
	}
	e.repeat = nil
	var p Pass
	f := flight{few: lagging || len(rounds) > 0}
	again := len(rounds) == 0 // the ids may stay as they are
	var short lack
	writers = slices.DeleteFunc(writers, func(t *task) bool {
		again = again && !t.resumes && !t.keeps() && t.Allow == nil
		id, err := e.input(t)
		if err != nil {
			short.note(e, t, err)
			return true
		}
		n := t.lag()
		p.Seqs = append(p.Seqs, backend.Sequence{From: t.work, To: t.work, First: len(p.IDs), Rows: n, Slot: t.slot})
		if n > 1 {
			again = false
			p.IDs = append(p.IDs, t.tail(t.length() - n)[:n-1]...)
		}
		p.IDs = append(p.IDs, id)
		return false
	})
	f.draws, f.writers = e.next(writers), len(p.IDs)
	// Those that draw come first, since the others are only read.
	shares := e.share(readers, len(p.IDs))
	slices.SortStableFunc(shares, func(a, b part) int { return b.draws() - a.draws() })
	for _, share := range shares {
		t := share.t
		if err := e.read(&p, share); err != nil {
			short.note(e, t, err)
			continue
		}
		f.reads = append(f.reads, part{t, t.seq.fed})
		t.inFlight++
		if t.writes() {
			f.draws = append(f.draws, drawn{t, t.submitted - 1})
		}
	}
	for _, r := range rounds {
		if !r.t.speculates() { // others have taken its slots
			e.spare = append(e.spare, r.rows...)
			continue
		}
		if err := r.begin(e, &p); err != nil {
			e.spare = append(e.spare, r.rows...)
			short.note(e, r.t, err)
			continue
		}
		f.rounds, f.writers = append(f.rounds, r), f.writers+r.lag+len(r.drafts)
	}
	if e.lost {
		return false
	}
	if len(p.IDs) == 0 {
		return short.settle(e)
	}
	// Last, since whoever needs room before may take what is kept, and this pass is still to read it.
	for i, t := range writers {
		if p.Seqs[i].Rows == 1 && t.due() && e.checkpoint(t) {
			p.Seqs[i].To, again = t.work, false
		}
	}
	p.draw(f)
	ticket, err := e.runner.submit(p)
	f.rows, f.ticket = len(p.IDs), ticket
	for _, d := range f.draws {
		d.t.uploaded = d.token
	}
	if err == nil {
		e.keepRead(&f)
	}
	e.launched(f, err)
	if again && len(f.reads) == 0 && err == nil {
		e.repeat = writers
	}
	return true
}

// draw has a pass draw for its first sequences, and for all rows of its last ones, which are rounds.
func (p *Pass) draw(f flight) {
	draws, rounds := f.draws, f.rounds
	if len(draws)+len(rounds) == 0 {
		return
	}
	p.Head = model.ArgMax
	for i, d := range draws {
		t, q := d.t, p.Seqs[i]
		if !t.greedy() {
			p.Head = model.Sample
		}
		p.Keep = p.Keep || t.keeps()
		p.Bias = p.Bias || t.biased()
		p.Probs = p.Probs || t.LogProbs && !t.keeps()
		p.Filtered = p.Filtered || t.FilteredLogProbs && !t.keeps()
		p.Heads = append(p.Heads, int32(q.First+q.Rows-1))
		if f.few {
			p.Draws = append(p.Draws, t.slot)
		}
	}
	for i, r := range rounds {
		r.draw(p, p.Seqs[len(p.Seqs)-len(rounds)+i].First)
	}
}

// A lack is a text for whose state there was no memory. It waits for what others free.
type lack struct {
	t   *task
	err error
}

// note drops a task that failed, unless for want of memory.
func (l *lack) note(e *Engine, t *task, err error) {
	switch {
	case e.recovers(err):
	case errors.Is(err, backend.ErrOutOfMemory):
		l.t, l.err = t, err
	default:
		e.drop(t, err)
	}
}

// settle is for a pass that has nothing to run. It reports whether to look again.
func (l *lack) settle(e *Engine) bool {
	switch {
	case l.t == nil:
		return true // all have been dropped, or are to be asked again
	case e.frees() || e.asking > 0 && l.t.out != nil:
		return false // these will free some
	}
	e.drop(l.t, l.err)
	return true
}

// next counts the token that each writer draws in the next step.
func (e *Engine) next(writers []*task) []drawn {
	d := make([]drawn, len(writers))
	for i, t := range writers {
		d[i] = drawn{t, t.submitted}
		t.fed = t.begin + t.submitted
		t.submitted++
	}
	return d
}

// launched notes a submitted pass, or what its failure ends.
func (e *Engine) launched(f flight, err error) {
	if err != nil {
		e.fail(f, err)
		return
	}
	f.at = clock.Now()
	e.flights = append(e.flights, f)
	for _, r := range f.reads {
		r.t.seq.show() // not before: until now nothing was to fill the row
	}
	for _, d := range f.draws {
		d.t.seq.show()
		e.goOn(d.t)
	}
	for _, r := range f.rounds {
		e.freeSlot(r.frees)
		r.t.seq.show()
		e.goOn(r.t)
	}
}

// A part is n tokens of a task's text, which a pass reads.
type part struct {
	t *task
	n int
}

// draws is 1 where the pass draws the first token that follows the text, else 0.
func (p part) draws() int {
	if p.t.out != nil && p.n == p.t.pending() {
		return 1
	}
	return 0
}

// share divides a pass between the texts to be read: equal parts, and what the
// short ones leave to the long ones, so that no short one waits for a long one.
func (e *Engine) share(readers []*task, writers int) []part {
	if len(readers) == 0 {
		return nil
	}
	left := e.chunk - writers
	if writers > 0 {
		left = min(left, e.prompts.beside(e.pace, e.chunk))
	}
	// Of equals the short ones come first; texts in the background have what is left.
	order := slices.Clone(readers)
	slices.SortStableFunc(order, func(a, b *task) int {
		return cmp.Or(a.rank()-b.rank(), a.pending()-b.pending())
	})
	var parts []part
	for i, t := range order {
		equals := 0
		for _, u := range order[i:] {
			if u.rank() == t.rank() {
				equals++
			}
		}
		if n := min(t.uncut(), max(1, left/equals), left); n > 0 {
			parts = append(parts, part{t, n})
			left -= n
		}
	}
	return parts
}

// read adds the next tokens of a text to the pass: from the last of them on, it is
// one that writes.
func (e *Engine) read(p *Pass, share part) (err error) {
	t, n := share.t, share.n
	s := t.seq
	if err := s.moveIn(); err != nil {
		return err
	}
	to := s.slot
	draws := share.draws() > 0
	switch {
	case draws:
		// The state before these tokens stays: the text can go on from there.
		if t.work, err = e.takeSlots(1); err != nil {
			return err
		}
		to = t.work
	case s.slot == 0:
		if to, err = e.takeSlots(1); err != nil {
			return err
		}
	}
	if draws {
		if err := e.runner.draw(t.slot, t.drawing(s.drawn, t.ids)); err != nil {
			e.freeSlot(t.work)
			t.work = 0
			return err
		}
		t.drawnBefore = s.drawn
		t.submitted, t.fed = t.taken+1, len(t.ids)
	}
	p.Seqs = append(p.Seqs, backend.Sequence{From: s.slot, To: to, First: len(p.IDs), Rows: n, Slot: t.slot})
	p.IDs = append(p.IDs, t.ids[s.fed:s.fed+n]...)
	if !draws {
		s.dropSpare()
		s.slot, s.fed = to, s.fed+n
		s.used = e.tick()
	}
	return nil
}

// finish hands out what a flight brought.
func (e *Engine) finish(f flight, err error) {
	now := clock.Now()
	e.keptNow(f, err)
	if len(f.guesses) > 0 {
		e.finishDrafts(f, now, err)
		return
	}
	took := f.took(e.ready, now)
	if err == nil {
		e.sound = f.ticket
		if e.ready != 0 && len(f.scores) == 0 {
			e.prompts.learn(f.rows-f.writers, now.Sub(e.ready))
		}
		e.busy(f, now)
		e.costs.learn(f, e.ready, now)
		e.losses = 0
	}
	e.ready = now
	for _, r := range f.rounds {
		e.spare = append(e.spare, r.rows...)
	}
	if err != nil {
		if !e.recovers(err) {
			e.doubt(err)
		}
		e.fail(f, err)
		return
	}
	for _, r := range f.reads {
		t := r.t
		t.inFlight--
		if t.out == nil && t.running {
			t.moved(r.n)
			if t.pending() == 0 && t.inFlight == 0 {
				e.drop(t, nil)
			}
		}
	}
	var tell []*sink
	for i, d := range f.draws {
		if t := d.t; t.running {
			e.told(t, d.token, i, now)
			if !slices.Contains(tell, t.out) {
				tell = append(tell, t.out)
			}
		}
	}
	for i := range f.rounds {
		r := &f.rounds[i]
		if t := r.t; t.running {
			e.judged(r, now)
			if !slices.Contains(tell, t.out) {
				tell = append(tell, t.out)
			}
		}
	}
	e.settleUp(f, took)
	for _, s := range tell {
		s.tell()
	}
	e.using += len(f.scores) // until whoever asked says that he is done
	for _, s := range f.scores {
		s.end(nil)
	}
	e.rested.Broadcast()
}

// told hands out token n of t, which row i of a pass has drawn.
func (e *Engine) told(t *task, n, i int, now clock.Time) {
	if t.keeps() {
		e.hand(t, i)
		return
	}
	step := t.drawnBefore + uint32(n)
	e.drew(t, now)
	e.take(t, e.runner.token(t.slot, step), e.runner.told(t, t.slot, step))
	if t.Allow != nil && t.running {
		t.ask(maskTurn)
	}
	e.consider(t)
}

// fail ends everything that was in a flight.
func (e *Engine) fail(f flight, err error) {
	if e.recovers(err) {
		for _, s := range f.scores {
			s.beside = 0 // it is lost
		}
		e.scoring = slices.Insert(e.scoring, 0, f.scores...)
		return
	}
	e.log.Error("a pass failed", "rows", f.rows, "texts", len(f.reads)+len(f.draws), "err", err)
	e.repeat = nil
	for _, r := range f.reads {
		t := r.t
		t.inFlight--
		t.seq.restart() // nobody knows how far it has come
		if t.running {
			e.drop(t, err)
		}
	}
	for _, d := range f.draws {
		e.freeSlot(d.t.mark.slot) // it may be a copy of what was never computed
		d.t.mark = place{}
		if d.t.running {
			e.drop(d.t, err)
		}
	}
	for _, r := range f.rounds {
		t := r.t
		e.freeSlot(r.frees)
		e.freeSlot(t.mark.slot)
		t.mark = place{}
		if t.running {
			e.drop(t, err)
		}
	}
	for _, s := range f.scores {
		if s.moves {
			s.seq.restart()
		}
		e.freeSlot(s.beside)
		s.beside = 0
		s.end(err)
	}
	e.rested.Broadcast()
}

// has reports whether a task is in the schedule.
func (e *Engine) has(t *task) bool { return t.running || slices.Contains(e.waiting, t) }

// drop takes a task out of the schedule, if it is still there, and tells whoever
// reads it. Its sequence keeps the state before the last token that it was seen to
// have.
func (e *Engine) drop(t *task, err error) {
	e.undraft(t)
	e.unfollow(t)
	if i := slices.Index(e.tasks, t); i >= 0 {
		e.tasks = slices.Delete(e.tasks, i, i+1)
		rows := e.rows.of(t)
		*rows = append(*rows, t.slot)
		e.repeat = nil
	} else if i := slices.Index(e.waiting, t); i >= 0 {
		e.waiting = slices.Delete(e.waiting, i, i+1)
	} else {
		return
	}
	t.running = false
	e.leaves(t, err)
	t.seq.used = e.tick()
	e.freeSlot(t.work)
	t.host.release()
	t.work, t.host = 0, nil
	if t.final.slot == 0 {
		t.seq.show()
	}
	t.ended(err)
	e.lookAgain()
	e.rested.Broadcast()
}

// checkpointEvery is how many tokens a text is written between the states that are
// kept to go back to.
const checkpointEvery = 16

// due reports whether a step of t is to leave a state to go back to. The first does, so
// that a long prompt is not read again.
func (t *task) due() bool {
	return t.mark.slot == 0 && (t.marked == 0 || t.submitted >= t.marked+checkpointEvery)
}

// checkpoint keeps the state that t's latest step goes on from, which is yet to be submitted: the step
// writes to another slot, which costs less than a copy. Where there is no slot the state
// before serves.
func (e *Engine) checkpoint(t *task) (kept bool) {
	t.marked = t.submitted
	slot, kept := e.spareSlot()
	if kept {
		t.mark, t.work = place{t.work, t.fed - 1}, slot
	}
	return kept
}

// goOn moves the sequence to the state that was kept, once the text has come out of
// the loop so far, unless a question goes on from where the sequence is.
func (e *Engine) goOn(t *task) {
	s := t.seq
	if t.mark.slot == 0 || s.asked > 0 || s.closed || t.mark.fed >= t.begin+int(t.seen.Load()) {
		return
	}
	old := t.mark.slot
	if t.mark.fed > s.fed {
		old = s.slot
		s.moveTo(t.mark.slot, t.mark.fed)
	}
	e.freeSlot(old)
	t.mark = place{}
}
