package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

func decodeArgMax(c *compiler, o backend.ArgMax) {
	c.run([3]int{o.Dst.Rows, 1, 1}, shaders.ArgMax[Operand]{
		Params:    shaders.ArgMaxParams{Rows: uint32(o.Dst.Rows), Cols: uint32(o.Src.Cols)},
		Constants: shaders.ArgMaxConstants{Size: uint32(c.target.workgroup(256, 256))},
		Dst:       c.view(o.Dst), Src: c.view(o.Src), Live: c.view(o.Live),
	}.ArgMaxF32())
}
