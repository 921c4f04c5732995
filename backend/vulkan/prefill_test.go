//go:build cgo && !darwin

package vulkan

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/backend/gpu"
	"falconmamba/checkpoint/safetensors"
	"falconmamba/model"
)

// Whole models whose activations are rounded to float16 on their way into
// matrix products, as passes of many rows may be, stay within what was found in
// a simulation of that: errors of 2e-2·(1+|x|) in the logits, and a mean
// Kullback-Leibler divergence of 1e-5. A device without matrices does not round.
func TestGoldenHalf(t *testing.T) {
	d := openTest(t)
	if testing.Short() && len(d.target.Tiles()) == 0 {
		t.Skipf("%s does not round: -short leaves out what TestGolden has", d.info.Device)
	}
	for _, name := range someGoldens() {
		t.Run(name, func(t *testing.T) { testGoldenHalf(t, d, filepath.Join("../../checkpoint", name)) })
	}
}

func testGoldenHalf(t *testing.T, d *device, dir string) {
	ctx, precision := context.Background(), backend.Half
	var want struct {
		IDs []int32 `json:"input_ids"`
	}
	text, err := os.ReadFile(filepath.Join(dir, "golden.json"))
	if err == nil {
		err = json.Unmarshal(text, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(want.IDs) < gpu.PrefillRows {
		t.Fatalf("a prompt of %d tokens, want at least %d", len(want.IDs), gpu.PrefillRows)
	}
	file, err := safetensors.Open(filepath.Join(dir, "golden.safetensors"))
	file = own(t, file, err)
	logits, _, err := file.Floats("logits")
	if err != nil {
		t.Fatal(err)
	}
	m, err := falconmamba.Open(ctx, dir,
		&falconmamba.Options{Device: d, Load: model.LoadOptions{Precision: &precision}})
	m = own(t, m, err)
	s, err := m.NewSession()
	s = own(t, s, err)
	out, err := s.Forward(ctx, want.IDs, falconmamba.ForwardOptions{AllLogits: true})
	if err != nil {
		t.Fatal(err)
	}
	got := slices.Concat(out.Logits...)
	if len(got) != len(logits) {
		t.Fatalf("%d logits, want %d", len(got), len(logits))
	}
	worst, divergence := 0.0, 0.0
	for i, w := range logits {
		worst = max(worst, math.Abs(float64(got[i])-float64(w))/(1+math.Abs(float64(w))))
	}
	vocab := len(logits) / len(want.IDs)
	for at := 0; at < len(logits); at += vocab {
		p, q := logProbabilities(logits[at:at+vocab]), logProbabilities(got[at:at+vocab])
		for i := range p {
			divergence += math.Exp(p[i]) * (p[i] - q[i]) / float64(len(want.IDs))
		}
	}
	t.Logf("largest error %.1e, mean divergence %.1e", worst, divergence)
	if !(worst <= 2e-2) || !(divergence <= 1e-5) {
		t.Errorf("largest error %v, want 2e-2; mean divergence %v, want 1e-5", worst, divergence)
	}
}

// logProbabilities is log softmax.
func logProbabilities(logits []float32) []float64 {
	most, sum := float64(slices.Max(logits)), 0.0
	out := make([]float64, len(logits))
	for i, x := range logits {
		out[i] = float64(x) - most
		sum += math.Exp(out[i])
	}
	for i := range out {
		out[i] -= math.Log(sum)
	}
	return out
}
