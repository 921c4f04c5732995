package engine

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
	"falconmamba/internal/clock"
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
	seq   *Sequence
	ids   []int32 // the text to read: its first begin tokens, then with what was written
	begin int
	slot  int // row of the runner's tables, while it runs

	arrived  uint64 // its place among all tasks
	added    clock.Time
	latest   clock.Time // when the host took the latest token
	running  bool       // it has its row
	yielding bool       // it takes part in no more passes, since its row is wanted
	parked   bool       // it had to give its row away once
	inFlight int        // passes that read a part of ids
	begun    bool       // it was looked for in the cache
	cuts     []int      // tokens of ids after which the reading stops, for a state to be kept; ascending
	leader   *task      // that is read first, since it begins alike; nil for none
	after    int        // tokens that they have in common
	alone    bool       // it waits for no other

	// Of one that only reads.
	passed []int         // tokens of the text that were read after each pass that was finished
	step   chan struct{} // told when there are some
	done   chan error

	// Of one that writes.
	out         *sink
	index       int // of the request
	stop        *stopper
	drawnBefore uint32         // tokens that the sequence drew before x_0
	work        int            // slot of the state after all that was submitted
	host        *hostState     // the state of work or final, where the host has it: the text is parked or has ended
	copied      backend.Ticket // of what copied the state to work, the latest
	fed         int            // tokens that it has seen
	submitted   int            // tokens whose draw was submitted
	uploaded    int            // the token of the latest pass that said anew who takes part
	taken       int            // tokens that the host has taken
	written     []int32        // what was written since ids, but for an eos id
	resumes     bool           // its row of the tables does not know it yet
	seen        atomic.Int64   // tokens that came out of the loop
	behind      int            // tokens that wait for the reader; guarded by the sink
	mark        place          // a state between the sequence's and work; its slot is 0 where there is none
	paused      bool           // it waits for the reader; guarded by the sink
	marked      int            // tokens that were submitted at that time; 0 before the first
	turn        turn           // what the host has to do before it goes on
	since       time.Time      // when it was asked for that
	turns       int            // that the host had, the latest included
	logits      []float32      // what the host draws from
	allowed     []int32        // what the next token may be; nil for any
	draft       *drafting      // nil for a text that is not guessed
	why         StopReason     // it came to its end
	final       place          // where the text ended on the device; its slot is 0 where that is lost
}

// A place is a state: the slot that holds it and the tokens that it has seen.
type place struct{ slot, fed int }

// writes reports whether the whole text has been submitted.
func (t *task) writes() bool { return t.work != 0 || t.host != nil }

// left is how many more tokens are allowed, 0 for no limit.
func (t *task) left() int {
	if t.MaxTokens == 0 {
		return 0
	}
	return t.MaxTokens - t.taken
}

// drained reports whether nothing of t is in flight. What the host is to draw from has come.
func (t *task) drained() bool {
	left := t.submitted - t.taken
	if t.turn == pickTurn {
		left--
	}
	return t.inFlight == 0 && left == 0
}

// pending is how many tokens of the text are still to be read.
func (t *task) pending() int { return len(t.ids) - t.seq.fed }

// last reports whether all tokens that are allowed were submitted.
func (t *task) last() bool { return t.MaxTokens > 0 && t.submitted >= t.MaxTokens }

// rank orders tasks: the least comes first.
func (t *task) rank() int {
	if t.Background {
		return 1
	}
	return 0
}

// greedy reports whether nothing but the largest logit matters.
func (t *task) greedy() bool {
	return t.Sampling.Greedy() && !t.Sampling.Penalised() && !t.LogProbs && !t.FilteredLogProbs && !t.biased() &&
		!t.keeps()
}

// asks has a record's draws tell what the text's tokens are to come with.
func (t *task) asks(r *sampling.Record) (err error) {
	if t.LogProbs {
		err = r.AskLogProbs(t.TopLogProbs)
	}
	if t.FilteredLogProbs && err == nil {
		err = r.AskFiltered(t.TopLogProbs)
	}
	return err
}

// biased reports whether the device changes the logits first.
func (t *task) biased() bool { return (len(t.Bias) > 0 || t.Allow != nil) && !t.keeps() }

// drawing is how the next token is drawn, after text; before tells how many were before x_0.
func (t *task) drawing(before uint32, text []int32) drawing {
	if t.keeps() {
		return drawing{drawn: before + uint32(t.taken)} // nobody looks at what the device draws
	}
	return drawing{Params: t.Sampling, drawn: before + uint32(t.taken), limit: t.left(), eos: t.EOS, history: text,
		asks: t.asks, bias: t.Bias, allowed: t.allowed}
}

// full reports whether the reader is so far behind that the text has to wait.
func (t *task) full() bool { return t.out.full(t) }

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

// take decides what becomes of a token that was read, and of what was asked about it.
func (e *Engine) take(t *task, id int32, probs told) {
	n := t.taken
	t.taken++
	if id < 0 {
		e.drop(t, fmt.Errorf("token %d of the text: %w", t.begin+n, sampling.ErrNoToken))
		return
	}
	if i := slices.Index(t.EOS, id); i >= 0 {
		t.push(t.rest(), StopEOS)
		fed := t.begin + n
		if t.speculates() {
			fed = t.fed
		}
		// The device has left the state alone since, unless it does not know this id, or
		// a pass in flight was told anew that this text takes part.
		e.end(t, place{t.work, fed}, t.keeps() || i < sampling.MaxEOS && t.uploaded <= n)
		return
	}
	t.written = append(t.written, id)
	t.draft.watch(id)
	x := Token{ID: id, Probs: probs.before, Filtered: probs.after}
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
		t.push(append(kept, t.held()...), StopLength)
		e.end(t, place{t.work, t.fed}, t.submitted == t.taken)
	default:
		t.push(kept, StopNone)
	}
}

// end takes a text that has come to its end out of the schedule. Its state is that
// of p, where that is exact.
func (e *Engine) end(t *task, p place, exact bool) {
	e.undraft(t)
	if exact {
		t.final, t.work = p, 0
	}
	e.drop(t, nil)
}

// held returns the tokens that might yet have belonged to a stop string.
func (t *task) held() []Token {
	if t.stop == nil {
		return nil
	}
	return t.stop.rest()
}

// rest returns what the end of the text sets free: beside what is held, the beginning of
// a character that nothing completes.
func (t *task) rest() []Token {
	kept := t.held()
	if t.Decoder != nil {
		if text := t.Decoder.Flush(); text != "" {
			kept = append(kept, Token{ID: -1, Text: text})
		}
	}
	return kept
}

// push hands tokens to the reader, and with the last of them why the text ends.
func (t *task) push(kept []Token, why StopReason) {
	t.why = why
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
	if e.has(t) {
		e.drop(t, nil)
	}
	s := t.seq
	seen := int(t.seen.Load())
	s.drawn += uint32(seen)
	if s.task == t {
		s.task = nil
	}
	s.dropUnseen()
	at, host := t.final, t.host
	t.final, t.host = place{}, nil
	exact := at.fed <= t.begin+seen && at.fed > s.fed && !s.closed
	switch {
	case at.slot == 0 && host != nil && exact:
		e.freeSlot(s.slot)
		s.moveTo(0, at.fed)
		s.host = host
		s.show()
		host = nil
	case at.slot == 0:
		s.show()
	case exact:
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
	host.release()
	if !s.closed && t.inFlight == 0 {
		e.keepEnd(s)
	}
}
