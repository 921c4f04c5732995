package falconmamba

import (
	"context"

	"falconmamba/internal/parallel"
)

// A Choice says how likely a text is after another.
type Choice struct {
	LogProb float64 // the natural logarithm of its probability, the sum over its tokens
	Greedy  bool    // each of its tokens has the largest logit, the first of equals
}

// Score returns how likely each of choices is after prefix, which is read once. A choice of
// no tokens is certain. An empty prefix is ErrEmpty.
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
	for i, ids := range choices {
		if out[i], err = s.score(ctx, ids); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// score says how likely ids are after the session's text, which stays as it is.
func (s *Session) score(ctx context.Context, ids []int32) (Choice, error) {
	f, err := s.Fork()
	if err != nil {
		return Choice{}, err
	}
	defer f.Close()
	if err := f.Append(ids...); err != nil {
		return Choice{}, err
	}
	c := Choice{Greedy: true}
	at := len(s.Tokens()) - 1
	for len(ids) > 0 {
		n := min(len(ids), s.m.e.HeadRows())
		rows := make([]int32, n)
		for i := range rows {
			rows[i] = int32(i)
		}
		nats, greedy := make([]float64, n), make([]bool, n)
		err := f.seq.Score(ctx, at, n, rows, func(logits func(i int) []float32) {
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
