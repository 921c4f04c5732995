package falconmamba

import (
	"cmp"
	"context"
	"sync"

	"falconmamba/internal/parallel"
)

// A Choice says how likely a text is after another.
type Choice struct {
	LogProb float64 // the natural logarithm of its probability, the sum over its tokens
	Greedy  bool    // each of its tokens has the largest logit, the first of equals
}

// Score returns how likely each of choices is after prefix, which is read once. A choice of
// no tokens is certain. An empty prefix is ErrEmpty. Choices share passes, with each other and
// with what else is asked meanwhile.
func (m *Model) Score(ctx context.Context, prefix []int32, choices [][]int32) ([]Choice, error) {
	s, err := m.NewSession()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := s.Append(prefix...); err != nil {
		return nil, err
	}
	if len(prefix) == 0 {
		return nil, ErrEmpty
	}
	if err := s.Prefill(ctx, nil); err != nil {
		return nil, err
	}
	out := make([]Choice, len(choices))
	for i := 0; i < len(choices); i += choicesAtOnce {
		n := min(choicesAtOnce, len(choices)-i)
		if err := s.scoreAll(ctx, choices[i:i+n], out[i:i+n]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// choicesAtOnce bounds the states that a Score takes.
const choicesAtOnce = 8

// scoreAll says how likely each of choices is after the session's text, which stays as it is.
// They are asked about at once, so that they share passes.
func (s *Session) scoreAll(ctx context.Context, choices [][]int32, out []Choice) error {
	at := len(s.Tokens()) - 1
	errs := make([]error, len(choices))
	var wait sync.WaitGroup
	for i, ids := range choices {
		f, err := s.Fork(ctx)
		if err != nil {
			errs[i] = err
			break
		}
		defer f.Close()
		wait.Go(func() { out[i], errs[i] = f.score(ctx, at, ids) })
	}
	wait.Wait()
	return cmp.Or(errs...)
}

// score appends ids, and says how likely they are after token at.
func (s *Session) score(ctx context.Context, at int, ids []int32) (Choice, error) {
	if err := s.Append(ids...); err != nil {
		return Choice{}, err
	}
	c := Choice{Greedy: true}
	for len(ids) > 0 {
		n := min(len(ids), s.m.e.HeadRows())
		rows := make([]int32, n)
		for i := range rows {
			rows[i] = int32(i)
		}
		nats, greedy := make([]float64, n), make([]bool, n)
		err := s.seq.Score(ctx, at, n, rows, func(logits func(i int) []float32) {
			parallel.Each(n, func(i int) {
				nats[i] = crossEntropy(logits(i), ids[i])
				greedy[i] = largest(logits(i)) == ids[i]
			})
		})
		if err != nil {
			return Choice{}, err
		}
		for i := range n {
			c.LogProb -= nats[i]
			c.Greedy = c.Greedy && greedy[i]
		}
		ids, at = ids[n:], at+n
	}
	return c, nil
}

// largest returns the first of the largest.
func largest(logits []float32) int32 {
	best := 0
	for i, v := range logits {
		if v > logits[best] {
			best = i
		}
	}
	return int32(best)
}
