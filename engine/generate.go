package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"falconmamba/backend/sampling"
)

// Generate writes several sequences in the running batch, beside whatever else runs,
// which costs little more than one. Where the queue is full, that is an error of all of them;
// where it has room for some, the others begin as these end. Each text is what it would be alone, within
// rounding. The loop ends with the last of them, or with ctx's error. A request that
// is refused or fails comes as a RequestError, and the others go on. A caller may
// leave the loop at any time. However it ends, a sequence's text is what was seen.
// Nothing happens until the loop begins.
func (e *Engine) Generate(ctx context.Context, reqs []Request) iter.Seq2[BatchToken, error] {
	return func(yield func(BatchToken, error) bool) {
		if len(reqs) == 0 {
			yield(BatchToken{Token: Token{ID: -1}}, errors.New("no requests to generate for"))
			return
		}
		g := &generation{e: e, out: newSink(e), yield: yield}
		defer g.leave()
		if g.begin(ctx, reqs) {
			g.read(ctx)
		}
	}
}

// A generation is one loop over the tokens of its texts.
type generation struct {
	e     *Engine
	out   *sink
	yield func(BatchToken, error) bool
	live  []*task
	rest  []*task // for which there was no room yet
}

// begin puts the requests into the schedule, all at once, and reports whether the
// caller stays.
func (g *generation) begin(ctx context.Context, reqs []Request) bool {
	bad := make([]error, len(reqs))
	for i, r := range reqs {
		t, err := g.e.newTask(r, i, g.out)
		if err != nil {
			bad[i] = err
			continue
		}
		g.live = append(g.live, t)
		g.e.fetch(ctx, t.seq, t.ids, len(t.ids)-1)
	}
	g.e.mu.Lock()
	n, err := g.e.add(g.live...)
	g.live, g.rest = g.live[:n:n], g.live[n:]
	for _, t := range g.live {
		if t.seq.closed { // since it was checked
			g.e.drop(t, ErrClosed)
		}
	}
	if err != nil {
		for _, t := range g.rest {
			bad[t.index] = err
			t.seq.history = t.seq.history[:len(t.seq.history)-len(t.Prompt)]
		}
	}
	g.e.mu.Unlock()
	if err != nil {
		g.leave()
	}
	for i := range reqs {
		if bad[i] != nil && !g.fail(i, bad[i]) {
			return false
		}
	}
	return len(g.live) > 0
}

// fail tells the caller what went wrong with a request.
func (g *generation) fail(index int, err error) bool {
	return g.yield(BatchToken{index, Token{ID: -1}}, &RequestError{index, err})
}

func (g *generation) read(ctx context.Context) {
	for len(g.live) > 0 {
		it, err := g.out.next(ctx)
		if err != nil {
			g.yield(BatchToken{Token: Token{ID: -1}}, err)
			return
		}
		t := it.t
		if it.turn != noTurn {
			g.e.play(it)
			continue
		}
		if it.has && it.token.ID >= 0 {
			t.seq.history = append(t.seq.history, it.token.ID)
			t.seen.Add(1)
		}
		if it.end {
			g.end(t, it.why)
			if it.why != StopNone {
				g.e.saveEnd(ctx, t.seq)
			}
		}
		if it.err != nil && !g.fail(t.index, it.err) || it.has && !g.yield(BatchToken{t.index, it.token}, nil) {
			return
		}
	}
}

// end makes the sequence of a text that has ended idle.
func (g *generation) end(t *task, why StopReason) {
	g.live = slices.DeleteFunc(g.live, func(u *task) bool { return u == t })
	t.seq.stop, t.seq.came = why, ""
	if why == StopString {
		t.seq.came = t.stop.came
	}
	if why == StopEOS {
		t.seq.drawn++ // the id that ended it: the same draw would end the next at once
	}
	g.e.settle(t)
	g.more()
}

// more begins texts for which there is room now. One of a loop has it always, lest it wait for
// nothing.
func (g *generation) more() {
	e := g.e
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(g.rest) > 0 {
		t := g.rest[0]
		switch {
		case e.closed || e.closing || t.seq.closed:
			t.ended(e.over())
		case len(g.live) > 0 && !e.hasRoom(t):
			return
		default:
			e.enqueue(t)
		}
		g.live, g.rest = append(g.live, t), g.rest[1:]
	}
}

// leave ends what is still running.
func (g *generation) leave() {
	live := slices.Concat(g.live, g.rest)
	g.live, g.rest = nil, nil
	for _, t := range live {
		g.end(t, StopNone)
	}
}

// newTask checks a request and makes its sequence busy.
func (e *Engine) newTask(r Request, index int, out *sink) (*task, error) {
	s := r.Seq
	if s == nil || s.e != e {
		return nil, errors.New("the session is not one of this model")
	}
	if err := r.validate(); err != nil {
		return nil, err
	}
	if err := e.CheckIDs(r.Prompt); err != nil {
		return nil, err
	}
	if len(s.history)+len(r.Prompt) == 0 {
		return nil, ErrEmpty
	}
	r.EOS, r.Stop, r.Bias = slices.Clone(r.EOS), slices.Clone(r.Stop), maps.Clone(r.Bias)
	t := &task{Request: r, seq: s, index: index, out: out}
	if err := new(sampling.Record).SetBias(make([]int32, 2*maxBiases), r.Bias, e.cfg.VocabSize); err != nil {
		return nil, err
	}
	if r.Allow != nil {
		if err := t.allow(slices.Concat(s.history, r.Prompt), e.cfg.VocabSize); err != nil {
			return nil, err
		}
	}
	if len(r.Stop) > 0 {
		t.stop = &stopper{stops: r.Stop}
	}
	t.ids = slices.Concat(s.history, r.Prompt)
	t.draft = e.newDrafting(t)
	e.mu.Lock()
	defer e.mu.Unlock()
	if s.task != nil && s.task.out == out {
		return nil, errors.New("the session is in the batch twice")
	}
	if err := s.free(); err != nil {
		return nil, err
	}
	s.history = append(s.history, r.Prompt...)
	if len(r.Prompt) > 0 {
		s.reused = 0
	}
	s.ready()
	s.task, s.stop, s.came = t, StopNone, ""
	t.ids, t.begin = slices.Clip(s.history), len(s.history)
	if r.Decoder != nil {
		r.Decoder.Resume(t.ids)
	}
	return t, nil
}

// A RequestError says which of several requests failed.
type RequestError struct {
	Index int // of the request
	Err   error
}

func (e *RequestError) Error() string { return fmt.Sprintf("request %d: %v", e.Index, e.Err) }

func (e *RequestError) Unwrap() error { return e.Err }
