package falconmamba

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"falconmamba/backend"
	_ "falconmamba/backend/all"
	"falconmamba/backend/sampling"
	"falconmamba/checkpoint/tiny"
	"falconmamba/engine"
)

// devices are the backends that the laws are tested on: what $FM_BACKEND names,
// else the processor.
var devices = []string{cmp.Or(os.Getenv("FM_BACKEND"), "cpu")}

// aheads are the steps in flight that the laws are tested with.
func aheads() []int {
	if testing.Short() {
		return []int{4}
	}
	return []int{1, 2, 4}
}

// open loads the embedded model, to run in float32: the laws hold within its
// rounding.
func open(t testing.TB, o Options) *Model {
	t.Helper()
	exact := backend.Float
	o.Load.Precision = &exact
	m, err := OpenFS(context.Background(), tiny.FS(), &o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func session(t testing.TB, m *Model) *Session {
	t.Helper()
	s, err := m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// pending is how many of a session's tokens the state has not seen.
func pending(s *Session) int { return len(s.Tokens()) - s.seq.Fed() }

// collect runs a generation to its end.
func collect(t testing.TB, s *Session, prompt string, o GenerateOptions) (ids []int32, text string) {
	t.Helper()
	for tok, err := range s.Generate(context.Background(), prompt, &o) {
		if err != nil {
			t.Fatal(err)
		}
		if tok.ID >= 0 {
			ids = append(ids, tok.ID)
		}
		text += tok.Text
	}
	return ids, text
}

// logitsAfter computes the scores that follow ids from nothing.
func logitsAfter(t testing.TB, m *Model, ids []int32) []float32 {
	t.Helper()
	s := session(t, m)
	if err := s.Append(ids...); err != nil {
		t.Fatal(err)
	}
	return logits(t, s)
}

// freshLogits are logitsAfter without what m's cache knows: a state there may be the wrong one of the session that is
// looked at. A question about every token begins with the first.
func freshLogits(t testing.TB, m *Model, ids []int32) []float32 {
	t.Helper()
	out, err := session(t, m).Forward(context.Background(), ids, ForwardOptions{AllLogits: true})
	if err != nil {
		t.Fatal(err)
	}
	return out.Logits[len(ids)-1]
}

func logits(t testing.TB, s *Session) []float32 {
	t.Helper()
	l, err := s.Logits(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// near wants got within 1e-4·(1+|x|): the tolerance of float32 arithmetic.
func near(t testing.TB, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d elements, want %d", what, len(got), len(want))
	}
	for i := range got {
		if d := math.Abs(float64(got[i]) - float64(want[i])); !(d <= 1e-4*(1+math.Abs(float64(want[i])))) {
			t.Fatalf("%s: element %d is %g, want %g", what, i, got[i], want[i])
		}
	}
}

const romeo = "ROMEO:\nBut, soft! what light through yonder window breaks?\n"

// drawing is a way to sample that leaves no two runs equal by chance.
var drawing = sampling.Params{Temperature: 0.9, TopK: 60, TopP: 0.95, RepetitionPenalty: 1.1, Seed: 7}

func TestChunksDoNotMatter(t *testing.T) {
	for _, dev := range devices {
		whole := open(t, Options{Backend: dev, Engine: engine.Options{Chunk: 512}})
		ids, _ := whole.Encode(strings.Repeat(romeo, 3))
		want := logitsAfter(t, whole, ids)
		for _, chunk := range []int{1, 2, 3, 7, 33} {
			near(t, dev, logitsAfter(t, open(t, Options{Backend: dev, Engine: engine.Options{Chunk: chunk}}), ids),
				want)
		}
	}
}

func TestDecodeIsPrefill(t *testing.T) {
	for _, dev := range devices {
		m := open(t, Options{Backend: dev})
		s := session(t, m)
		collect(t, s, romeo, GenerateOptions{MaxTokens: 40, Sampling: drawing, EOS: []int32{}})
		if s.StopReason() != StopLength {
			t.Errorf("%s: stopped by %q, want length", dev, s.StopReason())
		}
		near(t, dev, logits(t, s), freshLogits(t, m, s.Tokens()))
	}
}

func TestHowAGenerationEnds(t *testing.T) {
	for _, dev := range devices {
		for _, ahead := range aheads() {
			m := open(t, Options{Backend: dev, Engine: engine.Options{Ahead: ahead}})
			free := session(t, m)
			ids, text := collect(t, free, romeo, GenerateOptions{MaxTokens: 60, Sampling: drawing, EOS: []int32{}})

			ends := map[string]func(t *testing.T, s *Session){
				"the caller leaves": func(t *testing.T, s *Session) {
					n := 0
					for _, err := range s.Generate(context.Background(), romeo,
						&GenerateOptions{Sampling: drawing, EOS: []int32{}}) {
						if err != nil {
							t.Fatal(err)
						}
						if n++; n == 17 {
							break
						}
					}
				},
				"at once": func(t *testing.T, s *Session) {
					for range s.Generate(context.Background(), romeo,
						&GenerateOptions{Sampling: drawing, EOS: []int32{}}) {
						break
					}
				},
				"eos": func(t *testing.T, s *Session) {
					collect(t, s, romeo, GenerateOptions{MaxTokens: 60, Sampling: drawing, EOS: ids[20:21]})
					if s.StopReason() != StopEOS {
						t.Errorf("stopped by %q, want eos", s.StopReason())
					}
				},
				"eos first": func(t *testing.T, s *Session) {
					got, _ := collect(t, s, romeo, GenerateOptions{MaxTokens: 60, Sampling: drawing, EOS: ids[:1]})
					if len(got) != 0 {
						t.Errorf("got %d tokens, want none", len(got))
					}
				},
				"a stop string": func(t *testing.T, s *Session) {
					stop := text[len(text)/2:][:9]
					_, got := collect(t, s, romeo,
						GenerateOptions{MaxTokens: 60, Sampling: drawing, EOS: []int32{}, Stop: []string{"nowhere in it", stop}})
					if want, _, _ := strings.Cut(text, stop); got != want {
						t.Errorf("got text %q, want %q", got, want)
					}
					if s.StopReason() != StopString || s.StopString() != stop {
						t.Errorf("stopped by %q, %q, want stop, %q", s.StopReason(), s.StopString(), stop)
					}
				},
				"almost a stop string": func(t *testing.T, s *Session) {
					stop := text[10:16] + "never"
					_, got := collect(t, s, romeo,
						GenerateOptions{MaxTokens: 30, Sampling: drawing, EOS: []int32{}, Stop: []string{stop}})
					if !strings.HasPrefix(text, got) {
						t.Errorf("got text %q, want a beginning of %q", got, text)
					}
				},
				"a cancelled context": func(t *testing.T, s *Session) {
					ctx, cancel := context.WithCancel(context.Background())
					defer cancel()
					n := 0
					var last error
					for _, err := range s.Generate(ctx, romeo, &GenerateOptions{Sampling: drawing, EOS: []int32{}}) {
						last = err
						if n++; n == 5 {
							cancel()
						}
					}
					if !errors.Is(last, context.Canceled) {
						t.Errorf("got error %v, want %v", last, context.Canceled)
					}
				},
			}
			for name, end := range ends {
				t.Run(fmt.Sprintf("%s/%d ahead/%s", dev, ahead, name), func(t *testing.T) {
					s := session(t, m)
					end(t, s)
					prompt, _ := m.Encode(romeo)
					kept := s.Tokens()[len(prompt):]
					if !slices.Equal(kept, ids[:len(kept)]) {
						t.Fatalf("kept %v, want a beginning of %v", kept, ids)
					}
					near(t, "logits after the stop", logits(t, s), freshLogits(t, m, s.Tokens()))
					more, _ := collect(t, s, "", GenerateOptions{MaxTokens: 3})
					if s.StopString() != "" {
						t.Errorf("then stopped by %q, want none", s.StopString())
					}
					other := session(t, m)
					other.Append(s.Tokens()[:len(s.Tokens())-3]...)
					if want, _ := collect(t, other, "", GenerateOptions{MaxTokens: 3}); !slices.Equal(more, want) {
						t.Errorf("went on with %v, want %v", more, want)
					}
					// Text that is put behind it at once hides that the state has seen more than was kept.
					s = session(t, m)
					end(t, s)
					if err := s.Append(prompt...); err != nil {
						t.Fatal(err)
					}
					near(t, "logits of more text", logits(t, s), freshLogits(t, m, s.Tokens()))
				})
			}
		}
	}
}

func TestBatchIsEachAlone(t *testing.T) {
	prompts := []string{"ROMEO:", "JULIET:\nO, be some other name", "KING HENRY V:\n", strings.Repeat(romeo, 4), "A"}
	for _, dev := range devices {
		m := open(t, Options{Backend: dev, Engine: engine.Options{Chunk: 48}})
		var reqs []Request
		var want [][]int32
		for i, p := range prompts {
			o := &GenerateOptions{MaxTokens: 12 + 5*i, EOS: []int32{}, Sampling: drawing}
			o.Sampling.Seed = uint64(i)
			if i == 2 {
				o.Sampling = sampling.Params{}
			}
			alone := session(t, m)
			ids, _ := collect(t, alone, p, *o)
			want = append(want, ids)
			reqs = append(reqs, Request{Session: session(t, m), Prompt: p, Options: o})
		}
		got := make([][]int32, len(prompts))
		for tok, err := range m.GenerateBatch(context.Background(), reqs) {
			if err != nil {
				t.Fatal(err)
			}
			got[tok.Index] = append(got[tok.Index], tok.ID)
		}
		for i := range prompts {
			if !slices.Equal(got[i], want[i]) {
				t.Errorf("%s: session %d of the batch wrote %v, alone %v", dev, i, got[i], want[i])
			}
			near(t, "logits after the batch", logits(t, reqs[i].Session), freshLogits(t, m, reqs[i].Session.Tokens()))
		}
	}
}

// TestLeavingABatch leaves in the middle of a step: the sessions after it have
// drawn a token that was never seen.
func TestLeavingABatch(t *testing.T) {
	for _, dev := range devices {
		for _, ahead := range aheads() {
			m := open(t, Options{Backend: dev, Engine: engine.Options{Ahead: ahead}})
			var reqs []Request
			for i := range 3 {
				o := &GenerateOptions{Sampling: drawing, EOS: []int32{}}
				o.Sampling.Seed = uint64(i)
				reqs = append(reqs, Request{Session: session(t, m), Prompt: romeo[i:], Options: o})
			}
			n := 0
			for _, err := range m.GenerateBatch(context.Background(), reqs) {
				if err != nil {
					t.Fatal(err)
				}
				if n++; n == 3*11+1 {
					break
				}
			}
			for i, r := range reqs {
				// The state that is kept to go back to may be a checkpoint older than what was
				// written while the reader was behind: 16 + 32 tokens, and those in flight.
				if got := pending(r.Session); got < 1 || got > 64 {
					t.Errorf("session %d has %d tokens to read, want 1 to 64", i, got)
				}
				near(t, fmt.Sprintf("%s, %d ahead: session %d", dev, ahead, i), logits(t, r.Session),
					freshLogits(t, m, r.Session.Tokens()))
			}
		}
	}
}

func TestBadCalls(t *testing.T) {
	m := open(t, Options{Backend: "cpu"})
	s := session(t, m)
	first := func(s *Session, prompt string, o *GenerateOptions) error {
		for _, err := range s.Generate(context.Background(), prompt, o) {
			return err
		}
		return nil
	}
	closed := session(t, m)
	closed.Close()
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"empty prompt": {first(s, "", nil), "empty"},
		"id too large": {s.Append(1024), "ids 0 to 1023"},
		"negative id":  {s.Append(0, -1), "token 1 is id -1"},
		"temperature": {first(s, "A", &GenerateOptions{Sampling: sampling.Params{Temperature: -1}}),
			"temperature"},
		"limit":            {first(s, "A", &GenerateOptions{MaxTokens: -1}), "-1"},
		"empty stop":       {first(s, "A", &GenerateOptions{Stop: []string{""}}), "stop string"},
		"closed session":   {first(closed, "A", nil), "closed"},
		"closed append":    {closed.Append(1), "closed"},
		"unknown backend":  {openErr(Options{Backend: "abacus"}), "abacus"},
		"huge chunk":       {openErr(Options{Backend: "cpu", Engine: engine.Options{Chunk: 1 << 30}}), "chunk"},
		"no requests":      {batchErr(m), "no requests"},
		"a session twice":  {batchErr(m, Request{Session: s, Prompt: "A"}, Request{Session: s, Prompt: "B"}), "twice"},
		"another's":        {batchErr(open(t, Options{Backend: "cpu"}), Request{Session: s}), "not one of this model"},
		"one label too":    {lossErr(m, []int32{1, 2}, []int32{1}), "labels"},
		"no label counts":  {lossErr(m, []int32{1, 2}, []int32{1, IgnoreLabel}), "no label"},
		"loss of a token":  {lossErr(m, []int32{1}, nil), "two tokens"},
		"label of nothing": {lossErr(m, []int32{1, 2}, []int32{1, 5000}), "label 1"},
	} {
		if tc.err == nil || !strings.Contains(tc.err.Error(), tc.want) || strings.Contains(tc.err.Error(), "\n") {
			t.Errorf("%s: got error %v, want one line with %q", name, tc.err, tc.want)
		}
	}
}

func openErr(o Options) error {
	_, err := OpenFS(context.Background(), tiny.FS(), &o)
	return err
}

func batchErr(m *Model, reqs ...Request) error {
	for _, err := range m.GenerateBatch(context.Background(), reqs) {
		return err
	}
	return nil
}

func lossErr(m *Model, ids, labels []int32) error {
	_, err := m.Loss(context.Background(), ids, labels, nil)
	return err
}

func TestLossCountsLabels(t *testing.T) {
	m := open(t, Options{Backend: "cpu", Engine: engine.Options{Chunk: 5}})
	ids, _ := m.Encode(romeo)
	s := session(t, m)
	out, err := s.Forward(context.Background(), ids, ForwardOptions{AllLogits: true})
	if err != nil {
		t.Fatal(err)
	}
	labels := slices.Clone(ids)
	var want Loss
	for i := 1; i < len(ids); i++ {
		if i%3 == 0 || i < 12 {
			labels[i] = IgnoreLabel
			continue
		}
		want.Sum += crossEntropy(out.Logits[i-1], ids[i])
		want.Tokens++
	}
	got, err := m.Loss(context.Background(), ids, labels, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Tokens != want.Tokens || math.Abs(got.Sum-want.Sum) > 1e-4 {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestSessionsAtOnce has goroutines share a model: each must write what it
// writes alone, and the pool must grow under them.
func TestSessionsAtOnce(t *testing.T) {
	m := open(t, Options{Backend: "cpu"})
	const n = 6
	run := func(i int) []int32 {
		s, err := m.NewSession()
		if err != nil {
			t.Error(err)
			return nil
		}
		defer s.Close()
		p := drawing
		p.Seed = uint64(i)
		var ids []int32
		for tok, err := range s.Generate(context.Background(), romeo[i:],
			&GenerateOptions{MaxTokens: 25, Sampling: p, EOS: []int32{}, Stop: []string{"never this"}}) {
			if err != nil {
				t.Error(err)
				return nil
			}
			ids = append(ids, tok.ID)
		}
		return ids
	}
	var want [n][]int32
	for i := range want {
		want[i] = run(i)
	}
	var got [n][]int32
	done := make(chan bool)
	for i := range got {
		go func() {
			got[i] = run(i)
			done <- true
		}()
	}
	for range got {
		select {
		case <-done:
		case <-time.After(time.Minute):
			t.Fatal("a session hangs")
		}
	}
	for i := range got {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("session %d wrote %v beside others, %v alone", i, got[i], want[i])
		}
	}
}

// TestNothingIsLeft closes everything and wants the device's memory back.
func TestNothingIsLeft(t *testing.T) {
	b, err := backend.Open("cpu", backend.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	before := b.Stats()
	m, err := OpenFS(context.Background(), tiny.FS(), &Options{Device: b})
	if err != nil {
		t.Fatal(err)
	}
	s, err := m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	collect(t, s, romeo, GenerateOptions{MaxTokens: 8, Sampling: drawing, Stop: []string{"x"}})
	if _, err := s.Forward(context.Background(), []int32{1, 2},
		ForwardOptions{AllLogits: true, Hidden: true}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if after := b.Stats(); after.Live != before.Live || after.Imported != before.Imported {
		t.Errorf("%+v is held after Close, %+v before", after, before)
	}
}

// TestAfterClose calls everything on what is closed.
func TestAfterClose(t *testing.T) {
	m, err := OpenFS(context.Background(), tiny.FS(), &Options{Backend: "cpu"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	collect(t, s, romeo, GenerateOptions{MaxTokens: 2})
	snap, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	_, newErr := m.NewSession()
	_, snapErr := s.Snapshot(t.Context())
	_, forkErr := s.Fork(t.Context())
	_, logitsErr := s.Logits(ctx)
	_, stateErr := s.State(ctx)
	_, forwardErr := s.Forward(ctx, []int32{1}, ForwardOptions{})
	for name, err := range map[string]error{"NewSession": newErr, "Snapshot": snapErr, "Fork": forkErr,
		"Logits": logitsErr,
		"State":  stateErr, "Forward": forwardErr, "Append": s.Append(1), "Restore": s.Restore(t.Context(), snap),
		"Prefill":  s.Prefill(ctx, nil),
		"Generate": batchErr(m, Request{Session: s, Prompt: "A"}), "Loss": lossErr(m, []int32{1, 2}, nil)} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s: got error %v, want %v", name, err, ErrClosed)
		}
	}
	if err := errors.Join(s.Close(), m.Close()); err != nil {
		t.Error(err)
	}
}

// TestOneBadRequest of a batch is told by its index, and the others run.
func TestOneBadRequest(t *testing.T) {
	m := open(t, Options{Backend: "cpu"})
	o := &GenerateOptions{MaxTokens: 4, EOS: []int32{}}
	good, empty := session(t, m), session(t, m)
	var failed []int
	for _, err := range m.GenerateBatch(context.Background(), []Request{{empty, "", o}, {good, "ROMEO:", o}}) {
		if bad := (*RequestError)(nil); errors.As(err, &bad) && errors.Is(err, ErrEmpty) {
			failed = append(failed, bad.Index)
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(failed, []int{0}) || good.StopReason() != StopLength || len(empty.Tokens()) != 0 {
		t.Errorf("requests %v failed, want 0; the other ended with %q", failed, good.StopReason())
	}
}

// A character whose bytes are drawn in several generations comes whole, with the last of
// them, and the pieces are the text of all tokens.
func TestCharactersAcrossGenerations(t *testing.T) {
	m := open(t, Options{Backend: "cpu"})
	s := session(t, m)
	o := GenerateOptions{EOS: []int32{}, Sampling: sampling.Params{Temperature: 100, Seed: 4}} // any token
	var ids []int32
	var text string
	split := 0
	for i := range 200 {
		o.MaxTokens = 1 + i%3
		if i == 100 { // however the session goes on
			n, err := s.Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			s = session(t, m)
			if err := s.Restore(t.Context(), n); err != nil {
				t.Fatal(err)
			}
		}
		prompt := ""
		if i == 0 {
			prompt = "ROMEO:"
		}
		more, piece := collect(t, s, prompt, o)
		ids, text = append(ids, more...), text+piece
		whole := m.tok.Decode(ids, true)
		if whole != text {
			split++
		}
		if !strings.HasPrefix(whole, text) || strings.Trim(whole[len(text):], "\uFFFD") != "" {
			t.Fatalf("the pieces are %q, the whole text is %q", text, whole)
		}
	}
	if split < 3 {
		t.Errorf("%d generations ended within a character: too few to tell", split)
	}
}

// Closing a model while others write, ask and fork, which moves its states to larger
// memory, ends what they do with ErrClosed and nothing else.
func TestCloseWhileOthersUseIt(t *testing.T) {
	m := open(t, Options{Backend: devices[0], Engine: engine.Options{Chunk: 8, Running: 4}})
	ctx := context.Background()
	shared := session(t, m)
	collect(t, shared, "ROMEO:", GenerateOptions{MaxTokens: 2})
	const writers = 3
	begun := make(chan struct{}, writers+2)
	ended := make(chan error, writers+2)
	for i := range writers {
		s := session(t, m)
		go func() {
			var last error
			n := 0
			o := GenerateOptions{EOS: []int32{}, Sampling: sampling.Params{Temperature: 1, Seed: uint64(i)}}
			for _, err := range s.Generate(ctx, "What light through yonder window breaks", &o) {
				if n++; n == 3 {
					begun <- struct{}{}
				}
				last = err
			}
			ended <- last
		}()
	}
	until := func(ask func() error) {
		var err error
		for n := 0; err == nil; n++ {
			if err = ask(); n == 2 {
				begun <- struct{}{}
			}
		}
		ended <- err
	}
	asker := session(t, m)
	if err := asker.AppendText("JULIET: a text that is longer than a chunk, and asked about"); err != nil {
		t.Fatal(err)
	}
	go until(func() error { _, err := asker.Logits(ctx); return err })
	go until(func() error {
		f, err := shared.Fork(t.Context())
		if err == nil {
			err = f.Close()
		}
		return err
	})
	for range writers + 2 {
		select {
		case <-begun:
		case <-time.After(time.Minute):
			t.Fatal("after a minute somebody still waits for the others")
		}
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	for range writers + 2 {
		if err := <-ended; !errors.Is(err, ErrClosed) {
			t.Errorf("the model was closed: somebody got %v, want %v", err, ErrClosed)
		}
	}
}
