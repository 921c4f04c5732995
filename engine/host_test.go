package engine

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"falconmamba/backend/sampling"
)

// asIs is a Process that changes nothing.
func asIs([]int32, []float32) error { return nil }

// allowEven allows even tokens, and after an even number of tokens those that 4 divides.
func allowEven(vocab int) func(text []int32, m Mask) error {
	return func(text []int32, m Mask) error {
		for id := int32(0); int(id) < vocab; id += 2 {
			if len(text)%2 == 1 || id%4 == 0 {
				m.Allow(id)
			}
		}
		return nil
	}
}

// ban is a bias that leaves even tokens.
func ban(vocab int) map[int32]float32 {
	b := map[int32]float32{}
	for id := int32(1); int(id) < vocab; id += 2 {
		b[id] = float32(math.Inf(-1))
	}
	return b
}

// What the host does between tokens comes to what the device does, whatever runs beside,
// with each way to draw, left and gone on.
func TestTextsThatNeedTheHost(t *testing.T) {
	e := tiny(t, Options{Running: 5, Ahead: 3})
	vocab := e.cfg.VocabSize
	masked := func(text []int32, logits []float32) error {
		m := make(Mask, sampling.MaskWords(vocab))
		if err := allowEven(vocab)(text, m); err != nil {
			return err
		}
		for id := range logits {
			if m[id/32]>>(id%32)&1 == 0 {
				logits[id] = float32(math.Inf(-1))
			}
		}
		return nil
	}
	banned := func(text []int32, logits []float32) error {
		for id := 1; id < vocab; id += 2 {
			logits[id] = float32(math.Inf(-1))
		}
		return nil
	}
	for i, p := range draws {
		base := Request{Prompt: prompt(e, 9, i), Sampling: p, EOS: []int32{}, MaxTokens: 30}
		with := func(change func(r *Request)) Request {
			r := base
			change(&r)
			return r
		}
		pairs := [][2]Request{
			{base, with(func(r *Request) { r.Process = asIs })},
			{with(func(r *Request) { r.Bias = ban(vocab) }), with(func(r *Request) { r.Process = banned })},
			{with(func(r *Request) { r.Allow = allowEven(vocab) }), with(func(r *Request) { r.Process = masked })},
			{with(func(r *Request) { r.Allow = allowEven(vocab) }),
				with(func(r *Request) { r.Process, r.Allow = asIs, allowEven(vocab) })},
			{with(func(r *Request) { r.Bias = map[int32]float32{7: 4, 9: -3} }),
				with(func(r *Request) { r.Process, r.Bias = asIs, map[int32]float32{7: 4, 9: -3} })},
		}
		var wait sync.WaitGroup
		for j, pair := range pairs {
			want := alone(t, e, pair[0])
			for k, r := range pair {
				r.Seq = newSequence(t, e)
				wait.Go(func() {
					got := leaveAndGoOn(t, e, r, 11)
					if !slices.Equal(got, want) {
						t.Errorf("%+v, pair %d, side %d: %v, want %v", p, j, k, got, want)
					}
				})
			}
		}
		wait.Wait()
	}
	audit(t, e)
}

// leaveAndGoOn writes a text in two parts.
func leaveAndGoOn(t testing.TB, e *Engine, r Request, at int) (all []int32) {
	for _, n := range []int{at, r.MaxTokens - at} {
		got := 0
		for x, err := range e.Generate(context.Background(), []Request{r}) {
			if err != nil {
				t.Error(err)
				return all
			}
			all = append(all, x.ID)
			if got++; got == n {
				break
			}
		}
		r.Prompt = nil
	}
	return all
}

// Log-probabilities of a text that the host draws are those that the device tells.
func TestLogProbsOnTheHost(t *testing.T) {
	e := tiny(t, Options{})
	r := Request{Prompt: prompt(e, 9, 1), EOS: []int32{}, MaxTokens: 12, LogProbs: true, TopLogProbs: 3}
	var told [2][]Probs
	for i := range told {
		r.Seq = newSequence(t, e)
		for x, err := range e.Generate(context.Background(), []Request{r}) {
			if err != nil {
				t.Fatal(err)
			}
			told[i] = append(told[i], *x.Probs)
		}
		r.Process = asIs
	}
	for i, p := range told[0] {
		if q := told[1][i]; p.Token != q.Token || !slices.Equal(p.Likeliest, q.Likeliest) {
			t.Errorf("token %d: %+v on the device, %+v on the host", i, p, q)
		}
	}
}

