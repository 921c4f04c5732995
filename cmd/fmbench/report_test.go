package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"falconmamba/cmd/internal/results"
)

// A report has a page and a file, in which everything is that was asked for, or why not. The file compares with
// itself, is a baseline, and makes the page again.
func TestReport(t *testing.T) {
	name := filepath.Join(t.TempDir(), "r")
	args := []string{"report", "-m", tinyDir, "--backend", "cpu,ref", "--quant", "none,q8_0", "-p", "4,8", "-n", "2", "-b",
		"1,2", "-r", "2", "--compare", "8", "--budget", "25s", "--to", name}
	o := fmbench(t, "", args...)
	if o.status != 0 || o.stderr != "" {
		t.Fatalf("status %d, stderr %q", o.status, o.stderr)
	}
	for _, want := range []string{"| pp8 ", "| tg2 b2 ", "| q8_0 | ref      | the weights in f32 |", "| f32  | cpu      | ref f32      |", "The numbers of cpu agree", "r.html is the report"} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("no %q in\n%s", want, o.stdout)
		}
	}
	r, err := results.ReadFile(name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	skipped := map[string]string{}
	for _, s := range r.Skipped {
		skipped[s.Backend+s.Type+s.What] = s.Why
	}
	for _, backend := range []string{"cpu", "ref"} {
		has := 0
		for _, s := range r.Speed {
			if s.Backend == backend && (s.Reps < 1 || s.Reps > 2 || s.Median <= 0 || s.Date == "" || s.Command == "") {
				t.Errorf("a speed is %+v", s)
			}
			if s.Backend == backend && s.Type == "f32" {
				has++
			}
		}
		if has != 4 && len(skipped) == 0 {
			t.Errorf("%s has %d speeds of 4, and nothing was skipped", backend, has)
		}
	}
	if !r.About[0].Complete || len(r.Models) != 2 || len(r.Devices) < 2 || len(r.Memory) != 4 {
		t.Errorf("%+v, %d models, %d devices, %d memories", r.About, len(r.Models), len(r.Devices), len(r.Memory))
	}
	// Of each backend and type, and of packing.
	if len(r.Numerics) != 5 || len(r.Layers) != 5*(len(r.Layers)/5) || len(r.Layers) < 10 || len(r.Operations) == 0 {
		t.Errorf("%d numerics, %d layers, %d operations; skipped: %v", len(r.Numerics), len(r.Layers), len(r.Operations),
			skipped)
	}
	for _, l := range r.Layers {
		if !(l.RMS < 1e-4) && l.Backend == "cpu" && l.Type == "f32" {
			t.Errorf("the error of layer %d is %g", l.Layer, l.RMS)
		}
	}
	page, err := os.ReadFile(name + ".html")
	if err != nil || !bytes.Contains(page, []byte("</html>")) {
		t.Errorf("the page: %v, %d bytes", err, len(page))
	}

	if o := fmbench(t, "", args...); o.status != 1 || !strings.Contains(o.stderr, "is there already: give another name") {
		t.Errorf("a report was replaced: status %d, %q", o.status, o.stderr)
	}
	again := filepath.Join(t.TempDir(), "again")
	if o := fmbench(t, "", "report", "--from", name+".json", "--to", again); o.status != 0 {
		t.Errorf("--from: status %d, %q", o.status, o.stderr)
	}
	if same, err := os.ReadFile(again + ".html"); err != nil || !bytes.Equal(same, page) {
		t.Errorf("the page that is made again is another: %v", err)
	}
	o = fmbench(t, "", "compare", name+".json", name+".json", "--html", again+"2.html")
	if o.status != 0 || !strings.Contains(o.stdout, "| no difference |") || strings.Contains(o.stdout, "faster") {
		t.Errorf("compared with itself: status %d, %q\n%s", o.status, o.stderr, o.stdout)
	}
	if o = fmbench(t, "", "compare", name+".json"); o.status != 0 || !strings.Contains(o.stdout, "| ref ") {
		t.Errorf("backends compared: status %d, %q\n%s", o.status, o.stderr, o.stdout)
	}
	o = fmbench(t, "", "speed", "-m", tinyDir, "--backend", "cpu", "-p", "4", "-n", "0", "-r", "1", "--compare", "0",
		"--tolerance", "99", "--baseline", name+".json")
	if !strings.Contains(o.stdout, "| pp4 ") || strings.Contains(o.stdout, "| new ") {
		t.Errorf("as a baseline: status %d, %q\n%s", o.status, o.stderr, o.stdout)
	}
}

// An interrupt before anything was measured leaves no file, not even a begun one.
func TestReportInterrupted(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var stdout, stderr bytes.Buffer
	status := run(ctx, []string{"report", "-m", tinyDir, "--backend", "cpu", "--to", filepath.Join(dir, "r")}, nil, &stdout,
		&stderr)
	files, err := os.ReadDir(dir)
	if status != 130 || len(files) != 0 || err != nil {
		t.Errorf("status %d, %q, files %v, %v", status, stderr.String(), files, err)
	}
}

