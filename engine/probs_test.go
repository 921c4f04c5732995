package engine

import (
	"context"
	"math"
	"slices"
	"testing"

	"falconmamba/backend/sampling"
)

// Log-probabilities are those of the model, before filters, whichever way a token is
// drawn, whatever runs beside, and whether or not the text gave way in between.
func TestLogProbs(t *testing.T) {
	e := tiny(t, Options{Running: 2})
	ctx := context.Background()
	for i, p := range draws {
		plain, stop := pull(t, e, Request{Seq: newSequence(t, e), Prompt: prompt(e, 3, i), EOS: []int32{}})
		plain()
		s := newSequence(t, e)
		r := Request{Seq: s, Prompt: prompt(e, 6, i), Sampling: p, EOS: []int32{}, MaxTokens: 40, LogProbs: true, TopLogProbs: i * 5}
		text := slices.Clone(r.Prompt)
		want := alone(t, e, Request{Prompt: r.Prompt, Sampling: p, EOS: []int32{}, MaxTokens: 40})
		var got []int32
		for x, err := range e.Generate(ctx, []Request{r}) {
			if err != nil {
				t.Fatal(err)
			}
			if len(got) == 2 { // another wants the place
				if _, err := write(ctx, e, Request{Seq: newSequence(t, e), Prompt: text, MaxTokens: 3}); err != nil {
					t.Fatal(err)
				}
			}
			got = append(got, x.ID)
			if x.Probs == nil || len(x.Probs.Likeliest) != r.TopLogProbs {
				t.Fatalf("%+v: %+v, want %d likeliest", p, x.Probs, r.TopLogProbs)
			}
			logits := logitsOf(t, e, text)
			most := slices.Max(logits)
			sum := 0.0
			for _, v := range logits {
				sum += math.Exp(float64(v - most))
			}
			of := func(id int32) float64 { return float64(logits[id]-most) - math.Log(sum) }
			if d := x.Probs.Token - of(x.ID); math.Abs(d) > 1e-4 {
				t.Errorf("%+v: token %d has log-probability %v, want %v", p, x.ID, x.Probs.Token, of(x.ID))
			}
			for j, l := range x.Probs.Likeliest {
				if math.Abs(l.LogProb-of(l.ID)) > 1e-4 || j > 0 && l.LogProb > x.Probs.Likeliest[j-1].LogProb {
					t.Errorf("%+v: likeliest %d is %+v, want %v", p, j, l, of(l.ID))
				}
			}
			if n := len(x.Probs.Likeliest); n > 0 && logits[x.Probs.Likeliest[0].ID] < most-1e-4 {
				t.Errorf("%+v: the likeliest is %d, not the largest logit", p, x.Probs.Likeliest[0].ID)
			}
			text = append(text, x.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%+v: with log-probabilities the text is %v, without %v", p, got, want)
		}
		stop()
		s.Close()
	}
	for _, n := range []int{-1, sampling.MaxLogProbs + 1} {
		if _, err := write(ctx, e, Request{Seq: newSequence(t, e), Prompt: []int32{1}, LogProbs: true, TopLogProbs: n}); err == nil {
			t.Errorf("%d likeliest tokens were not refused", n)
		}
	}
}
