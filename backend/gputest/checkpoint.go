package gputest

import (
	"fmt"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/checkpoint"
)

// zeros is a checkpoint whose matrices have no data, and whose other tensors are zeros.
type zeros struct{ checkpoint.Checkpoint }

func (z zeros) Read(name string) (*checkpoint.Tensor, error) {
	info, ok := z.Lookup(name)
	if !ok {
		return nil, fmt.Errorf("no tensor %q", name)
	}
	t := &checkpoint.Tensor{TensorInfo: info, Mapping: -1}
	if matrix := len(info.Shape) == 2 && strings.HasSuffix(name, ".weight"); !matrix {
		t.Data = make([]byte, info.Bytes)
	}
	return t, nil
}

// others is a checkpoint that stores x_proj and dt_proj in a type of their own, as programs but this one do.
type others struct {
	checkpoint.Checkpoint
	typ backend.DType
}

func (o others) Lookup(name string) (checkpoint.TensorInfo, bool) {
	info, ok := o.Checkpoint.Lookup(name)
	return o.changed(info), ok
}

func (o others) changed(info checkpoint.TensorInfo) checkpoint.TensorInfo {
	if strings.HasSuffix(info.Name, "x_proj.weight") || strings.HasSuffix(info.Name, "dt_proj.weight") {
		if n := int(info.Elements()); info.Shape[1]%o.typ.Block() == 0 {
			info.Type, info.Bytes = o.typ, o.typ.RowBytes(n)
		}
	}
	return info
}

// stores are the ways in which checkpoints store weights that kernels read as they are: a type, what
// --quant makes of it, and then what bitsandbytes and llama.cpp do with the small matrices.
var stores = []struct {
	name       string
	typ, small backend.DType
}{
	{"f32", backend.F32, 0}, {"f16", backend.F16, 0}, {"bf16", backend.BF16, 0},
	{"q8_0", backend.Q8_0, 0}, {"q4_0", backend.Q4_0, 0}, {"q4_K", backend.Q4_K, 0}, {"q6_K", backend.Q6_K, 0},
	{"nf4", backend.NF4, 0}, {"nf4 of bitsandbytes", backend.NF4, backend.NF4},
	{"q4_K of llama.cpp", backend.Q4_K, backend.F32},
}

// Weights names the ways in which checkpoints store weights.
func Weights() (names []string) {
	for _, w := range stores {
		names = append(names, w.name)
	}
	return names
}

// stored is a model of a size as checkpoints store it, without its numbers and with that many layers.
func stored(t testing.TB, size, weight string, layers int) checkpoint.Checkpoint {
	t.Helper()
	c, err := checkpoint.Preset(size)
	if err != nil {
		t.Fatal(err)
	}
	if layers > 0 {
		c.NumHiddenLayers = layers
	}
	for _, w := range stores {
		if w.name != weight {
			continue
		}
		plain := w.typ
		if plain.Block() > 1 {
			plain = backend.F32
		}
		ck, err := checkpoint.NewRandom(c, checkpoint.Options{Type: plain})
		if err == nil && w.typ.Block() > 1 {
			ck, err = checkpoint.Quantized(ck, w.typ)
		}
		if err != nil {
			t.Fatal(err)
		}
		if w.small != 0 {
			ck = others{ck, w.small}
		}
		return zeros{ck}
	}
	t.Fatalf("no weights %q", weight)
	return nil
}
