package falconmamba

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"falconmamba/backend"
	"falconmamba/model"
	"falconmamba/text/tokenizer"
)

// A generation is one run of GenerateBatch. Steps are submitted ahead of the
// host: the device draws each token, feeds it to the next step and moves on to
// the next state slot by itself (backend.Advance), while the host reads tokens
// late. Whatever ends it, settle puts each session where its last kept token is.
type generation struct {
	m       *Model
	lane    *model.Lane
	members []*member
	alive   []*member // members that go on
	flight  []flight  // submitted and not read, oldest first
	yield   func(BatchToken, error) bool
}

// flight is a submitted step, and who draws a token in it.
type flight struct {
	ticket backend.Ticket
	who    []*member
}

// A member is one session in a generation. Its tokens are x_0, x_1 …; step j
// reads x_j, from the slot origin.next(j) to origin.next(j+1), and draws
// x_{j+1}; the pass that reads the end of the prompt draws x_0.
type member struct {
	s      *Session
	index  int // of the request, and of the slot in the lane's tables
	o      *GenerateOptions
	eos    []int32
	dec    *tokenizer.Decoder // nil without a tokenizer
	stop   *stopper           // nil without stop strings
	had    int                // tokens before the prompt
	prompt int                // tokens before x_0
	before place              // before the pass that draws x_0
	slot   int                // after it; 0 while that pass is still to come
	read   int                // tokens that the host has read
	kept   int                // tokens that came out of the loop
	spare  int                // slot of the checkpoint, 0 for none
	saved  place              // what the checkpoint holds
	done   bool
}

// A place is a state: the slot that holds it and the tokens that it has seen.
type place struct{ slot, fed int }

// newGeneration checks the requests and appends their prompts. If one is
// refused, the sessions of the others stay as they were.
func (m *Model) newGeneration(reqs []Request) (*generation, error) {
	if len(reqs) == 0 {
		return nil, errors.New("no requests to generate for")
	}
	g := &generation{m: m}
	for i, r := range reqs {
		o := r.Options
		if o == nil {
			o = &GenerateOptions{}
		}
		if err := g.admit(i, r, o); err != nil {
			for _, b := range g.members {
				b.s.history = b.s.history[:b.had]
			}
			if len(reqs) > 1 {
				err = fmt.Errorf("request %d: %w", i, err)
			}
			return nil, err
		}
	}
	return g, nil
}

func (g *generation) admit(i int, r Request, o *GenerateOptions) error {
	s := r.Session
	switch {
	case s == nil || s.m != g.m:
		return errors.New("the session is not one of this model")
	case s.closed:
		return ErrClosed
	case slices.ContainsFunc(g.members, func(b *member) bool { return b.s == s }):
		return errors.New("the session is in the batch twice")
	}
	if err := o.validate(g.m); err != nil {
		return err
	}
	had := len(s.history)
	if r.Prompt != "" {
		if err := s.AppendText(r.Prompt); err != nil {
			return err
		}
	}
	if err := s.ready(); err != nil {
		return err
	}
	b := &member{s: s, index: i, o: o, eos: g.m.eos(o), had: had, prompt: len(s.history)}
	if g.m.tok != nil {
		b.dec = g.m.tok.NewDecoder(true)
	}
	if len(o.Stop) > 0 {
		b.stop = &stopper{stops: o.Stop}
	}
	g.members = append(g.members, b)
	return nil
}

