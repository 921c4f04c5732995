package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

func decodeRMSNorm(c *compiler, o backend.RMSNorm) {
	d, s, w, l := c.view(o.Dst), c.view(o.Src), c.view(o.Weight), c.view(o.Live)
	c.run("rmsnorm_f32", [3]int{o.Dst.Rows, 1, 1}, shaders.RMSNorm{
		Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols),
		DstOff: d.Off, DstStride: d.Stride, SrcOff: s.Off, SrcStride: s.Stride,
		WeightOff: w.Off, LiveOff: l.Off, Eps: o.Eps,
	}, nil, d, s, w, l)
}
