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
	"falconmamba/checkpoint/safetensors"
	"falconmamba/model"
	"falconmamba/verify"
)

// Whole models must be as near to transformers as their precision allows, and
// choose its tokens. checkpoint/testdata/README.md says where the numbers are from.
// With -short they are one in float32 and one in 16 bits.
func TestGolden(t *testing.T) {
	openTest(t)
	names := []string{"testdata/tiny", "testdata/half", "testdata/odd", "testdata/mamba", "testdata/sharded", "tiny"}
	if testing.Short() {
		names = names[:2]
	}
	for _, name := range names {
		for _, p := range []backend.Precision{backend.Float, backend.Half} {
			t.Run(fmt.Sprintf("%s %s", name, p),
				func(t *testing.T) { testGolden(t, filepath.Join("../../checkpoint", name), p) })
		}
	}
}

func testGolden(t *testing.T, dir string, precision backend.Precision) {
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
	d, ctx := openTest(t), context.Background()
	m := openGolden(t, d, dir, precision)
	s := session(t, m)
	limits := verify.LimitsOf(d.Info(), precision, m.Checkpoint())

	out, err := s.Forward(ctx, want.IDs, falconmamba.ForwardOptions{AllLogits: true, Hidden: true})
	if err != nil {
		t.Fatal(err)
	}
	near := func(name string, got []float32) []float32 {
		wanted, _, err := file.Floats(name)
		if err != nil || len(got) != len(wanted) {
			t.Fatalf("%s: %d numbers, want %d (%v)", name, len(got), len(wanted), err)
		}
		if e := verify.Compare(got, wanted); !e.Within(limits.Values) {
			t.Fatalf("%s: element %d is %v, want %v within %v·(1+|x|)",
				name, e.At, got[e.At], wanted[e.At], limits.Values)
		}
		return wanted
	}
	logits := near("logits", slices.Concat(out.Logits...))
	divergence := 0.0
	for i, row := range out.Logits {
		divergence += verify.KL(row, logits[i*len(row):][:len(row)]) / float64(len(out.Logits))
	}
	if !(divergence <= limits.KL) {
		t.Errorf("the distributions diverge by %v nats, want at most %v", divergence, limits.KL)
	}
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
	if err != nil || !(math.Abs(loss.Mean()-want.Loss) <= limits.Loss*(1+want.Loss)) {
		t.Errorf("loss %v, want %v (%v)", loss.Mean(), want.Loss, err)
	}

	// In half precision the tokens that follow are float's arithmetic on a state
	// that was rounded: a few show it.
	greedy := want.Greedy
	if precision != backend.Float {
		greedy = greedy[:8]
	}
	var got []int32
	for token, err := range s.Generate(ctx, "", &falconmamba.GenerateOptions{MaxTokens: len(greedy), EOS: []int32{}}) {
		if err != nil {
			t.Fatal(err)
		}
		if token.ID >= 0 {
			got = append(got, token.ID)
		}
	}
	at := verify.FirstDifference(got, greedy)
	if at < 0 {
		return
	}
	if least := margin(t, dir, want.IDs, greedy[:min(at, len(greedy))]); !(least < limits.Margin) {
		t.Errorf("greedy tokens %v, want %v: the least margin up to token %d is %v, ties are below %v",
			got, greedy, at, least, limits.Margin)
	}
}

func openGolden(t *testing.T, d backend.Backend, dir string, p backend.Precision) *falconmamba.Model {
	t.Helper()
	m, err := falconmamba.Open(context.Background(), dir,
		&falconmamba.Options{Device: d, Load: model.LoadOptions{Precision: &p}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func session(t *testing.T, m *falconmamba.Model) *falconmamba.Session {
	t.Helper()
	s, err := m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// margin is by how much the best logit exceeds the second, after ids and any
// of the tokens that follow, as the reference has it.
func margin(t *testing.T, dir string, ids, follow []int32) float64 {
	t.Helper()
	ref, err := backend.Open("ref", backend.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ref.Close() })
	s := session(t, openGolden(t, ref, dir, backend.Float))
	out, err := s.Forward(context.Background(), slices.Concat(ids, follow), falconmamba.ForwardOptions{AllLogits: true})
	if err != nil {
		t.Fatal(err)
	}
	least := math.Inf(1)
	for _, row := range out.Logits[len(ids)-1:] {
		_, m := verify.Argmax(row)
		least = min(least, m)
	}
	return least
}
