package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

func decodeRMSNorm(c *compiler, o backend.RMSNorm) {
	c.run([3]int{o.Dst.Rows, 1, 1}, shaders.RMSNorm[Operand]{
		Params: shaders.RMSNormParams{Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols), Eps: o.Eps},
		Dst:    c.view(o.Dst), Src: c.view(o.Src), Weight: c.view(o.Weight), Live: c.view(o.Live),
	}.RMSNormF32())
}
