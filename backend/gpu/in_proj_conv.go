package gpu

import (
	"falconmamba/backend"
	"falconmamba/backend/mamba"
	"falconmamba/shaders"
)

// decodeTaps is the most that in_proj_conv.comp takes.
const decodeTaps = 4

func supportsInProjConv(d *Target, o mamba.InProjConv) forms {
	var f forms
	f.decode = o.NormEps >= leastEps && o.Conv.Cols <= decodeTaps && d.hasMatvec(shaders.InProjConvKernels, o.InProj)
	f.prefill = d.prefills(o.Dst.Rows, f.decode, 1, o.Precision, o.InProj) &&
		d.hasGemm(o.InProj) && o.Conv.Cols <= prefillTaps && o.NormEps >= leastEps &&
		d.holds(4*packedRows(o.Dst.Rows)*int64(o.Src.Cols))
	return f
}

func decodeInProjConv(c *compiler, o mamba.InProjConv) {
	w, channels := c.layout(o.InProj), o.Dst.Cols
	src, norm := c.view(o.Src), c.view(o.Norm)
	squares, packed := c.takeOver(o.Src), c.takeOverRows(o.Src)
	groups, group := squares.Cols, 0
	var integers readyRows
	if packed.Type == backend.I32 {
		packed = backend.Tensor{}
	}
	if !packed.IsZero() { // a power of two to each group of columns lies behind the squares
		groups /= 2
		group = o.Src.Cols / groups
	}
	for i := range w.Parts {
		p := &w.Parts[i]
		k := c.matvec(o.Dst.Rows, p.Rows, w, 1, o.Precision, src, norm)
		if k.ready && packed.IsZero() {
			packed = c.pack(1, 8, order{}, packing{src: o.Src, rows: o.Src.Rows, norm: true, weight: o.Norm,
				eps: o.NormEps, live: rowsOf(o.Batch)})
		}
		ready := c.view(packed)
		if k.integers {
			if integers.words.IsZero() {
				integers = c.ready(packing{src: o.Src, rows: o.Src.Rows, norm: true, weight: o.Norm,
					live: rowsOf(o.Batch)})
			}
			ready, squares, groups = c.readyView(integers.words), integers.squares, integers.squares.Cols
		}
		var next backend.Tensor
		if len(w.Parts) == 1 && c.wholeBlocks(k, p.Rows) {
			next = c.readyForXProj(o)
		}
		x := shaders.InProjConv[Operand]{
			Params: shaders.InProjConvParams{
				Rows: uint32(o.Dst.Rows), Cols: uint32(o.Src.Cols), Outs: uint32(p.Rows),
				First: uint32(p.First), Channels: uint32(channels), Eps: o.NormEps, Pitch: w.words(),
				Taps: uint32(o.Conv.Cols), Slots: convSlots(o.ConvState), BatchRecords: records(o.Batch),
				Squares: uint32(groups),
			},
			Constants: shaders.InProjConvConstants{
				Size: k.size, StateType: stateType(o.ConvState), Keep: o.Keeps, Packed: k.ready,
				Group: uint32(group), Each: k.each(), Act: uint32(o.Act), MatvecConstants: k.constants,
			},
			Dst: c.view(o.Dst), Z: c.view(o.XZ.Columns(channels, 2*channels)), Src: src, Norm: norm,
			Weight: c.weight(p), Bias: c.view(o.InBias), Conv: c.view(o.Conv), ConvBias: c.view(o.ConvBias),
			State: c.view(o.ConvState), Batch: c.view(o.Batch), Squares: c.view(squares),
			Packed: ready, Ready: c.readyView(next),
		}
		c.run([3]int{k.groups, 1, 1}, k.call(x.InProjConv, x.InProjConvDirect))
	}
}

// readyForXProj takes room for the convolution's row as integers, if the next operation's x_proj takes it so. Of more
// rows that makes them ready itself as quickly.
func (c *compiler) readyForXProj(o mamba.InProjConv) (rows backend.Tensor) {
	next, ok := c.next().(mamba.SSM)
	if !ok || o.Dst.Rows > 1 || next.X != o.Dst ||
		!c.takesIntegers(o.Dst, backend.Tensor{}, next.XProj, matvecSlices, next.Precision) {
		return rows
	}
	return c.handRows(o.Dst)
}

// each is how many sums an invocation convolves at once, of those that it has.
func (k *matvec) each() uint32 {
	if k.half == 0 {
		return 1
	}
	members, least := k.constants.Split*uint32(k.lanes), uint32(4)
	if k.direct && k.types.Weight == shaders.TypeBlock { // registers are for what is being multiplied
		least = 1
	}
	return min(8, max(least, k.constants.Outs*k.constants.Rows/members))
}

// prefillInProjConv is the product, with the norm on the way into it, and the
// convolution.
func prefillInProjConv(c *compiler, o mamba.InProjConv) {
	p := c.product(o.XZ, c.layout(o.InProj), o.Precision)
	p.bias = o.InBias
	p.normed(c, packing{src: o.Src, rows: o.Src.Rows, norm: true, weight: o.Norm, eps: o.NormEps,
		live: rowsOf(o.Batch)})
	c.multiply(p)
	prefillConv1D(c, backend.Conv1D{Dst: o.Dst, Src: o.XZ.Columns(0, o.Dst.Cols), Weight: o.Conv, Bias: o.ConvBias,
		State: o.ConvState, Batch: o.Batch, Act: o.Act, Keeps: o.Keeps})
}

// A norming is what a kernel of one dispatch writes beside its rows for the norm of the next
// operation: the sums of their squares over groups of channels, and where the product behind
// the norm takes float16, the rows times the norm's weight too, each group divided by a power
// of two, which lies behind the squares; or the rows as integers, where it takes these.
type norming struct {
	squares, rows, weight backend.Tensor
}

// norming takes room for what k writes beside dst, if the next operation norms that.
func (c *compiler) norming(k matvec, dst backend.Tensor) (n norming) {
	if c.wholeBlocks(k, dst.Cols) {
		if n.weight = c.nextNorm(dst); !n.weight.IsZero() {
			n.squares = c.tensor(backend.F32, dst.Rows, dst.Cols/readyColumns)
			n.rows = c.roomForReady(dst.Rows, dst.Cols)
			c.handOver(dst, n.squares)
			c.handed.rows = n.rows
		}
		return n
	}
	next, ok := c.next().(mamba.InProjConv)
	if !ok || next.Src != dst || k.half == 0 {
		return n
	}
	w, err := c.target.Weight(next.InProj)
	if err != nil {
		return n
	}
	groups := over(dst.Cols, k.half)
	if c.matvec(dst.Rows, w.Desc.Rows, w, 1, next.Precision, c.view(dst), c.view(next.Norm)).ready {
		if !c.view(next.Norm).wide() || k.half%8 != 0 || dst.Cols%k.half != 0 || len(w.Parts) != 1 {
			return n
		}
		groups *= 2
		n.weight = next.Norm
	}
	n.squares = c.tensor(backend.F32, dst.Rows, groups)
	if !n.weight.IsZero() {
		n.rows = c.tensor(backend.F16, dst.Rows, dst.Cols)
	}
	c.handOver(dst, n.squares)
	c.handed.rows = n.rows
	return n
}
