package checkpoint

import (
	"fmt"
	"strconv"
	"strings"

	"falconmamba/backend"
	"falconmamba/backend/quant"
)

// A QuantMix says what a model's matrices are stored as, where one type is not enough.
type QuantMix struct {
	// Type is the type of most matrices.
	Type backend.DType

	// More, if not 0, is the type of out_proj in about half of the layers. The
	// output of out_proj is added to the residual stream, as the output of ffn_down
	// is in a transformer, and llama.cpp's mixes give more bits to ffn_down.
	More backend.DType
}

// quantMixes are llama.cpp's names of files with several types, and its numbers for
// them (llama.h, enum llama_ftype). The names that end in S mean the type alone.
var quantMixes = []struct {
	name   string
	number uint32
	mix    QuantMix
}{
	{"q3_K_S", 11, QuantMix{Type: backend.Q3_K}},
	{"q3_K_M", 12, QuantMix{backend.Q3_K, backend.Q4_K}},
	{"q3_K_L", 13, QuantMix{backend.Q3_K, backend.Q5_K}},
	{"q4_K_S", 14, QuantMix{Type: backend.Q4_K}},
	{"q4_K_M", 15, QuantMix{backend.Q4_K, backend.Q6_K}},
	{"q5_K_S", 16, QuantMix{Type: backend.Q5_K}},
	{"q5_K_M", 17, QuantMix{backend.Q5_K, backend.Q6_K}},
}

// ParseQuantMix returns the mix called name, in letters of either case: a type that
// quant encodes, or q3_K_S, q3_K_M, q3_K_L, q4_K_S and so on.
func ParseQuantMix(name string) (QuantMix, error) {
	for _, m := range quantMixes {
		if strings.EqualFold(m.name, name) {
			return m.mix, nil
		}
	}
	t, err := backend.ParseDType(name)
	if err == nil && t != backend.I32 && quant.Encodes(t) {
		return QuantMix{Type: t}, nil
	}
	names := append([]string{"f32", "f16", "bf16"}, ggufBlockTypes()...)
	for _, m := range quantMixes {
		names = append(names, m.name)
	}
	return QuantMix{}, fmt.Errorf("%q is no type that is written: want one of %s", name, strings.Join(names, ", "))
}

// typeOf returns the type of the matrix called name in a model with that number of layers.
func (m QuantMix) typeOf(name string, layers int) backend.DType {
	layer, ok := strings.CutSuffix(strings.TrimPrefix(name, "backbone.layers."), ".mixer.out_proj.weight")
	if m.More == 0 || !ok {
		return m.Type
	}
	if i, err := strconv.Atoi(layer); err == nil && moreBits(i, layers) {
		return m.More
	}
	return m.Type
}

// moreBits picks layers as llama.cpp's mixes do: the first and the last eighth, and
// every third layer between them.
func moreBits(layer, layers int) bool {
	eighth := layers / 8
	return layer < eighth || layer >= 7*layers/8 || (layer-eighth)%3 == 2
}
