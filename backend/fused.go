package backend

// The fused operations: a Mamba block in three, and the head. Each stands for
// the primitives of its Lower method and nothing else. Batch bounds the rows of
// all of them.

// The kinds of the fused operations.
const (
	KindInProjConv Kind = "in_proj_conv"
	KindSSM        Kind = "ssm"
	KindOutProjAdd Kind = "out_proj_add"
	KindHead       Kind = "head"
	KindHeadArgMax Kind = "head_argmax"
)

// InProjConv is the first third of a block: norm, in_proj, convolution.
//
//	x, z = in_proj(norm(Src))
//	Dst  = Act(conv1d(x))
//
// z is left in the right half of XZ; what the left half holds afterwards is
// unspecified.
type InProjConv struct {
	Dst       Tensor // (T, D)
	XZ        Tensor // (T, 2·D)
	Src       Tensor // (T, H)
	Norm      Tensor // (1, H)
	NormEps   float32
	InProj    Weight // (2·D, H)
	InBias    Tensor // (1, 2·D) or absent
	Conv      Tensor // (D, K)
	ConvBias  Tensor // (1, D) or absent
	ConvState Tensor // (slots, D·(K−1)); absent where K is 1
	Batch     Tensor // (1+S, BatchWords) i32
	Act       Activation
	Precision Precision
}

func (InProjConv) Kind() Kind { return KindInProjConv }

func (o InProjConv) Check() error {
	c := check{kind: KindInProjConv}
	d := o.Dst.Cols
	c.view("Dst", o.Dst, F32, -1, -1)
	c.view("XZ", o.XZ, F32, o.Dst.Rows, 2*d)
	c.view("Src", o.Src, F32, o.Dst.Rows, -1)
	c.view("Norm", o.Norm, F32, 1, o.Src.Cols)
	c.eps("NormEps", o.NormEps)
	c.weight("InProj", o.InProj, 2*d, o.Src.Cols)
	c.optional("InBias", o.InBias, F32, 1, 2*d)
	c.conv(o.Conv, o.ConvBias, o.ConvState, d, o.Act)
	c.batch(o.Batch)
	c.precision(o.Precision)
	reads := []Tensor{o.Src, o.Norm, o.InBias, o.Conv, o.ConvBias, o.Batch}
	c.apart("Dst", o.Dst, append(reads, o.XZ, o.ConvState)...)
	c.apart("XZ", o.XZ, append(reads, o.ConvState)...)
	c.apart("ConvState", o.ConvState, reads...)
	return c.err
}

func (o InProjConv) Operands() (reads, writes []Tensor) {
	return present(o.Src, o.Norm, o.InBias, o.Conv, o.ConvBias, o.ConvState, o.Batch),
		present(o.Dst, o.XZ, o.ConvState)
}

func (o InProjConv) Lower(s *Scratch) []Op {
	d, rows := o.Dst.Cols, BatchWord(o.Batch, BatchRows)
	u := s.F32(o.Src.Rows, o.Src.Cols)
	return []Op{
		RMSNorm{Dst: u, Src: o.Src, Weight: o.Norm, Eps: o.NormEps, Live: rows},
		MatMul{Dst: o.XZ, Src: u, Weight: o.InProj, Bias: o.InBias, Precision: o.Precision, Live: rows},
		Conv1D{Dst: o.Dst, Src: o.XZ.Columns(0, d), Weight: o.Conv, Bias: o.ConvBias,
			State: o.ConvState, Batch: o.Batch, Act: o.Act},
	}
}

// SSM is the middle third of a block: the input-dependent parameters, the scan
// and the gate.
//
//	dt, B, C = x_proj(X)
//	dt, B, C = rms(dt), rms(B), rms(C)      with BCDTNorm: FalconMamba, not Mamba
//	Dst      = selective_scan(X, dt_proj(dt), A, B, C, D) · silu(Z)
type SSM struct {
	Dst      Tensor // (T, D)
	X        Tensor // (T, D)
	Z        Tensor // (T, D)
	XProj    Weight // (R + 2·N, D): R is dt_rank
	BCDTNorm bool   // normalise dt, B and C, each over its own width, weightless
	NormEps  float32
	DTProj   Weight // (D, R)
	DTBias   Tensor // (1, D) or absent
	A        Tensor // (D, N)
	D        Tensor // (1, D)
	State    Tensor // (slots, D·N)
	Batch    Tensor // (1+S, BatchWords) i32

	Precision Precision
}

func (SSM) Kind() Kind { return KindSSM }

func (o SSM) Check() error {
	c := check{kind: KindSSM}
	t, d, n := o.Dst.Rows, o.Dst.Cols, o.A.Cols
	c.view("Dst", o.Dst, F32, -1, -1)
	c.view("X", o.X, F32, t, d)
	c.view("Z", o.Z, F32, t, d)
	c.weight("DTProj", o.DTProj, d, -1)
	if c.err == nil {
		c.weight("XProj", o.XProj, o.rank()+2*n, d)
	}
	c.eps("NormEps", o.NormEps)
	c.optional("DTBias", o.DTBias, F32, 1, d)
	c.view("A", o.A, F32, d, -1)
	c.view("D", o.D, F32, 1, d)
	c.view("State", o.State, F32, -1, d*n)
	c.batch(o.Batch)
	c.precision(o.Precision)
	reads := []Tensor{o.X, o.Z, o.DTBias, o.A, o.D, o.Batch}
	c.apart("Dst", o.Dst, append(reads, o.State)...)
	c.apart("State", o.State, reads...)
	return c.err
}

// rank is dt_rank.
func (o SSM) rank() int { return o.DTProj.Desc().Cols }

