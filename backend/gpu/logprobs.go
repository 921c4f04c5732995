package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

func decodeLogProbs(c *compiler, o backend.LogProbs) {
	seqs := drawing(o.Batch, o.Tokens.Rows)
	most := c.target.sampleWidth()
	size := uint32(c.target.workgroup(most, most))
	c.run([3]int{seqs, 1, 1}, shaders.LogProbs[Operand]{
		Params: shaders.LogProbsParams{
			Tokens: uint32(o.Logits.Cols), Places: uint32(o.Dst.Cols / backend.LogProbWords),
			Slots: uint32(o.Records.Rows), BatchRecords: uint32(seqs),
		},
		Constants: shaders.LogProbsConstants{Size: size, Width: size},
		Dst:       c.view(o.Dst), Tokens: c.view(o.Tokens), Logits: c.view(o.Logits), Records: c.view(o.Records),
		Batch: c.view(o.Batch),
	}.LogProbsF32())
}
