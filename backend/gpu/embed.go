package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

func decodeEmbed(c *compiler, o backend.Embed) {
	w := c.layout(o.Table)
	d, ids, last, l := c.view(o.Dst), c.view(o.IDs), c.view(o.Last), c.view(o.Live)
	for i := range w.Parts {
		p := &w.Parts[i]
		c.run("embed_"+w.kernel("_f32"), [3]int{over(w.chunks(), width), o.Dst.Rows, 1}, shaders.Embed{
			Rows: uint32(o.Dst.Rows), Cols: uint32(o.Dst.Cols),
			DstOff: d.Off, DstStride: d.Stride,
			Pitch: uint32(w.Pitch / Word), First: uint32(p.First), Count: uint32(p.Rows),
			IdsOff: ids.Off, IdsStride: ids.Stride,
			LastOff: last.Off, LastStride: last.Stride, LastRows: uint32(o.Last.Rows),
			LiveOff: l.Off,
		}, w.constants(nil), d, c.weight(p), ids, last, l)
	}
}
