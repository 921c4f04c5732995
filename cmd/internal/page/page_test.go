package page

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"

	"falconmamba/cmd/internal/results"
)

// measured is a run of two backends and two types of weights, with all tables.
func measured() *results.Run {
	r := &results.Run{Name: "r", About: []results.About{{Date: "2026-11-30T05:00:00Z", Seconds: 50, Budget: 60, Complete: true,
		Commit: "abc", Go: "go1.26", OS: "linux", Arch: "amd64", Cores: 2, Command: "fmbench report", Text: 64, Greedy: 16}},
		Devices: []results.Device{{Backend: "cpu", Device: "Xeon", Class: "host", Threads: 2, Memory: 8 << 30},
			{Backend: "vulkan:0", Device: "llvmpipe", Driver: "Mesa", Class: "software", Warning: "it is slow"}},
		Skipped: []results.Skipped{{Backend: "metal", What: "speed of tg16", Why: "the budget was used up"}}}
	for _, typ := range []string{"bf16", "q4_K"} {
		r.Models = append(r.Models, results.Model{Model: "tiny", Type: typ, Size: 5 << 20, Params: 2534400, Layers: 5})
		for i, backend := range []string{"cpu", "vulkan:0"} {
			s := results.Setup{Model: "tiny", Type: typ, Backend: backend, Precision: "auto", Chunk: 64}
			for _, k := range []struct {
				test string
				rate float64
			}{{"pp32", 1000}, {"pp512", 2000}, {"tg16", 100}, {"tg16 b8", 400}} {
				r.Speed = append(r.Speed, results.Speed{Setup: s, Test: k.test, Device: "d", Reps: 5,
					Median: k.rate / float64(1+3*i), Spread: k.rate / 100})
			}
			n := results.Numerics{Setup: s, Against: "ref f32", RMS: results.Number(1e-7), KL: 1e-12, Top1: 1, Diverges: -1}
			r.Numerics = append(r.Numerics, n)
			for l := range 6 {
				r.Layers = append(r.Layers, results.Layer{Setup: s, Against: "ref f32", Layer: l, RMS: results.Number(1e-7)})
			}
			r.Operations = append(r.Operations, results.Operation{Setup: s, Rows: 1, Op: "matmul", Count: 3, Seconds: 1e-3,
				Bytes: 1e6, Flops: 2e6, CopyRate: 1e10, Kernels: "k"})
			r.Memory = append(r.Memory, results.Memory{Setup: s, Weights: 5 << 20, Opened: 6 << 20, Peak: 7 << 20, Seconds: 1})
		}
	}
	ref := results.Setup{Model: "tiny", Type: "q4_K", Backend: "ref", Precision: "f32"}
	r.Numerics = append(r.Numerics, results.Numerics{Setup: ref, Against: "the weights in bf16", KL: 0.01, Top1: 0.9,
		Diverges: 3})
	return r
}

// check parses a page, and fails where it would ask for anything, run anything, or has a drawing that is no XML. It
// returns how many drawings there are.
func check(t *testing.T, page string) int {
	t.Helper()
	if !strings.HasPrefix(page, "<!DOCTYPE html>") || strings.Count(page, "</html>") != 1 {
		t.Errorf("not one page of HTML: %.80q", page)
	}
	asks := regexp.MustCompile(`(?i)<(script|iframe|img|object|embed|audio|video|source|base|form|input)\b|\s(src|srcset|on\w+)=` +
		`|@import|url\(|href="[^#d]`)
	if bad := asks.FindString(page); bad != "" {
		t.Errorf("the page has %q", bad)
	}
	if n := strings.Count(page, "://") - strings.Count(page, `xmlns="http://www.w3.org/2000/svg"`); n != 0 {
		t.Errorf("%d addresses beside the name of SVG", n)
	}
	if bad := regexp.MustCompile(`\bNaN\b|ZgotmplZ|%!`).FindString(page); bad != "" {
		t.Errorf("the page has %q", bad)
	}
	svgs := regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(page, -1)
	for _, svg := range svgs {
		for d := xml.NewDecoder(strings.NewReader(svg)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("a drawing is not XML: %v\n%s", err, svg)
			}
		}
	}
	return len(svgs)
}

