package falconmamba

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"falconmamba/backend"
	"falconmamba/model"
)

// A Session is one text: the tokens so far and the state that the model is in
// after them. It belongs to one goroutine at a time.
//
// Reading is lazy: tokens that were appended, or generated last, are read when
// something depends on them. The state on the device is always that after the
// first fed tokens of the history.
type Session struct {
	m       *Model
	history []int32
	fed     int // tokens of history that the state has seen
	slot    int // where that state is: set with moveTo
	first   int // the session's own slots: first …
	slots   int // … and how many
	stop    StopReason
	closed  bool

	shown atomic.Int64 // the slot that States.Row tells
}

// NewSession returns an empty session.
func (m *Model) NewSession() (*Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, ErrClosed
	}
	// A step reads one slot and writes the next, and so do those that are
	// submitted ahead of the host. The state before the last kept token must
	// survive them all, so that generation can go on from any stop.
	n := m.ahead + 2
	first, err := m.m.TakeSlots(n)
	if err != nil {
		return nil, err
	}
	return &Session{m: m, first: first, slots: n}, nil
}

// Model returns the session's model.
func (s *Session) Model() *Model { return s.m }

// Tokens returns the session's text so far: what was appended and what was
// generated and kept. It is not a copy and must not be changed.
func (s *Session) Tokens() []int32 { return s.history }

// Append adds tokens to the text. They are read when something depends on
// them.
func (s *Session) Append(ids ...int32) error {
	if err := s.usable(); err != nil {
		return err
	}
	if err := s.m.checkIDs(ids); err != nil {
		return err
	}
	s.history = append(s.history, ids...)
	return nil
}

// AppendText adds text, special tokens recognised.
func (s *Session) AppendText(text string) error {
	ids, err := s.m.Encode(text)
	if err != nil {
		return err
	}
	return s.Append(ids...)
}

// usable is ErrClosed once the session or its model is closed.
func (s *Session) usable() error {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if s.closed || s.m.closed {
		return ErrClosed
	}
	return nil
}

func (m *Model) checkIDs(ids []int32) error {
	for i, id := range ids {
		if id < 0 || int(id) >= m.Config().VocabSize {
			return fmt.Errorf("token %d is id %d: this model has ids 0 to %d", i, id, m.Config().VocabSize-1)
		}
	}
	return nil
}

// Prefill reads what was appended, but for the last token, which the next step
// begins with. With it, a prompt's cost is paid before Generate is called, and
// Snapshot has the state at its end. progress may be nil; it is called with
// the tokens read and those to read.
func (s *Session) Prefill(ctx context.Context, progress func(done, total int)) error {
	if err := s.usable(); err != nil {
		return err
	}
	lane, err := s.m.lane(1)
	if err != nil {
		return err
	}
	defer s.m.release(1, lane)
	start, end := s.fed, len(s.history)-1
	return s.feed(ctx, lane, end, func() {
		if progress != nil {
			progress(s.fed-start, end-start)
		}
	})
}

// feed reads the history up to end in chunks, two of which may be in flight.
// If ctx ends, what was submitted is still read.
func (s *Session) feed(ctx context.Context, lane *model.Lane, end int, each func()) error {
	var before backend.Ticket
	for s.fed < end {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(s.m.chunk, end-s.fed)
		t, err := lane.Submit(model.Pass{IDs: s.history[s.fed : s.fed+n], Seqs: []backend.Sequence{s.rows(n)}})
		if err != nil {
			return err
		}
		s.advance(n)
		if each != nil {
			each()
		}
		if err := s.m.m.Wait(ctx, before); err != nil {
			return err
		}
		before = t
	}
	return s.m.m.Wait(ctx, before)
}

// rows is the record of a pass that reads n more tokens, the session alone.
func (s *Session) rows(n int) backend.Sequence {
	return backend.Sequence{From: s.slot, To: s.next(1), Rows: n}
}

// next returns the slot that is written n steps on.
func (s *Session) next(n int) int {
	if s.slot < s.first {
		n-- // the shared slot before the first token
		return s.first + n%s.slots
	}
	return s.first + (s.slot-s.first+n)%s.slots
}

// advance notes that n more tokens have been submitted, in one step.
func (s *Session) advance(n int) {
	s.moveTo(s.next(1))
	s.fed += n
}

// moveTo makes slot the session's. What fills it has been submitted.
func (s *Session) moveTo(slot int) {
	s.slot = slot
	s.shown.Store(int64(slot))
}