// What a caller's functions say ends their own text, and bad biases are refused.
func TestErrorsOfTheHost(t *testing.T) {
	e := tiny(t, Options{})
	ctx := context.Background()
	bad := errors.New("enough")
	n := 0
	for name, r := range map[string]Request{
		"Process": {Process: func([]int32, []float32) error {
			if n++; n == 4 {
				return bad
			}
			return nil
		}},
		"Allow": {Allow: func(text []int32, m Mask) error {
			if len(text) == 6 {
				return bad
			}
			m.Allow(1, 2)
			return nil
		}},
	} {
		r.Seq, r.Prompt, r.EOS = newSequence(t, e), []int32{1, 2, 3}, []int32{}
		other := Request{Seq: newSequence(t, e), Prompt: []int32{4}, EOS: []int32{}, MaxTokens: 20}
		want := alone(t, e, Request{Prompt: other.Prompt, EOS: []int32{}, MaxTokens: 20})
		var got []int32
		var failed error
		for x, err := range e.Generate(ctx, []Request{r, other}) {
			switch {
			case err != nil:
				failed = err
			case x.Index == 1:
				got = append(got, x.ID)
			}
		}
		if !errors.Is(failed, bad) || len(r.Seq.Tokens()) != 6 || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %d tokens; beside it %v, alone %v", name, failed, len(r.Seq.Tokens()), got, want)
		}
	}
	none := Request{Seq: newSequence(t, e), Prompt: []int32{1}, Allow: func([]int32, Mask) error { return nil }}
	if _, err := write(ctx, e, none); err == nil {
		t.Error("a mask that allows nothing was not refused")
	}
	for _, b := range []map[int32]float32{{-1: 1}, {int32(e.cfg.VocabSize): 1}, {1: float32(math.NaN())}} {
		if _, err := write(ctx, e, Request{Seq: newSequence(t, e), Prompt: []int32{1}, Bias: b}); err == nil {
			t.Errorf("bias %v was not refused", b)
		}
	}
}

// Nobody asks what is allowed behind the end of a text, be it an eos id or a limit.
func TestNothingIsAllowedBehindTheEnd(t *testing.T) {
	e := tiny(t, Options{})
	const eos = 9
	for name, process := range map[string]func([]int32, []float32) error{"device": nil, "host": asIs} {
		for limit, want := range map[int]StopReason{20: StopEOS, 2: StopLength} {
			r := Request{Seq: newSequence(t, e), Prompt: []int32{1, 2}, Process: process, EOS: []int32{eos}, MaxTokens: limit}
			r.Allow = func(text []int32, m Mask) error {
				switch n := len(text); {
				case text[n-1] == eos || n == 2+limit:
					return errors.New("the text has ended")
				case n == 5:
					m.Allow(eos)
				default:
					m.Allow(10)
				}
				return nil
			}
			if _, err := write(context.Background(), e, r); err != nil || r.Seq.StopReason() != want {
				t.Errorf("drawn on the %s: ended by %q, %v; want %q", name, r.Seq.StopReason(), err, want)
			}
		}
	}
}

// A text whose reader is busy with another one gives way, be it in its loop, or in what it
// is asked between two tokens, and however many are inside each other.
func TestTextsInsideTexts(t *testing.T) {
	for _, o := range []Options{{Running: 1}, {States: minStates}, {Running: 1, States: minStates, Ahead: maxAhead}} {
		o.Pace = 1 // or everybody waits for that long
		e := tiny(t, o)
		base := Request{Prompt: prompt(e, 5, 1), EOS: []int32{}, MaxTokens: 40}
		want := alone(t, e, base)
		var inside func(depth int)
		inside = func(depth int) {
			r := Request{Seq: newSequence(t, e), Prompt: prompt(e, 5, depth), EOS: []int32{}, MaxTokens: 3}
			defer r.Seq.Close()
			n := 0
			for _, err := range e.Generate(context.Background(), []Request{r}) {
				if err != nil {
					t.Error(err)
				}
				if n++; n == 1 && depth > 0 {
					inside(depth - 1)
				}
			}
		}
		for depth := range 4 {
			once := func(text []int32) {
				if len(text) == 8 {
					inside(depth)
				}
			}
			all := func(_ []int32, m Mask) error {
				for i := range m {
					m[i] = -1
				}
				return nil
			}
			for name, r := range map[string]Request{
				"in the loop":               {},
				"in the loop, with Process": {Process: asIs},
				"in the loop, with Allow":   {Allow: all},
				"in Process":                {Process: func(text []int32, _ []float32) error { once(text); return nil }},
				"in Allow":                  {Allow: func(text []int32, m Mask) error { once(text); return all(text, m) }},
			} {
				r.Seq, r.Prompt, r.EOS, r.MaxTokens = newSequence(t, e), base.Prompt, base.EOS, base.MaxTokens
				var got []int32
				for x, err := range e.Generate(context.Background(), []Request{r}) {
					if err != nil {
						t.Fatal(err)
					}
					if got = append(got, x.ID); name[:6] == "in the" {
						once(r.Seq.Tokens())
					}
				}
				if !slices.Equal(got, want) {
					t.Errorf("%+v, %d %s: %v, want %v", o, depth+1, name, got, want)
				}
				r.Seq.Close()
			}
		}
		audit(t, e)
	}
}

