package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

func decodeArgMax(c *compiler, o backend.ArgMax) {
	d, s, l := c.view(o.Dst), c.view(o.Src), c.view(o.Live)
	c.run("argmax_f32", [3]int{o.Dst.Rows, 1, 1}, shaders.ArgMax{
		Rows: uint32(o.Dst.Rows), Cols: uint32(o.Src.Cols),
		DstOff: d.Off, DstStride: d.Stride, SrcOff: s.Off, SrcStride: s.Stride, LiveOff: l.Off,
	}, inOrder(c.target.workgroup(256, 256)), d, s, l)
}
