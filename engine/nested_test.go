package engine

import (
	"context"
	"errors"
	"sync"
	"testing"
)

// Whoever is told how far a text is read may ask about it, and may not change it.
func TestQuestionsWhileATextIsRead(t *testing.T) {
	ctx := context.Background()
	e := tiny(t, Options{Chunk: 4})
	ids := prompt(e, 100, 1)
	want := logitsOf(t, e, ids)
	empty, err := newSequence(t, e).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		call func(s *Sequence) error
		want error
	}{
		"Prefill":  {call: func(s *Sequence) error { return s.Prefill(ctx, nil) }},
		"Logits":   {call: func(s *Sequence) error { _, err := s.Logits(ctx); return err }},
		"State":    {call: func(s *Sequence) error { _, err := s.State(ctx); return err }},
		"Snapshot": {call: func(s *Sequence) error { _, err := s.Snapshot(t.Context()); return err }},
		"Fork": {call: func(s *Sequence) error {
			f, err := s.Fork(t.Context())
			if err != nil {
				return err
			}
			return f.Close()
		}},
		"Append":  {func(s *Sequence) error { return s.Append(1) }, ErrBusy},
		"Reset":   {(*Sequence).Reset, ErrBusy},
		"Restore": {func(s *Sequence) error { return s.Restore(ctx, empty) }, ErrBusy},
		"Step":    {func(s *Sequence) error { _, err := s.Step(ctx, 1); return err }, ErrBusy},
		"Generate": {func(s *Sequence) error {
			_, err := write(ctx, e, Request{Seq: s, MaxTokens: 1})
			return err
		}, ErrBusy},
	} {
		s := newSequence(t, e)
		if err := s.Append(ids...); err != nil {
			t.Fatal(err)
		}
		n := 0
		err := s.Prefill(ctx, func(int, int) {
			if n++; n == 3 {
				if err := c.call(s); !errors.Is(err, c.want) {
					t.Errorf("%s: %v, want %v", name, err, c.want)
				}
			}
		})
		if err != nil {
			t.Errorf("%s in Prefill: %v", name, err)
		}
		near(t, name, must(s.Logits(ctx)), want)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	audit(t, e)
}

// A panic of whoever is told how far a text is read leaves nothing behind: the text is of
// use, and nobody counts as asking.
func TestPanicWhileATextIsRead(t *testing.T) {
	ctx := context.Background()
	e := tiny(t, Options{Chunk: 4})
	s := newSequence(t, e)
	if err := s.Append(prompt(e, 100, 1)...); err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was lost")
			}
		}()
		_ = s.Prefill(ctx, func(int, int) { panic("in a callback") })
	}()
	if err := s.Reset(); err != nil {
		t.Fatal(err)
	}
	other := prompt(e, 120, 2)
	if err := s.Append(other...); err != nil {
		t.Fatal(err)
	}
	near(t, "another text", must(s.Logits(ctx)), logitsOf(t, e, other))
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.asking != 0 {
		t.Errorf("%d questions are being asked, want none", e.asking)
	}
}

// A sequence that is closed just before its text is read or written takes no slot for ever,
// and its loop ends.
func TestClosedBeforeItBegins(t *testing.T) {
	ctx := context.Background()
	e := tiny(t, Options{})
	read := newSequence(t, e)
	if err := read.Append(prompt(e, 50, 1)...); err != nil {
		t.Fatal(err)
	}
	if _, err := read.enter(ctx); err != nil {
		t.Fatal(err)
	}
	if err := read.Close(); err != nil {
		t.Fatal(err)
	}
	if err := read.feed(ctx, 40, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed sequence is read: %v, want %v", err, ErrClosed)
	}
	read.leave()

	written, other := newSequence(t, e), newSequence(t, e)
	closes := func(_ []int32, m Mask) error {
		m.Allow(1)
		return written.Close()
	}
	var failed RequestError
	n := 0
	for _, err := range e.Generate(ctx, []Request{{Seq: written, Prompt: prompt(e, 50, 1), EOS: []int32{}, MaxTokens: 5},
		{Seq: other, Prompt: []int32{1}, EOS: []int32{}, MaxTokens: 4, Allow: closes}}) {
		if bad := (*RequestError)(nil); errors.As(err, &bad) {
			failed = *bad
			continue
		}
		n++
	}
	if failed.Index != 0 || !errors.Is(failed.Err, ErrClosed) || n != 4 {
		t.Errorf("request %d: %v, and %d tokens; want that of the closed sequence to be %v, and 4 of the other",
			failed.Index, failed.Err, n, ErrClosed)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if used := e.pool.count(); used != 1 {
		t.Errorf("%d slots are in use, want that of the empty text alone", used)
	}
}

// Questions in the loops of many texts find room where the device has it for few states:
// what a text keeps to go back to, and where one has ended, moves though it is asked.
func TestQuestionsInLoopsFindRoom(t *testing.T) {
	ctx := context.Background()
	e := tiny(t, Options{States: minStates})
	var wait sync.WaitGroup
	for i := range 60 {
		wait.Go(func() {
			s, err := e.NewSequence()
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			n := 0
			r := Request{Seq: s, Prompt: prompt(e, 4, i), EOS: []int32{}, MaxTokens: 9}
			for _, err := range e.Generate(ctx, []Request{r}) {
				if n++; err == nil && n == 4 {
					if i%2 == 0 {
						_, err = s.Logits(ctx)
					} else {
						_, err = s.State(ctx)
					}
				}
				if err != nil {
					t.Errorf("text %d: %v", i, err)
					return
				}
			}
		})
	}
	wait.Wait()
	audit(t, e)
}
