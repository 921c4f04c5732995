package engine

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
	"falconmamba/model"
	"falconmamba/text/tokenizer"
)

// A Token is one step of a generation.
type Token struct {
	ID int32 // -1: no token, but the text of one that ended in the middle of a character
	// Text is what the token adds. It is always whole characters: the bytes of one
	// that spans tokens come with the last of them. Text of special tokens is
	// left out.
	Text string
}

// A BatchToken is a Token of one of several sequences.
type BatchToken struct {
	Index int // of the request
	Token
}

// A Request is one of several texts that are generated together.
type Request struct {
	Seq      *Sequence
	Prompt   []int32 // appended first
	Sampling sampling.Params
	// MaxTokens ends the generation after so many tokens; 0 does not.
	MaxTokens int
	// EOS ends the generation when one of these ids is drawn, which is not part of
	// the text.
	EOS []int32
	// Stop ends the generation when one of these strings comes, which is not part
	// of the text. It wants a Decoder.
	Stop []string
	// Decoder, if not nil, gives tokens their text.
	Decoder *tokenizer.Decoder
}

// Generate writes several sequences at once, which costs little more than one.
// Each text is what it would be alone, within rounding. The loop ends with the
// last of them, or with one error, ctx's among them. A caller may leave it at any
// time. However it ends, a sequence's text is what was seen: the state is that
// after the last token that came out of the loop, however many steps were in
// flight. Nothing happens until the loop begins. If a request is refused, no
// sequence has changed.
func (e *Engine) Generate(ctx context.Context, reqs []Request) iter.Seq2[BatchToken, error] {
	return func(yield func(BatchToken, error) bool) {
		b, err := e.newBatch(reqs)
		left := false
		if err == nil {
			err = b.run(ctx, func(t BatchToken) bool {
				left = !yield(t, nil)
				return !left
			})
		}
		if err != nil && !left {
			yield(BatchToken{Token: Token{ID: -1}}, err)
		}
	}
}

// A batch is one run of Generate. Steps are submitted ahead of the host: the
// device draws each token, feeds it to the next step and moves on to the next
// state slot by itself (backend.Advance), while the host reads tokens late.
// Whatever ends it, settle puts each sequence where its last kept token is.
type batch struct {
	e       *Engine
	runner  *Runner
	members []*member
	alive   []*member // members that go on
	flight  []flight  // submitted and not read, oldest first
	yield   func(BatchToken) bool
}

// flight is a submitted step, and who draws a token in it.
type flight struct {
	ticket backend.Ticket
	who    []*member
}

// A member is one sequence in a batch. Its tokens are x_0, x_1 …; step j reads
// x_j, from the slot at(j) to at(j+1), and draws x_{j+1}; the pass that reads the
// end of the prompt draws x_0.
type member struct {
	Request
	index  int      // of the request, and of the slot in the runner's tables
	stop   *stopper // nil without stop strings
	had    int      // tokens before the prompt
	prompt int      // tokens before x_0
	before place    // before the pass that draws x_0
	slot   int      // after it; 0 while that pass is still to come
	read   int      // tokens that the host has read
	kept   int      // tokens that came out of the loop
	spare  int      // slot of the checkpoint, 0 for none
	saved  place    // what the checkpoint holds
	done   bool
}

// A place is a state: the slot that holds it and the tokens that it has seen.
type place struct{ slot, fed int }

// newBatch checks the requests and appends their prompts.
func (e *Engine) newBatch(reqs []Request) (*batch, error) {
	if len(reqs) == 0 {
		return nil, errors.New("no requests to generate for")
	}
	g := &batch{e: e}
	for i, r := range reqs {
		if err := g.admit(i, r); err != nil {
			for _, b := range g.members {
				b.Seq.history = b.Seq.history[:b.had]
			}
			if len(reqs) > 1 {
				err = fmt.Errorf("request %d: %w", i, err)
			}
			return nil, err
		}
	}
	return g, nil
}

func (g *batch) admit(i int, r Request) error {
	s := r.Seq
	switch {
	case s == nil || s.e != g.e:
		return errors.New("the session is not one of this model")
	case s.closed:
		return ErrClosed
	case slices.ContainsFunc(g.members, func(b *member) bool { return b.Seq == s }):
		return errors.New("the session is in the batch twice")
	}
	if err := r.validate(); err != nil {
		return err
	}
	had := len(s.history)
	if err := s.Append(r.Prompt...); err != nil {
		return err
	}
	if err := s.ready(); err != nil {
		return err
	}
	b := &member{Request: r, index: i, had: had, prompt: len(s.history)}
	if len(r.Stop) > 0 {
		b.stop = &stopper{stops: r.Stop}
	}
	g.members = append(g.members, b)
	return nil
}

