package bench

import (
	"context"
	"testing"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/engine"
	"falconmamba/model"
)

// In every scenario what is read is what nobody has read before, and less than the spacing beside it.
func TestCacheScenarios(t *testing.T) {
	exact := backend.Float
	m, err := falconmamba.Open(context.Background(), "../checkpoint/testdata/tiny",
		&falconmamba.Options{Backend: "cpu", Load: model.LoadOptions{Precision: &exact}})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	test := CacheTest{Turns: 8, Users: 16, Document: 5000, Questions: 4, Tokens: 8, Seed: 1}
	var all []CacheResult
	if err := test.Run(context.Background(), m, func(r CacheResult) { all = append(all, r) }); err != nil {
		t.Fatal(err)
	}
	want := []CacheResult{
		{Scenario: "conversation", Requests: 8}, {Scenario: "regenerate", Requests: 6},
		{Scenario: "edited message", Requests: 3}, {Scenario: "shared system prompt", Requests: 16},
		{Scenario: "document", Requests: 4},
	}
	if len(all) != len(want) {
		t.Fatalf("%d scenarios, want %d", len(all), len(want))
	}
	for i, r := range all {
		if r.Scenario != want[i].Scenario || r.Requests != want[i].Requests || r.Cold == 0 || len(r.Warm) == 0 {
			t.Errorf("%+v, want %s of %d requests", r, want[i].Scenario, want[i].Requests)
		}
		if spacing := (engine.CacheOptions{}).Apart(); r.Again >= spacing || r.Read < r.New {
			t.Errorf("%s: %d of %d tokens were read, %d are new; a request read %d again, want less than %d",
				r.Scenario, r.Read, r.Prompts, r.New, r.Again, spacing)
		}
		t.Logf("%s: %d tokens, %d new, %d read, %d again at most", r.Scenario, r.Prompts, r.New, r.Read, r.Again)
	}

	// Without a cache the same is read whole.
	off, err := falconmamba.Open(context.Background(), "../checkpoint/testdata/tiny", &falconmamba.Options{Backend: "cpu",
		Engine: engine.Options{Cache: engine.CacheOptions{Off: true}}})
	if err != nil {
		t.Fatal(err)
	}
	defer off.Close()
	small := CacheTest{Turns: 2, Users: 2, Document: 300, Questions: 2, Tokens: 2, Seed: 1}
	if err := small.Run(context.Background(), off, func(r CacheResult) {
		if r.Read != r.Prompts || r.Again == 0 {
			t.Errorf("without a cache: %+v", r)
		}
	}); err != nil {
		t.Fatal(err)
	}
}
