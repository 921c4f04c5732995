package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

func decodeGather(c *compiler, o backend.Gather) {
	c.run([3]int{over(o.Dst.Cols, width), o.From.Rows, 1}, shaders.Gather[Operand]{
		Params: shaders.GatherParams{
			Rows: uint32(o.From.Rows), Cols: uint32(o.Dst.Cols),
			DstRows: uint32(o.Dst.Rows), SrcRows: uint32(o.Src.Rows),
		},
		Dst: c.view(o.Dst), Src: c.view(o.Src), From: c.view(o.From), To: c.view(o.To), Live: c.view(o.Live),
	}.GatherU32())
}
