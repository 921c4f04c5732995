package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"falconmamba"
	"falconmamba/backend"
	_ "falconmamba/backend/cpu"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/safetensors"
	"falconmamba/model"
)

// fixtures are the checkpoints with goldens.
var fixtures = []string{"../checkpoint/testdata/tiny", "../checkpoint/testdata/odd", "../checkpoint/testdata/sharded",
	"../checkpoint/testdata/half", "../checkpoint/testdata/mamba", "../checkpoint/tiny"}

// testBackends are those that need no hardware.
var testBackends = []string{"ref", "cpu"}

func open(t testing.TB, name string) backend.Backend {
	t.Helper()
	b, err := backend.Open(name, backend.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s := b.Stats(); s.Live != 0 {
			t.Errorf("%s: %d bytes live at the end", name, s.Live)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func load(t testing.TB, dir, device string) *falconmamba.Model {
	t.Helper()
	m, err := falconmamba.Open(context.Background(), dir, &falconmamba.Options{Backend: device})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// verify returns the checks by name.
func verify(t testing.TB, b backend.Backend, dir string, o Options) (map[string]Check, error) {
	t.Helper()
	checks := map[string]Check{}
	err := Checkpoint(context.Background(), b, dir, o, func(c Check) {
		if _, dup := checks[c.Name]; dup {
			t.Errorf("two checks are called %s", c.Name)
		}
		checks[c.Name] = c
	})
	return checks, err
}

func failed(checks map[string]Check) string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(checks)) {
		if checks[name].Failed {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}

func TestFixtures(t *testing.T) {
	for _, run := range []struct {
		backend string
		o       Options
	}{
		{"ref", Options{}},
		{"cpu", Options{}},
		{"cpu", Options{Precision: backend.Half, Chunk: 5}},
	} {
		b := open(t, run.backend)
		for _, dir := range fixtures {
			checks, err := verify(t, b, dir, run.o)
			if err != nil {
				t.Errorf("%s on %s: %v", dir, run.backend, err)
			}
			for _, c := range checks {
				if c.Failed {
					t.Errorf("%s on %s with %+v: %s is off by %g, want at most %g: %s",
						dir, run.backend, run.o, c.Name, c.Error, c.Limit, c.Where)
				}
			}
			for _, want := range []string{"logits", "hidden_states", "conv_state", "ssm_state", "loss", "greedy_ids",
				"chunks of 1", "chunks of 7", "alone", "processed.5", "processed.5 of own logits", "batch, prompt 0",
				"batch, prompt 1"} {
				if _, ok := checks[want]; !ok {
					t.Errorf("%s on %s: %s was not checked", dir, run.backend, want)
				}
			}
		}
	}
}

// A mold is a copy of a checkpoint folder that can be broken.
type mold struct {
	t   testing.TB
	dir string
}

func copied(t testing.TB, from string) *mold {
	t.Helper()
	m := &mold{t, t.TempDir()}
	if err := os.CopyFS(m.dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *mold) path(name string) string { return filepath.Join(m.dir, name) }

func (m *mold) edit(name string, change func([]byte) []byte) {
	m.t.Helper()
	data, err := os.ReadFile(m.path(name))
	if err == nil {
		err = os.WriteFile(m.path(name), change(slices.Clone(data)), 0o644)
	}
	if err != nil {
		m.t.Fatal(err)
	}
}

// nudge moves element i of a float32 tensor by d.
func (m *mold) nudge(file, tensor string, i int, d float32) {
	m.t.Helper()
	m.edit(file, func(data []byte) []byte {
		f, err := safetensors.Parse(data)
		if err != nil {
			m.t.Fatal(err)
		}
		x, ok := f.Lookup(tensor)
		if !ok || x.DType != "F32" {
			m.t.Fatalf("%s has no %s in F32", file, tensor)
		}
		values, _, err := f.Floats(tensor)
		if err != nil {
			m.t.Fatal(err)
		}
		bits := math.Float32bits(values[i] + d)
		at := x.Offset + 4*int64(i)
		for k := range int64(4) {
			data[at+k] = byte(bits >> (8 * k))
		}
		return data
	})
}

// json changes golden.json.
func (m *mold) json(change func(g map[string]any)) {
	m.t.Helper()
	m.edit(goldenJSON, func(data []byte) []byte {
		var g map[string]any
		if err := json.Unmarshal(data, &g); err != nil {
			m.t.Fatal(err)
		}
		change(g)
		data, err := json.Marshal(g)
		if err != nil {
			m.t.Fatal(err)
		}
		return data
	})
}

// Every mutant differs from the truth in one number, and must be found by the
// check that is there for it.
func TestMutants(t *testing.T) {
	b := open(t, "cpu")
	tensor := func(name string, i int, d float32) func(*mold) {
		return func(m *mold) { m.nudge(goldenTensors, name, i, d) }
	}
	for _, c := range []struct {
		name   string
		change func(*mold)
		want   string // the checks that fail
	}{
		{"a logit", tensor("logits", 1234, 0.01), "batch, prompt 0,logits"},
		{"a NaN", tensor("logits", 5, float32(math.NaN())), "batch, prompt 0,logits"},
		{"a hidden state", tensor("hidden_states.1", 100, 0.01), "hidden_states"},
		{"the normed state", tensor("hidden_states.2", 100, 0.01), "hidden_states"},
		{"a conv state", tensor("conv_state.0", 2, 0.01), "conv_state"},
		{"the conv state's oldest, which is not kept", tensor("conv_state.0", 3, 5), ""},
		{"an SSM state", tensor("ssm_state.1", 77, 0.01), "ssm_state"},
		{"the prompt alone", tensor("batch.alone_logits", 9, 0.01), "alone,batch, prompt 1"},
		{"a batch, which is information", tensor("batch.logits", 9, 1), ""},
		{"a filter", tensor("processed.0", 3, 1e-3), "processed.0,processed.0 of own logits"},
		{"a filter by little", tensor("processed.0", 3, 3e-6), "processed.0"},
		{"the loss", func(m *mold) { m.json(func(g map[string]any) { g["loss"] = g["loss"].(float64) + 1e-3 }) },
			"loss"},
		{"a greedy id", func(m *mold) { m.json(func(g map[string]any) { g["greedy_ids"].([]any)[47] = 1.0 }) },
			"greedy_ids"},
		{"a filter's name", func(m *mold) {
			m.json(func(g map[string]any) { g["processed"].([]any)[1] = map[string]any{"top_k": 9} })
		}, "processed.1,processed.1 of own logits"},
	} {
		m := copied(t, "../checkpoint/testdata/odd")
		c.change(m)
		checks, err := verify(t, b, m.dir, Options{})
		if got := failed(checks); err != nil || got != c.want {
			t.Errorf("%s: %q failed, want %q (%v)", c.name, got, c.want, err)
		}
	}
}

// A model that is wrong by one weight fails.
func TestMutantModel(t *testing.T) {
	m := copied(t, "../checkpoint/testdata/odd")
	m.nudge("model.safetensors", "backbone.layers.1.mixer.D", 3, 0.1)
	checks, err := verify(t, open(t, "cpu"), m.dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"logits", "hidden_states", "alone", "batch, prompt 0", "batch, prompt 1"} {
		if !checks[name].Failed {
			t.Errorf("%s passes with a weight off by 0.1: %+v", name, checks[name])
		}
	}
	for _, name := range []string{"chunks of 1", "chunks of 7", "processed.0"} {
		if checks[name].Failed {
			t.Errorf("%s fails, though it does not depend on the golden's weights: %+v", name, checks[name])
		}
	}
}

func TestBrokenGoldens(t *testing.T) {
	b := open(t, "cpu")
	text := func(name, content string) func(*mold) {
		return func(m *mold) { m.edit(name, func([]byte) []byte { return []byte(content) }) }
	}
	set := func(key string, v any) func(*mold) {
		return func(m *mold) { m.json(func(g map[string]any) { g[key] = v }) }
	}
	for _, c := range []struct {
		name   string
		change func(*mold)
		want   string // in the error
	}{
		{"no golden.safetensors", func(m *mold) { os.Remove(m.path(goldenTensors)) }, goldenTensors},
		{"golden.safetensors cut", func(m *mold) {
			m.edit(goldenTensors,
				func(d []byte) []byte { return d[:len(d)/2] })
		}, goldenTensors},
		{"golden.safetensors empty", text(goldenTensors, ""), goldenTensors},
		{"golden.safetensors of another model", func(m *mold) {
			other := copied(t, "../checkpoint/testdata/tiny")
			m.edit(goldenTensors, func([]byte) []byte {
				data, err := os.ReadFile(other.path(goldenTensors))
				if err != nil {
					t.Fatal(err)
				}
				return data
			})
		}, "logits has shape [41 320], want [41 131]"},
		{"no JSON", text(goldenJSON, "{"), goldenJSON},
		{"another kind of JSON", text(goldenJSON, "[1]"), goldenJSON},
		{"no ids", set("input_ids", []int{}), "input_ids has 0 ids"},
		{"an id out of range", set("input_ids", []int{1, 2, 5000}), "input_ids: id 2 is 5000"},
		{"an id below zero", set("greedy_ids", []int{-1}), "greedy_ids: id 0 is -1"},
		{"an id that is text", set("greedy_ids", "x"), "greedy_ids"},
		{"no greedy ids", set("greedy_ids", nil), "has no greedy_ids"},
		{"no loss", set("loss", nil), "has no loss"},
		{"more ids than logits", set("input_ids", make([]int, 50)), "logits has shape [41 131], want [50 131]"},
		{"a batch of one", set("batch_ids", [][]int{{1}}), "want two"},
		{"a mask that is all padding", set("batch_mask", [][]int{make([]int, 41), make([]int, 41)}), "leaves nothing"},
		{"a filter that is not known", set("processed", []map[string]any{{"typical_p": 0.5}}), `"typical_p"`},
		{"a filter out of range", set("processed", []map[string]any{{"top_p": 7}}), "processed.0: top_p 7"},
		{"a filter without probabilities", set("processed", make([]map[string]any, 9)), "processed.6"},
		{"no model", func(m *mold) { os.Remove(m.path("model.safetensors")) }, "model.safetensors"},
		{"a broken model", text("model.safetensors", "\xff\xff\xff\xff\xff\xff\xff\x7f"), "model.safetensors"},
	} {
		m := copied(t, "../checkpoint/testdata/odd")
		c.change(m)
		if _, err := verify(t, b, m.dir, Options{}); err == nil || !strings.Contains(err.Error(), c.want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line with %q", c.name, err, c.want)
		}
	}
}

func TestGoldens(t *testing.T) {
	for dir, want := range map[string]string{
		"../checkpoint/testdata/tiny":      "true false <nil>",
		"../checkpoint/testdata/tokenizer": "false true <nil>",
		"testdata/none": "false false testdata/none has nothing to compare with: want golden.json " +
			"and golden.safetensors, or cases.json",
	} {
		golden, cases, err := Goldens(dir)
		if got := fmt.Sprint(golden, cases, " ", err); strings.ReplaceAll(got, "  ", " ") != want {
			t.Errorf("Goldens(%s) = %s, want %s", dir, got, want)
		}
	}
}

func tokenizerChecks(dir string) (map[string]Check, error) {
	checks := map[string]Check{}
	err := Tokenizer(dir, func(c Check) { checks[c.Name] = c })
	return checks, err
}

func TestTokenizer(t *testing.T) {
	from := "../checkpoint/testdata/tokenizer"
	checks, err := tokenizerChecks(from)
	if got := failed(checks); err != nil || got != "" || len(checks) != 4 {
		t.Errorf("%d checks, %q failed, %v", len(checks), got, err)
	}
	for _, c := range []struct{ key, want string }{
		{"ids", "decode,decode one by one,decode without specials,encode"},
		{"text", "encode"},
		{"decoded", "decode"},
		{"decoded_skip", "decode one by one,decode without specials"},
	} {
		m := copied(t, from)
		m.edit(casesJSON, func(data []byte) []byte {
			var cases []map[string]any
			if err := json.Unmarshal(data, &cases); err != nil {
				t.Fatal(err)
			}
			cases[10][c.key] = cases[11][c.key]
			data, _ = json.Marshal(cases)
			return data
		})
		checks, err := tokenizerChecks(m.dir)
		if got := failed(checks); err != nil || got != c.want {
			t.Errorf("%s of another case: %q failed, want %q (%v)", c.key, got, c.want, err)
		}
	}
	for content, want := range map[string]string{"[": "cases.json", "[]": "has no cases", `[{"text": "a"}]`: "case 0",
		`{}`: "it is a JSON object, want an array"} {
		m := copied(t, from)
		m.edit(casesJSON, func([]byte) []byte { return []byte(content) })
		if _, err := tokenizerChecks(m.dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("cases.json of %s: error %v, want %q in it", content, err, want)
		}
	}
	m := copied(t, from)
	os.Remove(m.path("tokenizer.json"))
	if _, err := tokenizerChecks(m.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without tokenizer.json: %v", err)
	}
}

// Where activations are rounded, greedy ids may differ from the first token on
// that was all but a tie, and not before.
func TestGreedyUnderRounding(t *testing.T) {
	const dir = "../checkpoint/tiny"
	b := open(t, "cpu")
	p := backend.Half
	m, err := falconmamba.Open(context.Background(), dir,
		&falconmamba.Options{Device: b, Load: model.LoadOptions{Precision: &p}})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	g, err := readGolden(dir, m.Config())
	if err != nil {
		t.Fatal(err)
	}
	var check Check
	v := &verifier{ctx: context.Background(), dir: dir, m: m, g: g, limits: limitsBF16,
		each: func(c Check) { check = c }}
	logits, err := v.forward(slices.Concat(g.IDs, g.Greedy))
	if err != nil {
		t.Fatal(err)
	}
	// The first token is sure and the last one comes after some that are not.
	sure, unsure := -1, -1
	for at := range g.Greedy {
		switch _, margin := Argmax(logits[len(g.IDs)-1+at]); {
		case margin < v.limits.Margin:
			unsure = at
		case unsure < 0:
			sure = at
		}
	}
	if sure < 0 || unsure < 0 {
		t.Fatalf("the golden has no token with a margin above %g, or none below", v.limits.Margin)
	}
	for at, fails := range map[int]bool{sure: true, unsure: false} {
		truth := g.Greedy[at]
		g.Greedy[at] = (truth + 1) % int32(m.Config().VocabSize)
		if err := v.greedy(); err != nil || check.Failed != fails {
			t.Errorf("with token %d changed: %+v, %v, want failed to be %v", at, check, err, fails)
		}
		g.Greedy[at] = truth
	}
}

func TestLimitsOf(t *testing.T) {
	open := func(dir string) checkpoint.Checkpoint {
		ck, err := checkpoint.Open(dir, checkpoint.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { ck.Close() })
		return ck
	}
	f32, f16, bf16 := open("../checkpoint/testdata/tiny"), open("../checkpoint/testdata/half"), open("../checkpoint/testdata/sharded")
	for _, c := range []struct {
		device string
		p      backend.Precision
		ck     checkpoint.Checkpoint
		want   Limits
	}{
		{"exact", backend.Float, f32, limitsRef}, {"exact", backend.Half, bf16, limitsRef},
		{"cpu", backend.Float, bf16, limitsFloat}, {"vulkan:1", backend.Float, f32, limitsFloat},
		{"cpu", backend.Half, f32, limitsF16}, {"cpu", backend.Half, f16, limitsF16},
		{"vulkan:0", backend.Half, bf16, limitsBF16},
		{"cpu", backend.Int8, bf16, limitsInt8},
	} {
		info := backend.Info{Name: c.device, Class: backend.Host, Rank: backend.RankHost}
		if c.device == "exact" {
			info.Rank = backend.RankReference
		}
		if got := LimitsOf(info, c.p, c.ck); got != c.want {
			t.Errorf("LimitsOf(%s, %v) = %+v, want %+v", c.device, c.p, got, c.want)
		}
	}
}

func FuzzGolden(f *testing.F) {
	for _, dir := range []string{"../checkpoint/testdata/odd", "../checkpoint/tiny"} {
		data, err := os.ReadFile(filepath.Join(dir, goldenJSON))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"input_ids":[1,2],"greedy_ids":[3],"loss":1,"batch_ids":[[1],[2]],"batch_mask":[[1],[1]],"processed":[{"top_k":1},null]}`))
	c, err := checkpoint.Preset("130m")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := parseGolden(data, c)
		if err != nil {
			return
		}
		if len(g.alone) == 0 || len(g.IDs) < 2 {
			t.Errorf("%s is taken with %d and %d ids", data, len(g.IDs), len(g.alone))
		}
		for _, id := range slices.Concat(g.IDs, g.Greedy, g.alone) {
			if id < 0 || int(id) >= c.VocabSize {
				t.Errorf("%s is taken with id %d", data, id)
			}
		}
		for _, p := range g.Processed {
			if err := p.params().Validate(); err != nil {
				t.Errorf("%s is taken: %v", data, err)
			}
		}
	})
}

func FuzzCases(f *testing.F) {
	f.Add([]byte(`[{"text": "a", "ids": [1], "decoded": "a", "decoded_skip": "a"}]`))
	f.Add([]byte(`[{"text": null}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		cases, err := parseCases(data)
		if err == nil && len(cases) == 0 {
			t.Errorf("%s is taken without a case", data)
		}
	})
}
