package checkpoint

import (
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"falconmamba/checkpoint/peft/pefttest"
)

// An adapter that is not wholly understood, or not wholly of the model, is an error of one line that names it.
func TestAdaptedErrors(t *testing.T) {
	const inProj, embeddings = "backbone.layers.0.mixer.in_proj", "backbone.embeddings"
	const prefix = "base_model.model."
	set := func(key string, v any) func(*pefttest.Adapter) {
		return func(a *pefttest.Adapter) { a.Config[key] = v }
	}
	replace := func(name string, t pefttest.Tensor) func(*pefttest.Adapter) {
		return func(a *pefttest.Adapter) { a.Tensors[prefix+name] = t }
	}
	ck := open(t, "testdata/tiny", Options{})
	shape := func(name string) []int {
		info, ok := ck.Lookup(name + ".weight")
		if !ok {
			t.Fatal(name)
		}
		return info.Shape
	}
	number := func(at int, v float32) func(*pefttest.Adapter) {
		return func(a *pefttest.Adapter) { a.Tensors[prefix+inProj+".lora_B.weight"].Values[at] = v }
	}
	for _, c := range []struct {
		name string
		bend func(a *pefttest.Adapter)
		file func(dir string) error
		want []string
	}{
		{"DoRA", set("use_dora", true), nil, []string{"adapter_config.json", "use_dora", "DoRA", "merge_and_unload"}},
		{"DoRA's tensors", replace(inProj+".lora_magnitude_vector", pefttest.Tensor{DType: "F32", Shape: []int{1},
			Values: []float32{1}}), nil, []string{"lora_magnitude_vector", "DoRA"}},
		{"LoHa", set("peft_type", "LOHA"), nil, []string{`peft_type is "LOHA"`}},
		{"no type", set("peft_type", nil), nil, []string{"has no peft_type"}},
		{"biases", set("bias", "lora_only"), nil, []string{`bias is "lora_only"`}},
		{"a bias of B", set("lora_bias", true), nil, []string{"lora_bias"}},
		{"repeated layers", set("layer_replication", [][]int{{0, 1}}), nil, []string{"layer_replication"}},
		{"tokens", set("trainable_token_indices", []int{1}), nil, []string{"trainable_token_indices"}},
		{"parameters", set("target_parameters", []string{"x"}), nil, []string{"target_parameters"}},
		{"activated", set("alora_invocation_tokens", []int{1}), nil, []string{"aLoRA"}},
		{"what is not known yet", set("use_magic", true), nil, []string{"use_magic"}},
		{"PiSSA", set("init_lora_weights", "pissa_niter_16"), nil, []string{"pissa_niter_16",
			"path_initial_model_for_weight_conversion"}},
		{"MLX", set("fine_tune_type", "lora"), nil, []string{"MLX"}},
		{"a rank of text", set("r", "8"), nil, []string{"adapter_config.json", "r is a JSON string"}},
		{"no rank", set("r", 0), nil, []string{"r is 0"}},
		{"no alpha", set("lora_alpha", 0), nil, []string{"lora_alpha 0"}},
		{"another rank", set("r", 3), nil, []string{inProj, "rank 2", "says 3"}},
		{"another rank of one", set("rank_pattern", map[string]int{"in_proj": 4}), nil, []string{inProj, "says 4"}},
		{"a pattern of text", set("alpha_pattern", map[string]string{"in_proj": "x"}), nil, []string{`"in_proj"`}},
		{"a pattern that is none", set("alpha_pattern", map[string]int{"(": 1}), nil, []string{`"("`}},
		{"patterns in a list", set("rank_pattern", []int{1}), nil, []string{"not an object"}},
		{"an extended pattern", set("rank_pattern", map[string]int{"(?=x)": 1}), nil, []string{"(?=x)"}},
		{"a module that is missing", set("target_modules", []string{"in_proj", "x_proj"}), nil,
			[]string{"backbone.layers.0.mixer.x_proj and 4 more", "target_modules", "not whole"}},
		{"another model's module", func(a *pefttest.Adapter) { a.Add("model.layers.0.self_attn.q_proj", []int{8, 8}, 2, "F32") },
			nil, []string{"q_proj", "no part of the model"}},
		{"a layer too many", func(a *pefttest.Adapter) { a.Add("backbone.layers.9.mixer.in_proj", []int{256, 64}, 2, "F32") },
			nil, []string{"layers.9.mixer.in_proj", "no part of the model", "did you mean"}},
		{"another width", func(a *pefttest.Adapter) { a.Add("lm_head", []int{320, 65}, 2, "F32") }, nil,
			[]string{"lm_head", "[320 65]", "[320 64]", "org/base"}},
		{"a larger vocabulary", func(a *pefttest.Adapter) { a.AddWhole("backbone.embeddings.weight", []int{321, 64}, "F32") }, nil,
			[]string{"backbone.embeddings.weight", "[321 64]", "[320 64]"}},
		{"an embedding as a layer", func(a *pefttest.Adapter) { a.Add(embeddings, shape(embeddings), 2, "F32") },
			nil, nil}, // PEFT computes the same
		{"a convolution", replace("backbone.layers.0.mixer.conv1d.lora_A.weight", pefttest.Tensor{DType: "F32",
			Shape: []int{2, 1, 4}, Values: make([]float32, 8)}), nil, []string{"conv1d", "[2 1 4]", "other kinds"}},
		{"no B", func(a *pefttest.Adapter) { delete(a.Tensors, prefix+inProj+".lora_B.weight") }, nil,
			[]string{"lora_A", "no B"}},
		{"no A", func(a *pefttest.Adapter) { delete(a.Tensors, prefix+inProj+".lora_A.weight") }, nil,
			[]string{"lora_B", "no A"}},
		{"ranks that differ", replace(inProj+".lora_A.weight", pefttest.Tensor{DType: "F32", Shape: []int{3, 64},
			Values: make([]float32, 3*64)}), nil, []string{inProj, "[3 64]", "ranks differ"}},
		{"a huge rank", func(a *pefttest.Adapter) {
			a.Config["r"] = 5000
			a.Add(inProj, shape(inProj), 5000, "F16")
		}, nil, []string{inProj, "rank 5000", "want 1 to 1024"}},
		{"no rows", replace(inProj+".lora_A.weight", pefttest.Tensor{DType: "F32", Shape: []int{0, 64}}), nil,
			[]string{inProj, "ranks differ"}},
		{"whole numbers", replace(inProj+".lora_A.weight", pefttest.Tensor{DType: "I32", Shape: []int{2, 64},
			Values: make([]float32, 2*64)}), nil, []string{"lora_A", "I32", "want F32, F16 or BF16"}},
		{"NaN", number(7, float32(math.NaN())), nil, []string{"lora_B", "NaN at element 7"}},
		{"infinite", number(9, float32(math.Inf(-1))), nil, []string{"lora_B", "-Inf at element 9"}},
		{"too large", number(9, 3e38), nil, []string{inProj, "with its adapters", "element 256 is +Inf"}},
		{"a part that is not known", replace(inProj+".lora_C.weight", pefttest.Tensor{DType: "F32", Shape: []int{1},
			Values: []float32{1}}), nil, []string{"lora_C", "merge_and_unload"}},
		{"nothing", func(a *pefttest.Adapter) { clear(a.Tensors) }, nil, []string{"no tensors"}},
		{"pickle", nil, func(dir string) error {
			return os.Rename(filepath.Join(dir, "adapter_model.safetensors"), filepath.Join(dir, "adapter_model.bin"))
		}, []string{"adapter_model.bin", "pickle", "safe_serialization"}},
		{"no weights", nil, func(dir string) error { return os.Remove(filepath.Join(dir, "adapter_model.safetensors")) },
			[]string{"no ", "adapter_model.safetensors"}},
		{"no config", nil, func(dir string) error { return os.Remove(filepath.Join(dir, "adapter_config.json")) },
			[]string{"no ", "adapter_config.json", "not the folder of a PEFT adapter"}},
		{"a truncated file", nil, func(dir string) error {
			return os.Truncate(filepath.Join(dir, "adapter_model.safetensors"), 600)
		}, []string{"adapter_model.safetensors", "truncated"}},
		{"a config that is none", nil, func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "adapter_config.json"), []byte("[]"), 0o666)
		}, []string{"adapter_config.json", "array"}},
		{"a large config", nil, func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "adapter_config.json"), make([]byte, 2<<20), 0o666)
		}, []string{"adapter_config.json", "1048576 bytes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := pefttest.New(2, 4)
			a.Add(inProj, shape(inProj), 2, "F32")
			if c.bend != nil {
				c.bend(a)
			}
			dir := a.Write(t)
			if c.file != nil {
				if err := c.file(dir); err != nil {
					t.Fatal(err)
				}
			}
			err := readAdapted(dir)
			if c.want == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || strings.Contains(err.Error(), "\n") {
				t.Fatalf("got error %v, want one line", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got error %v, want one with %q", err, want)
				}
			}
		})
	}
	for path, want := range map[string]string{filepath.Join(t.TempDir(), "none"): "no adapter at",
		"testdata/tiny/config.json": "is a file", "testdata/tiny": "not the folder of a PEFT adapter"} {
		if err := readAdapted(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q", path, err, want)
		}
	}
	if _, err := Adapted(ck, []Adapter{{Path: "x", Scale: math.NaN()}}); err == nil {
		t.Error("a scale that is no number is taken")
	}
}

