package verify

import (
	"context"
	"errors"
	"math"
	"testing"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/checkpoint"
)

func TestDivergence(t *testing.T) {
	ctx := context.Background()
	m := load(t, "../checkpoint/tiny", "cpu")
	packed, err := falconmamba.Open(ctx, "../checkpoint/tiny",
		&falconmamba.Options{Backend: "cpu", Checkpoint: checkpoint.Options{Quant: backend.Q4_0}})
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	ids, err := m.Encode("ROMEO:\nBut soft, what light through yonder window breaks? It is the east, and Juliet is " +
		"the sun.")
	if err != nil {
		t.Fatal(err)
	}
	last := 0
	d, err := MeasureDivergence(ctx, packed, m, ids, func(done int) { last = done })
	if err != nil {
		t.Fatal(err)
	}
	// The same from whole traces.
	var traces [2]*Trace
	for i, m := range []*falconmamba.Model{packed, m} {
		if traces[i], err = NewTrace(ctx, m, ids[:len(ids)-1], 1, false); err != nil {
			t.Fatal(err)
		}
	}
	n, err := CompareTraces(traces[0], traces[1])
	if err != nil {
		t.Fatal(err)
	}
	loss, err := packed.Loss(ctx, ids, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(d.KL-n.KL) > 1e-6 || math.Abs(d.Top1-n.Top1) > 1e-9 || math.Abs(d.Loss-loss.Mean()) > 1e-5 ||
		d.Tokens != loss.Tokens || last != len(ids)-1 {
		t.Errorf("%+v, up to %d; the traces say %+v, the loss is %+v", d, last, n, loss)
	}
	if !(d.KL > 1e-4) || !(d.KL < 0.1) {
		t.Errorf("q4_0 diverges by %g", d.KL)
	}
	if same, err := MeasureDivergence(ctx, m, m, ids, nil); err != nil || same.KL != 0 || same.Top1 != 1 {
		t.Errorf("from itself: %+v, %v", same, err)
	}
	if _, err := MeasureDivergence(ctx, m, load(t, "../checkpoint/testdata/tiny", "cpu"), ids, nil); err == nil {
		t.Error("models of different tokens were compared")
	}
	if _, err := MeasureDivergence(ctx, m, m, ids[:1], nil); err == nil {
		t.Error("one token was enough")
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := MeasureDivergence(ended, m, packed, ids, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
}
