package falconmamba

import (
	"context"
	"time"

	"falconmamba/engine"
	"falconmamba/text/tokenizer"
)

// A Session is one text: the tokens so far and the state that the model is in
// after them. It belongs to one goroutine at a time; Close may be called from any.
// While it generates, in the loop over its tokens, questions about it (Logits, State,
// Snapshot, Fork) see the text as it came out of the loop, and what would change the
// text is ErrBusy.
//
// Reading is lazy: tokens that were appended, or generated last, are read when
// something depends on them.
type Session struct {
	m   *Model
	seq *engine.Sequence
}

// NewSession returns an empty session.
func (m *Model) NewSession() (*Session, error) {
	seq, err := m.e.NewSequence()
	if err != nil {
		return nil, err
	}
	return &Session{m: m, seq: seq}, nil
}

// Model returns the session's model.
func (s *Session) Model() *Model { return s.m }

// Tokens returns the session's text so far: what was appended and what was
// generated and kept. It is not a copy and must not be changed.
func (s *Session) Tokens() []int32 { return s.seq.Tokens() }

// Reused returns how many tokens of the text were not read, since a state was known that had
// seen them, from when tokens were last appended on. See Options.Engine.Cache.
func (s *Session) Reused() int { return s.seq.Reused() }

// Placed returns when the text that was generated last had its place in the running batch: what came before it
// was waiting. It is zero before the first.
func (s *Session) Placed() time.Time { return s.seq.Placed() }

// Append adds tokens to the text. They are read when something depends on
// them.
func (s *Session) Append(ids ...int32) error { return s.seq.Append(ids...) }

// AppendText adds text, special tokens recognised.
func (s *Session) AppendText(text string) error {
	ids, err := s.encode(text)
	if err != nil {
		return err
	}
	return s.Append(ids...)
}

// encode is Encode for what follows the session's text: what a tokenizer puts before
// a text comes once.
func (s *Session) encode(text string) ([]int32, error) {
	if s.m.tok != nil && len(s.Tokens()) > 0 {
		return s.m.encode(text, tokenizer.EncodeOptions{})
	}
	return s.m.Encode(text)
}

// Prefill reads what was appended, but for the last token, which the next step
// begins with. With it, a prompt's cost is paid before Generate is called, and
// Snapshot has the state at its end. progress may be nil; it is called with
// the tokens read and those to read.
func (s *Session) Prefill(ctx context.Context, progress func(done, total int)) error {
	return s.seq.Prefill(ctx, progress)
}

// Reset empties the session.
func (s *Session) Reset() error { return s.seq.Reset() }

// ErrEmpty is returned where a model has no token to go on from.
var ErrEmpty = engine.ErrEmpty

// Logits returns the scores of the token that follows the text: vocab_size
// elements.
func (s *Session) Logits(ctx context.Context) ([]float32, error) { return s.seq.Logits(ctx) }

// ForwardOptions say what Forward returns.
type ForwardOptions = engine.ForwardOptions

// An Output is what the model makes of a run of tokens.
type Output = engine.Output

// Forward appends ids and reads them, returning their logits and hidden states.
// What is asked for is held in memory whole.
func (s *Session) Forward(ctx context.Context, ids []int32, o ForwardOptions) (*Output, error) {
	return s.seq.Forward(ctx, ids, o)
}

// Step appends ids, reads all that is pending, and returns the scores of the token that
// follows: vocab_size elements. It is for loops that choose tokens themselves: each is
// read once. Where the model's own draws serve, Generate is faster.
func (s *Session) Step(ctx context.Context, ids ...int32) (logits []float32, err error) {
	return s.seq.Step(ctx, ids...)
}

// Fork returns a new session that goes on from the same place. The state is
// copied on the device; nothing is read again. It may wait for memory of the device until ctx ends.
func (s *Session) Fork(ctx context.Context) (*Session, error) {
	seq, err := s.seq.Fork(ctx)
	if err != nil {
		return nil, err
	}
	return &Session{m: s.m, seq: seq}, nil
}

// Close frees the session's state. If it generates, its loop ends with ErrClosed.
func (s *Session) Close() error { return s.seq.Close() }
