package checkpoint

import (
	"cmp"
	"slices"
	"strings"

	"falconmamba/backend"
	"falconmamba/backend/quant"
)

// A TypeSummary is what the tensors of one type are in a checkpoint.
type TypeSummary struct {
	Type    backend.DType
	Tensors int
	Bytes   int64    // with the scales that some types keep apart
	Parts   []string // which they are, in the order of the computation: in_proj, out_proj …
}

// Summarize tells by type what tensors are stored as, the type with most bytes
// first.
func Summarize(tensors []TensorInfo) []TypeSummary {
	var shares []TypeSummary
	for _, t := range tensors {
		i := slices.IndexFunc(shares, func(s TypeSummary) bool { return s.Type == t.Type })
		if i < 0 {
			i = len(shares)
			shares = append(shares, TypeSummary{Type: t.Type})
		}
		s := &shares[i]
		s.Tensors++
		s.Bytes += int64(quant.Bits(t.Type) * float64(t.Elements()) / 8)
		if p := part(t.Name); !slices.Contains(s.Parts, p) {
			s.Parts = append(s.Parts, p)
		}
	}
	slices.SortStableFunc(shares, func(a, b TypeSummary) int { return cmp.Compare(b.Bytes, a.Bytes) })
	return shares
}

// part is what a tensor is called in its layer.
func part(name string) string {
	name = strings.TrimSuffix(strings.TrimPrefix(name, "backbone."), ".weight")
	if layer, ok := strings.CutPrefix(name, "layers."); ok {
		_, name, _ = strings.Cut(layer, ".")
	}
	return strings.TrimPrefix(name, "mixer.")
}
