package verify

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestCompareTraces(t *testing.T) {
	want := &Trace{Logits: [][]float32{{0, 1}, {1, 0}}, Greedy: []int32{4, 5}}
	n, err := CompareTraces(&Trace{Logits: [][]float32{{0, 1}, {1, 3}}, Greedy: []int32{4, 6}}, want)
	if err != nil || n.Max != 3 || n.Mean != 0.75 || n.RMS != 3 || n.Top1 != 0.5 || n.Diverge != 1 || n.Fault != "" ||
		!(n.KL > 0.5) {
		t.Errorf("CompareTraces = %+v, %v", n, err)
	}
	if n, err := CompareTraces(want, want); err != nil || n != (Numerics{Top1: 1, Diverge: -1}) {
		t.Errorf("CompareTraces of equals = %+v, %v", n, err)
	}
	broken := &Trace{Logits: [][]float32{{0, 1}, {1, float32(math.NaN())}}}
	if n, err := CompareTraces(broken, want); err != nil || !strings.Contains(n.Fault, "row 1, token 1: NaN") ||
		!math.IsNaN(n.KL) {
		t.Errorf("CompareTraces with a NaN = %+v, %v", n, err)
	}
	for _, bad := range []*Trace{{}, {Logits: [][]float32{{1}, {1}}}, {Logits: [][]float32{{1, 2}}}} {
		if _, err := CompareTraces(bad, want); err == nil {
			t.Errorf("CompareTraces(%v) gives no error", bad)
		}
	}
}

func TestTrace(t *testing.T) {
	vocab := load(t, "../checkpoint/testdata/tiny", "cpu").Config().VocabSize
	rng := rand.New(rand.NewPCG(1, 0))
	ids := make([]int32, 30)
	for i := range ids {
		ids[i] = rng.Int32N(int32(vocab))
	}
	var traces []*Trace
	for _, name := range testBackends {
		tr, err := NewTrace(context.Background(), load(t, "../checkpoint/testdata/tiny", name), ids, 12, true)
		if err != nil {
			t.Fatal(err)
		}
		if len(tr.Logits) != 30 || len(tr.Greedy) != 12 {
			t.Fatalf("%s: %d rows and %d tokens", name, len(tr.Logits), len(tr.Greedy))
		}
		traces = append(traces, tr)
	}
	n, err := CompareTraces(traces[1], traces[0])
	if err != nil || !(n.Max < limitsFloat.Values) || n.Top1 < 0.99 || n.Diverge >= 0 || !(n.KL < 1e-8) {
		t.Errorf("cpu against ref: %+v, %v", n, err)
	}
	layers, err := CompareLayers(traces[1], traces[0])
	if err != nil || len(layers) != len(traces[0].Hidden) || len(layers) < 2 || !(slices.Max(layers) < 1e-5) {
		t.Errorf("layers of cpu against ref: %v, %v", layers, err)
	}
}

func TestCompareLayers(t *testing.T) {
	want := &Trace{Hidden: [][]float32{{1, -1}, {3, 5}}}
	got, err := CompareLayers(&Trace{Hidden: [][]float32{{1, -1}, {3, 6}}}, want)
	if err != nil || len(got) != 2 || got[0] != 0 || math.Abs(got[1]-math.Sqrt(0.5)) > 1e-12 {
		t.Errorf("CompareLayers = %v, %v, want 0 and √½", got, err)
	}
	for _, bad := range [][][]float32{{{1, -1}}, {{1, -1}, {3}}} {
		if _, err := CompareLayers(&Trace{Hidden: bad}, want); err == nil {
			t.Errorf("%v compares with %v", bad, want.Hidden)
		}
	}
}
