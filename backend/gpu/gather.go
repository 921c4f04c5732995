package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

func decodeGather(c *compiler, o backend.Gather) {
	d, s, f, t, l := c.view(o.Dst), c.view(o.Src), c.view(o.From), c.view(o.To), c.view(o.Live)
	c.run("gather_u32", [3]int{over(o.Dst.Cols, width), o.From.Rows, 1}, shaders.Gather{
		Rows: uint32(o.From.Rows), Cols: uint32(o.Dst.Cols),
		DstOff: d.Off, DstStride: d.Stride, DstRows: uint32(o.Dst.Rows),
		SrcOff: s.Off, SrcStride: s.Stride, SrcRows: uint32(o.Src.Rows),
		FromOff: f.Off, FromStride: f.Stride, ToOff: t.Off, ToStride: t.Stride,
		LiveOff: l.Off,
	}, nil, d, s, f, t, l)
}
