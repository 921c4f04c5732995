//go:build cgo && (darwin || metalfake)

package metal

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/model/safetensors"
)

// Whole models in float32 must be within 1e-4·(1+|x|) of transformers, and
// choose its tokens. model/testdata/README.md says where the numbers are from.
func TestGolden(t *testing.T) {
	for _, name := range []string{"testdata/tiny", "testdata/odd", "testdata/half", "testdata/mamba", "testdata/sharded", "tiny"} {
		t.Run(name, func(t *testing.T) { testGolden(t, filepath.Join("../../model", name)) })
	}
}

func testGolden(t *testing.T, dir string) {
	var want struct {
		IDs    []int32 `json:"input_ids"`
		Loss   float64
		Greedy []int32 `json:"greedy_ids"`
	}
	text, err := os.ReadFile(filepath.Join(dir, "golden.json"))
	if err == nil {
		err = json.Unmarshal(text, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	file, err := safetensors.Open(filepath.Join(dir, "golden.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	d, err := backend.Open("metal", backend.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	ctx, precision := context.Background(), backend.Float
	m, err := falconmamba.Open(ctx, dir, &falconmamba.Options{Device: d, Precision: &precision})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()

	out, err := s.Forward(ctx, want.IDs, falconmamba.ForwardOptions{AllLogits: true, Hidden: true})
	if err != nil {
		t.Fatal(err)
	}
	near := func(name string, got []float32) {
		wanted, _, err := file.Floats(name)
		if err != nil || len(got) != len(wanted) {
			t.Fatalf("%s: %d numbers, want %d (%v)", name, len(got), len(wanted), err)
		}
		for i, w := range wanted {
			if e := math.Abs(float64(got[i]-w)) / (1 + math.Abs(float64(w))); !(e <= 1e-4) {
				t.Fatalf("%s: element %d is %v, want %v", name, i, got[i], w)
			}
		}
	}
	near("logits", slices.Concat(out.Logits...))
	for i, h := range out.Hidden {
		near(fmt.Sprintf("hidden_states.%d", i), h)
	}
	state, err := s.State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i, ssm := range state.SSM {
		near(fmt.Sprintf("ssm_state.%d", i), ssm)
	}
	loss, err := m.Loss(ctx, want.IDs, want.IDs, nil)
	if err != nil || !(math.Abs(loss.Mean()-want.Loss) <= 1e-5*(1+want.Loss)) {
		t.Errorf("loss %v, want %v (%v)", loss.Mean(), want.Loss, err)
	}
	var got []int32
	for token, err := range s.Generate(ctx, "", &falconmamba.GenerateOptions{MaxTokens: len(want.Greedy), EOS: []int32{}}) {
		if err != nil {
			t.Fatal(err)
		}
		if token.ID >= 0 {
			got = append(got, token.ID)
		}
	}
	if !slices.Equal(got, want.Greedy) {
		t.Errorf("greedy tokens %v, want %v", got, want.Greedy)
	}
}
