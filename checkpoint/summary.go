package checkpoint

import (
	"cmp"
	"slices"
	"strings"

	"falconmamba/backend"
	"falconmamba/backend/quant"
)

// A TypeSummary is about the tensors of one type in a checkpoint.
type TypeSummary struct {
	Type    backend.DType
	Tensors int
	Bytes   int64    // with the scales that some types keep apart
	Parts   []string // their names in a layer, in the order of the computation: in_proj, out_proj …
}

// Summarize sums up tensors by the type that they are stored as. The type with most
// bytes comes first.
func Summarize(tensors []TensorInfo) []TypeSummary {
	var summaries []TypeSummary
	for _, t := range tensors {
		i := slices.IndexFunc(summaries, func(s TypeSummary) bool { return s.Type == t.Type })
		if i < 0 {
			i = len(summaries)
			summaries = append(summaries, TypeSummary{Type: t.Type})
		}
		s := &summaries[i]
		s.Tensors++
		s.Bytes += int64(quant.Bits(t.Type) * float64(t.Elements()) / 8)
		if p := part(t.Name); !slices.Contains(s.Parts, p) {
			s.Parts = append(s.Parts, p)
		}
	}
	slices.SortStableFunc(summaries, func(a, b TypeSummary) int { return cmp.Compare(b.Bytes, a.Bytes) })
	return summaries
}

// part returns the name of a tensor within its layer.
func part(name string) string {
	name = strings.TrimSuffix(strings.TrimPrefix(name, "backbone."), ".weight")
	if layer, ok := strings.CutPrefix(name, "layers."); ok {
		_, name, _ = strings.Cut(layer, ".")
	}
	return strings.TrimPrefix(name, "mixer.")
}
