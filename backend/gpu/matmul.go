package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

// supportsMatMul: any product decodes.
func supportsMatMul(d *Target, o backend.MatMul) forms {
	return forms{
		decode:  true,
		prefill: o.Dst.Rows >= PrefillRows && d.hasGemm(o.Weight) && d.holds(4*packedRows(o.Dst.Rows)*int64(o.Src.Cols)),
	}
}

// The tile of matmul.comp: channels and rows to a workgroup.
const (
	matmulChannels = width / 16
	matmulRows     = 4
)

func decodeMatMul(c *compiler, o backend.MatMul) {
	w := c.layout(o.Weight)
	s, l := c.view(o.Src), c.view(o.Live)
	for i := range w.Parts {
		p := &w.Parts[i]
		d, b := c.view(o.Dst.Columns(p.First, p.First+p.Rows)), c.view(o.Bias)
		if !o.Bias.IsZero() {
			b = c.view(o.Bias.Columns(p.First, p.First+p.Rows))
		}
		c.run("matmul_"+w.kernel("_f32"), [3]int{over(p.Rows, matmulChannels), over(o.Dst.Rows, matmulRows), 1}, shaders.MatMul{
			Rows: uint32(o.Dst.Rows), Cols: uint32(o.Src.Cols), Outs: uint32(p.Rows),
			DstOff: d.Off, DstStride: d.Stride, SrcOff: s.Off, SrcStride: s.Stride,
			Pitch: uint32(w.Pitch / Word), BiasOff: b.Off, LiveOff: l.Off,
		}, w.constants(nil), d, s, c.weight(p), b, l)
	}
}

func prefillMatMul(c *compiler, o backend.MatMul) {
	p := c.product(o.Dst, c.layout(o.Weight), o.Precision)
	p.bias = o.Bias
	p.input(c, o.Src, o.Live)
	c.multiply(p)
}
