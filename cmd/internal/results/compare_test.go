package results

import (
	"fmt"
	"strings"
	"testing"
)

func speed(backend, device, typ, test string, median float64) Speed {
	return Speed{Setup: Setup{Model: "m", Type: typ, Backend: backend, Chunk: len(device)}, Device: device, Test: test,
		Median: median, Spread: 0, Reps: 3}
}

// found is what Compare finds, in short: the test and the speeds, 0 where there is none.
func found(t *testing.T, runs ...*Run) string {
	t.Helper()
	sides, err := Sides(runs)
	if err != nil {
		return err.Error()
	}
	var all []string
	for _, c := range Compare(sides) {
		line := c.Test
		for i, s := range c.Speeds {
			switch {
			case s == nil:
				line += " -"
			case c.Ratios[i] != nil:
				line += fmt.Sprintf(" %g×%g", s.Median, c.Ratios[i].Value)
			default:
				line += fmt.Sprintf(" %g", s.Median)
			}
		}
		all = append(all, line)
	}
	return strings.Join(all, "; ")
}

// What every side has one value of is what is compared; of the rest all must be equal.
func TestCompare(t *testing.T) {
	run := func(all ...Speed) *Run { return &Run{Name: "f", Speed: all} }
	a := run(speed("vulkan:0", "card", "bf16", "tg16", 10), speed("vulkan:0", "card", "bf16", "pp32", 100))
	for _, c := range []struct {
		what, want string
		runs       []*Run
	}{
		{"another commit", "tg16 10 20×2; pp32 100 -",
			[]*Run{a, run(speed("vulkan:0", "card", "bf16", "tg16", 20))}},
		{"another card, and another backend", "tg16 10 20×2 5×0.5; pp32 100 - -",
			[]*Run{a, run(speed("vulkan:0", "better card", "bf16", "tg16", 20)), run(speed("metal", "M9", "bf16", "tg16", 5))}},
		{"other types", "tg16 10 20×2; pp32 100 -", []*Run{a, run(speed("vulkan:0", "card", "q4_K", "tg16", 20))}},
		{"types against one", "tg16 10 20×2; pp32 100 -; tg16 - 30",
			[]*Run{a, run(speed("vulkan:0", "card", "bf16", "tg16", 20), speed("vulkan:0", "card", "q4_K", "tg16", 30))}},
		{"two machines with a processor each", "tg16 10 20×2; tg16 1 2×2",
			[]*Run{run(speed("vulkan:0", "card", "bf16", "tg16", 10), speed("cpu", "Xeon", "bf16", "tg16", 1)),
				run(speed("vulkan:1", "better card", "bf16", "tg16", 20), speed("cpu", "Ryzen!", "bf16", "tg16", 2))}},
		{"one run of two backends", "tg16 10 1×0.1",
			[]*Run{run(speed("vulkan:0", "card", "bf16", "tg16", 10), speed("cpu", "Xeon", "bf16", "tg16", 1))}},
		{"one run of two types", "tg16 10 15×1.5",
			[]*Run{run(speed("cpu", "Xeon", "bf16", "tg16", 10), speed("cpu", "Xeon", "q4_K", "tg16", 15))}},
		{"one run of one", "f has one backend and one type of weights: to compare something give several files", []*Run{a}},
		{"nothing", "no test of speed is in these files: save a run by fmbench report, or by fmbench speed -o json > FILE",
			[]*Run{{}, {}}},
		{"the last row counts", "tg16 10 7×0.7; pp32 100 -",
			[]*Run{a, run(speed("vulkan:0", "card", "bf16", "tg16", 20), speed("vulkan:0", "card", "bf16", "tg16", 7))}},
	} {
		if got := found(t, c.runs...); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
	if _, err := Sides(make([]*Run, 27)); err == nil {
		t.Error("27 sides have letters")
	}
}

func TestDifferences(t *testing.T) {
	b := &Run{Name: "b", Speed: []Speed{speed("cpu", "Xeon", "bf16", "tg16", 1)}}
	b.Speed[0].Commit = "abc"
	sides, err := Sides([]*Run{{Name: "a", Speed: []Speed{speed("cpu", "Xeon", "bf16", "tg16", 1)}}, b})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(Differences(sides))
	if want := "[[file a b] [commit not known abc]]"; got != want {
		t.Errorf("the sides differ in %s, want %s", got, want)
	}
}
