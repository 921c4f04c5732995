// Package pefttest makes LoRA adapters for tests, as PEFT saves them, and computes in float64 what they add.
package pefttest

import (
	"encoding/json"
	"hash/fnv"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"falconmamba/checkpoint/safetensors"
	"falconmamba/internal/half"
	"falconmamba/internal/words"
)

// An Adapter is one to be written.
type Adapter struct {
	Config  map[string]any
	Tensors map[string]Tensor // by the names in the file
}

// A Tensor has F32, F16 or BF16 numbers.
type Tensor struct {
	DType  string
	Shape  []int
	Values []float32 // as they are stored
}

// New returns an adapter of nothing, of rank r and lora_alpha.
func New(r int, alpha float64) *Adapter {
	return &Adapter{Tensors: map[string]Tensor{}, Config: map[string]any{"peft_type": "LORA", "task_type": "CAUSAL_LM",
		"base_model_name_or_path": "org/base", "r": r, "lora_alpha": alpha, "lora_dropout": 0.05, "bias": "none",
		"fan_in_fan_out": false, "init_lora_weights": true, "use_rslora": false, "use_dora": false,
		"modules_to_save": nil, "rank_pattern": map[string]int{}, "alpha_pattern": map[string]float64{},
		"inference_mode": true, "megatron_core": "megatron.core", "layer_replication": nil}}
}

const prefix = "base_model.model."

// Add adapts a module of the model whose matrix has that shape by a product of that rank, of numbers that its name
// determines.
func (a *Adapter) Add(module string, shape []int, rank int, dtype string) {
	a.tensor(prefix+module+".lora_A.weight", dtype, rank, shape[1])
	a.tensor(prefix+module+".lora_B.weight", dtype, shape[0], rank)
}

// AddEmbedding adapts the embedding, whose factors are stored transposed.
func (a *Adapter) AddEmbedding(module string, shape []int, rank int, dtype string) {
	a.tensor(prefix+module+".lora_embedding_A", dtype, rank, shape[0])
	a.tensor(prefix+module+".lora_embedding_B", dtype, shape[1], rank)
}

// AddWhole has a tensor take the place of the model's.
func (a *Adapter) AddWhole(name string, shape []int, dtype string) {
	a.tensor(prefix+name, dtype, shape...)
}

func (a *Adapter) tensor(name, dtype string, shape ...int) {
	h := fnv.New64a()
	io.WriteString(h, name)
	rng := rand.New(rand.NewPCG(h.Sum64(), 1))
	n := 1
	for _, d := range shape {
		n *= d
	}
	t := Tensor{DType: dtype, Shape: shape, Values: make([]float32, n)}
	for i := range t.Values {
		t.Values[i] = 0.1 * float32(rng.NormFloat64())
	}
	switch raw := t.bytes(); dtype { // what is stored counts
	case "F16":
		half.FromF16(t.Values, raw)
	case "BF16":
		half.FromBF16(t.Values, raw)
	}
	a.Tensors[name] = t
}

func (t Tensor) bytes() []byte {
	switch t.DType {
	case "F16":
		raw := make([]byte, half.Size*len(t.Values))
		half.ToF16(raw, t.Values)
		return raw
	case "BF16":
		raw := make([]byte, half.Size*len(t.Values))
		half.ToBF16(raw, t.Values)
		return raw
	}
	return words.Bytes(t.Values)
}

// Product is scale·B·A, or its transpose for an embedding, in float64 and by the definition.
func (a *Adapter) Product(module string, scale float64) []float64 {
	left, embedding := a.Tensors[prefix+module+".lora_B.weight"], false
	right := a.Tensors[prefix+module+".lora_A.weight"]
	if left.Values == nil {
		left, right = a.Tensors[prefix+module+".lora_embedding_B"], a.Tensors[prefix+module+".lora_embedding_A"]
		embedding = true
	}
	rows, rank, cols := left.Shape[0], left.Shape[1], right.Shape[1]
	out := make([]float64, rows*cols)
	for i := range rows {
		for j := range cols {
			at := i*cols + j
			if embedding {
				at = j*rows + i
			}
			for k := range rank {
				out[at] += scale * float64(left.Values[i*rank+k]) * float64(right.Values[k*cols+j])
			}
		}
	}
	return out
}

// Write writes the adapter to a new folder, which it returns.
func (a *Adapter) Write(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	text, err := json.Marshal(a.Config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "adapter_config.json"), text, 0o666); err != nil {
		t.Fatal(err)
	}
	var tensors []safetensors.Tensor
	for _, name := range slices.Sorted(maps.Keys(a.Tensors)) {
		t := a.Tensors[name]
		tensors = append(tensors, safetensors.Tensor{Name: name, DType: t.DType, Shape: t.Shape})
	}
	path := filepath.Join(dir, "adapter_model.safetensors")
	err = safetensors.WriteFile(path, 0o666, map[string]string{"format": "pt"}, tensors,
		func(w io.Writer, t safetensors.Tensor) error {
			_, err := w.Write(a.Tensors[t.Name].bytes())
			return err
		})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
