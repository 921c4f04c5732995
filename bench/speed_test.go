package bench

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"falconmamba"
	"falconmamba/engine"
)

func load(t testing.TB, dir, device string, chunk int) *falconmamba.Model {
	t.Helper()
	m, err := falconmamba.Open(context.Background(), dir, &falconmamba.Options{Backend: device,
		Engine: engine.Options{Chunk: chunk, Cache: engine.CacheOptions{Off: true}}})
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
		r, err := Speed(context.Background(), m, k, Runs{Reps: 3, Seed: 1})
		if err != nil || !(r.Median > 0) || r.Spread < 0 {
			t.Errorf("%v: %v, %v", k, r, err)
		}
	}
	// However little time there is, a run is measured, and where time is over no more of them.
	for reps, within := range map[int]time.Duration{1000: time.Millisecond, 2: time.Hour} {
		r, err := Speed(context.Background(), m, Test{Generate: 5, Batch: 1}, Runs{Reps: reps, Within: within, Seed: 1})
		if err != nil || !(r.Median > 0) || r.Runs < 1 || r.Runs == 1000 || within == time.Hour && r.Runs != 2 {
			t.Errorf("%d runs within %v: %v, %v", reps, within, r, err)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Speed(ended, m, Test{Generate: 5, Batch: 1}, Runs{Reps: 1, Seed: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
	if _, err := Speed(context.Background(), m, Test{Generate: 5, Batch: 1}, Runs{Reps: 0, Seed: 1}); err == nil {
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

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12*(1+math.Abs(b)) }

func TestRateOf(t *testing.T) {
	for _, c := range []struct {
		rates []float64
		want  Rate
	}{
		{[]float64{5}, Rate{5, 0, 1}},
		{[]float64{9, 1, 5}, Rate{5, 4, 3}},
		{[]float64{1, 3}, Rate{2, math.Sqrt2, 2}},
	} {
		if got := rateOf(c.rates); !near(got.Median, c.want.Median) || !near(got.Spread, c.want.Spread) || got.Runs != c.want.Runs {
			t.Errorf("rateOf(%v) = %v, want %v", c.rates, got, c.want)
		}
	}
}

func TestTests(t *testing.T) {
	var names []string
	tokens := 0
	for _, k := range Tests([]int{512, 0, 64}, []int{128, 0}, []int{1, 8}) {
		names = append(names, k.String())
		tokens += k.Tokens()
	}
	if got, want := strings.Join(names, ","), "pp512,pp64,tg128,tg128 b8"; got != want || tokens != 512+64+128+8*128 {
		t.Errorf("Tests are %s of %d tokens, want %s", got, tokens, want)
	}
}

// What was read before is not measured as if it were read.
func TestSpeedReads(t *testing.T) {
	m, err := falconmamba.Open(context.Background(), "../checkpoint/testdata/tiny", &falconmamba.Options{Backend: "cpu"})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	_, err = Speed(context.Background(), m, Test{Prompt: 100, Generate: 1, Batch: 1}, Runs{Reps: 1, Seed: 1})
	if err == nil || !strings.Contains(err.Error(), "Cache.Off") {
		t.Errorf("with a cache: %v", err)
	}
	traffic := Traffic{Clients: 2, Requests: 4, Prompt: Range{40, 80}, Tokens: Range{2, 4}, Vocab: m.Config().VocabSize}
	if _, err := traffic.Serve(context.Background(), m, 1); err == nil || !strings.Contains(err.Error(), "Cache.Off") {
		t.Errorf("traffic with a cache: %v", err)
	}
}
