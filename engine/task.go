package engine

import (
	"fmt"
	"slices"
	"sync/atomic"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
)

// A task is one text in the running batch: it is read to its end, and then, where it
// has a sink, written on. Its tokens are x_0, x_1 …: the pass that reads the end of
// the text draws x_0, and each step after it reads one and draws the next, on the
// device alone.
//
// While it is read, its sequence moves. From the pass that draws x_0 on it writes in
// a slot of its own, work, and the sequence keeps a state to go back to: whatever
// ends the text, and however far it has been written beyond what its reader saw, the
// sequence goes on from there, and reads again what was seen since.
//
// The engine's mu guards all but seen.
type task struct {
	Request
	seq  *Sequence
	ids  []int32 // the text to read
	slot int     // row of the runner's tables, while it runs

	running  bool // it is in the schedule, and has its row
	inFlight int  // passes that read a part of ids

	// Of one that only reads.
	passed []int         // tokens of the text that were read after each pass that was finished
	step   chan struct{} // told when there are some
	done   chan error

	// Of one that writes.
	out         *sink
	index       int // of the request
	stop        *stopper
	drawnBefore uint32       // tokens that the sequence drew before x_0
	work        int          // slot of the state after all that was submitted
	fed         int          // tokens that it has seen
	submitted   int          // tokens whose draw was submitted
	uploaded    int          // the token of the latest pass that said anew who takes part
	taken       int          // tokens that the host has taken
	seen        atomic.Int64 // tokens that came out of the loop
	behind      int          // tokens that wait for the reader; guarded by the sink
	mark        place        // a state between the sequence's and work; its slot is 0 where there is none
	paused      bool         // it waits for the reader; guarded by the sink
	marked      int          // tokens that were submitted at that time; 0 before the first
	final       place        // where the text ended on the device; its slot is 0 where that is lost
}

// A place is a state: the slot that holds it and the tokens that it has seen.
type place struct{ slot, fed int }

// writes reports whether the whole text has been submitted.
func (t *task) writes() bool { return t.work != 0 }

// pending is how many tokens of the text are still to be read.
func (t *task) pending() int { return len(t.ids) - t.seq.fed }

// last reports whether all tokens that are allowed were submitted.
func (t *task) last() bool { return t.MaxTokens > 0 && t.submitted >= t.MaxTokens }

func (t *task) greedy() bool { return t.Sampling.Greedy() && !t.Sampling.Penalised() }

// full reports whether the reader is so far behind that the text has to wait.
func (t *task) full() bool { return t.out.full(t) }

// row adds a step of one token to a pass.
func (t *task) row(p *Pass) {
	p.Seqs = append(p.Seqs, backend.Sequence{From: t.work, To: t.work, First: len(p.IDs), Rows: 1, Slot: t.slot})
}

// moved tells whoever waits for a text to be read that fed tokens of it were.
func (t *task) moved(fed int) {
	t.passed = append(t.passed, fed)
	select {
	case t.step <- struct{}{}:
	default:
	}
}

// ended tells the reader that nothing more comes.
func (t *task) ended(err error) {
	if t.out == nil {
		t.done <- err
		return
	}
	if err != nil {
		t.out.put(item{t: t, end: true, err: err})
		t.out.tell()
	}
}

// take decides what becomes of a token that was read.
func (e *Engine) take(t *task, id int32) {
	n := t.taken
	t.taken++
	if id < 0 {
		e.drop(t, fmt.Errorf("token %d of the text: %w", len(t.ids)+n, sampling.ErrNoToken))
		return
	}
	if i := slices.Index(t.EOS, id); i >= 0 {
		t.push(t.rest(), StopEOS)
		// The device has left the state alone since, unless it does not know this id, or
		// a pass in flight was told anew that this text takes part.
		e.end(t, place{t.work, len(t.ids) + n}, i < sampling.MaxEOS && t.uploaded <= n)
		return
	}
	x := Token{ID: id}
	if t.Decoder != nil {
		x.Text = t.Decoder.Push(id)
	}
	kept, stopped := []Token{x}, false
	if t.stop != nil {
		kept, stopped = t.stop.push(x)
	}
	switch {
	case stopped:
		t.push(kept, StopString)
		e.end(t, place{}, false)
	case t.MaxTokens > 0 && t.taken >= t.MaxTokens:
		t.push(append(kept, t.rest()...), StopLength)
		e.end(t, place{t.work, t.fed}, t.submitted == t.taken)
	default:
		t.push(kept, StopNone)
	}
}

// end takes a text that has come to its end out of the schedule. Its state is that
// of p, where that is exact.
func (e *Engine) end(t *task, p place, exact bool) {
	if exact {
		t.final, t.work = p, 0
	}
	e.drop(t, nil)
}

// rest returns what the end of the text sets free.
func (t *task) rest() (kept []Token) {
	if t.stop != nil {
		kept = t.stop.rest()
	}
	if t.Decoder != nil {
		if text := t.Decoder.Flush(); text != "" {
			kept = append(kept, Token{ID: -1, Text: text})
		}
	}
	return kept
}

// push hands tokens to the reader, and with the last of them why the text ends.
func (t *task) push(kept []Token, why StopReason) {
	for i, x := range kept {
		it := item{t: t, token: x, has: true}
		if why != StopNone && i == len(kept)-1 {
			it.end, it.why = true, why
		}
		t.out.put(it)
	}
	if why != StopNone && len(kept) == 0 {
		t.out.put(item{t: t, end: true, why: why})
	}
}

// settle puts the sequence where its reader has left it, and makes it idle.
func (e *Engine) settle(t *task) {
	e.mu.Lock()
	defer e.mu.Unlock()
	t.out.forget(t)
	e.goOn(t)
	e.freeSlot(t.mark.slot)
	t.mark = place{}
	if t.running || slices.Contains(e.waiting, t) {
		e.drop(t, nil)
	}
	s := t.seq
	seen := int(t.seen.Load())
	s.drawn += uint32(seen)
	if s.task == t {
		s.task = nil
	}
	at := t.final
	t.final = place{}
	switch {
	case at.slot == 0:
		s.show()
	case at.fed <= len(t.ids)+seen && at.fed > s.fed && !s.closed:
		before := place{s.slot, s.fed}
		s.moveTo(at.slot, at.fed)
		if at.fed == len(s.history) {
			s.spare = before
		} else {
			e.freeSlot(before.slot)
		}
	default:
		e.freeSlot(at.slot)
		s.show()
	}
}
