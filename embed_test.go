package falconmamba

import (
	"context"
	"errors"
	"math"
	"testing"

	"falconmamba/engine"
)

// An embedding has length 1, does not depend on chunks, and there is none of nothing. TestEmbeddings of the server
// computes it another way.
func TestEmbed(t *testing.T) {
	ctx := context.Background()
	m, small := open(t, Options{}), open(t, Options{Engine: engine.Options{Chunk: 3}})
	ids, err := m.Encode(romeo)
	if err != nil {
		t.Fatal(err)
	}
	v, err := m.Embed(ctx, ids)
	if err != nil {
		t.Fatal(err)
	}
	w, err := small.Embed(ctx, ids)
	if err != nil {
		t.Fatal(err)
	}
	square := 0.0
	for i := range v {
		square += float64(v[i]) * float64(v[i])
		if math.Abs(float64(v[i]-w[i])) > 1e-5 {
			t.Fatalf("element %d is %v, by small chunks %v", i, v[i], w[i])
		}
	}
	if len(v) != m.Config().HiddenSize || math.Abs(square-1) > 1e-5 {
		t.Errorf("%d elements of length %v", len(v), math.Sqrt(square))
	}
	if _, err := m.Embed(ctx, nil); !errors.Is(err, ErrEmpty) {
		t.Errorf("of nothing: %v", err)
	}
}