func (g *generation) run(ctx context.Context, yield func(BatchToken, error) bool) (err error) {
	g.yield = yield
	if g.lane, err = g.m.lane(len(g.members)); err != nil {
		return err
	}
	defer g.m.release(len(g.members), g.lane)
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

// prepare sets how each session draws, and reserves checkpoints.
func (g *generation) prepare() error {
	for _, b := range g.members {
		b.s.stop = StopNone
		if err := g.lane.Draw(b.index, b.o.Sampling, b.o.MaxTokens, b.eos, b.s.history); err != nil {
			return err
		}
		if b.stop != nil {
			slot, err := g.m.m.TakeSlots(1)
			if err != nil {
				return err
			}
			b.spare = slot
		}
	}
	return nil
}

func (g *generation) freeSpares() error {
	for _, b := range g.members {
		if b.spare != 0 {
			g.m.m.FreeSlots(b.spare, 1)
			b.spare = 0
		}
	}
	return nil
}

func (g *generation) generate(ctx context.Context) error {
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

// prefill reads the prompts and draws every session's first token.
func (g *generation) prefill(ctx context.Context) error {
	g.alive = slices.Clone(g.members)
	for g.pending() > max(g.m.chunk, len(g.members)) {
		// One session's chunk fills a pass as well as many short ones would.
		b := slices.MaxFunc(g.members, func(a, b *member) int { return a.s.pending() - b.s.pending() })
		end := min(len(b.s.history)-1, b.s.fed+g.m.chunk*max(1, (b.s.pending()-1)/g.m.chunk))
		if err := b.s.feed(ctx, g.lane, end, nil); err != nil {
			return err
		}
	}
	var p model.Pass
	for _, b := range g.members {
		s := b.s
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
		b.s.advance(b.s.pending())
		b.slot = b.s.slot
	}
	return g.next(ctx, nil)
}

// pending is how many tokens are to be read before the first draw.
func (g *generation) pending() (n int) {
	for _, b := range g.members {
		n += b.s.pending()
	}
	return n
}

func (s *Session) pending() int { return len(s.history) - s.fed }

// drawing completes a record for a pass that draws.
func (b *member) drawing(q backend.Sequence) backend.Sequence {
	q.Slot, q.Ring, q.RingLen = b.index, b.s.first, b.s.slots
	return q
}

// decode takes steps until the batch has to change.
func (g *generation) decode(ctx context.Context) error {
	p := model.Pass{}
	for i, b := range g.alive {
		p.IDs = append(p.IDs, -int32(b.index)-1)
		p.Heads = append(p.Heads, int32(i))
		p.Seqs = append(p.Seqs, b.drawing(backend.Sequence{From: b.at(b.read - 1), To: b.at(b.read), First: i, Rows: 1}))
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

// fill keeps the device busy, unless a session is done, or will be with what is
// in flight, and the batch is to change.
func (g *generation) fill() error {
	for len(g.flight) < g.m.ahead {
		for _, b := range g.alive {
			if b.done || b.o.MaxTokens > 0 && b.read+len(g.flight) >= b.o.MaxTokens {
				return nil
			}
		}
		t, err := g.lane.Step()
		if err != nil {
			return err
		}
		g.flight = append(g.flight, flight{t, g.alive})
	}
	return nil
}

// at returns the slot of the state that has seen x_0 … x_{j-1}.
func (b *member) at(j int) int {
	return b.s.first + (b.slot-b.s.first+j)%b.s.slots
}

// submit queues a pass that draws for all that are alive.
func (g *generation) submit(p model.Pass) error {
	p.End = model.EndArgMax
	for _, b := range g.alive {
		if !b.o.Sampling.Greedy() || b.o.Sampling.Penalised() {
			p.End = model.EndSample
		}
	}
	t, err := g.lane.Submit(p)
	if err == nil {
		g.flight = append(g.flight, flight{t, g.alive})
	}
	return err
}

// next waits for the oldest step, reads its tokens, submits what more is to
// come, and hands out what is kept.
func (g *generation) next(ctx context.Context, more func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f := g.flight[0]
	if err := g.m.m.Wait(ctx, f.ticket); err != nil {
		return err
	}
	g.flight = slices.Delete(g.flight, 0, 1)
	var out []BatchToken
	for _, b := range f.who {
		if b.done {
			continue
		}
		kept, err := g.take(b, g.lane.Token(b.index, b.read))
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
			b.s.history = append(b.s.history, t.ID)
			b.kept++
		}
		if !g.yield(t, nil) {
			return errLeft
		}
	}
	return nil
}

// take decides what becomes of a token that was read.
func (g *generation) take(b *member, id int32) (kept []Token, err error) {
	b.read++
	b.s.shown.Store(int64(b.at(b.read - 1))) // until the next is read no step writes it
	if slices.Contains(b.eos, id) {
		b.end(StopEOS)
		return b.rest(), nil
	}
	t := Token{ID: id}
	if b.dec != nil {
		t.Text = b.dec.Push(id)
	}
	last := b.read == b.o.MaxTokens
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
	b.s.stop = why
}

// rest returns what the end of the text sets free.
func (b *member) rest() (kept []Token) {
	if b.stop != nil {
		kept = b.stop.rest()
	}
	if b.dec != nil {
		if text := b.dec.Flush(); text != "" {
			kept = append(kept, Token{ID: -1, Text: text})
		}
	}
	return kept
}

// save copies the state that the session would have if the token just read
// were the first of a stop string, while its slot still holds it.
func (g *generation) save(b *member) error {
	b.saved = b.place(b.read - 1)
	if err := g.m.m.CopySlot(b.spare, b.saved.slot); err != nil {
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

// settle puts every session at its last kept token. Steps still in flight write
// none of the slots that this names.
func (g *generation) settle() error {
	for _, b := range g.members {
		if b.slot == 0 {
			continue // the prompt was not read to its end
		}
		p := b.place(b.kept)
		if b.kept < b.read-1 {
			p = b.saved
			b.s.shown.Store(int64(p.slot)) // while the other is written
			if err := g.m.m.CopySlot(b.s.first, p.slot); err != nil {
				return err
			}
			p.slot = b.s.first
		}
		b.s.moveTo(p.slot)
		b.s.fed = p.fed
	}
	return nil
}
