package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"falconmamba/backend"
	_ "falconmamba/backend/cpu"
	"falconmamba/backend/sampling"
	"falconmamba/checkpoint"
	"falconmamba/model"
)

// tiny returns an engine for the trained model of the tests, in float32.
func tiny(t testing.TB, o Options) *Engine {
	t.Helper()
	ck, err := checkpoint.OpenFS(os.DirFS("../checkpoint/testdata/tiny"), checkpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := backend.Open("cpu", backend.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.Load(context.Background(), b, ck, model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(m, o)
	if err != nil {
		t.Fatal(err)
	}
	guessAll(e)
	t.Cleanup(func() {
		if err := errors.Join(e.Close(), m.Close(), b.Close(), ck.Close()); err != nil {
			t.Error(err)
		}
	})
	return e
}

func newSequence(t testing.TB, e *Engine) *Sequence {
	t.Helper()
	s, err := e.NewSequence()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// prompt returns n ids that differ from one seed to the next.
func prompt(e *Engine, n, seed int) []int32 {
	rnd := rand.New(rand.NewPCG(uint64(seed), 1))
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = rnd.Int32N(int32(e.cfg.VocabSize))
	}
	return ids
}

// write runs requests to their end and returns the tokens of each.
func write(ctx context.Context, e *Engine, reqs ...Request) ([][]int32, error) {
	out := make([][]int32, len(reqs))
	for x, err := range e.Generate(ctx, reqs) {
		if err != nil {
			return out, err
		}
		out[x.Index] = append(out[x.Index], x.ID)
	}
	return out, nil
}

// alone is what a request writes when nothing else runs.
func alone(t testing.TB, e *Engine, r Request) []int32 {
	t.Helper()
	r.Seq = newSequence(t, e)
	defer r.Seq.Close()
	out, err := write(context.Background(), e, r)
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}

// logitsOf returns the scores after ids, read by a sequence of its own.
func logitsOf(t testing.TB, e *Engine, ids []int32) []float32 {
	t.Helper()
	s := newSequence(t, e)
	defer s.Close()
	if err := s.Append(ids...); err != nil {
		t.Fatal(err)
	}
	v, err := s.Logits(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// near fails where logits differ by more than rounding.
func near(t testing.TB, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if d := got[i] - want[i]; d > 1e-3 || d < -1e-3 || d != d {
			t.Fatalf("%s: logit %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

// A session that is done is closed in the loop and another one opened: neither has
// anything of the other's, nor of those that still write.
func TestOpenAndCloseInTheLoop(t *testing.T) {
	e := tiny(t, Options{})
	ctx := context.Background()
	var reqs []Request
	for i := range 4 {
		reqs = append(reqs, Request{Seq: newSequence(t, e), Prompt: prompt(e, 5+i, i), MaxTokens: 3 + 20*i})
	}
	var want [][]int32
	for _, r := range reqs {
		want = append(want, alone(t, e, r))
	}
	late := prompt(e, 9, 99)
	wantLate := logitsOf(t, e, late)
	got := make([][]int32, len(reqs))
	n := 0
	for x, err := range e.Generate(ctx, reqs) {
		if err != nil {
			t.Fatal(err)
		}
		got[x.Index] = append(got[x.Index], x.ID)
		s := reqs[x.Index].Seq
		if s.StopReason() == StopNone {
			continue
		}
		near(t, "a text that is done", must(s.Logits(ctx)), logitsOf(t, e, s.Tokens()))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		other := newSequence(t, e)
		if err := other.Append(late...); err != nil {
			t.Fatal(err)
		}
		near(t, "a new text", must(other.Logits(ctx)), wantLate)
		n++
	}
	if n != len(reqs) {
		t.Errorf("%d texts came to their end, want %d", n, len(reqs))
	}
	for i := range want {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("text %d is %v, alone %v", i, got[i], want[i])
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Questions in the loop over a text's own tokens see the text as it came out; what
// would change it is refused; and the text goes on as if nothing had been asked.
func TestQuestionsInTheLoop(t *testing.T) {
	for _, ahead := range []int{1, 2, 4} {
		t.Run(fmt.Sprintf("%d ahead", ahead), func(t *testing.T) {
			e := tiny(t, Options{Ahead: ahead})
			ctx := context.Background()
			r := Request{Prompt: prompt(e, 7, 1), MaxTokens: 60, EOS: []int32{},
				Sampling: sampling.Params{Temperature: 1, Seed: 5}}
			want := alone(t, e, r)
			r.Seq = newSequence(t, e)
			s, n := r.Seq, 0
			var got []int32
			for x, err := range e.Generate(ctx, []Request{r}) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, x.ID)
				if n++; n%7 != 3 || n == r.MaxTokens {
					continue
				}
				what := fmt.Sprintf("after %d tokens", n)
				truth := logitsOf(t, e, s.Tokens())
				near(t, what, must(s.Logits(ctx)), truth)
				f, err := s.Fork(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				near(t, what+", fork", must(f.Logits(ctx)), truth)
				snap, err := s.Snapshot(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if err := f.Restore(ctx, snap); err != nil {
					t.Fatal(err)
				}
				near(t, what+", snapshot", must(f.Logits(ctx)), truth)
				if err := f.Close(); err != nil {
					t.Fatal(err)
				}
				for name, err := range map[string]error{"Append": s.Append(1), "Reset": s.Reset(),
					"Restore": s.Restore(ctx, snap)} {
					if !errors.Is(err, ErrBusy) {
						t.Errorf("%s in the loop: %v, want %v", name, err, ErrBusy)
					}
				}
				if _, err := write(ctx, e, r); !errors.Is(err, ErrBusy) {
					t.Errorf("Generate in the loop: %v, want %v", err, ErrBusy)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("wrote %v, without questions %v", got, want)
			}
		})
	}
}

// Closing the engine, or a sequence, while many write: their loops end with ErrClosed
// and the others' texts are right.
func TestCloseWhileOthersWrite(t *testing.T) {
	e := tiny(t, Options{})
	ctx := context.Background()
	request := func(i, n int) Request {
		return Request{Prompt: prompt(e, 4+i, i), MaxTokens: n, EOS: []int32{},
			Sampling: sampling.Params{Temperature: 1, Seed: uint64(i)}}
	}
	const texts = 8
	var want [texts][]int32
	for i := range texts {
		want[i] = alone(t, e, request(i, 40))
	}
	closed := newSequence(t, e)
	r := request(0, 0)
	r.Seq = closed
	begun, ended := make(chan struct{}), make(chan error)
	go func() {
		var last error
		once := sync.OnceFunc(func() { close(begun) })
		for _, err := range e.Generate(ctx, []Request{r}) {
			once()
			last = err
		}
		ended <- last
	}()
	<-begun
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for i := range texts {
		wait.Go(func() {
			r := request(i, 40)
			r.Seq = newSequence(t, e)
			defer r.Seq.Close()
			got, err := write(ctx, e, r)
			if err != nil || !slices.Equal(got[0], want[i]) {
				t.Errorf("text %d: %v, %v; alone %v", i, got[0], err, want[i])
			}
		})
	}
	if err := <-ended; !errors.Is(err, ErrClosed) {
		t.Errorf("a sequence that was closed: its loop ended with %v, want %v", err, ErrClosed)
	}
	wait.Wait()

	running := make(chan struct{}, texts)
	for i := range texts {
		wait.Go(func() {
			r := request(i, 0)
			r.Seq = newSequence(t, e)
			n := 0
			var last error
			for _, err := range e.Generate(ctx, []Request{r}) {
				if n++; n == 3 {
					running <- struct{}{}
				}
				last = err
			}
			if !errors.Is(last, ErrClosed) {
				t.Errorf("the engine was closed: loop %d ended with %v, want %v", i, last, ErrClosed)
			}
		})
	}
	for range texts {
		<-running
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	wait.Wait()
	if _, err := e.NewSequence(); !errors.Is(err, ErrClosed) {
		t.Errorf("NewSequence of a closed engine: %v, want %v", err, ErrClosed)
	}
}

// Shutdown lets what runs end, and what would begin is refused.
func TestShutdown(t *testing.T) {
	e := tiny(t, Options{})
	r := Request{Seq: newSequence(t, e), Prompt: prompt(e, 4, 1), MaxTokens: 50, EOS: []int32{}}
	begun, done := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for _, err := range e.Generate(context.Background(), []Request{r}) {
			if n++; n == 1 {
				close(begun)
			}
			if err != nil {
				t.Error(err)
			}
		}
		done <- n
	}()
	<-begun
	if err := e.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := <-done; n != 50 {
		t.Errorf("%d tokens came out, want 50", n)
	}
}

// A reader that is slow holds its own text and no other, and whenever it leaves the
// text is what it saw.
func TestASlowReader(t *testing.T) {
	e := tiny(t, Options{Ahead: 3})
	ctx := context.Background()
	r := Request{Prompt: prompt(e, 40, 3), EOS: []int32{}, Sampling: sampling.Params{Temperature: 1, Seed: 9},
		MaxTokens: 300}
	want := alone(t, e, r)
	for _, leave := range []int{1, 2, 31, 32, 33, 150} {
		r.Seq = newSequence(t, e)
		n := 0
		for x, err := range e.Generate(ctx, []Request{r}) {
			if err != nil {
				t.Fatal(err)
			}
			if x.ID != want[n] {
				t.Fatalf("token %d is %d, want %d", n, x.ID, want[n])
			}
			if n%20 == 0 { // the other writes while this one waits
				q := Request{Seq: newSequence(t, e), Prompt: prompt(e, 3, n), MaxTokens: 90, EOS: []int32{}}
				if got, err := write(ctx, e, q); err != nil || len(got[0]) != 90 {
					t.Fatalf("beside a slow reader: %d tokens, %v", len(got[0]), err)
				}
				q.Seq.Close()
			}
			if n++; n == leave {
				break
			}
		}
		near(t, fmt.Sprintf("left after %d", leave), must(r.Seq.Logits(ctx)), logitsOf(t, e, r.Seq.Tokens()))
		rest := r
		rest.Prompt, rest.MaxTokens = nil, 20
		if got, err := write(ctx, e, rest); err != nil || !slices.Equal(got[0], want[leave:leave+20]) {
			t.Errorf("left after %d, it goes on with %v, %v; want %v", leave, got[0], err, want[leave:leave+20])
		}
		r.Seq.Close()
	}
}

// A short prompt beside a long one does not wait for it.
func TestAShortPromptBesideALongOne(t *testing.T) {
	e := tiny(t, Options{Chunk: 32})
	ctx := context.Background()
	long := Request{Seq: newSequence(t, e), Prompt: prompt(e, 40_000, 1), MaxTokens: 1, EOS: []int32{}}
	begun, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		if err := long.Seq.Append(long.Prompt...); err != nil {
			t.Error(err)
		}
		once := sync.OnceFunc(func() { close(begun) })
		if err := long.Seq.Prefill(ctx, func(int, int) { once() }); err != nil {
			t.Error(err)
		}
	}()
	<-begun
	short := Request{Seq: newSequence(t, e), Prompt: prompt(e, 7, 2), MaxTokens: 1, EOS: []int32{}}
	if _, err := write(ctx, e, short); err != nil {
		t.Fatal(err)
	}
	if fed := long.Seq.Fed(); fed > 39_000 {
		t.Errorf("the short prompt waited until %d tokens of the long one were read", fed)
	}
	<-done
}

// More open texts than the device has room for: their states move to the host and
// come back as they were.
func TestStatesMoveToTheHost(t *testing.T) {
	e := tiny(t, Options{States: 8})
	ctx := context.Background()
	const texts = 60
	var all []*Sequence
	for i := range texts {
		s := newSequence(t, e)
		if _, err := write(ctx, e, Request{Seq: s, Prompt: prompt(e, 5, i), MaxTokens: 6}); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	if n := len(e.pool.used); n > 8 {
		t.Errorf("the device has room for %d states, want at most 8", n)
	}
	for i, s := range all {
		near(t, fmt.Sprintf("text %d", i), must(s.Logits(ctx)), logitsOf(t, e, s.Tokens()))
	}
}

// Texts join, leave, are cancelled and closed at random, in several goroutines: each
// is what it is alone, and nothing stays behind.
func TestRandomCompany(t *testing.T) {
	requests, workers := 200, 16
	if testing.Short() {
		requests = 60
	}
	e := tiny(t, Options{Running: 6, Chunk: 24})
	var reqs []Request
	var want [][]int32
	rnd := rand.New(rand.NewPCG(7, 7))
	for i := range requests {
		r := Request{Prompt: prompt(e, 1+rnd.IntN(80), i), MaxTokens: 1 + rnd.IntN(60)}
		if i%3 > 0 {
			r.Sampling = sampling.Params{Temperature: 0.9, TopK: 1 + rnd.IntN(50), Seed: uint64(i)}
		}
		if i%5 == 4 {
			r.Sampling.RepetitionPenalty, r.Sampling.RepeatLastN = 1.3, rnd.IntN(3)*8
		}
		reqs, want = append(reqs, r), append(want, alone(t, e, r))
	}
	goroutines := runtime.NumGoroutine()
	var wait sync.WaitGroup
	next := make(chan int)
	for range workers {
		wait.Go(func() {
			for i := range next {
				if err := company(e, reqs[i], want[i], i); err != nil {
					t.Errorf("text %d: %v", i, err)
				}
			}
		})
	}
	for i := range requests {
		next <- i
	}
	close(next)
	wait.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	for slot, used := range e.pool.used {
		if used && slot > 0 {
			t.Errorf("slot %d is still taken", slot)
		}
	}
	if len(e.sequences) != 0 || len(e.tasks)+len(e.waiting) != 0 ||
		len(e.rows.write) != e.most || len(e.rows.read) != e.most {
		t.Errorf("left behind: %d sequences, %d tasks, %d rows",
			len(e.sequences), len(e.tasks), 2*e.most-len(e.rows.write)-len(e.rows.read))
	}
	for range 50 {
		if runtime.NumGoroutine() <= goroutines {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, before %d", runtime.NumGoroutine(), goroutines)
}

// A question in a loop is answered although every row of those that write is taken by
// a text that waits for its reader.
func TestQuestionWhenAllWait(t *testing.T) {
	e := tiny(t, Options{Running: 1})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s := newSequence(t, e)
	n := 0
	for _, err := range e.Generate(ctx, []Request{{Seq: s, Prompt: prompt(e, 40, 1), EOS: []int32{}}}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 2 {
			for range 1000 { // until it has written all it may
				if s.task.full() {
					break
				}
				time.Sleep(time.Millisecond)
			}
			if _, err := s.Logits(ctx); err != nil {
				t.Errorf("a question while all wait: %v", err)
			}
			break
		}
	}
}

// A text that an eos id ended, and that goes on without a new prompt, draws anew: the
// draw that ended it is not repeated.
func TestGoingOnBehindAnEnd(t *testing.T) {
	e := tiny(t, Options{})
	r := Request{Prompt: prompt(e, 6, 4), MaxTokens: 30, EOS: []int32{},
		Sampling: sampling.Params{Temperature: 1, Seed: 3}}
	free := alone(t, e, r)
	r.Seq, r.EOS = newSequence(t, e), free[4:5]
	first, err := write(context.Background(), e, r)
	if err != nil || r.Seq.StopReason() != StopEOS {
		t.Fatalf("%v, ended by %q", err, r.Seq.StopReason())
	}
	if got, want := int(r.Seq.drawn), len(first[0])+1; got != want {
		t.Errorf("%d draws are counted, want %d", got, want)
	}
	if r.Seq.spare.slot == 0 {
		t.Error("nothing is kept to score what follows from")
	}
	near(t, "behind the end", must(r.Seq.Logits(context.Background())), logitsOf(t, e, r.Seq.Tokens()))
}

// late is the context of a reader who comes when all is written.
type late struct {
	context.Context
	e *Engine
}

func (l late) Err() error {
	for {
		l.e.mu.Lock()
		done := len(l.e.tasks)+len(l.e.waiting) == 0
		l.e.mu.Unlock()
		if done {
			return l.Context.Err()
		}
		time.Sleep(time.Millisecond)
	}
}

// A text that its reader leaves at once, or that a stop string ends, does not read its
// prompt again, however far it was written when the reader came.
func TestAPromptIsReadOnce(t *testing.T) {
	e := tiny(t, Options{})
	ctx := context.Background()
	r := Request{Prompt: prompt(e, 200, 6), MaxTokens: 12, EOS: []int32{}}
	for name, end := range map[string]func(r *Request, n int) bool{
		"left":  func(_ *Request, n int) bool { return n == 1 },
		"ended": func(r *Request, n int) bool { return n == r.MaxTokens },
	} {
		r.Seq = newSequence(t, e)
		n := 0
		for _, err := range e.Generate(late{ctx, e}, []Request{r}) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; end(&r, n) {
				break
			}
		}
		if fed := r.Seq.Fed(); fed < len(r.Prompt) {
			t.Errorf("%s: %d tokens are read, the prompt has %d", name, fed, len(r.Prompt))
		}
	}
}

// company runs one request as its number says: to its end, or left, cancelled or closed
// on the way.
func company(e *Engine, r Request, want []int32, i int) error {
	s, err := e.NewSequence()
	if err != nil {
		return err
	}
	defer s.Close()
	r.Seq = s
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n, stop := 0, len(want)
	if i%4 > 0 {
		stop = i % (len(want) + 1)
	}
	for x, err := range e.Generate(ctx, []Request{r}) {
		if err != nil {
			if i%4 == 2 && errors.Is(err, context.Canceled) || i%4 == 3 && errors.Is(err, ErrClosed) {
				break
			}
			return err
		}
		if x.ID != want[n] {
			return fmt.Errorf("token %d is %d, alone %d", n, x.ID, want[n])
		}
		if n++; n != stop || i%4 == 0 {
			continue
		}
		switch i % 4 {
		case 1:
			if _, err := s.Logits(ctx); err != nil {
				return err
			}
		case 2:
			cancel()
		case 3:
			return s.Close()
		}
		if i%4 == 1 {
			break
		}
	}
	if i%4 == 0 && n != len(want) {
		return fmt.Errorf("%d tokens, alone %d", n, len(want))
	}
	return nil
}

// Logits that hold a NaN end their own text with an error, whichever way it draws.
// They drew token 0 for ever, or ended where 0 is an eos id.
func TestNoTokenFromNaN(t *testing.T) {
	e := tiny(t, Options{})
	for _, p := range []sampling.Params{{}, {Temperature: 1, TopP: 1}, {Temperature: 1, TopP: 1, RepetitionPenalty: 2}} {
		broken, whole := newSequence(t, e), newSequence(t, e)
		state := e.newState()
		state[len(state)-1] = float32(math.NaN())
		if err := broken.Restore(t.Context(), Snapshot{Tokens: []int32{1, 2}, Fed: 1, State: state}); err != nil {
			t.Fatal(err)
		}
		want := alone(t, e, Request{Prompt: []int32{3}, MaxTokens: 4, Sampling: p})
		var got []int32
		var failed error
		for x, err := range e.Generate(context.Background(), []Request{
			{Seq: broken, MaxTokens: 4, EOS: []int32{0}, Sampling: p},
			{Seq: whole, Prompt: []int32{3}, MaxTokens: 4, Sampling: p},
		}) {
			if err != nil {
				failed = errors.Join(failed, err)
			} else if x.Index == 1 {
				got = append(got, x.ID)
			}
		}
		if one := (*RequestError)(nil); !errors.Is(failed, sampling.ErrNoToken) || !errors.As(failed, &one) || one.Index != 0 {
			t.Errorf("%+v: the text of a broken state ended with %v", p, failed)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%+v: the text beside it is %v, alone %v", p, got, want)
		}
	}
}

// Many texts at once on a device that holds few states: they wait for room, and each is
// what it would be alone. Those that waited for it failed.
func TestManyTextsInLittleMemory(t *testing.T) {
	for _, states := range []int{5, 6, 9, 20} {
		e := tiny(t, Options{Running: 8, States: states, Chunk: 16})
		const texts = 40
		var reqs [texts]Request
		var want [texts][]int32
		for i := range reqs {
			reqs[i] = Request{Prompt: prompt(e, 1+i, i), Sampling: draws[i%len(draws)], EOS: []int32{}, MaxTokens: 6 + i%40}
			want[i] = alone(t, e, reqs[i])
			reqs[i].Seq = newSequence(t, e)
		}
		for range 2 { // the second time on from where their states are
			var wait sync.WaitGroup
			for i := range reqs {
				wait.Go(func() {
					got, err := write(context.Background(), e, reqs[i])
					if err != nil || !slices.Equal(got[0], want[i]) {
						t.Errorf("%d states, text %d: %v, %v; alone %v", states, i, got[0], err, want[i])
					}
					if i%4 > 0 {
						return
					}
					logits, err := reqs[i].Seq.Logits(context.Background())
					if err != nil {
						t.Errorf("%d states, logits of text %d: %v", states, i, err)
						return
					}
					f, err := reqs[i].Seq.Fork(t.Context())
					if err != nil {
						t.Errorf("%d states, a fork of text %d: %v", states, i, err)
						return
					}
					defer f.Close()
					if again, err := f.Logits(context.Background()); err != nil {
						t.Errorf("%d states, logits of a fork of text %d: %v", states, i, err)
					} else {
						near(t, fmt.Sprintf("%d states, a fork of text %d", states, i), again, logits)
					}
				})
			}
			wait.Wait()
			for i := range reqs {
				r := reqs[i]
				r.Prompt = slices.Clone(r.Seq.Tokens())
				r.Sampling.Seed++
				reqs[i].Prompt, reqs[i].Sampling = nil, r.Sampling
				if err := reqs[i].Seq.Append(5); err != nil {
					t.Fatal(err)
				}
				r.Prompt = append(r.Prompt, 5)
				r.Seq = nil
				want[i] = aloneAfter(t, e, r, reqs[i].Seq.drawn)
			}
			audit(t, e)
		}
	}
}

// aloneAfter is alone for a text for which tokens were drawn before.
func aloneAfter(t testing.TB, e *Engine, r Request, drawn uint32) []int32 {
	t.Helper()
	r.Seq = newSequence(t, e)
	defer r.Seq.Close()
	r.Seq.drawn = drawn
	out, err := write(context.Background(), e, r)
	if err != nil {
		t.Fatal(err)
	}
	return out[0]
}