// validate refuses what makes no sense whatever the sequence.
func (r *Request) validate() error {
	if err := r.Sampling.Validate(); err != nil {
		return err
	}
	if r.MaxTokens < 0 {
		return fmt.Errorf("limit of %d tokens: want 0 (none) or more", r.MaxTokens)
	}
	for _, s := range r.Stop {
		if s == "" {
			return errors.New("a stop string is empty: every text would end at once")
		}
	}
	if len(r.Stop) > 0 && r.Decoder == nil {
		return errors.New("stop strings need a tokenizer.json, and this checkpoint has none")
	}
	return nil
}

func (g *batch) run(ctx context.Context, yield func(BatchToken) bool) (err error) {
	g.yield = yield
	if g.runner, err = g.e.borrow(len(g.members)); err != nil {
		return err
	}
	defer g.e.giveBack(g.runner)
	if err := g.prepare(); err != nil {
		return errors.Join(err, g.freeSpares())
	}
	err = g.generate(ctx)
	if errors.Is(err, errLeft) {
		err = nil
	}
	return errors.Join(err, g.settle(), g.freeSpares())
}

// errLeft ends a generation whose caller left the loop.
var errLeft = errors.New("left")

// prepare sets how each sequence draws, and reserves checkpoints.
func (g *batch) prepare() error {
	for _, b := range g.members {
		b.Seq.stop = StopNone
		if err := g.runner.Draw(b.index, b.Sampling, b.MaxTokens, b.EOS, b.Seq.history); err != nil {
			return err
		}
		if b.stop != nil {
			slot, err := g.e.TakeSlots(1)
			if err != nil {
				return err
			}
			b.spare = slot
		}
	}
	return nil
}

func (g *batch) freeSpares() error {
	for _, b := range g.members {
		if b.spare != 0 {
			g.e.FreeSlots(b.spare, 1)
			b.spare = 0
		}
	}
	return nil
}

func (g *batch) generate(ctx context.Context) error {
	if err := g.prefill(ctx); err != nil {
		return err
	}
	for {
		// All that was submitted has been read: the batch may change.
		g.alive = slices.DeleteFunc(g.alive, func(b *member) bool { return b.done })
		if len(g.alive) == 0 {
			return nil
		}
		if err := g.decode(ctx); err != nil {
			return err
		}
	}
}

// prefill reads the prompts and draws every sequence's first token.
func (g *batch) prefill(ctx context.Context) error {
	g.alive = slices.Clone(g.members)
	for g.pending() > max(g.e.chunk, len(g.members)) {
		// One sequence's chunk fills a pass as well as many short ones would.
		b := slices.MaxFunc(g.members, func(a, b *member) int { return a.Seq.pending() - b.Seq.pending() })
		end := min(len(b.Seq.history)-1, b.Seq.fed+g.e.chunk*max(1, (b.Seq.pending()-1)/g.e.chunk))
		if err := b.Seq.feed(ctx, g.runner, end, nil); err != nil {
			return err
		}
	}
	var p Pass
	for _, b := range g.members {
		s := b.Seq
		b.before = place{s.slot, s.fed}
		seq := s.rows(s.pending())
		seq.First = len(p.IDs)
		p.IDs = append(p.IDs, s.history[s.fed:]...)
		p.Heads = append(p.Heads, int32(len(p.IDs)-1))
		p.Seqs = append(p.Seqs, b.drawing(seq))
	}
	if err := g.submit(p); err != nil {
		return err
	}
	for _, b := range g.members {
		b.Seq.advance(b.Seq.pending())
		b.slot = b.Seq.slot
	}
	return g.next(ctx, nil)
}

// pending is how many tokens are to be read before the first draw.
func (g *batch) pending() (n int) {
	for _, b := range g.members {
		n += b.Seq.pending()
	}
	return n
}

// drawing completes a record for a pass that draws.
func (b *member) drawing(q backend.Sequence) backend.Sequence {
	q.Slot, q.Ring, q.RingLen = b.index, b.Seq.ring.First, b.Seq.ring.Len
	return q
}

// decode takes steps until the batch has to change.
func (g *batch) decode(ctx context.Context) error {
	p := Pass{}
	for i, b := range g.alive {
		p.IDs = append(p.IDs, -int32(b.index)-1)
		p.Heads = append(p.Heads, int32(i))
		p.Seqs = append(p.Seqs, b.drawing(backend.Sequence{From: b.at(b.read - 1), To: b.at(b.read), First: i,
			Rows: 1}))
	}
	if err := g.submit(p); err != nil {
		return err
	}
	err := g.fill()
	for err == nil && len(g.flight) > 0 {
		err = g.next(ctx, g.fill)
	}
	return err
}