func TestReport(t *testing.T) {
	var b bytes.Buffer
	if err := Report(&b, measured()); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	// Reading, writing; packed weights twice; layers, KL; two rooflines, two passes; memory.
	if n := check(t, page); n != 11 {
		t.Errorf("%d plots, want 11", n)
	}
	for _, want := range []string{
		"cpu reads a prompt of 512 tokens 4.00 times as fast as vulkan:0 (95 %: ", "cpu writes one text 4.00 times as fast",
		"llvmpipe) is a GPU&#39;s driver that runs on the processor", "the same top token in 100.0 % of places",
		"Error by layer", "GFLOP per second", "the budget was used up", "vulkan:0: it is slow", "differs from token 3",
		"@media print", "prefers-color-scheme: dark", "packing changes the top token in 10.0 % of places",
		"2,534,400 parameters in bf16", "fmbench report · commit abc",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if strings.Contains(page, "was ended early") {
		t.Error("a complete run was ended early")
	}
	cut := measured()
	cut.About[0].Complete = false
	b.Reset()
	if err := Report(&b, cut); err != nil || !strings.Contains(b.String(), "was ended early") {
		t.Errorf("a run that was ended is not told: %v", err)
	}
}

// Findings are only as sure as the runs are.
func TestFindings(t *testing.T) {
	has := func(r *results.Run, want string) {
		t.Helper()
		all := strings.Join(Findings(r), "\n")
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
	change := func(f func(*results.Speed)) *results.Run {
		r := measured()
		for i := range r.Speed {
			f(&r.Speed[i])
		}
		return r
	}
	has(change(func(s *results.Speed) { s.Reps = 1 }), "too few runs to say how sure that is")
	has(change(func(s *results.Speed) { s.Spread = 10 * s.Median }), "no difference is sure between cpu and vulkan:0")
	bad := measured()
	bad.Numerics[0].Fault = "row 1, token 1: NaN"
	has(bad, "cpu is wrong: row 1, token 1: NaN.")
	bad = measured()
	bad.Numerics[1].RMS = 0.3
	has(bad, "The numbers of vulkan:0 agree with the reference's further than rounding to 16 bits explains")
	if all := Findings(&results.Run{}); all != nil {
		t.Errorf("nothing was measured, and shows %q", all)
	}
}

func TestComparePage(t *testing.T) {
	b := measured()
	b.Name = "other"
	for i := range b.Speed {
		b.Speed[i].Median *= 1.5
	}
	sides, err := results.Sides([]*results.Run{measured(), b})
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := Compare(&page, sides); err != nil {
		t.Fatal(err)
	}
	if n := check(t, page.String()); n != 1 {
		t.Errorf("%d plots, want 1", n)
	}
	if want := "B (other) against A: of 16 tests 16 are surely faster, 0 surely slower"; !strings.Contains(page.String(), want) {
		t.Errorf("no %q in the page", want)
	}
}

// Names and numbers of a file from anywhere do not make the page do anything.
func TestHostileRuns(t *testing.T) {
	evil := []string{"</title></style><script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "\x00\x1b[2J\u202e",
		strings.Repeat("x", 1e5), "", "vulkan:", "tg9999999999999999999999 b-1", "pp-5"}
	for _, name := range evil {
		r := measured()
		for i := range r.Speed {
			r.Speed[i].Test, r.Speed[i].Backend, r.Speed[i].Type, r.Speed[i].Device = name, name, name, name
			r.Speed[i].Median, r.Speed[i].Spread = math.MaxFloat64, math.MaxFloat64
		}
		for i := range r.Operations {
			r.Operations[i].Op, r.Operations[i].Kernels, r.Operations[i].Seconds = name, name, math.SmallestNonzeroFloat64
			r.Operations[i].Bytes = math.MaxInt64
		}
		for i := range r.Numerics {
			r.Numerics[i].KL, r.Numerics[i].Top1, r.Numerics[i].Fault = results.Number(math.NaN()), 1e300, name
		}
		for i := range r.Layers {
			r.Layers[i].RMS, r.Layers[i].Layer = results.Number(math.Inf(1)), math.MaxInt
		}
		r.Devices[0].Features, r.About[0].Command, r.Models[0].Model = name, name, name
		r.Skipped = append(r.Skipped, results.Skipped{Why: name})
		var page bytes.Buffer
		if err := Report(&page, r); err != nil {
			t.Fatal(err)
		}
		text := page.String()
		for _, bad := range []string{"<script", "<img", "</title></style>"} {
			if strings.Contains(text, bad) {
				t.Errorf("with %.40q the page has %s", name, bad)
			}
		}
		if sides, err := results.Sides([]*results.Run{r, r}); err == nil {
			if err := Compare(&page, sides); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// However long a file is, the page is of a size that a browser shows.
func TestLongRuns(t *testing.T) {
	r := measured()
	for i := range 5000 {
		s := r.Speed[i%16]
		s.Backend, s.Type = fmt.Sprint("vulkan:", i%300), fmt.Sprint(i%100)
		s.Test = fmt.Sprint("pp", 1+i)
		r.Speed = append(r.Speed, s)
		r.Operations = append(r.Operations, r.Operations[i%4])
	}
	var page bytes.Buffer
	if err := Report(&page, r); err != nil {
		t.Fatal(err)
	}
	if page.Len() > 2<<20 {
		t.Errorf("the page has %d bytes", page.Len())
	}
}

func TestTestOf(t *testing.T) {
	for name, want := range map[string]test{"pp512": {prompt: 512}, "tg16": {generate: 16, batch: 1},
		"tg16 b8": {generate: 16, batch: 8}, "": {}, "pp": {}, "pp5x": {}, "tg0": {}, "x": {}, "tg3 b0": {}} {
		if got := testOf(name); got != want {
			t.Errorf("%q is %+v, want %+v", name, got, want)
		}
	}
}
