package checkpoint

import (
	"testing"

	"falconmamba/backend"
)

// BenchmarkRandom makes the largest kind of tensor of the 7B.
func BenchmarkRandom(b *testing.B) {
	for _, t := range []backend.DType{backend.F32, backend.F16, backend.BF16} {
		for _, name := range []string{"mixer.in_proj.weight", "mixer.out_proj.weight"} {
			b.Run(t.String()+"/"+name, func(b *testing.B) {
				ck, err := OpenRandom("7b", Options{Type: t})
				if err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					w, err := ck.Read("backbone.layers.0." + name)
					if err != nil {
						b.Fatal(err)
					}
					b.SetBytes(w.Bytes)
					w.Release()
				}
			})
		}
	}
}