// What the caller does with a bias while its text is written is nothing to the text.
func TestABiasIsCopied(t *testing.T) {
	e := tiny(t, Options{Running: 1})
	r := Request{Prompt: prompt(e, 4, 1), EOS: []int32{}, MaxTokens: 80, Bias: map[int32]float32{7: 3}}
	want := alone(t, e, r)
	r.Seq = newSequence(t, e)
	next, stop := pull(t, e, r)
	defer stop()
	got := []int32{next()}
	clear(r.Bias)
	for id := int32(0); id < 300; id++ {
		r.Bias[id] = float32(id)
	}
	// The text gives its row to another, and says anew how it draws.
	other := Request{Seq: newSequence(t, e), Prompt: prompt(e, 4, 2), EOS: []int32{}, MaxTokens: 40}
	if _, err := write(context.Background(), e, other); err != nil {
		t.Fatal(err)
	}
	for id := next(); id >= 0; id = next() {
		got = append(got, id)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// While all texts wait for their hosts nothing runs on the device, and none of their memory can be
// taken. Whoever needs some waits, until a host has done or counts as absent.
func TestMemoryOfTextsThatWaitForTheHost(t *testing.T) {
	ctx := context.Background()
	takes := map[string]func(e *Engine, s *Sequence, n Snapshot) error{
		"a state that is restored": func(e *Engine, s *Sequence, n Snapshot) error { return s.Restore(ctx, n) },
		"a question": func(e *Engine, s *Sequence, n Snapshot) error {
			if err := s.Append(5, 6, 7); err != nil {
				return err
			}
			_, err := s.Logits(ctx)
			return err
		},
		"a text that is read": func(e *Engine, s *Sequence, n Snapshot) error {
			return errors.Join(s.Append(5, 6, 7), s.Prefill(ctx, nil))
		},
		"a text that is written": func(e *Engine, s *Sequence, n Snapshot) error {
			_, err := write(ctx, e, Request{Seq: s, Prompt: []int32{5, 6, 7}, EOS: []int32{}, MaxTokens: 3})
			return err
		},
	}
	for name, take := range takes {
		for _, absent := range []bool{false, true} {
			o := Options{States: 7, Pace: time.Hour}
			if absent {
				o.Pace = 20 * time.Millisecond
			}
			e := tiny(t, o)
			before := newSequence(t, e)
			if err := errors.Join(before.Append(1, 2, 3, 4), before.Prefill(ctx, nil)); err != nil {
				t.Fatal(err)
			}
			n, err := before.Snapshot(ctx)
			if err := errors.Join(err, before.Close()); err != nil {
				t.Fatal(err)
			}
			letGo := allHeldByHosts(t, e)
			done := make(chan error, 1)
			s := newSequence(t, e)
			go func() { done <- take(e, s, n) }()
			if absent {
				err = <-done
				letGo()
			} else {
				for waits := false; !waits && len(done) == 0; time.Sleep(time.Millisecond) {
					e.mu.Lock()
					waits = e.patient+len(e.scoring)+len(e.waiting) > 0 || len(e.tasks) > heldTexts
					e.mu.Unlock()
				}
				letGo()
				err = <-done
			}
			if err != nil {
				t.Errorf("%s, hosts absent %v: %v", name, absent, err)
			}
			audit(t, e)
		}
	}
}

// Who waits for memory, while texts hold all and wait for their hosts, is told that his sequence is
// closed, or that he need not wait any more.
func TestWhoWaitsForMemoryGivesUp(t *testing.T) {
	background := context.Background()
	e := tiny(t, Options{States: 7, Pace: time.Hour})
	first := newSequence(t, e)
	if err := errors.Join(first.Append(1, 2, 3, 4), first.Prefill(background, nil)); err != nil {
		t.Fatal(err)
	}
	n, err := first.Snapshot(background)
	if err := errors.Join(err, first.Close()); err != nil {
		t.Fatal(err)
	}
	calls := map[string]func(ctx context.Context, s *Sequence) error{
		"Logits":  func(ctx context.Context, s *Sequence) error { _, err := s.Logits(ctx); return err },
		"State":   func(ctx context.Context, s *Sequence) error { _, err := s.State(ctx); return err },
		"Prefill": func(ctx context.Context, s *Sequence) error { return s.Prefill(ctx, nil) },
		"Step":    func(ctx context.Context, s *Sequence) error { _, err := s.Step(ctx, 1); return err },
		"Restore": func(ctx context.Context, s *Sequence) error { return s.Restore(ctx, n) },
		"Fork":    func(ctx context.Context, s *Sequence) error { _, err := s.Fork(ctx); return err },
	}
	var all []*Sequence
	for range 2 * len(calls) {
		s := newSequence(t, e)
		if err := errors.Join(s.Append(1, 2, 3, 4), s.Prefill(background, nil), s.Append(5, 6)); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	letGo := allHeldByHosts(t, e)
	for name, call := range calls {
		for want, end := range map[error]func(s *Sequence, cancel func()){
			ErrClosed:        func(s *Sequence, _ func()) { s.Close() },
			context.Canceled: func(_ *Sequence, cancel func()) { cancel() },
		} {
			ctx, cancel := context.WithCancel(background)
			s := all[0]
			all = all[1:]
			done := make(chan error, 1)
			go func() { done <- call(ctx, s) }()
			for waits := false; !waits && len(done) == 0; time.Sleep(time.Millisecond) {
				e.mu.Lock()
				waits = e.patient > 0
				e.mu.Unlock()
			}
			end(s, cancel)
			select {
			case err := <-done:
				if !errors.Is(err, want) {
					t.Errorf("%s: %v, want %v", name, err, want)
				}
			case <-time.After(time.Minute):
				t.Errorf("%s waits on, want %v", name, want)
				letGo()
				return
			}
			cancel()
		}
	}
	letGo()
	audit(t, e)
}

// Who waits until another question has its memory gives up when his context ends, too.
func TestWhoWaitsForAQuestionGivesUp(t *testing.T) {
	background := context.Background()
	over, cancel := context.WithCancel(background)
	cancel()
	e := tiny(t, Options{States: 7, Pace: time.Hour})
	asker, s := newSequence(t, e), newSequence(t, e)
	for _, s := range []*Sequence{asker, s} {
		if err := errors.Join(s.Append(1, 2, 3, 4), s.Prefill(background, nil), s.Append(5, 6)); err != nil {
			t.Fatal(err)
		}
	}
	letGo := allHeldByHosts(t, e)
	logits := make(chan error, 1)
	go func() { _, err := asker.Logits(background); logits <- err }()
	for waits := false; !waits; time.Sleep(time.Millisecond) {
		e.mu.Lock()
		waits = e.patient > 0
		e.mu.Unlock()
	}
	for name, call := range map[string]func() error{
		"Snapshot": func() error { _, err := s.Snapshot(over); return err },
		"Fork":     func() error { _, err := s.Fork(over); return err },
		"Logits":   func() error { _, err := s.Logits(over); return err },
	} {
		done := make(chan error, 1)
		go func() { done <- call() }()
		select {
		case err := <-done:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v, want %v", name, err, context.Canceled)
			}
		case <-time.After(time.Minute):
			t.Errorf("%s waits on, want %v", name, context.Canceled)
			letGo()
			return
		}
	}
	letGo()
	if err := <-logits; err != nil {
		t.Error(err)
	}
	audit(t, e)
}

// heldTexts is how many texts hold 7 states: each has two, and slot 0 is the seventh.
const heldTexts = 3

// allHeldByHosts has texts hold all memory of an engine of 7 states, and wait for their hosts until letGo is
// called, which returns when they have been written.
func allHeldByHosts(t *testing.T, e *Engine) (letGo func()) {
	t.Helper()
	ctx := context.Background()
	asked, goOn := make(chan bool, heldTexts), make(chan bool)
	var wait sync.WaitGroup
	for i := range heldTexts {
		r := Request{Seq: newSequence(t, e), EOS: []int32{}, MaxTokens: 4}
		if err := errors.Join(r.Seq.Append(prompt(e, 9, i)...), r.Seq.Prefill(ctx, nil)); err != nil {
			t.Fatal(err)
		}
		r.Process = func(text []int32, _ []float32) error {
			if len(text) == 9 {
				asked <- true
				<-goOn
			}
			return nil
		}
		wait.Go(func() {
			if got, err := write(ctx, e, r); err != nil || len(got[0]) != r.MaxTokens {
				t.Errorf("text %d: tokens %v, %v", i, got, err)
			}
		})
	}
	for range heldTexts {
		<-asked
	}
	return func() {
		close(goOn)
		wait.Wait()
	}
}
