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
	v := o.Logits.Cols
	d, s, r, n, b := c.view(o.Dst), c.view(o.Logits), c.view(o.Records), c.view(o.Counts), c.view(o.Batch)
	most := c.target.sampleWidth()
	size := c.target.workgroup(most, most)
	c.run("sample_f32", [3]int{o.Batch.Rows - 1, 1, 1}, shaders.Sample{
		Tokens: uint32(v),
		DstOff: d.Off, DstStride: d.Stride, LogitsOff: s.Off, LogitsStride: s.Stride,
		RecordsOff: r.Off, RecordsStride: r.Stride, Slots: uint32(o.Records.Rows),
		CountsOff: n.Off, CountsStride: n.Stride,
		BatchOff: b.Off, BatchStride: b.Stride, BatchRecords: uint32(o.Batch.Rows - 1),
	}, inOrder(size, size), d, s, r, n, b)
}
