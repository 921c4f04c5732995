package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"falconmamba/backend"
	"falconmamba/cmd/internal/report"
	"falconmamba/cmd/internal/results"
)

// saved writes rows as -o json does, each median times scale, and returns the file.
func saved(t *testing.T, all []map[string]any, scale float64, change ...func(map[string]any)) string {
	t.Helper()
	var rows []map[string]any
	for _, row := range all {
		row = maps.Clone(row)
		if v, ok := row["tokens_per_s"].(float64); ok {
			row["tokens_per_s"] = scale * v
		}
		for _, f := range change {
			f(row)
		}
		rows = append(rows, row)
	}
	data, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "saved.json")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// A run is compared with what -o json wrote of another: a thousand times slower passes and a thousand times faster
// fails, however busy the machine is. Another driver is a warning, another device an error.
func TestBaseline(t *testing.T) {
	run := strings.Fields("speed --backend cpu -p 4 -n 0 -r 1 --compare 0")
	all := rows(t, 0, run...)
	if len(all) != 1 || all[0]["device"] == nil || all[0]["driver"] == nil || all[0]["date"] == nil ||
		all[0]["command"] != "fmbench "+strings.Join(run, " ")+" -o json" {
		t.Fatalf("rows are %v, want one with device, driver, date and command", all)
	}
	got := rows(t, 0, append(run, "--baseline", saved(t, all, 1e-3))...)
	if diff := cmp.Diff([]any{"ok"}, column(got, "baseline", "status")); diff != "" {
		t.Errorf("against a slow run (-want +got):\n%s", diff)
	}

	o := fmbench(t, "", append(run, "--baseline", saved(t, all, 1e3))...)
	if want := "fmbench: 1 test, 1 lost more than 3 % against saved.json\n"; o.status != 1 || o.stderr != want {
		t.Errorf("against a fast run: status %d, stderr %q, want 1 and %q", o.status, o.stderr, want)
	}
	found := false
	for line := range strings.Lines(o.stdout) {
		found = found || strings.Contains(line, "| pp4 ") && strings.Contains(line, "| lost ")
	}
	if !found {
		t.Errorf("no line says that pp4 lost:\n%s", o.stdout)
	}

	driver := saved(t, all, 1e-3, func(row map[string]any) { row["driver"] = "of 1999" })
	o = fmbench(t, "", append(run, "--baseline", driver)...)
	if o.status != 0 || !strings.Contains(o.stderr, "was measured with of 1999") || strings.Count(o.stderr, "\n") != 1 {
		t.Errorf("another driver: status %d, stderr %q, want 0 and one warning", o.status, o.stderr)
	}
	device := saved(t, all, 1e-3, func(row map[string]any) { row["device"] = "Abacus" })
	o = fmbench(t, "", append(run, "--baseline", device)...)
	if o.status != 1 || !strings.Contains(o.stderr, "saved.json is of Abacus, but cpu is ") ||
		strings.Count(o.stderr, "\n") != 1 {
		t.Errorf("another device: status %d, stderr %q, want 1 and one error", o.status, o.stderr)
	}
}

// compared runs compareSpeeds with given results, and returns what each test is called and what stderr says.
func compared(t *testing.T, tolerance float64, f report.Format, saved, measured []results.Speed) (outcome, error) {
	t.Helper()
	var stdout, stderr strings.Builder
	c := &call{stdout: &stdout, stderr: &stderr, report: report.New(&stdout, f)}
	c.o = options{models: []string{"m"}, quants: []string{"a", "b"}, threads: []int{0}, chunks: []int{0},
		tolerance: tolerance}
	err := c.compareSpeeds(1, &baseline{name: "f", saved: saved, measured: measured})
	return outcome{stdout: stdout.String(), stderr: stderr.String()}, err
}

// What is lost counts from beyond the tolerance on, by the medians alone.
func TestTolerance(t *testing.T) {
	row := results.Speed{Setup: results.Setup{Model: "m", Type: "bf16", Backend: "vulkan:0"}, Device: "card", Test: "tg64",
		Median: 100}
	for _, c := range []struct {
		now, tolerance float64
		status         string
	}{
		{97, 3, "ok"}, {96.99, 3, "lost"}, {150, 3, "ok"}, {100, 0, "ok"}, {99.99, 0, "lost"}, {60, 40, "ok"},
		{59, 40, "lost"},
	} {
		now := row
		now.Median = c.now
		o, err := compared(t, c.tolerance, report.JSONLines, []results.Speed{row}, []results.Speed{now})
		if !strings.Contains(o.stdout, `"status":"`+c.status+`"`) || (err != nil) != (c.status == "lost") {
			t.Errorf("%g after 100 by %g %%: %v, %s want %s", c.now, c.tolerance, err, o.stdout, c.status)
		}
	}
}

