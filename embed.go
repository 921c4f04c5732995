package falconmamba

import (
	"context"
	"math"
	"slices"
)

// Embed returns the embedding of a text: the mean of the last hidden states (after norm_f) over its tokens, of
// length 1, hidden_size elements. The model was not trained for that: texts on one subject are near each other, but
// a model that was made for retrieval tells them apart better. No ids are ErrEmpty. Memory does not depend on the
// length.
func (m *Model) Embed(ctx context.Context, ids []int32) ([]float32, error) {
	if len(ids) == 0 {
		return nil, ErrEmpty
	}
	s, err := m.NewSession()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	k := m.Config()
	sum := make([]float64, k.HiddenSize)
	last := ForwardOptions{Hidden: true, Layers: []int{k.NumHiddenLayers}}
	for part := range slices.Chunk(ids, m.Chunk()) {
		out, err := s.Forward(ctx, part, last)
		if err != nil {
			return nil, err
		}
		for i, x := range out.Hidden[0] {
			sum[i%k.HiddenSize] += float64(x)
		}
	}
	square := 0.0
	for _, x := range sum {
		square += x * x
	}
	v := make([]float32, len(sum))
	if length := math.Sqrt(square); length > 0 {
		for i, x := range sum {
			v[i] = float32(x / length)
		}
	}
	return v, nil
}