// readAdapted reads a model with an adapter to the end.
func readAdapted(dir string) error {
	ck, err := Open("testdata/tiny", Options{Adapters: []Adapter{{Path: dir}}})
	if err != nil {
		return err
	}
	defer ck.Close()
	for _, info := range ck.Tensors() {
		tensor, err := ck.Read(info.Name)
		if err != nil {
			return err
		}
		tensor.Release()
	}
	return nil
}

// A file of the size that its header says holds no more in memory than what is being merged.
func TestAdaptedMemory(t *testing.T) {
	ck := open(t, "testdata/tiny", Options{})
	a := pefttest.New(1000, 4)
	var want uint64
	for _, info := range ck.Tensors() {
		if isMatrix(info.Name) && info.Name != embeddingName {
			a.Add(strings.TrimSuffix(info.Name, ".weight"), info.Shape, 1000, "F32")
			want = max(want, uint64(4*1000*(info.Shape[0]+info.Shape[1])))
		}
	}
	dir := a.Write(t)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, err := Adapted(ck, []Adapter{{Path: dir}})
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("opening an adapter took %d bytes", n)
	}
	for _, info := range got.Tensors() {
		runtime.ReadMemStats(&before)
		tensor, err := got.Read(info.Name)
		if err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		// The factors as they are stored, and as numbers; and the matrix.
		if n := after.TotalAlloc - before.TotalAlloc; n > 2*want+uint64(4*info.Elements())+1<<20 {
			t.Errorf("reading %s took %d bytes, its factors have %d", info.Name, n, want)
		}
		tensor.Release()
	}
}
