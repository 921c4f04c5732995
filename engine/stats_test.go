package engine

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"
)

// The counters say what happened, and the places add up.
func TestStats(t *testing.T) {
	var text bytes.Buffer
	e := tiny(t, Options{Running: 2, Waiting: -1,
		Logger: slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	ctx := context.Background()
	reqs := make([]Request, 3)
	for i := range reqs {
		reqs[i] = Request{Seq: newSequence(t, e), Prompt: prompt(e, 10, i), EOS: []int32{}, MaxTokens: 20}
	}
	if _, err := write(ctx, e, reqs[:2]...); err != nil {
		t.Fatal(err)
	}
	one, stop := pull(t, e, Request{Seq: reqs[0].Seq, EOS: []int32{}})
	other, stopOther := pull(t, e, Request{Seq: reqs[1].Seq, EOS: []int32{}})
	one()
	other()
	stopOther()
	e.mu.Lock()
	e.queue = -2 // as if others were there
	e.mu.Unlock()
	if _, err := write(ctx, e, reqs[2]); !errors.Is(err, ErrQueueFull) {
		t.Errorf("a third text: %v", err)
	}
	s := e.Stats()
	if s.Sessions != 3 || s.Running != 1 || s.Waiting != 0 {
		t.Errorf("%d sessions, %d running, %d waiting; want 3, 1, 0", s.Sessions, s.Running, s.Waiting)
	}
	if p := s.Slots; p.Running == 0 || p.Free+p.Resting+p.Kept+p.Running+1 != p.Total {
		t.Errorf("slots: %+v", p)
	}
	stop()
	if _, err := reqs[0].Seq.Logits(ctx); err != nil {
		t.Fatal(err)
	}
	s = e.Stats()
	if s.Refused != 1 || s.Ended != 2 || s.Left != 2 || s.Failed != 0 {
		t.Errorf("%d refused, %d ended, %d left, %d failed; want 1, 2, 2, 0", s.Refused, s.Ended, s.Left, s.Failed)
	}
	if s.Read < 22 || s.Written < 42 || s.FirstToken.Count() != 4 || s.BetweenToken.Count() != s.Written-4 {
		t.Errorf("%d tokens read, %d written, %d first, %d others",
			s.Read, s.Written, s.FirstToken.Count(), s.BetweenToken.Count())
	}
	if sum := s.Reading + s.Writing + s.Scoring; s.Reading == 0 || s.Writing == 0 || s.Scoring == 0 || sum > s.Up {
		t.Errorf("reading %v, writing %v, scoring %v of %v", s.Reading, s.Writing, s.Scoring, s.Up)
	}
	if min := time.Duration(s.BetweenToken.Sum * float64(time.Second)); min == 0 || min > 3*s.Up {
		t.Errorf("%v between tokens in %v", min, s.Up)
	}
	for _, want := range []string{"requests refused", `msg="request ended" why=length`, "why=left"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the log does not say %s:\n%s", want, &text)
		}
	}
}

func TestHistogram(t *testing.T) {
	h := newHistogram(1, 8, 2)
	if !math.IsNaN(h.Quantile(0.5)) {
		t.Errorf("the median of nothing is %v", h.Quantile(0.5))
	}
	for _, v := range []float64{0, 1, 1.5, 3, 9} {
		h.add(v)
	}
	for _, c := range []struct{ q, want float64 }{{0, 1}, {0.4, 1}, {0.5, 2}, {0.8, 4}, {0.9, math.Inf(1)}} {
		if got := h.Quantile(c.q); got != c.want {
			t.Errorf("quantile %v is %v, want %v", c.q, got, c.want)
		}
	}
	if h.Count() != 5 || h.Sum != 14.5 {
		t.Errorf("%d values of %v, want 5 of 14.5", h.Count(), h.Sum)
	}
}

// A state that a question comes to is counted too, while the question is answered.
func TestSlotsOfAQuestion(t *testing.T) {
	e := tiny(t, Options{})
	s := newSequence(t, e)
	if err := s.Append(1); err != nil {
		t.Fatal(err)
	}
	err := e.askBehind(context.Background(), &score{seq: s, ids: s.history}, func(*Runner) error {
		if n := e.Stats().Slots; n.Running != 1 || n.Total != 1+n.Free+n.Resting+n.Kept+n.Running {
			t.Errorf("%+v: want one that runs, and the total to be the sum and 1", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
