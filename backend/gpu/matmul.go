package gpu

import (
	"falconmamba/backend"
	"falconmamba/shaders"
)

// supportsMatMul: any product decodes.
func supportsMatMul(d *Target, o backend.MatMul) forms {
	return forms{
		decode: true,
		prefill: o.Dst.Rows >= PrefillRows && d.hasGemm(o.Weight) &&
			d.holds(4*packedRows(o.Dst.Rows)*int64(o.Src.Cols)),
	}
}

// The tile of matmul.comp: channels and rows to a workgroup.
const (
	matmulChannels = width / 16
	matmulRows     = 4
)

func decodeMatMul(c *compiler, o backend.MatMul) {
	w := c.layout(o.Weight)
	for i := range w.Parts {
		p := &w.Parts[i]
		c.run([3]int{over(p.Rows, matmulChannels), over(o.Dst.Rows, matmulRows), 1}, shaders.MatMul[Operand]{
			Params: shaders.MatMulParams{
				Rows: uint32(o.Dst.Rows), Cols: uint32(o.Src.Cols), Outs: uint32(p.Rows), Pitch: w.words(),
			},
			Constants: shaders.MatMulConstants{BlocksConstants: w.blocks()},
			Dst:       c.channels(o.Dst, p), Src: c.view(o.Src), Weight: c.weight(p), Bias: c.channels(o.Bias, p),
			Live: c.view(o.Live),
		}.MatMul(w.types(shaders.TypeF32)))
	}
}

func prefillMatMul(c *compiler, o backend.MatMul) {
	p := c.product(o.Dst, c.layout(o.Weight), o.Precision)
	p.bias = o.Bias
	p.input(c, o.Src, o.Live)
	c.multiply(p)
}
