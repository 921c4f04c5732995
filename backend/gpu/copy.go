package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

func decodeCopy(c *compiler, o backend.Copy) {
	// Large copies are bound by the launch of workgroups if these are small.
	each := 4 // words of an invocation
	d, s := c.view(o.Dst), c.view(o.Src)
	wide := d.wide() && s.wide() && o.Dst.Cols%4 == 0
	if wide {
		each = 16
	}
	size := c.target.workgroup(over(o.Dst.Cols, each), 256)
	c.run([3]int{over(o.Dst.Cols, each*size), o.Dst.Rows, 1}, shaders.Copy[Operand]{
		Params:    shaders.CopyParams{Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols)},
		Constants: shaders.CopyConstants{Size: uint32(size), Wide: wide},
		Dst:       d, Src: s, Live: c.view(o.Live),
	}.CopyU32())
}
