package verify

import (
	"context"
	"errors"
	"fmt"

	"falconmamba"
	"falconmamba/internal/parallel"
)

// A Divergence is a model's loss on a text, and how far its predictions are from another
// model's. The figures are means over the predicted tokens.
type Divergence struct {
	Tokens int     // predicted tokens: all but the first
	Loss   float64 // in nats
	KL     float64 // of the model's predictions from the other's, in nats, see KL
	Top1   float64 // part of the tokens that both think the most probable
}

// divergeBytes bounds the logits in memory at once, for each of the two models.
const divergeBytes = 64 << 20

// MeasureDivergence reads ids with both models from an empty state, a piece at a time. each, if
// not nil, is called after every piece with the tokens that are done.
func MeasureDivergence(
	ctx context.Context, m, other *falconmamba.Model, ids []int32, each func(done int),
) (Divergence, error) {
	var d Divergence
	if a, b := m.Config().VocabSize, other.Config().VocabSize; a != b {
		return d, fmt.Errorf("the models have %d and %d tokens: their predictions cannot be compared", a, b)
	}
	if len(ids) < 2 {
		return d, errors.New("a loss needs at least two tokens: the second is the first that is predicted")
	}
	var readers [2]*falconmamba.Session
	for i, m := range []*falconmamba.Model{m, other} {
		s, err := m.NewSession()
		if err != nil {
			return d, err
		}
		defer s.Close()
		readers[i] = s
	}
	piece := max(1, divergeBytes/(4*m.Config().VocabSize))
	for at := 0; at < len(ids)-1; {
		n := min(piece, len(ids)-1-at)
		var rows [2][][]float32
		for i, s := range readers {
			out, err := s.Forward(ctx, ids[at:at+n], falconmamba.ForwardOptions{AllLogits: true})
			if err != nil {
				return d, err
			}
			rows[i] = out.Logits
		}
		d.add(rows[0], rows[1], ids[at+1:at+n+1])
		if at += n; each != nil {
			each(at)
		}
	}
	total := float64(d.Tokens)
	d.Loss, d.KL, d.Top1 = d.Loss/total, d.KL/total, d.Top1/total
	return d, nil
}

// add sums over rows of logits and their next tokens. The sum is the same on any number of
// cores.
func (d *Divergence) add(got, want [][]float32, next []int32) {
	parts := make([]Divergence, len(next))
	parallel.Each(len(next), func(i int) {
		p := &parts[i]
		p.Loss = logSum(got[i]) - float64(got[i][next[i]])
		p.KL = KL(got[i], want[i])
		a, _ := Argmax(got[i])
		if b, _ := Argmax(want[i]); a == b {
			p.Top1 = 1
		}
	})
	for _, p := range parts {
		d.Tokens++
		d.Loss += p.Loss
		d.KL += p.KL
		d.Top1 += p.Top1
	}
}
