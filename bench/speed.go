package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"falconmamba"
	"falconmamba/backend/sampling"
	"falconmamba/internal/clock"
)

// A Test is one thing whose speed is measured: reading a prompt up to its first
// drawn token, or writing on from one token, for one text or several at once.
type Test struct {
	Prompt   int // tokens to read, 0 for a test of writing
	Generate int // tokens to write for each text
	Batch    int // texts
}

// String returns the name that llama-bench gives the test: pp512, tg128, and
// tg128 b8 for eight texts.
func (t Test) String() string {
	name := fmt.Sprintf("tg%d", t.Generate)
	if t.Prompt > 0 {
		name = fmt.Sprintf("pp%d", t.Prompt)
	}
	if t.Batch > 1 {
		name += fmt.Sprintf(" b%d", t.Batch)
	}
	return name
}

// Tokens returns what the test's speed counts.
func (t Test) Tokens() int {
	if t.Prompt > 0 {
		return t.Batch * t.Prompt
	}
	return t.Batch * t.Generate
}

// Tests multiplies the lists out: every prompt length, and every generation
// length with every batch.
func Tests(prompts, generates, batches []int) []Test {
	var tests []Test
	for _, p := range prompts {
		if p > 0 {
			tests = append(tests, Test{Prompt: p, Generate: 1, Batch: 1})
		}
	}
	for _, n := range generates {
		for _, b := range batches {
			if n > 0 {
				tests = append(tests, Test{Generate: n, Batch: b})
			}
		}
	}
	return tests
}

// drawing is how tokens are drawn while speed is measured: with all that
// sampling costs.
var drawing = sampling.Params{Temperature: 0.8, TopK: 40, TopP: 0.95, MinP: 0.02, RepetitionPenalty: 1.1}

// A test runs once at least before it is measured: kernels are compiled, and
// backends learn how long a plan takes. Then it goes on for warmUp, for a device
// that was idle to reach its speed, and until a run is not a tenth faster than
// the one before, unless that takes longer than warmMost.
const (
	warmUp   = 500 * time.Millisecond
	warmMost = 2 * time.Second
)

// warm reports whether runs that took these seconds were enough to begin with.
func warm(took []float64) bool {
	sum := 0.0
	for _, t := range took {
		sum += t
	}
	n := len(took)
	steady := n > 1 && took[n-1] > 0.9*took[n-2]
	return n > 0 && (sum >= warmMost.Seconds() || steady && sum >= warmUp.Seconds())
}

// Runs say how often a test is measured.
type Runs struct {
	Reps int // runs to measure, after some to warm up
	// Within ends a test early: once it took so long, warming up included, [FewestRuns] are enough. 0 is for
	// no end.
	Within time.Duration
	Seed   uint64 // of prompts and draws
}

// FewestRuns tell a spread, so that a speed can be compared.
const FewestRuns = 2

// Speed runs a test through the embedding API, first to warm up and then to
// measure, and returns tokens per second: the median of the runs and
// their standard deviation. Prompts are random ids, tokens are drawn by
// sampling, and eos does not end a text.
func Speed(ctx context.Context, m *falconmamba.Model, t Test, runs Runs) (Rate, error) {
	reqs := make([]falconmamba.Request, t.Batch)
	for i := range reqs {
		s, err := m.NewSession()
		if err != nil {
			return Rate{}, err
		}
		defer s.Close()
		o := &falconmamba.GenerateOptions{Sampling: drawing, MaxTokens: t.Generate, EOS: []int32{}}
		o.Sampling.Seed = runs.Seed + uint64(i)
		reqs[i] = falconmamba.Request{Session: s, Options: o}
	}
	if runs.Reps < 1 {
		return Rate{}, errors.New("no runs to measure: want one or more")
	}
	hits := m.Stats().Cache.Hits
	var rates, before []float64 // before: the seconds of runs to warm up
	begin := time.Now()
	for len(rates) < runs.Reps {
		late := runs.Within > 0 && time.Since(begin) > runs.Within
		if late && len(rates) >= FewestRuns {
			break
		}
		for i, r := range reqs {
			r.Session.Reset()
			if err := r.Session.Append(RandomIDs(m, max(t.Prompt, 1), runs.Seed+uint64(i))...); err != nil {
				return Rate{}, err
			}
		}
		start := clock.Now()
		drawn := 0
		for _, err := range m.GenerateBatch(ctx, reqs) {
			if err != nil {
				return Rate{}, err
			}
			drawn++
		}
		took := clock.Since(start).Seconds()
		if drawn < t.Batch*t.Generate {
			return Rate{}, fmt.Errorf("%v: %d tokens were generated, want %d", t, drawn, t.Batch*t.Generate)
		}
		if err := readAll(m, hits); err != nil {
			return Rate{}, err
		}
		if warm(before) || len(before) > 0 && runs.Within > 0 && time.Since(begin) > runs.Within/2 {
			rates = append(rates, float64(t.Tokens())/took)
		} else {
			before = append(before, took)
		}
	}
	return rateOf(rates), nil
}

// readAll refuses a measurement in which texts went on from states that were kept, which had
// seen what was to be read. Before it there were so many hits.
func readAll(m *falconmamba.Model, hits uint64) error {
	if m.Stats().Cache.Hits > hits {
		return errors.New("texts went on from cached states, and were not read: open the model with " +
			"Options.Engine.Cache.Off to measure its speed")
	}
	return nil
}

// A Rate is a speed in tokens per second that was measured several times: the median and the
// standard deviation of so many runs.
type Rate struct {
	Median, Spread float64
	Runs           int
}

// rateOf returns the median and the standard deviation.
func rateOf(rates []float64) Rate {
	sorted := slices.Sorted(slices.Values(rates))
	n := len(sorted)
	r := Rate{Median: (sorted[(n-1)/2] + sorted[n/2]) / 2, Runs: n}
	mean := 0.0
	for _, v := range sorted {
		mean += v / float64(n)
	}
	for _, v := range sorted {
		r.Spread += (v - mean) * (v - mean)
	}
	if n > 1 {
		r.Spread = math.Sqrt(r.Spread / float64(n-1))
	}
	return r
}

// RandomIDs returns n token ids of the model, the same for the same seed.
func RandomIDs(m *falconmamba.Model, n int, seed uint64) []int32 {
	return randomIDs(rand.New(rand.NewPCG(seed, 0)), n, m.Config().VocabSize)
}

// randomIDs draws n ids below vocab.
func randomIDs(rng *rand.Rand, n, vocab int) []int32 {
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = rng.Int32N(int32(vocab))
	}
	return ids
}
