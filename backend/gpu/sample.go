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

func decodeSample(c *compiler, o backend.Sample) {
	most := c.target.sampleWidth()
	size := uint32(c.target.workgroup(most, most))
	c.run([3]int{o.Batch.Rows - 1, 1, 1}, shaders.Sample[Operand]{
		Params: shaders.SampleParams{
			Tokens: uint32(o.Logits.Cols), Slots: uint32(o.Records.Rows), BatchRecords: records(o.Batch),
		},
		Constants: shaders.SampleConstants{Size: size, Width: size},
		Dst:       c.view(o.Dst), Logits: c.view(o.Logits), Records: c.view(o.Records), Counts: c.view(o.Counts),
		Batch: c.view(o.Batch),
	}.SampleF32())
}
