package falconmamba

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/peft/pefttest"
	"falconmamba/checkpoint/safetensors"
	"falconmamba/checkpoint/tiny"
	"falconmamba/engine"
	loading "falconmamba/model"
)

// adapter writes an adapter of the embedded model.
func adapter(t *testing.T) string {
	t.Helper()
	ck, err := checkpoint.OpenFS(tiny.FS(), checkpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ck.Close()
	a := pefttest.New(2, 1)
	for _, module := range []string{"backbone.layers.0.mixer.in_proj", "backbone.layers.1.mixer.x_proj",
		"backbone.layers.1.mixer.dt_proj", "backbone.layers.0.mixer.out_proj", "lm_head"} {
		info, ok := ck.Lookup(module + ".weight")
		if !ok && module == "lm_head" {
			info, _ = ck.Lookup("backbone.embeddings.weight")
		}
		a.Add(module, info.Shape, 2, "F32")
	}
	return a.Write(t)
}

// unread returns an adapter whose products for dt_proj are 0. The layers of transformers multiply by the weight of
// dt_proj themselves, past what PEFT puts around it: what is added there counts once it is merged, and not before.
func unread(t *testing.T, dir string) string {
	t.Helper()
	f, err := safetensors.Open(filepath.Join(dir, "adapter_model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	a := pefttest.New(1, 1)
	config, err := os.ReadFile(filepath.Join(dir, "adapter_config.json"))
	if err := errors.Join(err, json.Unmarshal(config, &a.Config)); err != nil {
		t.Fatal(err)
	}
	for _, info := range f.Tensors {
		v, shape, err := f.Floats(info.Name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(info.Name, "dt_proj.lora_B") {
			clear(v)
		}
		a.Tensors[info.Name] = pefttest.Tensor{DType: "F32", Shape: shape, Values: v}
	}
	return a.Write(t)
}

// A model with an adapter as PEFT writes it computes what PEFT computes while the adapter is apart: in_proj, x_proj,
// dt_proj, out_proj, embeddings and heads, tied and not, by lists, expressions, layers and all-linear.
func TestAdapterOfPEFT(t *testing.T) {
	const dir = "checkpoint/testdata/"
	for name, model := range map[string]string{"list": "tiny", "expression": "tiny", "layers": "mamba",
		"all-linear": "mamba", "ends": "tiny", "saved": "tiny", "tied-head": "odd", "tied-embeddings": "odd",
		"out_proj": "tiny"} {
		golden, err := safetensors.Open(dir + "adapters/" + name + "/golden.safetensors")
		if err != nil {
			t.Fatal(err)
		}
		want, shape, err := golden.Floats("logits")
		if err := errors.Join(err, golden.Close()); err != nil {
			t.Fatal(err)
		}
		var ids []int32
		for i := range shape[0] {
			ids = append(ids, int32(28+7*i))
		}
		for _, on := range []string{"ref", "cpu"} {
			exact := backend.Float
			adapters := []checkpoint.Adapter{{Path: unread(t, dir+"adapters/"+name)}}
			m, err := Open(context.Background(), dir+model, &Options{Backend: on,
				Checkpoint: checkpoint.Options{Adapters: adapters}, Load: loading.LoadOptions{Precision: &exact}})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			out, err := session(t, m).Forward(context.Background(), ids, ForwardOptions{AllLogits: true})
			if err != nil || len(out.Logits) != len(ids) {
				t.Fatalf("%s on %s: %v", name, on, err)
			}
			worst := 0.
			for i, got := range slices.Concat(out.Logits...) {
				worst = max(worst, math.Abs(float64(got-want[i]))/(1+math.Abs(float64(want[i]))))
			}
			if !(worst < 1e-4) {
				t.Errorf("%s on %s: logits are off by %g", name, on, worst)
			}
			if err := m.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// An adapted model computes what the model does that is merged with the adapter and saved.
func TestAdapter(t *testing.T) {
	dir := adapter(t)
	with := Options{Backend: "cpu", Checkpoint: checkpoint.Options{
		Adapters: []checkpoint.Adapter{{Path: dir, Scale: 0.5}, {Path: dir, Scale: -0.25}}}}
	m := open(t, with)
	merged := t.TempDir()
	if err := checkpoint.Save(merged, m.Checkpoint(), checkpoint.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	exact := backend.Float
	with.Checkpoint.Adapters, with.Load.Precision = nil, &exact
	saved, err := Open(context.Background(), merged, &with)
	if err != nil {
		t.Fatal(err)
	}
	defer saved.Close()
	ids, err := m.Encode(romeo)
	if err != nil {
		t.Fatal(err)
	}
	got := logitsAfter(t, m, ids)
	near(t, "merged before", got, logitsAfter(t, saved, ids))
	plain := logitsAfter(t, open(t, Options{Backend: "cpu"}), ids)
	differ := 0
	for i := range got {
		if d := got[i] - plain[i]; d > 0.01 || d < -0.01 {
			differ++
		}
	}
	if differ < len(got)/2 {
		t.Errorf("the adapters changed %d of %d logits", differ, len(got))
	}
	if notes := strings.Join(m.Notes(), "\n"); !strings.Contains(notes, dir) || !strings.Contains(notes, "at scale -0.25") {
		t.Errorf("notes %q", notes)
	}
	options := Options{Backend: "cpu", Checkpoint: with.Checkpoint}
	options.Checkpoint.Adapters = []checkpoint.Adapter{{Path: dir, Scale: 0.5}}
	other := open(t, options)
	path := t.TempDir() + "/state"
	s := session(t, m)
	collect(t, s, "ROMEO:", GenerateOptions{MaxTokens: 3})
	if err := s.Save(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if _, err := other.LoadSnapshot(path); err == nil || !strings.Contains(err.Error(), "another model") {
		t.Errorf("a state of other adapters: got error %v", err)
	}
	if _, err := m.LoadSnapshot(path); err != nil {
		t.Errorf("a state of its own: %v", err)
	}
}

// A model that guesses may be adapted like the one that is guessed for.
func TestAdapterOfADraft(t *testing.T) {
	dir := adapter(t)
	with := checkpoint.Options{Adapters: []checkpoint.Adapter{{Path: dir}}}
	m := open(t, Options{Backend: "cpu", Checkpoint: with, Draft: DraftOptions{FS: tiny.FS(), Checkpoint: with},
		Engine: engine.Options{Speculate: engine.SpeculateAlways}})
	alone := open(t, Options{Backend: "cpu", Checkpoint: with})
	want, _ := collect(t, session(t, alone), romeo, GenerateOptions{MaxTokens: 20})
	got, _ := collect(t, session(t, m), romeo, GenerateOptions{MaxTokens: 20})
	if len(got) != len(want) {
		t.Fatalf("%d tokens, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("token %d is %d, want %d", i, got[i], want[i])
		}
	}
}

func TestAdapterErrors(t *testing.T) {
	for path, want := range map[string]string{"no/such/adapter": "no adapter at", "checkpoint/testdata/tiny": "not the folder"} {
		_, err := OpenFS(context.Background(), tiny.FS(), &Options{Backend: "cpu",
			Checkpoint: checkpoint.Options{Adapters: []checkpoint.Adapter{{Path: path}}}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q", path, err, want)
		}
	}
}
