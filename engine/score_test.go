package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"falconmamba/backend"
)

// A question is something that is asked of a text of its own, and its answer.
type question struct {
	name string
	most int // tokens of the text that are read before
	ask  func(ctx context.Context, s *Sequence) ([]float32, error)
}

// questions are of all kinds; those of one kind share a pass.
func questions() (heads, hidden []question) {
	score := func(from, n int, rows ...int32) func(context.Context, *Sequence) ([]float32, error) {
		return func(ctx context.Context, s *Sequence) (got []float32, err error) {
			err = s.Score(ctx, from, n, rows, func(logits func(i int) []float32) {
				for i := range rows {
					got = append(got, logits(i)...)
				}
			})
			return got, err
		}
	}
	forward := func(o ForwardOptions, ids ...int32) func(context.Context, *Sequence) ([]float32, error) {
		return func(ctx context.Context, s *Sequence) ([]float32, error) {
			out, err := s.Forward(ctx, ids, o)
			if err != nil {
				return nil, err
			}
			return slices.Concat(slices.Concat(out.Hidden...), slices.Concat(out.Logits...)), nil
		}
	}
	heads = []question{
		{"rows from the beginning", 0, score(0, 3, 0, 2)},
		{"one row", 5, score(5, 1, 0)},
		{"rows behind a text", 4, score(4, 4, 1, 2, 3)},
		{"logits", 8, func(ctx context.Context, s *Sequence) ([]float32, error) { return s.Logits(ctx) }},
		{"a step", 8, func(ctx context.Context, s *Sequence) ([]float32, error) { return s.Step(ctx) }},
		{"a state", 8, func(ctx context.Context, s *Sequence) ([]float32, error) { return s.State(ctx) }},
		{"the logits of one token", 9, forward(ForwardOptions{AllLogits: true}, 7)},
	}
	last := ForwardOptions{Hidden: true, Layers: []int{1}}
	hidden = []question{
		{"a hidden state", 9, forward(last, 7)},
		{"all of one token", 9, forward(ForwardOptions{Hidden: true, AllLogits: true}, 5)},
		{"all of the first token", 9, forward(ForwardOptions{Hidden: true}, 5)},
	}
	return heads, hidden
}

