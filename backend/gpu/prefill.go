package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

// Prompts have many rows. What a fused operation keeps between its dispatches is
// private: norms and packing write float16 straight for the matrix product that
// follows.

// PrefillRows is the rows of a pass from which the kernels of prompts are taken,
// but see Target.prefillRows.
const PrefillRows = 16

// prefills reports whether a pass of that number of rows is for the kernels of prompts,
// where those that decode are there or not: products of a fused operation decode
// up to prefillRows.
func (d *Target) prefills(rows int, decodes bool, slices int, p backend.Precision, w backend.Weight) bool {
	if decodes {
		return rows >= d.prefillRows(slices, p, w)
	}
	return rows >= PrefillRows
}

// prefillRows returns the rows of a pass from which products of weights with a
// precision, their columns in up to slices slices, are by the kernels of prompts:
// PrefillRows, or one more than matrix units take with those that decode.
func (d *Target) prefillRows(slices int, p backend.Precision, weights ...backend.Weight) int {
	least := directRows + 1
	for _, w := range weights {
		own, err := d.Weight(w)
		if err != nil || p == backend.Float {
			return PrefillRows
		}
		if _, ok := d.halfShape(halfRows, own.Desc.Rows, own, slices); !ok {
			return PrefillRows
		}
		most := halfRows
		for _, rows := range []int{directRows, blocksRows} {
			if s, ok := d.halfShape(rows, own.Desc.Rows, own, slices); ok && s.Direct {
				most = rows
				break
			}
		}
		least = min(least, most+1)
	}
	return least
}

// hasGemm reports whether w's type has kernels of prompts.
func (d *Target) hasGemm(w backend.Weight) bool {
	own, err := d.Weight(w)
	return err == nil && shaders.GemmKernels.Kernel(own.types(shaders.TypeF32)) != nil
}

// holds reports whether an operation's scratch of that number of bytes
// has room beside a product's parts.
func (d *Target) holds(bytes int64) bool { return bytes <= d.MaxBuffer/4*3 }

// packedRows is how many rows packed tiles have at most for a number of rows.
func packedRows(rows int) int64 { return int64(rows + 255) }
