package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
	"falconmamba/checkpoint"
	"falconmamba/model"
)

// faultyTiny returns the trained model of the tests on a faulty processor.
func faultyTiny(t testing.TB) (*faulty, *model.Model) {
	t.Helper()
	ck, err := checkpoint.OpenFS(os.DirFS("../checkpoint/testdata/tiny"), checkpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := backend.Open("cpu", backend.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	f := &faulty{Backend: b}
	m, err := model.Load(context.Background(), f, ck, model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(m.Close(), b.Close(), ck.Close()); err != nil {
			t.Error(err)
		}
	})
	return f, m
}

// Whichever call to the device fails while a model is loaded, nothing of it stays, and it
// can be loaded again.
func TestEveryCallOfALoadFails(t *testing.T) {
	f, _ := faultyTiny(t)
	ck, err := checkpoint.OpenFS(os.DirFS("../checkpoint/testdata/tiny"), checkpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ck.Close()
	live, n := f.Stats().Live, 0
	for failed := true; failed; {
		n++
		f.calls, f.failAt, f.failed = 0, n, ""
		m, err := model.Load(context.Background(), f, ck, model.LoadOptions{})
		if failed = f.failed != ""; failed != (err != nil) {
			t.Fatalf("call %d, %q: %v", n, f.failed, err)
		}
		if failed && (!errors.Is(err, errFault) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("call %d, %s: %q", n, f.failed, err)
		}
		if err == nil && m.Close() != nil {
			t.Error("closing it failed")
		}
		if got := f.Stats().Live; got != live {
			t.Errorf("call %d, %q: %d bytes stay behind", n, f.failed, got-live)
		}
	}
	if n < 10 {
		t.Errorf("a model is loaded by %d calls", n-1)
	}
}

// A client asks an engine for one thing after another. What fails is asked again.
type client struct {
	t      *testing.T
	f      *faulty
	said   []string // the answers
	errors int
}

// do asks until there is an answer: again where the fault is to blame.
func (c *client) do(what string, ask func() (any, error)) {
	c.t.Helper()
	for range 2 {
		answer, err := ask()
		if err == nil {
			c.said = append(c.said, fmt.Sprintf("%s: %v", what, answer))
			return
		}
		if c.errors++; !errors.Is(err, errFault) || strings.Contains(err.Error(), "\n") {
			c.t.Errorf("call %d, %s: %s: %q", c.f.failAt, c.f.failed, what, err)
		}
	}
	c.t.Errorf("call %d, %s: %s failed twice", c.f.failAt, c.f.failed, what)
}

// top is what the test looks at of logits.
func top(logits []float32, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	best := 0
	for i, v := range logits {
		if v > logits[best] {
			best = i
		}
	}
	return best, nil
}

// run goes through all that an engine does for its clients.
func (c *client) run(m *model.Model, o Options) {
	ctx := context.Background()
	var e *Engine
	c.do("New", func() (_ any, err error) {
		e, err = New(m, o)
		return nil, err
	})
	if e == nil {
		return
	}
	var s *Sequence
	sequence := func() (_ any, err error) {
		s, err = e.NewSequence()
		return nil, err
	}
	// The text is what was seen: the rest of it follows.
	text := func(n int, p sampling.Params) func() (any, error) {
		return func() (any, error) {
			r := Request{Seq: s, MaxTokens: n - max(0, len(s.Tokens())-3), EOS: []int32{}, Sampling: p}
			if len(s.Tokens()) == 0 {
				r.Prompt = []int32{7, 8, 9}
			}
			_, err := write(ctx, e, r)
			return s.Tokens(), err
		}
	}
	logits := func() (any, error) { return top(s.Logits(ctx)) }
	c.do("NewSequence", sequence)
	c.do("Generate", text(18, sampling.Params{}))
	c.do("Logits", logits)
	first := s
	c.do("Fork", func() (any, error) {
		f, err := first.Fork(ctx)
		if err == nil {
			s = f
		}
		return nil, err
	})
	c.do("Generate on", text(20, sampling.Params{}))
	c.do("State", func() (any, error) {
		v, err := s.State(ctx)
		return len(v), err
	})
	var n Snapshot
	c.do("Snapshot", func() (_ any, err error) {
		n, err = s.Snapshot(ctx)
		return n.Tokens, err
	})
	c.do("NewSequence", sequence)
	c.do("Restore", func() (any, error) { return nil, s.Restore(ctx, n) })
	c.do("Logits", logits)
	c.do("Forward", func() (any, error) {
		if s.Tokens()[len(s.Tokens())-1] == 5 {
			return top(s.Logits(ctx)) // they are appended, whatever came of them
		}
		out, err := s.Forward(ctx, []int32{4, 5}, ForwardOptions{Hidden: true})
		if err != nil {
			return nil, err
		}
		return top(out.Logits[0], nil)
	})
	c.do("NewSequence", sequence)
	c.do("Generate with a penalty", text(6, sampling.Params{Temperature: 1, Seed: 3, RepetitionPenalty: 2, RepeatLastN: 4}))
	c.do("NewSequence", sequence)
	c.do("Generate with a wider one", text(6, sampling.Params{Temperature: 1, Seed: 3, RepetitionPenalty: 2, RepeatLastN: 8}))
	for range 4 {
		c.do("Fork", func() (any, error) {
			f, err := first.Fork(ctx)
			if err == nil {
				s = f
			}
			return nil, err
		})
		c.do("Logits", logits)
	}
	c.do("Logits of the first", func() (any, error) { return top(first.Logits(ctx)) })
	if err := e.Close(); err != nil && !errors.Is(err, errFault) {
		c.t.Errorf("call %d, %s: Close: %v", c.f.failAt, c.f.failed, err)
	}
}

// Whichever call to the device fails, the error says so, nothing is lost or stays behind,
// and what is asked again is answered as if nothing had been.
func TestEveryCallFailsOnce(t *testing.T) {
	for name, o := range map[string]Options{
		"room":    {Chunk: 8},
		"no room": {Chunk: 8, States: minStates},
	} {
		t.Run(name, func(t *testing.T) {
			f, m := faultyTiny(t)
			live, buffers := f.Stats().Live, f.buffers
			run := func(failAt int) *client {
				f.calls, f.failAt, f.failed = 0, failAt, ""
				c := &client{t: t, f: f}
				c.run(m, o)
				if got := f.Stats().Live; got != live || f.buffers != buffers || f.plans != 0 {
					t.Errorf("call %d, %s: %d bytes, %d buffers and %d plans stay behind",
						failAt, f.failed, got-live, f.buffers-buffers, f.plans)
				}
				return c
			}
			want := run(0)
			if want.errors > 0 {
				t.Fatal("errors without a fault")
			}
			last, step := f.calls, 1
			if testing.Short() {
				step = 7
			}
			for n := 1; n <= last; n += step {
				got := run(n)
				if f.failed == "" && n < last*9/10 {
					t.Errorf("call %d of %d did not come", n, last)
				}
				for i := range min(len(got.said), len(want.said)) {
					if got.said[i] != want.said[i] {
						t.Errorf("call %d, %s:\n%s, without a fault\n%s", n, f.failed, got.said[i], want.said[i])
						break
					}
				}
				if t.Failed() {
					break // those that follow would say the same
				}
			}
		})
	}
}
