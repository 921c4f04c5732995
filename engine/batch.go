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
)

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
	b := &batch{e: e}
	for i, r := range reqs {
		if err := b.admit(i, r); err != nil {
			for _, m := range b.members {
				m.Seq.history = m.Seq.history[:m.had]
			}
			if len(reqs) > 1 {
				err = fmt.Errorf("request %d: %w", i, err)
			}
			return nil, err
		}
	}
	return b, nil
}

func (b *batch) admit(i int, r Request) error {
	s := r.Seq
	switch {
	case s == nil || s.e != b.e:
		return errors.New("the session is not one of this model")
	case s.closed:
		return ErrClosed
	case slices.ContainsFunc(b.members, func(m *member) bool { return m.Seq == s }):
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
	m := &member{Request: r, index: i, had: had, prompt: len(s.history)}
	if len(r.Stop) > 0 {
		m.stop = &stopper{stops: r.Stop}
	}
	b.members = append(b.members, m)
	return nil
}

func (b *batch) run(ctx context.Context, yield func(BatchToken) bool) (err error) {
	b.yield = yield
	if b.runner, err = b.e.borrow(len(b.members)); err != nil {
		return err
	}
	defer b.e.giveBack(b.runner)
	if err := b.prepare(); err != nil {
		return errors.Join(err, b.freeSpares())
	}
	err = b.generate(ctx)
	if errors.Is(err, errLeft) {
		err = nil
	}
	return errors.Join(err, b.settle(), b.freeSpares())
}

// errLeft ends a generation whose caller left the loop.
var errLeft = errors.New("left")

// prepare sets how each sequence draws, and reserves checkpoints.
func (b *batch) prepare() error {
	for _, m := range b.members {
		m.Seq.stop = StopNone
		if err := b.runner.Draw(m.index, m.Sampling, m.MaxTokens, m.EOS, m.Seq.history); err != nil {
			return err
		}
		if m.stop != nil {
			slot, err := b.e.TakeSlots(1)
			if err != nil {
				return err
			}
			m.spare = slot
		}
	}
	return nil
}

func (b *batch) freeSpares() error {
	for _, m := range b.members {
		if m.spare != 0 {
			b.e.FreeSlots(m.spare, 1)
			m.spare = 0
		}
	}
	return nil
}

func (b *batch) generate(ctx context.Context) error {
	if err := b.prefill(ctx); err != nil {
		return err
	}
	for {
		// All that was submitted has been read: the batch may change.
		b.alive = slices.DeleteFunc(b.alive, func(m *member) bool { return m.done })
		if len(b.alive) == 0 {
			return nil
		}
		if err := b.decode(ctx); err != nil {
			return err
		}
	}
}

// prefill reads the prompts and draws every sequence's first token.
func (b *batch) prefill(ctx context.Context) error {
	b.alive = slices.Clone(b.members)
	for b.pending() > max(b.e.chunk, len(b.members)) {
		// One sequence's chunk fills a pass as well as many short ones would.
		m := slices.MaxFunc(b.members, func(x, y *member) int { return x.Seq.pending() - y.Seq.pending() })
		end := min(len(m.Seq.history)-1, m.Seq.fed+b.e.chunk*max(1, (m.Seq.pending()-1)/b.e.chunk))
		if err := m.Seq.feed(ctx, b.runner, end, nil); err != nil {
			return err
		}
	}
	var p Pass
	for _, m := range b.members {
		s := m.Seq
		m.before = place{s.slot, s.fed}
		seq := s.rows(s.pending())
		seq.First = len(p.IDs)
		p.IDs = append(p.IDs, s.history[s.fed:]...)
		p.Heads = append(p.Heads, int32(len(p.IDs)-1))
		p.Seqs = append(p.Seqs, m.drawing(seq))
	}
	if err := b.submit(p); err != nil {
		return err
	}
	for _, m := range b.members {
		m.Seq.advance(m.Seq.pending())
		m.slot = m.Seq.slot
	}
	return b.next(ctx, nil)
}

// pending is how many tokens are to be read before the first draw.
func (b *batch) pending() (n int) {
	for _, m := range b.members {
		n += m.Seq.pending()
	}
	return n
}

// drawing completes a record for a pass that draws.
func (m *member) drawing(q backend.Sequence) backend.Sequence {
	q.Slot, q.Ring, q.RingLen = m.index, m.Seq.ring.First, m.Seq.ring.Len
	return q
}

// decode takes steps until the batch has to change.
func (b *batch) decode(ctx context.Context) error {
	p := Pass{}
	for i, m := range b.alive {
		p.IDs = append(p.IDs, -int32(m.index)-1)
		p.Heads = append(p.Heads, int32(i))
		seq := backend.Sequence{From: m.at(m.read - 1), To: m.at(m.read), First: i, Rows: 1}
		p.Seqs = append(p.Seqs, m.drawing(seq))
	}
	if err := b.submit(p); err != nil {
		return err
	}
	err := b.fill()
	for err == nil && len(b.flight) > 0 {
		err = b.next(ctx, b.fill)
	}
	return err
}

// fill keeps the device busy, unless a sequence is done, or will be with what is
// in flight, and the batch is to change.
func (b *batch) fill() error {
	for len(b.flight) < b.e.ahead {
		for _, m := range b.alive {
			if m.done || m.MaxTokens > 0 && m.read+len(b.flight) >= m.MaxTokens {
				return nil
			}
		}
		t, err := b.runner.Step()
		if err != nil {
			return err
		}
		b.flight = append(b.flight, flight{t, b.alive})
	}
	return nil
}

// at returns the slot of the state that has seen x_0 … x_{j-1}.
func (m *member) at(j int) int {
	return m.Seq.ring.Next(m.slot, j)
}

// submit queues a pass that draws for all that are alive.
func (b *batch) submit(p Pass) error {
	p.Head = model.ArgMax
	for _, m := range b.alive {
		if !m.Sampling.Greedy() || m.Sampling.Penalised() {
			p.Head = model.Sample
		}
	}
	t, err := b.runner.Submit(p)
	if err == nil {
		b.flight = append(b.flight, flight{t, b.alive})
	}
	return err
}

// next waits for the oldest step, reads its tokens, submits what more is to
// come, and hands out what is kept.
func (b *batch) next(ctx context.Context, more func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f := b.flight[0]
	if err := b.e.Wait(ctx, f.ticket); err != nil {
		return err
	}
	b.flight = slices.Delete(b.flight, 0, 1)
	var out []BatchToken
	for _, m := range f.who {
		if m.done {
			continue
		}
		kept, err := b.take(m, b.runner.Token(m.index, m.read))
		if err != nil {
			return err
		}
		for _, t := range kept {
			out = append(out, BatchToken{m.index, t})
		}
	}
	if more != nil {
		if err := more(); err != nil {
			return err
		}
	}
	for _, t := range out {
		m := b.members[t.Index]
		if t.ID >= 0 {
			m.Seq.history = append(m.Seq.history, t.ID)
			m.kept++
		}
		if !b.yield(t) {
			return errLeft
		}
	}
	return nil
}

// take decides what becomes of a token that was read.
func (b *batch) take(m *member, id int32) (kept []Token, err error) {
	if id == sampling.NoToken {
		return nil, fmt.Errorf("token %d of sequence %d: %w", m.read, m.index, sampling.ErrNoToken)
	}
	m.read++
	m.Seq.row.Store(int64(m.at(m.read - 1))) // until the next is read no step writes it
	if slices.Contains(m.EOS, id) {
		m.end(StopEOS)
		return m.rest(), nil
	}
	t := Token{ID: id}
	if m.Decoder != nil {
		t.Text = m.Decoder.Push(id)
	}
	last := m.read == m.MaxTokens
	if m.stop == nil {
		kept = []Token{t}
	} else {
		waiting := len(m.stop.held) > 0
		var stopped bool
		if kept, stopped = m.stop.push(t); stopped {
			m.end(StopString)
			return kept, nil
		}
		if !waiting && len(m.stop.held) > 0 && !last {
			if err := b.save(m); err != nil {
				return nil, err
			}
		}
	}
	if last {
		m.end(StopLength)
		kept = append(kept, m.rest()...)
	}
	return kept, nil
}

func (m *member) end(why StopReason) {
	m.done = true
	m.Seq.stop = why
}

// rest returns what the end of the text sets free.
func (m *member) rest() (kept []Token) {
	if m.stop != nil {
		kept = m.stop.rest()
	}
	if m.Decoder != nil {
		if text := m.Decoder.Flush(); text != "" {
			kept = append(kept, Token{ID: -1, Text: text})
		}
	}
	return kept
}

// save copies the state that the sequence would have if the token just read
// were the first of a stop string, while its slot still holds it.
func (b *batch) save(m *member) error {
	m.saved = m.place(m.read - 1)
	if err := b.e.copyState(m.spare, m.saved.slot); err != nil {
		return err
	}
	m.saved.slot = m.spare
	return nil
}

// place returns the state to go on from with n tokens kept: that before the
// last of them, which is still to be read.
func (m *member) place(n int) place {
	if n == 0 {
		return m.before
	}
	return place{m.at(n - 1), m.prompt + n - 1}
}

// settle puts every sequence at its last kept token. Steps still in flight write
// none of the slots that this names.
func (b *batch) settle() error {
	for _, m := range b.members {
		if m.slot == 0 {
			continue // the prompt was not read to its end
		}
		p := m.place(m.kept)
		if m.kept < m.read-1 {
			p = m.saved
			m.Seq.row.Store(int64(p.slot)) // while the other is written
			if err := b.e.copyState(m.Seq.ring.First, p.slot); err != nil {
				return err
			}
			p.slot = m.Seq.ring.First
		}
		m.Seq.moveTo(p.slot)
		m.Seq.fed = p.fed
	}
	return nil
}