// An interrupt after that leaves both files, which say what is missing. It comes later each time until it is not too
// early.
func TestReportPart(t *testing.T) {
	for wait := time.Second / 2; ; wait *= 2 {
		name := filepath.Join(t.TempDir(), "r")
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		stopped, stop := context.WithCancel(context.Background())
		context.AfterFunc(ctx, stop)
		var stdout, stderr bytes.Buffer
		status := run(stopped, []string{"report", "-m", tinyDir, "--backend", "cpu,ref", "--quant", "none", "-p", "4", "-n", "2",
			"-r", "16777216", "--compare", "4", "--budget", "1h", "--to", name}, nil, &stdout, &stderr)
		cancel()
		if status != 130 {
			t.Fatalf("status %d, %q", status, stderr.String())
		}
		r, err := results.ReadFile(name + ".json")
		if errors.Is(err, fs.ErrNotExist) && strings.Contains(stderr.String(), "interrupted") {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		last := r.Skipped[len(r.Skipped)-1]
		if r.About[0].Complete || last.Why != "the run was interrupted" {
			t.Errorf("%+v, skipped %+v", r.About[0], r.Skipped)
		}
		page, err := os.ReadFile(name + ".html")
		if err != nil || !bytes.Contains(page, []byte("was ended early")) {
			t.Errorf("the page: %v", err)
		}
		return
	}
}

// A device that cannot be opened is in the file, and the others are measured all the same.
func TestReportFailures(t *testing.T) {
	name := filepath.Join(t.TempDir(), "r")
	o := fmbench(t, "", "report", "-m", tinyDir, "--backend", "vulkan:99,cpu", "--quant", "none", "-p", "4", "-n", "0", "-r",
		"1", "--compare", "0", "--budget", "20s", "--to", name)
	r, err := results.ReadFile(name + ".json")
	if err != nil || o.status != 1 || len(r.Speed) != 1 {
		t.Fatalf("status %d, %q, %v", o.status, o.stderr, err)
	}
	if !strings.Contains(o.stderr, "1 failed") || r.Skipped[len(r.Skipped)-1].Backend == "" {
		t.Errorf("%q, skipped: %+v", o.stderr, r.Skipped)
	}
	found := false
	for _, s := range r.Skipped {
		found = found || s.Backend == "vulkan:99" && s.Why != ""
	}
	if !found {
		t.Errorf("the file does not say what became of vulkan:99: %+v", r.Skipped)
	}
}

// What speed prints and what a report's file has are read by the same code: every key of a row is known.
func TestSpeedKeys(t *testing.T) {
	all := rows(t, 0, strings.Fields("speed --backend cpu -p 4 -n 0 -r 1 --compare 2 -m "+tinyDir)...)
	for table, known := range map[string]any{"speed": results.Speed{}, "numerics": results.Numerics{}} {
		text, err := json.Marshal(known)
		if err != nil {
			t.Fatal(err)
		}
		var keys map[string]any
		if err := json.Unmarshal(text, &keys); err != nil {
			t.Fatal(err)
		}
		for _, row := range all {
			for k := range row {
				if _, ok := keys[k]; row["table"] == table && k != "table" && !ok {
					t.Errorf("table %s has a key %s that no reader knows", table, k)
				}
			}
		}
	}
}

func TestCompareFiles(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	row := `{"table":"speed","test":"tg16","device":"card","backend":"vulkan:0","tokens_per_s":10,` +
		`"tokens_per_s_spread":0.1,"reps":5}`
	a, b := file("a", "["+row+"]"), file("b", strings.Replace(row, ":10,", ":20,", 1))
	o := fmbench(t, "", "compare", a, b)
	if o.status != 0 || !strings.Contains(o.stdout, "|  2.00 | 1.97–2.03 ") || !strings.Contains(o.stdout, "| faster ") {
		t.Errorf("status %d, %q\n%s", o.status, o.stderr, o.stdout)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "compare what?"},
		{[]string{file("c", strings.Replace(row, "tg16", "pp1", 1)), a}, "no test is in both c and another"},
		{[]string{a, file("d", `[{"table":"speed","test":"x\u001b[2J`+"\n"+`"}]`)}, "not a report"},
		{[]string{a, file("e", "[[[[1")}, "not a report"},
		{[]string{a}, "one backend and one type of weights"},
		{[]string{a, filepath.Join(dir, "none")}, "none"},
		{[]string{a, b, "--html", a}, "is there already"},
	} {
		o := fmbench(t, "", append([]string{"compare"}, c.args...)...)
		if o.status == 0 || !strings.Contains(o.stderr, c.want) || strings.Count(o.stderr, "\n") != 1 {
			t.Errorf("compare %q: status %d, %q, want %q", c.args, o.status, o.stderr, c.want)
		}
	}
	// Names from files do not reach the terminal as they are.
	evil := file("evil", strings.Replace(row, `"card"`, `"card[2J\u202e"`, 1))
	if o := fmbench(t, "", "compare", evil, b); o.status != 0 || strings.ContainsAny(o.stdout, "\x1b\u202e") {
		t.Errorf("status %d, %q", o.status, o.stdout)
	}
}
