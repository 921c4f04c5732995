package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

func decodeAdvance(c *compiler, o backend.Advance) {
	seqs := drawing(o.Batch, o.Tokens.Rows)
	c.run([3]int{over(seqs, width), 1, 1}, shaders.Advance[Operand]{
		Params: shaders.AdvanceParams{
			Slots: uint32(o.Records.Rows), CountsCols: uint32(o.Counts.Cols), RingCols: uint32(o.Ring.Cols),
			OutCols: uint32(o.Out.Cols), BatchRecords: uint32(seqs),
		},
		Tokens: c.view(o.Tokens), Records: c.view(o.Records), Counts: c.view(o.Counts), Ring: c.view(o.Ring),
		Last: c.view(o.Last), Out: c.view(o.Out), Batch: c.view(o.Batch),
	}.AdvanceI32())
}
