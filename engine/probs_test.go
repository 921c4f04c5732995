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

// Log-probabilities after the filters are those that package sampling gives of the logits, biased, masked and
// penalised, whichever way a token is drawn and whatever runs beside.
func TestFilteredLogProbs(t *testing.T) {
	e := tiny(t, Options{Running: 3})
	ctx := context.Background()
	vocab := e.cfg.VocabSize
	all := append(slices.Clone(draws), sampling.Params{Temperature: 0.7, TopK: 5, MinP: 0.02, Seed: 9, PresencePenalty: 0.5})
	for i, p := range slices.Concat(all, all) {
		plain, stop := pull(t, e, Request{Seq: newSequence(t, e), Prompt: prompt(e, 3, i), EOS: []int32{}})
		plain()
		r := Request{Seq: newSequence(t, e), Prompt: prompt(e, 6, i), Sampling: p, EOS: []int32{}, MaxTokens: 20,
			Bias: map[int32]float32{7: 1.5, 9: -3}, FilteredLogProbs: true, LogProbs: i%2 == 0, TopLogProbs: i * 2}
		bias := sampling.Record{}
		pairs := make([]int32, 2*maxBiases)
		if err := bias.SetBias(pairs, r.Bias, vocab); err != nil {
			t.Fatal(err)
		}
		if i >= len(all) {
			r.Process = asIs
		}
		want := alone(t, e, Request{Prompt: r.Prompt, Sampling: p, Bias: r.Bias, Process: r.Process, EOS: []int32{},
			MaxTokens: 20})
		text := slices.Clone(r.Prompt)
		var got []int32
		for x, err := range e.Generate(ctx, []Request{r}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, x.ID)
			if (x.Probs != nil) != r.LogProbs || x.Filtered == nil {
				t.Fatalf("%+v: %+v and %+v are told", p, x.Probs, x.Filtered)
			}
			logits := logitsOf(t, e, text)
			sampling.Bias(logits, pairs, nil, &bias)
			counts := make([]int32, vocab)
			window := p.RepeatLastN
			if err := sampling.Load(counts, make([]int32, window), text, window, uint32(len(got)-1)); err != nil {
				t.Fatal(err)
			}
			probs := make([]float32, vocab)
			if err := sampling.Probs(probs, logits, counts, p); err != nil {
				t.Fatal(err)
			}
			left := 0
			for _, v := range probs {
				if v > 0 {
					left++
				}
			}
			if n := len(x.Filtered.Likeliest); n != min(r.TopLogProbs, left) {
				t.Errorf("%+v: %d likeliest of %d that are left, want %d", p, n, left, r.TopLogProbs)
			}
			near := func(id int32, told float64) {
				if math.Abs(math.Exp(told)-float64(probs[id])) > 1e-4 {
					t.Errorf("%+v: token %d has probability %v, want %v", p, id, math.Exp(told), probs[id])
				}
			}
			near(x.ID, x.Filtered.Token)
			for _, l := range x.Filtered.Likeliest {
				near(l.ID, l.LogProb)
			}
			text = append(text, x.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%+v: with log-probabilities the text is %v, without %v", p, got, want)
		}
		stop()
		r.Seq.Close()
	}
}
