package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

// The operations that choose tokens.

func emitArgMax(c *compiler, o backend.ArgMax) {
	d, s, l := c.view(o.Dst), c.view(o.Src), c.view(o.Live)
	c.run("argmax_f32", [3]int{o.Dst.Rows, 1, 1}, shaders.ArgMax{
		Rows: uint32(o.Dst.Rows), Cols: uint32(o.Src.Cols),
		DstOff: d.Off, DstStride: d.Stride, SrcOff: s.Off, SrcStride: s.Stride, LiveOff: l.Off,
	}, inOrder(c.target.workgroup(256, 256)), d, s, l)
}

// sampleWidth is the most invocations that draw a token. All 1024 that many
// devices have are for those with workgroup memory to spare: Metal's, with
// 32 KiB, may not run as many of a kernel with this many registers.
func (d *Target) sampleWidth() int {
	if d.Shared > 32<<10 {
		return 1024
	}
	return 512
}

func emitSample(c *compiler, o backend.Sample) {
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

func emitAdvance(c *compiler, o backend.Advance) {
	t, b, r, n := c.view(o.Tokens), c.view(o.Batch), c.view(o.Records), c.view(o.Counts)
	ring, last, out := c.view(o.Ring), c.view(o.Last), c.view(o.Out)
	c.run("advance_i32", [3]int{over(o.Batch.Rows-1, width), 1, 1}, shaders.Advance{
		TokensOff: t.Off, TokensStride: t.Stride,
		RecordsOff: r.Off, RecordsStride: r.Stride, Slots: uint32(o.Records.Rows),
		CountsOff: n.Off, CountsStride: n.Stride, CountsCols: uint32(o.Counts.Cols),
		RingOff: ring.Off, RingStride: ring.Stride, RingCols: uint32(o.Ring.Cols),
		LastOff: last.Off, LastStride: last.Stride, OutOff: out.Off, OutStride: out.Stride, OutCols: uint32(o.Out.Cols),
		BatchOff: b.Off, BatchStride: b.Stride, BatchRecords: uint32(o.Batch.Rows - 1),
	}, nil, t, r, n, ring, last, out, b)
}
