package bench

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/engine"
	"falconmamba/internal/procmem"
	"falconmamba/model"
)

func load(t testing.TB, dir, device string, chunk int) *falconmamba.Model {
	t.Helper()
	m, err := falconmamba.Open(context.Background(), dir, &falconmamba.Options{Backend: device, Engine: engine.Options{Chunk: chunk}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func TestWarm(t *testing.T) {
	for _, c := range []struct {
		took []float64
		want bool
	}{
		{nil, false},
		{[]float64{0.4}, false},
		{[]float64{2.5}, true},                          // long runs need no second
		{[]float64{0.6, 0.12, 0.06}, false},             // still faster
		{[]float64{0.6, 0.12, 0.06, 0.04, 0.039}, true}, // no longer
		{[]float64{0.1, 0.1, 0.1}, false},               // too short
		{[]float64{1.2, 0.9}, true},                     // long enough
	} {
		if got := warm(c.took); got != c.want {
			t.Errorf("runs of %v seconds are enough: %t, want %t", c.took, got, c.want)
		}
	}
}

func TestSpeed(t *testing.T) {
	m := load(t, "../checkpoint/testdata/tiny", "cpu", 0)
	for _, k := range Tests([]int{40}, []int{6}, []int{1, 3}) {
		r, err := Speed(context.Background(), m, k, 3, 1)
		if err != nil || !(r.Median > 0) || r.Spread < 0 {
			t.Errorf("%v: %v, %v", k, r, err)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Speed(ended, m, Test{Generate: 5, Batch: 1}, 1, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
	if _, err := Speed(context.Background(), m, Test{Generate: 5, Batch: 1}, 0, 1); err == nil {
		t.Error("no runs give no error")
	}
}

func TestRandomIDs(t *testing.T) {
	m := load(t, "../checkpoint/testdata/tiny", "cpu", 0)
	a, b, c := RandomIDs(m, 50, 1), RandomIDs(m, 50, 1), RandomIDs(m, 50, 2)
	if !slices.Equal(a, b) || slices.Equal(a, c) {
		t.Error("ids are not a function of the seed")
	}
	if slices.Min(a) < 0 || int(slices.Max(a)) >= m.Config().VocabSize {
		t.Errorf("ids are %v of %d", a, m.Config().VocabSize)
	}
}

func TestTrace(t *testing.T) {
	ids := RandomIDs(load(t, "../checkpoint/testdata/tiny", "cpu", 0), 30, 1)
	var traces []*Trace
	for _, name := range testBackends {
		tr, err := NewTrace(context.Background(), load(t, "../checkpoint/testdata/tiny", name, 0), ids, 12)
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
}

func TestLong(t *testing.T) {
	m := load(t, "../checkpoint/testdata/tiny", "cpu", 16)
	var points []LongPoint
	if err := Long(context.Background(), m, 500, 1, func(p LongPoint) { points = append(points, p) }); err != nil {
		t.Fatal(err)
	}
	if len(points) != 10 || points[9].Tokens != 500 {
		t.Errorf("%d points, the last at %+v, want ten up to 500 tokens", len(points), points[len(points)-1])
	}
	for i, p := range points {
		if p.Tokens < 50*(i+1) || !(p.Rate > 0) || p.Stats.Live == 0 {
			t.Errorf("point %d is %+v", i, p)
		}
	}
	if err := Flat(points[0], points[9]); err != nil {
		t.Error(err)
	}
}

func TestFlat(t *testing.T) {
	at := func(live, peak, private int64) LongPoint {
		return LongPoint{Stats: backend.Stats{Live: live, Peak: peak}, Process: procmem.Reading{Private: private}, Measured: true}
	}
	for _, c := range []struct {
		first, last LongPoint
		flat        bool
	}{
		{at(5, 9, 100), at(5, 9, 100+flatSlack), true},
		{at(5, 9, 100), at(6, 9, 100), false},
		{at(5, 9, 100), at(5, 10, 100), false},
		{at(5, 9, 100), at(5, 9, 101+flatSlack), false},
		{at(5, 9, 1<<40), at(5, 9, 0), true},
	} {
		if err := Flat(c.first, c.last); (err == nil) != c.flat {
			t.Errorf("Flat(%+v, %+v) = %v, want flat to be %v", c.first, c.last, err, c.flat)
		}
	}
}

func TestLoad(t *testing.T) {
	b := open(t, "cpu")
	const waste = 96 << 20
	var overheads []int64
	for _, size := range []int{1, waste} {
		m, r, err := Load(b, func(progress func(done, total int64)) (*falconmamba.Model, error) {
			held := make([]byte, size)
			for i := range held {
				held[i] = 1
			}
			time.Sleep(3 * sampleEvery)
			m, err := falconmamba.Open(context.Background(), "../checkpoint/testdata/sharded", &falconmamba.Options{Device: b, Load: model.LoadOptions{Progress: progress}})
			held[0] = 2
			return m, err
		})
		if err != nil {
			t.Fatal(err)
		}
		if r.Largest <= 0 || r.Stats.Live <= 0 || !(r.Seconds > 0) || r.Limit() != r.Largest+200<<20 {
			t.Errorf("report is %+v", r)
		}
		if _, ok := procmem.Read(); ok != r.Measured {
			t.Errorf("measured is %v where the system says %v", r.Measured, ok)
		}
		overheads = append(overheads, r.Overhead)
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := procmem.Read(); ok && overheads[1]-overheads[0] < waste*8/10 {
		t.Errorf("overheads are %d and, with %d bytes more held, %d", overheads[0], waste, overheads[1])
	}
	if _, _, err := Load(b, func(func(done, total int64)) (*falconmamba.Model, error) { return nil, errFull }); !errors.Is(err, errFull) {
		t.Errorf("Load = %v, want %v", err, errFull)
	}
}

func TestReference(t *testing.T) {
	big, err := checkpoint.Preset("130m")
	if err != nil {
		t.Fatal(err)
	}
	ck, err := checkpoint.Open("../checkpoint/tiny", checkpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ck.Close()
	for _, c := range []struct {
		cfg    *checkpoint.Config
		tokens int
		want   string
	}{{ck.Config(), 300, "ref"}, {ck.Config(), 1 << 20, "cpu"}, {big, 96, "cpu"}} {
		if got := Reference(c.cfg, c.tokens); got != c.want {
			t.Errorf("%d parameters and %d tokens are compared with %s, want %s", c.cfg.Parameters(), c.tokens, got, c.want)
		}
	}
}