// restart goes back to the state before the first token: everything is to be
// read again.
func (s *Session) restart() {
	s.moveTo(0)
	s.fed = 0
}

// Reset empties the session.
func (s *Session) Reset() {
	s.history = s.history[:0]
	s.restart()
}

// ErrEmpty is returned where a model has no token to go on from.
var ErrEmpty = errors.New("the prompt is empty: give at least one token to go on from")

// ready makes sure that at least one token is still to be read, since logits
// come from reading one.
func (s *Session) ready() error {
	if err := s.usable(); err != nil {
		return err
	}
	switch {
	case len(s.history) == 0:
		return ErrEmpty
	case s.fed == len(s.history):
		// Restored from a state without its last token's logits.
		s.restart()
	}
	return nil
}

// Logits returns the scores of the token that follows the text: vocab_size
// elements.
func (s *Session) Logits(ctx context.Context) ([]float32, error) {
	out, err := s.forward(ctx, ForwardOptions{}, s.fed)
	if err != nil {
		return nil, err
	}
	return out.Logits[len(out.Logits)-1], nil
}

// ForwardOptions say what Forward returns.
type ForwardOptions struct {
	AllLogits bool // of every row; else of the last alone
	Hidden    bool // hidden states of every row
}

// An Output is what the model makes of a run of tokens.
type Output struct {
	// Logits has vocab_size scores for each row asked for.
	Logits [][]float32
	// Hidden[i] is the output of block i, T·hidden_size elements row by row;
	// the last entry, i = num_hidden_layers, is what norm_f makes of the last.
	Hidden [][]float32
}

// Forward appends ids and reads them, returning their logits and hidden states.
// What is asked for of all rows is held in memory whole.
func (s *Session) Forward(ctx context.Context, ids []int32, o ForwardOptions) (*Output, error) {
	from := len(s.history)
	if err := s.Append(ids...); err != nil {
		return nil, err
	}
	return s.forward(ctx, o, from)
}

// forward reads all that is pending and returns what o asks of the rows from
// row from on.
func (s *Session) forward(ctx context.Context, o ForwardOptions, from int) (*Output, error) {
	if err := s.ready(); err != nil {
		return nil, err
	}
	lane, err := s.m.lane(1)
	if err != nil {
		return nil, err
	}
	defer s.m.release(1, lane)
	if !o.AllLogits && !o.Hidden {
		from = len(s.history) - 1
	}
	if err := s.feed(ctx, lane, min(from, len(s.history)-1), nil); err != nil {
		return nil, err
	}
	out := &Output{}
	if o.Hidden {
		out.Hidden = make([][]float32, s.m.Config().NumHiddenLayers+1)
	}
	for s.fed < len(s.history) {
		n := min(s.m.heads, len(s.history)-s.fed)
		last := s.fed+n == len(s.history)
		// The last pass is one token: the state before it stays, to go on from.
		if last && n > 1 {
			n, last = n-1, false
		}
		if err := s.forwardPass(ctx, lane, n, last, o, out, from); err != nil {
			return nil, err
		}
		if last {
			break
		}
		s.advance(n)
	}
	return out, nil
}

// forwardPass reads n tokens and appends to out. It does not move the session.
func (s *Session) forwardPass(ctx context.Context, lane *model.Lane, n int, last bool, o ForwardOptions, out *Output, from int) error {
	pass := model.Pass{IDs: s.history[s.fed : s.fed+n], Seqs: []backend.Sequence{s.rows(n)}, End: model.EndLogits, Hidden: o.Hidden}
	switch {
	case o.AllLogits:
		for i := range n {
			pass.Heads = append(pass.Heads, int32(i))
		}
	case last:
		pass.Heads = []int32{int32(n - 1)}
	default:
		pass.End = model.EndNone
	}
	t, err := lane.Submit(pass)
	if err != nil {
		return err
	}
	if err := s.m.m.Wait(ctx, t); err != nil {
		// The lane's results are still being written: let them finish.
		return errors.Join(err, s.m.m.Wait(context.WithoutCancel(ctx), t))
	}
	for i := range pass.Heads {
		out.Logits = append(out.Logits, append([]float32(nil), lane.Logits(i)...))
	}
	if o.Hidden {
		for i := range out.Hidden {
			out.Hidden[i] = append(out.Hidden[i], lane.Hidden(i, n)...)
		}
	}
	return nil
}

// Close frees the session's state. It must not be generating.
func (s *Session) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if !s.m.closed {
		s.m.m.FreeSlots(s.first, s.slots)
	}
	return nil
}