// A test that was not saved is told and passes, but not where nothing is left to compare.
func TestNewTests(t *testing.T) {
	row := results.Speed{Setup: results.Setup{Model: "random:7b", Type: "q4_0", Backend: "vulkan:0", Threads: 2,
		Precision: "auto", Chunk: 2048}, Params: 7, Test: "tg128 b16", Device: "card", Median: 14000}
	for what, change := range map[string]func(*results.Speed){
		"model": func(r *results.Speed) { r.Model = "x" }, "type": func(r *results.Speed) { r.Type = "x" },
		"params": func(r *results.Speed) { r.Params = 9 }, "backend": func(r *results.Speed) { r.Backend = "metal" },
		"threads": func(r *results.Speed) { r.Threads = 9 }, "precision": func(r *results.Speed) { r.Precision = "x" },
		"chunk": func(r *results.Speed) { r.Chunk = 9 }, "test": func(r *results.Speed) { r.Test = "x" },
		"device": func(r *results.Speed) { r.Device = "x" },
	} {
		other := row
		change(&other)
		o, err := compared(t, 3, report.Markdown, []results.Speed{row}, []results.Speed{other})
		if err == nil || !strings.Contains(o.stderr, "nothing was compared") {
			t.Errorf("another %s: %v, stderr %q, want that nothing was compared", what, err, o.stderr)
		}
		o, err = compared(t, 3, report.Markdown, []results.Speed{row}, []results.Speed{row, other})
		if err != nil || !strings.Contains(o.stdout, "2 tests, 0 lost more than 3 % against f, 1 not in it.") ||
			!strings.Contains(o.stdout, "| new ") {
			t.Errorf("one more %s: %v, want one new test in\n%s", what, err, o.stdout)
		}
	}
	slow := row
	slow.Driver, slow.Median = "2", 7000
	o, err := compared(t, 3, report.Markdown, []results.Speed{row}, []results.Speed{slow})
	want := `| type | backend  | test      |    saved |      t/s | ratio | status |
| ---- | -------- | --------- | -------: | -------: | ----: | ------ |
| q4_0 | vulkan:0 | tg128 b16 | 14000.00 |  7000.00 | 0.500 | lost   |
`
	if diff := cmp.Diff(want, o.stdout); diff != "" || err == nil {
		t.Errorf("half as fast with another driver: %v (-want +got):\n%s", err, diff)
	}
}

// Of several saved rows of a test the last counts, but the number of the device first.
func TestFindInBaseline(t *testing.T) {
	row := func(backend, device string, median float64) results.Speed {
		return results.Speed{Setup: results.Setup{Backend: backend}, Device: device, Test: "tg64", Median: median}
	}
	b := &baseline{saved: []results.Speed{row("vulkan:0", "card", 1), row("vulkan:1", "card", 2), row("vulkan:1", "card", 3),
		row("vulkan:2", "card", 4), row("vulkan:1", "other", 5), row("cpu", "card", 6)}}
	for backend, want := range map[string]float64{"vulkan:0": 1, "vulkan:1": 3, "vulkan:2": 4, "vulkan:9": 4, "metal": 0} {
		got, ok := b.find(row(backend, "card", 7))
		if got.Median != want || ok != (want > 0) {
			t.Errorf("%s finds %v, %v, want %g", backend, got, ok, want)
		}
	}
	one := backend.Info{Name: "vulkan:0", Device: "card", Driver: "new"}
	for i, want := range []int{1, 0} {
		if w, err := b.suits(one); len(w) != want || err != nil {
			t.Errorf("call %d: %q, %v, want %d warnings", i, w, err, want)
		}
	}
	if w, err := b.suits(backend.Info{Name: "metal", Device: "none"}); w != nil || err != nil {
		t.Errorf("a backend that was not saved: %q, %v", w, err)
	}
}

// The saved runs of the project say where they come from.
func TestSavedRuns(t *testing.T) {
	files, err := filepath.Glob("../../bench/baselines/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no saved runs: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var all []map[string]any
		if err := json.Unmarshal(data, &all); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		tests := map[results.Speed]bool{}
		run, err := results.Read(strings.NewReader(string(data)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for i, row := range run.Speed {
			for _, key := range []string{"device", "driver", "commit", "date", "command"} {
				if text, ok := all[i][key].(string); !ok || text == "" {
					t.Errorf("%s: row %d has no %s", name, i, key)
				}
			}
			row.Median = 0
			if tests[row] {
				t.Errorf("%s: row %d is of a test that an earlier row is of", name, i)
			}
			tests[row] = true
		}
		if len(run.Speed) != len(all) {
			t.Errorf("%s: %d rows of %d", name, len(run.Speed), len(all))
		}
	}
}

func TestCommandLine(t *testing.T) {
	got := commandLine([]string{"ppl", "-f", "a b", ""})
	if want := `fmbench ppl -f "a b" ""`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A baseline is a regular file: a pipe hung, and a device had no end.
func TestBaselineIsAFile(t *testing.T) {
	for _, name := range []string{"/dev/zero", t.TempDir()} {
		o := fmbench(t, "", "speed", "--baseline", name)
		if o.status != 1 || !strings.Contains(o.stderr, "--baseline") {
			t.Errorf("%s: status %d, %q", name, o.status, o.stderr)
		}
	}
}
