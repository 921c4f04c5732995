package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

// sampleWidth is the most invocations that draw a token. All 1024 that many
// devices have are for those with workgroup memory to spare: Metal's, with
// 32 KiB, may not run as many of a kernel with this many registers.
func (d *Target) sampleWidth() int {
	if d.Shared > 32<<10 {
		return 1024
	}
	return 512
}

// drawing is how many sequences of a batch may draw, of a token for each of rows
// rows.
func drawing(batch backend.Tensor, rows int) int { return min(batch.Rows-1, rows) }

func decodeSample(c *compiler, o backend.Sample) {
	seqs := drawing(o.Batch, o.Dst.Rows)
	most := c.target.sampleWidth()
	size := uint32(c.target.workgroup(most, most))
	c.run([3]int{seqs, 1, 1}, shaders.Sample[Operand]{
		Params: shaders.SampleParams{
			Tokens: uint32(o.Logits.Cols), Slots: uint32(o.Records.Rows), BatchRecords: uint32(seqs),
			Places: uint32(o.Probs.Cols / backend.LogProbWords),
		},
		Constants: shaders.SampleConstants{Size: size, Width: size, Counted: !o.Counts.IsZero(),
			Tells: !o.Probs.IsZero()},
		Dst: c.view(o.Dst), Logits: c.view(o.Logits), Records: c.view(o.Records), Counts: c.view(o.Counts),
		Told: c.view(o.Probs), Batch: c.view(o.Batch),
	}.SampleF32())
}
