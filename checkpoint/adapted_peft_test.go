package checkpoint

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/quant"
	"falconmamba/checkpoint/safetensors"
)

const peftDir = "testdata/adapters"

// peftModels are the models that PEFT's adapters are of.
var peftModels = map[string]string{"list": "tiny", "expression": "tiny", "layers": "mamba", "bf16": "sharded",
	"all-linear": "mamba", "ends": "tiny", "saved": "tiny", "tied-head": "odd", "tied-embeddings": "odd",
	"out_proj": "tiny"}

// Adapters as PEFT writes them become what PEFT merges them to: in float32 to a millionth of usual weights, in
// bfloat16 to the same number, or to the next one where a sum is half-way between two. Nothing else changes.
func TestAdaptedIsPEFTsMerge(t *testing.T) {
	compared := 0
	for name, model := range peftModels {
		golden, err := safetensors.Open(filepath.Join(peftDir, name, "golden.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		defer golden.Close()
		base := open(t, filepath.Join("testdata", model), Options{})
		ck := open(t, filepath.Join("testdata", model), Options{Adapters: []Adapter{{Path: filepath.Join(peftDir, name)}}})
		merged := map[string]bool{}
		for _, info := range golden.Tensors {
			tensor, ok := strings.CutPrefix(info.Name, "merged.")
			if !ok {
				continue
			}
			merged[tensor] = true
			want, _, err := golden.Floats(info.Name)
			if err != nil {
				t.Fatal(err)
			}
			at, _ := ck.Lookup(tensor)
			step := 1e-6
			if at.Type == backend.BF16 {
				step = 1. / 128
			}
			for i, got := range valuesOf(t, ck, tensor) {
				if d := math.Abs(float64(got - want[i])); d > step*math.Max(math.Abs(float64(want[i])), 0.1) {
					t.Fatalf("%s: %s[%d] is %g, PEFT has %g", name, tensor, i, got, want[i])
				}
			}
			compared++
		}
		for _, info := range base.Tensors() {
			same := slices.Equal(valuesOf(t, ck, info.Name), valuesOf(t, base, info.Name))
			if len(merged) > 0 && same == merged[info.Name] {
				t.Errorf("%s: %s is the model's own: %v, PEFT changes it: %v", name, info.Name, same, merged[info.Name])
			}
		}
	}
	if compared != 12 {
		t.Errorf("%d tensors were compared, want 12", compared)
	}
}

// valuesOf returns a tensor's numbers.
func valuesOf(t *testing.T, ck Checkpoint, name string) []float32 {
	t.Helper()
	info, ok := ck.Lookup(name)
	if !ok {
		t.Fatalf("no tensor %s", name)
	}
	p := quant.Packed{Type: info.Type, Data: make([]byte, info.Bytes)}
	if err := ck.ReadAt(name, p.Data, 0); err != nil {
		t.Fatal(err)
	}
	v := make([]float32, info.Elements())
	if err := p.Decode(v, 0); err != nil {
		t.Fatal(err)
	}
	return v
}

// What PEFT writes of other formulas is refused by the name of the key.
func TestPEFTsOtherFormulasAreRefused(t *testing.T) {
	configs, err := filepath.Glob(filepath.Join(peftDir, "refused", "*.json"))
	if err != nil || len(configs) != 7 {
		t.Fatalf("%d configs: %v", len(configs), err)
	}
	weights, err := os.ReadFile(filepath.Join(peftDir, "layers", "adapter_model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range configs {
		config, err := os.ReadFile(path)
		dir := t.TempDir()
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, "adapter_config.json"), config, 0o600),
			os.WriteFile(filepath.Join(dir, "adapter_model.safetensors"), weights, 0o600))
		if err != nil {
			t.Fatal(err)
		}
		key := strings.TrimSuffix(filepath.Base(path), ".json")
		_, err = Open("testdata/mamba", Options{Adapters: []Adapter{{Path: dir}}})
		if err == nil || !strings.Contains(err.Error(), "adapter_config.json: ") || !strings.Contains(err.Error(), key) ||
			errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", key, err)
		}
	}
}
