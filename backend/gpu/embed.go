package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

func decodeEmbed(c *compiler, o backend.Embed) {
	w := c.layout(o.Table)
	for i := range w.Parts {
		p := &w.Parts[i]
		c.run([3]int{over(w.chunks(), width), o.Dst.Rows, 1}, shaders.Embed[Operand]{
			Params: shaders.EmbedParams{
				Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols),
				Pitch: w.words(), First: uint32(p.First), Count: uint32(p.Rows), LastRows: uint32(o.Last.Rows),
			},
			Constants: shaders.EmbedConstants{BlocksConstants: w.blocks()},
			Dst:       c.view(o.Dst), Table: c.weight(p),
			Ids: c.view(o.IDs), Last: c.view(o.Last), Live: c.view(o.Live),
		}.Embed(w.types(shaders.TypeF32)))
	}
}
