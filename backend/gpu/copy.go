package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

func decodeCopy(c *compiler, o backend.Copy) {
	// Large copies are bound by the launch of workgroups if these are small.
	each := 4 // words of an invocation
	d, s, l := c.view(o.Dst), c.view(o.Src), c.view(o.Live)
	wide := d.wide() && s.wide() && o.Dst.Cols%4 == 0
	if wide {
		each = 16
	}
	size := c.target.workgroup(over(o.Dst.Cols, each), 256)
	c.run("copy_u32", [3]int{over(o.Dst.Cols, each*size), o.Dst.Rows, 1}, shaders.Copy{
		Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols),
		DstOff: d.Off, DstStride: d.Stride, SrcOff: s.Off, SrcStride: s.Stride,
		LiveOff: l.Off,
	}, inOrder(size, int(truth(wide))), d, s, l)
}
