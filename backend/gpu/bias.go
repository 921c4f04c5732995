package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

// biasRange is the tokens of a workgroup of bias.comp.
const biasRange = 1024

func decodeBias(c *compiler, o backend.Bias) {
	seqs, inPlace := drawing(o.Batch, o.Dst.Rows), uint32(0)
	if o.Dst == o.Logits {
		inPlace = 1
	}
	c.run([3]int{over(o.Dst.Cols, biasRange), seqs, 1}, shaders.Bias[Operand]{
		Params: shaders.BiasParams{
			Cols: uint32(o.Dst.Cols), InPlace: inPlace, Slots: uint32(o.Records.Rows),
			Pairs: uint32(o.Biases.Cols / 2), BatchRecords: uint32(seqs),
		},
		Constants: shaders.BiasConstants{Size: uint32(c.target.workgroup(256, 256))},
		Dst:       c.view(o.Dst), Logits: c.view(o.Logits), Records: c.view(o.Records), Biases: c.view(o.Biases),
		Allowed: c.view(o.Allowed), Batch: c.view(o.Batch),
	}.BiasF32())
}