func (o SSM) Operands() (reads, writes []Tensor) {
	return present(o.X, o.Z, o.DTBias, o.A, o.D, o.State, o.Batch), []Tensor{o.Dst, o.State}
}

func (o SSM) Lower(s *Scratch) []Op {
	t, d, r, n := o.Dst.Rows, o.Dst.Cols, o.rank(), o.A.Cols
	rows := BatchWord(o.Batch, BatchRows)
	dbc := s.F32(t, r+2*n)
	dt, b, c := dbc.Columns(0, r), dbc.Columns(r, r+n), dbc.Columns(r+n, r+2*n)
	delta := s.F32(t, d)
	ops := []Op{MatMul{Dst: dbc, Src: o.X, Weight: o.XProj, Precision: o.Precision, Live: rows}}
	if o.BCDTNorm {
		for _, v := range []Tensor{dt, b, c} {
			ops = append(ops, RMSNorm{Dst: v, Src: v, Eps: o.NormEps, Live: rows})
		}
	}
	return append(ops,
		MatMul{Dst: delta, Src: dt, Weight: o.DTProj, Bias: o.DTBias, Precision: o.Precision, Live: rows},
		SelectiveScan{Dst: o.Dst, X: o.X, DT: delta, A: o.A, B: b, C: c, D: o.D, State: o.State, Batch: o.Batch},
		Gate{Dst: o.Dst, Y: o.Dst, Z: o.Z, Live: rows})
}

// OutProjAdd is the last third of a block: Dst = Residual + out_proj(Src). Dst
// may be Residual.
type OutProjAdd struct {
	Dst       Tensor // (T, H)
	Residual  Tensor // (T, H)
	Src       Tensor // (T, D)
	OutProj   Weight // (H, D)
	Bias      Tensor // (1, H) or absent
	Batch     Tensor // (1+S, BatchWords) i32
	Precision Precision
}

func (OutProjAdd) Kind() Kind { return KindOutProjAdd }

func (o OutProjAdd) Check() error {
	c := check{kind: KindOutProjAdd}
	c.view("Dst", o.Dst, F32, -1, -1)
	c.view("Residual", o.Residual, F32, o.Dst.Rows, o.Dst.Cols)
	c.view("Src", o.Src, F32, o.Dst.Rows, -1)
	c.weight("OutProj", o.OutProj, o.Dst.Cols, o.Src.Cols)
	c.optional("Bias", o.Bias, F32, 1, o.Dst.Cols)
	c.batch(o.Batch)
	c.precision(o.Precision)
	c.apartOrSame("Dst", o.Dst, o.Residual)
	c.apart("Dst", o.Dst, o.Src, o.Bias, o.Batch)
	return c.err
}

func (o OutProjAdd) Operands() (reads, writes []Tensor) {
	return present(o.Residual, o.Src, o.Bias, o.Batch), []Tensor{o.Dst}
}

func (o OutProjAdd) Lower(s *Scratch) []Op {
	rows := BatchWord(o.Batch, BatchRows)
	y := s.F32(o.Dst.Rows, o.Dst.Cols)
	return []Op{
		MatMul{Dst: y, Src: o.Src, Weight: o.OutProj, Bias: o.Bias, Precision: o.Precision, Live: rows},
		Add{Dst: o.Dst, A: o.Residual, B: y, Live: rows},
	}
}

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
	c := check{kind: KindHead}
	c.view("Logits", o.Logits, F32, -1, -1)
	c.head(o.Src, o.Rows, o.Norm, o.NormEps, o.Weight, o.Batch, o.Precision, o.Logits.Rows, o.Logits.Cols)
	c.apart("Logits", o.Logits, o.Src, o.Rows, o.Norm, o.Batch)
	return c.err
}

// head checks what Head and HeadArgMax share: s rows of v logits, -1 for any.
func (c *check) head(src, rows, norm Tensor, eps float32, w Weight, batch Tensor, p Precision, s, v int) {
	c.view("Src", src, F32, -1, -1)
	c.view("Rows", rows, I32, s, 1)
	c.view("Norm", norm, F32, 1, src.Cols)
	c.eps("NormEps", eps)
	c.weight("Weight", w, v, src.Cols)
	c.batch(batch)
	c.precision(p)
}

func (o Head) Operands() (reads, writes []Tensor) {
	return present(o.Src, o.Rows, o.Norm, o.Batch), []Tensor{o.Logits}
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
// greedy choice of every row.
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
	c := check{kind: KindHeadArgMax}
	c.view("Dst", o.Dst, I32, -1, 1)
	c.head(o.Src, o.Rows, o.Norm, o.NormEps, o.Weight, o.Batch, o.Precision, o.Dst.Rows, -1)
	c.apart("Dst", o.Dst, o.Src, o.Rows, o.Norm, o.Batch)
	return c.err
}

func (o HeadArgMax) Operands() (reads, writes []Tensor) {
	return present(o.Src, o.Rows, o.Norm, o.Batch), []Tensor{o.Dst}
}

func (o HeadArgMax) Lower(s *Scratch) []Op {
	logits := s.F32(o.Rows.Rows, o.Weight.Desc().Rows)
	return []Op{
		Head{Logits: logits, Src: o.Src, Rows: o.Rows, Norm: o.Norm, NormEps: o.NormEps,
			Weight: o.Weight, Batch: o.Batch, Precision: o.Precision},
		ArgMax{Dst: o.Dst, Src: logits, Live: BatchWord(o.Batch, BatchHeads)},
	}
}

var _ = []Fused{InProjConv{}, SSM{}, OutProjAdd{}, Head{}, HeadArgMax{}}
