package falconmamba

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/tiny"
	"falconmamba/engine"
	"falconmamba/model"
)

// longPrompt is a prompt of several hundred tokens.
var longPrompt = strings.Repeat("ROMEO:\nWhat light through yonder window breaks?\n", 16)

// inFolder are options for a model that keeps its states in dir.
func inFolder(dir string) Options {
	exact := backend.Float
	return Options{Load: model.LoadOptions{Precision: &exact},
		Engine: engine.Options{Cache: engine.CacheOptions{Dir: dir}}}
}

// lives opens a model, asks it, and closes it.
func lives(t *testing.T, files fs.FS, o Options, prompt string) (answer string, reused int, stats engine.CacheStats) {
	t.Helper()
	m, err := OpenFS(t.Context(), files, &o)
	if err != nil {
		t.Fatal(err)
	}
	s := session(t, m)
	answer = text(t, s, prompt, 8)
	reused, stats = s.Reused(), m.Stats().Cache
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	return answer, reused, stats
}

// states lists the files of a folder.
func states(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.state"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// The cache outlives the model: the next one begins where this one ended, with the same text.
func TestCacheSurvives(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "states")
	want, reused, _ := lives(t, tiny.FS(), Options{Load: inFolder("").Load}, longPrompt)
	if reused != 0 {
		t.Fatalf("%d tokens were reused by the first of all", reused)
	}
	got, reused, stats := lives(t, tiny.FS(), inFolder(dir), longPrompt)
	if got != want || reused != 0 || len(states(t, dir)) == 0 {
		t.Errorf("the first: %q, want %q; %d reused, %d files", got, want, reused, len(states(t, dir)))
	}
	n := len(encoded(t, open(t, Options{}), longPrompt))
	got, reused, stats = lives(t, tiny.FS(), inFolder(dir), longPrompt)
	if got != want || reused < n-256 || stats.Read != 1 || stats.Failed != 0 {
		t.Errorf("the second: %q, want %q; %d of %d tokens reused, %+v", got, want, reused, n, stats)
	}
	// One that goes on with what the first has written begins at its end.
	got, reused, _ = lives(t, tiny.FS(), inFolder(dir), longPrompt+want+" And")
	if reused < n {
		t.Errorf("a text that goes on: %d tokens reused, want %d at least", reused, n)
	}
	if plain, _, _ := lives(t, tiny.FS(), Options{Load: inFolder("").Load}, longPrompt+want+" And"); got != plain {
		t.Errorf("a text that goes on: %q, without a cache %q", got, plain)
	}
}

// Whatever the states depend on makes them another cache's: each alone.
func TestCacheKeys(t *testing.T) {
	dir := t.TempDir()
	config := func(key string, value any) func(fstest.MapFS, *Options) {
		return func(files fstest.MapFS, _ *Options) {
			all := map[string]any{}
			if err := json.Unmarshal(files["config.json"].Data, &all); err != nil {
				t.Fatal(err)
			}
			all[key] = value
			data, err := json.Marshal(all)
			if err != nil {
				t.Fatal(err)
			}
			files["config.json"] = &fstest.MapFile{Data: data}
		}
	}
	for _, x := range []struct {
		what   string
		change func(fstest.MapFS, *Options)
		same   bool
	}{
		{"nothing, for the first time", func(fstest.MapFS, *Options) {}, false},
		{"nothing", func(fstest.MapFS, *Options) {}, true},
		{"the chunk", func(_ fstest.MapFS, o *Options) { o.Engine.Chunk = 16 }, true},
		{"the precision", func(_ fstest.MapFS, o *Options) { p := backend.Half; o.Load.Precision = &p }, false},
		{"the kernels", func(_ fstest.MapFS, o *Options) { o.Backend, o.Driver.Kernels = "cpu", "go" }, false},
		{"the quantisation", func(_ fstest.MapFS, o *Options) { o.Checkpoint = checkpoint.Options{Quant: backend.Q8_0} }, false},
		{"the states' type", func(_ fstest.MapFS, o *Options) { o.Engine.StateType = backend.BF16 }, false},
		{"layer_norm_epsilon", config("layer_norm_epsilon", 2e-5), false},
		{"mixer_rms_eps", config("mixer_rms_eps", 2e-5), false},
		{"a weight", func(files fstest.MapFS, _ *Options) {
			data := files["model.safetensors"].Data
			data[len(data)-3] ^= 1
		}, false},
	} {
		files := fstest.MapFS{}
		for _, name := range []string{"config.json", "tokenizer.json", "model.safetensors"} {
			data, err := fs.ReadFile(tiny.FS(), name)
			if err != nil {
				t.Fatal(err)
			}
			files[name] = &fstest.MapFile{Data: append([]byte(nil), data...)}
		}
		o := inFolder(dir)
		x.change(files, &o)
		if _, reused, stats := lives(t, files, o, longPrompt); (reused > 0) != x.same || stats.Failed != 0 {
			t.Errorf("%s is another: %d tokens reused, %+v", x.what, reused, stats)
		}
	}
	if keyOf("a", "1 f32") == keyOf("a", "2 f32") || keyOf("a", "1 f32") == keyOf("b", "1 f32") {
		t.Error("the version of the arithmetic, or the fingerprint, makes no other key")
	}
}