// fill keeps the device busy, unless a sequence is done, or will be with what is
// in flight, and the batch is to change.
func (g *batch) fill() error {
	for len(g.flight) < g.e.ahead {
		for _, b := range g.alive {
			if b.done || b.MaxTokens > 0 && b.read+len(g.flight) >= b.MaxTokens {
				return nil
			}
		}
		t, err := g.runner.Step()
		if err != nil {
			return err
		}
		g.flight = append(g.flight, flight{t, g.alive})
	}
	return nil
}

// at returns the slot of the state that has seen x_0 … x_{j-1}.
func (b *member) at(j int) int {
	return b.Seq.ring.Next(b.slot, j)
}

// submit queues a pass that draws for all that are alive.
func (g *batch) submit(p Pass) error {
	p.Head = model.ArgMax
	for _, b := range g.alive {
		if !b.Sampling.Greedy() || b.Sampling.Penalised() {
			p.Head = model.Sample
		}
	}
	t, err := g.runner.Submit(p)
	if err == nil {
		g.flight = append(g.flight, flight{t, g.alive})
	}
	return err
}

// next waits for the oldest step, reads its tokens, submits what more is to
// come, and hands out what is kept.
func (g *batch) next(ctx context.Context, more func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f := g.flight[0]
	if err := g.e.Wait(ctx, f.ticket); err != nil {
		return err
	}
	g.flight = slices.Delete(g.flight, 0, 1)
	var out []BatchToken
	for _, b := range f.who {
		if b.done {
			continue
		}
		kept, err := g.take(b, g.runner.Token(b.index, b.read))
		if err != nil {
			return err
		}
		for _, t := range kept {
			out = append(out, BatchToken{b.index, t})
		}
	}
	if more != nil {
		if err := more(); err != nil {
			return err
		}
	}
	for _, t := range out {
		b := g.members[t.Index]
		if t.ID >= 0 {
			b.Seq.history = append(b.Seq.history, t.ID)
			b.kept++
		}
		if !g.yield(t) {
			return errLeft
		}
	}
	return nil
}

// take decides what becomes of a token that was read.
func (g *batch) take(b *member, id int32) (kept []Token, err error) {
	b.read++
	b.Seq.row.Store(int64(b.at(b.read - 1))) // until the next is read no step writes it
	if slices.Contains(b.EOS, id) {
		b.end(StopEOS)
		return b.rest(), nil
	}
	t := Token{ID: id}
	if b.Decoder != nil {
		t.Text = b.Decoder.Push(id)
	}
	last := b.read == b.MaxTokens
	if b.stop == nil {
		kept = []Token{t}
	} else {
		waiting := len(b.stop.held) > 0
		var stopped bool
		if kept, stopped = b.stop.push(t); stopped {
			b.end(StopString)
			return kept, nil
		}
		if !waiting && len(b.stop.held) > 0 && !last {
			if err := g.save(b); err != nil {
				return nil, err
			}
		}
	}
	if last {
		b.end(StopLength)
		kept = append(kept, b.rest()...)
	}
	return kept, nil
}

func (b *member) end(why StopReason) {
	b.done = true
	b.Seq.stop = why
}

// rest returns what the end of the text sets free.
func (b *member) rest() (kept []Token) {
	if b.stop != nil {
		kept = b.stop.rest()
	}
	if b.Decoder != nil {
		if text := b.Decoder.Flush(); text != "" {
			kept = append(kept, Token{ID: -1, Text: text})
		}
	}
	return kept
}

// save copies the state that the sequence would have if the token just read
// were the first of a stop string, while its slot still holds it.
func (g *batch) save(b *member) error {
	b.saved = b.place(b.read - 1)
	if err := g.e.copyState(b.spare, b.saved.slot); err != nil {
		return err
	}
	b.saved.slot = b.spare
	return nil
}

// place returns the state to go on from with n tokens kept: that before the
// last of them, which is still to be read.
func (b *member) place(n int) place {
	if n == 0 {
		return b.before
	}
	return place{b.at(n - 1), b.prompt + n - 1}
}

// settle puts every sequence at its last kept token. Steps still in flight write
// none of the slots that this names.
func (g *batch) settle() error {
	for _, b := range g.members {
		if b.slot == 0 {
			continue // the prompt was not read to its end
		}
		p := b.place(b.kept)
		if b.kept < b.read-1 {
			p = b.saved
			b.Seq.row.Store(int64(p.slot)) // while the other is written
			if err := g.e.copyState(b.Seq.ring.First, p.slot); err != nil {
				return err
			}
			p.slot = b.Seq.ring.First
		}
		b.Seq.moveTo(p.slot)
		b.Seq.fed = p.fed
	}
	return nil
}
