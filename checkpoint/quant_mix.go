package checkpoint

import (
	"fmt"
	"strconv"
	"strings"

	"falconmamba/backend"
	"falconmamba/backend/quant"
)

// A Mix says what a model's matrices are stored as.
type Mix struct {
	// Type is that of most.
	Type backend.DType

	// More, if not 0, is that of out_proj in about half of the layers. What
	// out_proj makes is added to the residual stream, as what ffn_down makes is
	// in a transformer, whose layers llama.cpp's mixes of this name treat so.
	More backend.DType
}

// mixes are llama.cpp's names of files that are of several types, with its numbers
// of them (llama.h, enum llama_ftype). Those that end in S are here what the type
// alone is.
var mixes = []struct {
	name   string
	number uint32
	mix    Mix
}{
	{"q3_K_S", 11, Mix{Type: backend.Q3_K}},
	{"q3_K_M", 12, Mix{backend.Q3_K, backend.Q4_K}},
	{"q3_K_L", 13, Mix{backend.Q3_K, backend.Q5_K}},
	{"q4_K_S", 14, Mix{Type: backend.Q4_K}},
	{"q4_K_M", 15, Mix{backend.Q4_K, backend.Q6_K}},
	{"q5_K_S", 16, Mix{Type: backend.Q5_K}},
	{"q5_K_M", 17, Mix{backend.Q5_K, backend.Q6_K}},
}

// ParseMix returns the mix called name, whatever the case of its letters: a type
// that numbers can be packed as, or q3_K_S, q3_K_M, q3_K_L, q4_K_S and so on.
func ParseMix(name string) (Mix, error) {
	for _, m := range mixes {
		if strings.EqualFold(m.name, name) {
			return m.mix, nil
		}
	}
	t, err := backend.ParseDType(name)
	if err == nil && t != backend.I32 && quant.Encodes(t) {
		return Mix{Type: t}, nil
	}
	names := append([]string{"f32", "f16", "bf16"}, ggufBlockTypes()...)
	for _, m := range mixes {
		names = append(names, m.name)
	}
	return Mix{}, fmt.Errorf("%q is no type that is written: want one of %s", name, strings.Join(names, ", "))
}

// of returns the type that is asked for of a matrix, in a model of so many
// layers.
func (m Mix) of(name string, layers int) backend.DType {
	layer, ok := strings.CutSuffix(strings.TrimPrefix(name, "backbone.layers."), ".mixer.out_proj.weight")
	if m.More == 0 || !ok {
		return m.Type
	}
	if i, err := strconv.Atoi(layer); err == nil && moreBits(i, layers) {
		return m.More
	}
	return m.Type
}

// moreBits picks layers as llama.cpp's mixes do: the first and the last eighth,
// and every third of those between.
func moreBits(layer, layers int) bool {
	eighth := layers / 8
	return layer < eighth || layer >= 7*layers/8 || (layer-eighth)%3 == 2
}
