package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

func decodeAdvance(c *compiler, o backend.Advance) {
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
