package backend

// The head: the model's end on chosen rows. Both operations stand for the
// primitives of their Lower methods and nothing else.

// The kinds of the head.
const (
	KindHead       Kind = "head"
	KindHeadArgMax Kind = "head_argmax"
)

// Head is the model's end on chosen rows: Logits[i] = lm_head(norm_f(Src[Rows[i]])).
// The batch's BatchHeads says how many rows of Rows are live.
type Head struct {
	Logits    Tensor // (S, V)
	Src       Tensor // (T, H)
	Rows      Tensor // (S, 1) i32
	Norm      Tensor // (1, H)
	NormEps   float32
	Weight    Weight // (V, H)
	Batch     Tensor // (any, BatchWords) i32
	Precision Precision
}

func (Head) Kind() Kind { return KindHead }

func (o Head) Check() error {
	c := NewChecker(KindHead)
	c.View("Logits", o.Logits, F32, -1, -1)
	c.head(o.Src, o.Rows, o.Norm, o.NormEps, o.Weight, o.Batch, o.Precision, o.Logits.Rows, o.Logits.Cols)
	c.Apart("Logits", o.Logits, o.Src, o.Rows, o.Norm, o.Batch)
	return c.Err()
}

// head checks what Head and HeadArgMax share: s rows of v logits, -1 for any.
func (c *Checker) head(src, rows, norm Tensor, eps float32, w Weight, batch Tensor, p Precision, s, v int) {
	c.View("Src", src, F32, -1, -1)
	c.View("Rows", rows, I32, s, 1)
	c.View("Norm", norm, F32, 1, src.Cols)
	c.Eps("NormEps", eps)
	c.Weight("Weight", w, v, src.Cols)
	c.Batch(batch)
	c.Precision(p)
}

func (o Head) Operands() (reads, writes []Tensor, weights []Weight) {
	return Present(o.Src, o.Rows, o.Norm, o.Batch), []Tensor{o.Logits}, []Weight{o.Weight}
}

func (o Head) Lower(s *Scratch) []Op {
	heads := BatchWord(o.Batch, BatchHeads)
	u := s.F32(o.Rows.Rows, o.Src.Cols)
	return []Op{
		Gather{Dst: u, Src: o.Src, From: o.Rows, Live: heads},
		RMSNorm{Dst: u, Src: u, Weight: o.Norm, Eps: o.NormEps, Live: heads},
		MatMul{Dst: o.Logits, Src: u, Weight: o.Weight, Precision: o.Precision, Live: heads},
	}
}

// HeadArgMax is Head and ArgMax without the logits ever being stored: the
// greedy choice of every row, −1 where there is none.
type HeadArgMax struct {
	Dst       Tensor // (S, 1) i32
	Src       Tensor // (T, H)
	Rows      Tensor // (S, 1) i32
	Norm      Tensor // (1, H)
	NormEps   float32
	Weight    Weight // (V, H)
	Batch     Tensor // (any, BatchWords) i32
	Precision Precision
}

func (HeadArgMax) Kind() Kind { return KindHeadArgMax }

func (o HeadArgMax) Check() error {
	c := NewChecker(KindHeadArgMax)
	c.View("Dst", o.Dst, I32, -1, 1)
	c.head(o.Src, o.Rows, o.Norm, o.NormEps, o.Weight, o.Batch, o.Precision, o.Dst.Rows, -1)
	c.Apart("Dst", o.Dst, o.Src, o.Rows, o.Norm, o.Batch)
	return c.Err()
}

func (o HeadArgMax) Operands() (reads, writes []Tensor, weights []Weight) {
	return Present(o.Src, o.Rows, o.Norm, o.Batch), []Tensor{o.Dst}, []Weight{o.Weight}
}

func (o HeadArgMax) Lower(s *Scratch) []Op {
	logits := s.F32(o.Rows.Rows, o.Weight.Desc().Rows)
	return []Op{
		Head{Logits: logits, Src: o.Src, Rows: o.Rows, Norm: o.Norm, NormEps: o.NormEps,
			Weight: o.Weight, Batch: o.Batch, Precision: o.Precision},
		ArgMax{Dst: o.Dst, Src: logits, Live: BatchWord(o.Batch, BatchHeads)},
	}
}

var _ = []Fused{Head{}, HeadArgMax{}}
