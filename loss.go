package falconmamba

import (
	"context"
	"errors"
	"fmt"
	"math"

	"falconmamba/internal/parallel"
	"falconmamba/internal/softmax"
)

// IgnoreLabel is the label of a token that does not count.
const IgnoreLabel = -100

// A Loss is a sum of cross-entropies.
type Loss struct {
	Sum    float64 // nats
	Tokens int     // that counted
}

// Mean returns nats per token: what transformers returns as loss.
func (l Loss) Mean() float64 { return l.Sum / float64(l.Tokens) }

// Perplexity returns exp of the mean.
func (l Loss) Perplexity() float64 { return math.Exp(l.Mean()) }

// Loss returns the cross-entropy of labels under the model that reads ids from
// an empty state. Labels are shifted by one, as transformers does: row t is
// scored on labels[t+1], and labels of IgnoreLabel do not count. nil labels
// are the ids themselves. each, if not nil, is called after every chunk with
// what there is so far. Memory does not depend on the length.
func (m *Model) Loss(ctx context.Context, ids, labels []int32, each func(done int, so Loss)) (Loss, error) {
	if labels == nil {
		labels = ids
	}
	if len(labels) != len(ids) {
		return Loss{}, fmt.Errorf("%d labels for %d tokens: want as many", len(labels), len(ids))
	}
	if len(ids) < 2 {
		return Loss{}, errors.New("a loss needs at least two tokens: the second is the first that is predicted")
	}
	for i, id := range labels {
		if id != IgnoreLabel && (id < 0 || int(id) >= m.Config().VocabSize) {
			return Loss{}, fmt.Errorf("label %d is %d: want an id below %d, or %d",
				i, id, m.Config().VocabSize, IgnoreLabel)
		}
	}
	s, err := m.NewSession()
	if err != nil {
		return Loss{}, err
	}
	defer s.Close()
	if err := s.Append(ids...); err != nil {
		return Loss{}, err
	}
	var sum Loss
	for done := 0; done < len(ids)-1; {
		n := min(m.e.HeadRows(), len(ids)-1-done)
		if err := s.addLoss(ctx, done, labels[done+1:][:n], &sum); err != nil {
			return Loss{}, err
		}
		if done += n; each != nil {
			each(done, sum)
		}
	}
	if sum.Tokens == 0 {
		return Loss{}, errors.New("no label counts: the loss of nothing is not defined")
	}
	return sum, nil
}

// addLoss reads as many tokens as there are labels, from token from on, and adds the loss of
// those whose label counts.
func (s *Session) addLoss(ctx context.Context, from int, labels []int32, sum *Loss) error {
	var rows, want []int32
	for i, l := range labels {
		if l != IgnoreLabel {
			rows = append(rows, int32(i))
			want = append(want, l)
		}
	}
	nats := make([]float64, len(want))
	err := s.seq.Score(ctx, from, len(labels), rows, func(logits func(i int) []float32) {
		parallel.Each(len(want), func(i int) { nats[i] = crossEntropy(logits(i), want[i]) })
	})
	if err != nil {
		return err
	}
	for _, v := range nats {
		sum.Sum += v
	}
	sum.Tokens += len(want)
	return nil
}

// crossEntropy returns −log softmax(logits)[label].
func crossEntropy(logits []float32, label int32) float64 {
	top, rest := softmax.LogSum(logits)
	return rest - (float64(logits[label]) - top)
}
