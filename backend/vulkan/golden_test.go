//go:build cgo && !darwin

package vulkan

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
	"falconmamba/checkpoint/safetensors"
	"falconmamba/model"
)

// goldens are the checkpoints for which transformers' own results are kept;
// checkpoint/testdata/README.md says which.
var goldens = []string{"testdata/tiny", "testdata/odd", "testdata/half", "testdata/mamba", "testdata/sharded", "tiny"}

// someGoldens are all of them, or with -short one in float32 and one in 16 bits:
// each is more pipelines.
func someGoldens() []string {
	if testing.Short() {
		return []string{"testdata/tiny", "testdata/half"}
	}
	return goldens
}

// Whole models in float32 must be within 1e-4·(1+|x|) of transformers: logits,
// hidden states, states, and the loss; greedy tokens must be equal.
func TestGolden(t *testing.T) {
	d := openTest(t)
	for _, name := range someGoldens() {
		t.Run(name, func(t *testing.T) { testGolden(t, d, filepath.Join("../../checkpoint", name)) })
	}
}

func testGolden(t *testing.T, d *device, dir string) {
	ctx, precision := context.Background(), backend.Float
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
	file = own(t, file, err)
	m, err := falconmamba.Open(ctx, dir,
		&falconmamba.Options{Device: d, Load: model.LoadOptions{Precision: &precision}})
	m = own(t, m, err)
	s, err := m.NewSession()
	s = own(t, s, err)

	compare := func(name string, got []float32) {
		t.Helper()
		wanted, shape, err := file.Floats(name)
		if err != nil {
			t.Fatal(err)
		}
		// of a conv state the last K−1 columns
		if k := m.Config().ConvKernel; len(shape) == 3 && len(wanted) == len(got)/(k-1)*k {
			var last []float32
			for row := range slices.Chunk(wanted, k) {
				last = append(last, row[1:]...)
			}
			wanted = last
		}
		if len(got) != len(wanted) {
			t.Fatalf("%s: %d numbers, want %d", name, len(got), len(wanted))
		}
		for i, w := range wanted {
			if e := math.Abs(float64(got[i])-float64(w)) / (1 + math.Abs(float64(w))); !(e <= 1e-4) {
				t.Fatalf("%s: element %d is %v, want %v", name, i, got[i], w)
			}
		}
	}
	out, err := s.Forward(ctx, want.IDs, falconmamba.ForwardOptions{AllLogits: true, Hidden: true})
	if err != nil {
		t.Fatal(err)
	}
	compare("logits", slices.Concat(out.Logits...))
	for i, h := range out.Hidden {
		compare(fmt.Sprintf("hidden_states.%d", i), h)
	}
	state, err := s.State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i := range state.SSM {
		compare(fmt.Sprintf("conv_state.%d", i), state.Conv[i])
		compare(fmt.Sprintf("ssm_state.%d", i), state.SSM[i])
	}
	loss, err := m.Loss(ctx, want.IDs, want.IDs, nil)
	if err != nil || !(math.Abs(loss.Mean()-want.Loss) <= 1e-5*(1+want.Loss)) {
		t.Errorf("loss %v, want %v (%v)", loss.Mean(), want.Loss, err)
	}
	var got []int32
	for tok, err := range s.Generate(ctx, "",
		&falconmamba.GenerateOptions{MaxTokens: len(want.Greedy), EOS: []int32{}}) {
		if err != nil {
			t.Fatal(err)
		}
		if tok.ID >= 0 {
			got = append(got, tok.ID)
		}
	}
	if !slices.Equal(got, want.Greedy) {
		t.Errorf("greedy tokens %v, want %v", got, want.Greedy)
	}
}