// asked returns a sequence of which q is ready to be asked.
func asked(t testing.TB, e *Engine, q question, seed int) *Sequence {
	t.Helper()
	s := newSequence(t, e)
	err := s.Append(prompt(e, 9, seed)...)
	if err == nil && q.most > 0 {
		err = s.feed(context.Background(), q.most, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// hold asks a question whose answer is read until let is called: all others wait.
func hold(t testing.TB, e *Engine) (let func()) {
	t.Helper()
	s := asked(t, e, question{}, 99)
	began, end, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- s.Score(context.Background(), 0, 1, []int32{0}, func(func(int) []float32) {
			close(began)
			<-end
		})
	}()
	<-began
	let = sync.OnceFunc(func() {
		close(end)
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(let)
	return let
}

// await returns once n scores wait.
func await(t testing.TB, e *Engine, n int) {
	t.Helper()
	for range 10000 {
		e.mu.Lock()
		waiting := len(e.scoring)
		e.mu.Unlock()
		if waiting == n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("no %d scores wait", n)
}

// passes returns how many passes there were.
func passes(e *Engine) int { return int(e.Stats().Rows.Count()) }

// An answered is what a question got.
type answered struct {
	values []float32
	err    error
}

// together asks all at once, of sequences of their own, while the answer of another is read. ctx
// is for one question of them, and do is called once all wait.
func together(t testing.TB, e *Engine, all []question, one int, ctx context.Context, do func(s []*Sequence)) []answered {
	t.Helper()
	seqs, got := make([]*Sequence, len(all)), make([]answered, len(all))
	for i, q := range all {
		seqs[i] = asked(t, e, q, i)
	}
	let := hold(t, e)
	var wait sync.WaitGroup
	for i, q := range all {
		c := context.Background()
		if i == one {
			c = ctx
		}
		wait.Go(func() { got[i].values, got[i].err = q.ask(c, seqs[i]) })
	}
	await(t, e, len(all))
	if do != nil {
		do(seqs)
	}
	let()
	wait.Wait()
	for _, s := range seqs {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	return got
}

// apart asks each question when nothing else runs.
func apart(t testing.TB, e *Engine, all []question) [][]float32 {
	t.Helper()
	want := make([][]float32, len(all))
	for i, q := range all {
		s := asked(t, e, q, i)
		var err error
		if want[i], err = q.ask(context.Background(), s); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return want
}

// asAlone fails where an answer is not what it is alone, bit by bit; but is one that is not looked at.
func asAlone(t testing.TB, all []question, got []answered, want [][]float32, but int) {
	t.Helper()
	for i, q := range all {
		if i != but && (got[i].err != nil || !slices.Equal(got[i].values, want[i])) {
			t.Errorf("%s is not what it is alone: %v", q.name, got[i].err)
		}
	}
}

// Questions that wait together share a pass, and have the answers that they have alone.
func TestScoresShareAPass(t *testing.T) {
	heads, hidden := questions()
	for name, c := range map[string]struct {
		o    Options
		all  []question
		want int // passes
	}{
		"logits":        {Options{Chunk: 32}, heads, 1},
		"hidden states": {Options{Chunk: 32}, hidden, 1},
		"both":          {Options{Chunk: 32}, slices.Concat(heads, hidden), 2},
		"small passes":  {Options{Chunk: 4}, heads, 3}, // 12 tokens
		"two at a time": {Options{Chunk: 32, Running: 1}, heads, 4},
	} {
		t.Run(name, func(t *testing.T) {
			e := tiny(t, c.o)
			want := apart(t, e, c.all)
			before := 0
			got := together(t, e, c.all, -1, nil, func([]*Sequence) { before = passes(e) })
			asAlone(t, c.all, got, want, -1)
			if n := passes(e) - before; n != c.want {
				t.Errorf("%d questions took %d passes, want %d", len(c.all), n, c.want)
			}
			audit(t, e)
		})
	}
}

// Who leaves, closes its text or has lost its state while it waits, or is asked twice, does not
// matter to the others.
func TestScoresBesideOneThatFails(t *testing.T) {
	all, _ := questions()
	e := tiny(t, Options{Chunk: 32})
	want := apart(t, e, all)
	for i, q := range all {
		ctx, cancel := context.WithCancel(context.Background())
		got := together(t, e, all, i, ctx, func([]*Sequence) {
			cancel()
			await(t, e, len(all)-1)
		})
		if asAlone(t, all, got, want, i); !errors.Is(got[i].err, context.Canceled) {
			t.Errorf("%s, cancelled: %v", q.name, got[i].err)
		}
		got = together(t, e, all, -1, nil, func(s []*Sequence) {
			if err := s[i].Close(); err != nil {
				t.Error(err)
			}
		})
		if asAlone(t, all, got, want, i); !errors.Is(got[i].err, ErrClosed) {
			t.Errorf("%s, closed: %v", q.name, got[i].err)
		}
		got = together(t, e, all, -1, nil, func(s []*Sequence) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.freeSlot(s[i].slot)
			s[i].lose()
		})
		asAlone(t, all, got, want, -1)
		audit(t, e)
	}
}

// A row that is none of the tokens asked about may be another text's: it is refused.
func TestScoreOfForeignRows(t *testing.T) {
	e := tiny(t, Options{Chunk: 8})
	s := asked(t, e, question{}, 1)
	for _, row := range []int32{-1, 3} {
		err := s.Score(context.Background(), 0, 3, []int32{0, row}, func(func(int) []float32) { t.Error("it has logits") })
		if err == nil {
			t.Errorf("row %d of 3 tokens is no error", row)
		}
	}
}

// What cannot be submitted together is submitted alone; what fails on the device is told to all
// of the pass, and can be asked again.
func TestSharedPassFails(t *testing.T) {
	all, _ := questions()
	f, m := faultyTiny(t)
	e, err := New(m, Options{Chunk: 32})
	if err != nil {
		t.Fatal(err)
	}
	want := apart(t, e, all)
	for _, call := range []string{"Upload", "Compile", "Submit", "Wait"} {
		armed := false
		got := together(t, e, all, -1, nil, func([]*Sequence) {
			if call == "Compile" {
				e.mu.Lock()
				defer e.mu.Unlock()
				if err := e.runner.closePlans(); err != nil {
					t.Error(err)
				}
			}
			f.mu.Lock()
			defer f.mu.Unlock()
			armed = true
			f.before = func(name string, _ *faultBuffer) {
				f.mu.Lock()
				defer f.mu.Unlock()
				if armed && name == call {
					armed, f.failAt = false, f.calls+1
				}
			}
		})
		if armed {
			t.Errorf("no %s came", call)
		}
		if call != "Wait" {
			asAlone(t, all, got, want, -1)
			audit(t, e)
			continue
		}
		for i, q := range all {
			if !errors.Is(got[i].err, errFault) {
				t.Errorf("%s in a pass that fails: %v", q.name, got[i].err)
			}
		}
		audit(t, e)
		asAlone(t, all, together(t, e, all, -1, nil, nil), want, -1)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// Close ends the questions that wait, and lets an answer be read to its end.
func TestCloseWhileScoresWait(t *testing.T) {
	all, _ := questions()
	e := tiny(t, Options{Chunk: 32})
	closed := make(chan error, 1)
	got := together(t, e, all, -1, nil, func([]*Sequence) {
		go func() { closed <- e.Close() }()
		await(t, e, 0)
		select {
		case <-closed:
			t.Error("the engine is closed while an answer is read")
		case <-time.After(20 * time.Millisecond):
		}
	})
	for i, q := range all {
		if !errors.Is(got[i].err, ErrClosed) {
			t.Errorf("%s of an engine that is closed: %v", q.name, got[i].err)
		}
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// Whenever the device is lost under questions that share passes, their answers are the same.
func TestLostUnderScores(t *testing.T) {
	heads, hidden := questions()
	all := slices.Concat(heads, hidden)
	o := Options{Chunk: 32}
	whole, _ := losing(t, o)
	want := apart(t, whole, all)
	step := 3
	if testing.Short() {
		step = 17
	}
	for at := 1; ; at += step {
		e, opened := losing(t, o, at, at+5)
		got, seqs := make([]answered, len(all)), make([]*Sequence, len(all))
		var wait sync.WaitGroup
		for i, q := range all {
			seqs[i] = asked(t, e, q, i)
		}
		for i, q := range all {
			wait.Go(func() { got[i].values, got[i].err = q.ask(context.Background(), seqs[i]) })
		}
		wait.Wait()
		for i, q := range all {
			if got[i].err != nil {
				t.Errorf("lost at call %d: %s: %v", at, q.name, got[i].err)
				continue
			}
			near(t, fmt.Sprintf("lost at call %d: %s", at, q.name), got[i].values, want[i])
		}
		audit(t, e)
		if *opened == 1 || t.Failed() {
			break // there are no more calls
		}
	}
}

// Questions share what memory there is, and none fails for want of it.
func TestScoresWithoutRoom(t *testing.T) {
	all, _ := questions()
	e := tiny(t, Options{Chunk: 32, States: minStates + 2})
	want := apart(t, e, all)
	var wait sync.WaitGroup
	for i, q := range slices.Concat(all, all, all) {
		s := asked(t, e, q, i%len(all))
		wait.Go(func() {
			got, err := q.ask(context.Background(), s)
			if err != nil || !slices.Equal(got, want[i%len(all)]) {
				t.Errorf("%s is not what it is alone: %v", q.name, err)
			}
		})
	}
	wait.Wait()
	audit(t, e)
	if _, err := e.TakeSlots(minStates + 2); !errors.Is(err, backend.ErrOutOfMemory) {
		t.Errorf("there was room: %v", err)
	}
}