// States of 16 bits come back from the folder as they were.
func TestCacheOfHalfStates(t *testing.T) {
	for _, typ := range []backend.DType{backend.F16, backend.BF16} {
		o := inFolder(t.TempDir())
		o.Engine.StateType = typ
		want, _, _ := lives(t, tiny.FS(), o, longPrompt)
		got, reused, stats := lives(t, tiny.FS(), o, longPrompt)
		if got != want || reused == 0 || stats.Read == 0 || stats.Failed != 0 {
			t.Errorf("%v: %q, want %q; %d tokens reused, %+v", typ, got, want, reused, stats)
		}
	}
}

// Damaged files cost time, and change no text.
func TestDamagedCache(t *testing.T) {
	want, _, _ := lives(t, tiny.FS(), Options{Load: inFolder("").Load}, longPrompt)
	for what, damage := range map[string]func(data []byte) []byte{
		"cut":                 func(b []byte) []byte { return b[:len(b)/2] },
		"a bit of a state":    func(b []byte) []byte { b[len(b)-1000] ^= 1; return b },
		"empty":               func([]byte) []byte { return nil },
		"a bit of the header": func(b []byte) []byte { b[60] ^= 1; return b },
		"another number of tokens": func(b []byte) []byte {
			return []byte(strings.Replace(string(b), `"fed":"`, `"fed":"1`, 1))
		},
	} {
		dir := t.TempDir()
		lives(t, tiny.FS(), inFolder(dir), longPrompt)
		for _, path := range states(t, dir) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(data), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, reused, stats := lives(t, tiny.FS(), inFolder(dir), longPrompt)
		if got != want || reused != 0 || stats.Failed == 0 || stats.Read != 0 {
			t.Errorf("%s: %q, want %q; %d tokens reused, %+v", what, got, want, reused, stats)
		}
		// They have been replaced.
		if got, reused, stats := lives(t, tiny.FS(), inFolder(dir), longPrompt); got != want || reused == 0 || stats.Failed != 0 {
			t.Errorf("%s, then: %q, want %q; %d tokens reused, %+v", what, got, want, reused, stats)
		}
	}
}

// Several models share a folder at the same time, with room for few files: the texts are what they are without.
func TestSharedFolder(t *testing.T) {
	dir := t.TempDir()
	var want []string
	prompts := []string{longPrompt, longPrompt + "JULIET:\n", longPrompt[:600] + "\nNURSE:\n", "JULIET:\n" + longPrompt}
	for _, p := range prompts {
		answer, _, _ := lives(t, tiny.FS(), Options{Load: inFolder("").Load}, p)
		want = append(want, answer)
	}
	o := inFolder(dir)
	lives(t, tiny.FS(), o, longPrompt)
	one, err := os.Stat(states(t, dir)[0])
	if err != nil {
		t.Fatal(err)
	}
	o.Engine.Cache.DirBytes = 4 * one.Size()
	o.Engine.Cache.Host = 2 * one.Size()
	var wait sync.WaitGroup
	for range 3 {
		m, err := OpenFS(context.Background(), tiny.FS(), &o)
		if err != nil {
			t.Fatal(err)
		}
		wait.Go(func() {
			defer func() {
				if err := m.Close(); err != nil {
					t.Error(err)
				}
			}()
			for i := range 3 * len(prompts) {
				s, err := m.NewSession()
				if err != nil {
					t.Error(err)
					return
				}
				if got := text(t, s, prompts[i%len(prompts)], 8); got != want[i%len(prompts)] {
					t.Errorf("prompt %d: %q, want %q", i%len(prompts), got, want[i%len(prompts)])
				}
				s.Close()
			}
			if s := m.Stats().Cache; s.Failed != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
	wait.Wait()
	if n := len(states(t, dir)); n > 4 {
		t.Errorf("%d files, want 4 at most", n)
	}
}

// A folder that cannot be made is an error at once; one that cannot be written costs nothing.
func TestFolderOfNoUse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o := inFolder(filepath.Join(file, "states"))
	if m, err := OpenFS(t.Context(), tiny.FS(), &o); err == nil {
		m.Close()
		t.Error("a folder below a file is taken")
	}
	dir := filepath.Join(t.TempDir(), "states")
	o = inFolder(dir)
	m, err := OpenFS(t.Context(), tiny.FS(), &o)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	want, _, _ := lives(t, tiny.FS(), Options{Load: inFolder("").Load}, longPrompt)
	if got := text(t, session(t, m), longPrompt, 8); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	if s := m.Stats().Cache; s.Failed == 0 {
		t.Errorf("nothing failed: %+v", s)
	}
}
