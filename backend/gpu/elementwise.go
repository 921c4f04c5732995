package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

func decodeAdd(c *compiler, o backend.Add) { c.elementwise("add_f32", o.Dst, o.A, o.B, o.Live) }

func decodeGate(c *compiler, o backend.Gate) { c.elementwise("gate_f32", o.Dst, o.Y, o.Z, o.Live) }

func (c *compiler) elementwise(kernel string, dst, a, b, live backend.Tensor) {
	d, x, y, l := c.view(dst), c.view(a), c.view(b), c.view(live)
	c.run(kernel, [3]int{over(dst.Cols, width), dst.Rows, 1}, shaders.Elementwise{
		Rows: uint32(dst.Rows), Cols: uint32(dst.Cols),
		DstOff: d.Off, DstStride: d.Stride, AOff: x.Off, AStride: x.Stride, BOff: y.Off, BStride: y.Stride,
		LiveOff: l.Off,
	}, nil, d, x, y, l)
}
