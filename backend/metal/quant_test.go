//go:build cgo && (darwin || metalfake)

package metal

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/model/tiny"
)

// The trained model in block types that kernels read: packed weights are what
// they stand for, in passes of many rows and of one, within 1e-3·(1+|x|) of the
// reference, and none is widened. With q4_K the head is q6_K, and x_proj q8_0.
func TestQuantized(t *testing.T) {
	d := openTest(t)
	for _, typ := range []backend.DType{backend.Q4_0, backend.Q4_K, backend.NF4} {
		want, _ := quantizedLogits(t, typ, falconmamba.Options{Backend: "ref"})
		got, notes := quantizedLogits(t, typ, falconmamba.Options{Device: d})
		if strings.Contains(notes, "does not keep") {
			t.Errorf("%v: %s", typ, notes)
		}
		for i, w := range want {
			if e := math.Abs(float64(got[i])-float64(w)) / (1 + math.Abs(float64(w))); !(e <= 1e-3) {
				t.Errorf("%v: logit %d is %v, want %v", typ, i, got[i], w)
				break
			}
		}
	}
}

// quantizedLogits are those of a prompt and of a token behind it.
func quantizedLogits(t *testing.T, typ backend.DType, o falconmamba.Options) (logits []float32, notes string) {
	t.Helper()
	ctx, precision := context.Background(), backend.Float
	o.Quant, o.Precision = typ, &precision
	m, err := falconmamba.OpenFS(ctx, tiny.FS(), &o)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ids := make([]int32, 37)
	for i := range ids {
		ids[i] = int32((i*i*7 + 11) % m.Config().VocabSize)
	}
	for _, part := range [][]int32{ids[:36], ids[36:]} {
		out, err := s.Forward(ctx, part, falconmamba.ForwardOptions{AllLogits: true})
		if err != nil {
			t.Fatal(err)
		}
		logits = append(logits, slices.Concat(out.Logits...)...)
	}
	return logits, strings.Join(m.Notes(), "\n")
}
