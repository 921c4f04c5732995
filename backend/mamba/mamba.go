// Package mamba has the fused operations of a Mamba block (Gu and Dao 2023):
// the block in three. Each stands for the primitives of its Lower method and
// nothing else. The batch bounds the rows of all of them.
package mamba

import "falconmamba/backend"

// The kinds of the fused operations.
const (
	KindInProjConv backend.Kind = "in_proj_conv"
	KindSSM        backend.Kind = "ssm"
	KindOutProjAdd backend.Kind = "out_proj_add"
)

// InProjConv is the first third of a block: norm, in_proj, convolution.
//
//	x, z = in_proj(norm(Src))
//	Dst  = Act(conv1d(x))
//
// z is left in the right half of XZ; what the left half holds afterwards is
// unspecified.
type InProjConv struct {
	Dst       backend.Tensor // (T, D)
	XZ        backend.Tensor // (T, 2·D)
	Src       backend.Tensor // (T, H)
	Norm      backend.Tensor // (1, H)
	NormEps   float32
	InProj    backend.Weight // (2·D, H)
	InBias    backend.Tensor // (1, 2·D) or absent
	Conv      backend.Tensor // (D, K)
	ConvBias  backend.Tensor // (1, D) or absent
	ConvState backend.Tensor // (slots, D·(K−1)) f32, f16 or bf16; absent where K is 1
	Batch     backend.Tensor // (1+S, BatchWords) i32
	Act       backend.Activation
	Keeps     bool // as in backend.Conv1D
	Precision backend.Precision
}

func (InProjConv) Kind() backend.Kind { return KindInProjConv }

func (o InProjConv) Check() error {
	c := backend.NewChecker(KindInProjConv)
	d := o.Dst.Cols
	c.View("Dst", o.Dst, backend.F32, -1, -1)
	c.View("XZ", o.XZ, backend.F32, o.Dst.Rows, 2*d)
	c.View("Src", o.Src, backend.F32, o.Dst.Rows, -1)
	c.View("Norm", o.Norm, backend.F32, 1, o.Src.Cols)
	c.Eps("NormEps", o.NormEps)
	c.Weight("InProj", o.InProj, 2*d, o.Src.Cols)
	c.Optional("InBias", o.InBias, backend.F32, 1, 2*d)
	c.Conv(o.Conv, o.ConvBias, o.ConvState, d, o.Act)
	c.Batch(o.Batch)
	c.Precision(o.Precision)
	reads := []backend.Tensor{o.Src, o.Norm, o.InBias, o.Conv, o.ConvBias, o.Batch}
	c.Apart("Dst", o.Dst, append(reads, o.XZ, o.ConvState)...)
	c.Apart("XZ", o.XZ, append(reads, o.ConvState)...)
	c.Apart("ConvState", o.ConvState, reads...)
	return c.Err()
}

func (o InProjConv) Operands() (reads, writes []backend.Tensor, weights []backend.Weight) {
	return backend.Present(o.Src, o.Norm, o.InBias, o.Conv, o.ConvBias, o.ConvState, o.Batch),
		backend.Present(o.Dst, o.XZ, o.ConvState), []backend.Weight{o.InProj}
}

func (o InProjConv) Lower(s *backend.Scratch) []backend.Op {
	d, rows := o.Dst.Cols, backend.BatchWord(o.Batch, backend.BatchRows)
	u := s.F32(o.Src.Rows, o.Src.Cols)
	return []backend.Op{
		backend.RMSNorm{Dst: u, Src: o.Src, Weight: o.Norm, Eps: o.NormEps, Live: rows},
		backend.MatMul{Dst: o.XZ, Src: u, Weight: o.InProj, Bias: o.InBias, Precision: o.Precision, Live: rows},
		backend.Conv1D{Dst: o.Dst, Src: o.XZ.Columns(0, d), Weight: o.Conv, Bias: o.ConvBias,
			State: o.ConvState, Batch: o.Batch, Act: o.Act, Keeps: o.Keeps},
	}
}

// SSM is the middle third of a block: the input-dependent parameters, the scan
// and the gate.
//
//	dt, B, C = x_proj(X)
//	dt, B, C = rms(dt), rms(B), rms(C)      with BCDTNorm: FalconMamba, not Mamba
//	Dst      = selective_scan(X, dt_proj(dt), A, B, C, D) · silu(Z)
type SSM struct {
	Dst      backend.Tensor // (T, D)
	X        backend.Tensor // (T, D)
	Z        backend.Tensor // (T, D)
	XProj    backend.Weight // (R + 2·N, D): R is dt_rank
	BCDTNorm bool           // normalise dt, B and C, each over its own width, weightless
	NormEps  float32
	DTProj   backend.Weight // (D, R)
	DTBias   backend.Tensor // (1, D) or absent
	A        backend.Tensor // (D, N)
	D        backend.Tensor // (1, D)
	State    backend.Tensor // (slots, D·N) f32, f16 or bf16
	Batch    backend.Tensor // (1+S, BatchWords) i32
	Keeps    bool           // as in backend.Conv1D

	Precision backend.Precision
}

func (SSM) Kind() backend.Kind { return KindSSM }

func (o SSM) Check() error {
	c := backend.NewChecker(KindSSM)
	t, d, n := o.Dst.Rows, o.Dst.Cols, o.A.Cols
	c.View("Dst", o.Dst, backend.F32, -1, -1)
	c.View("X", o.X, backend.F32, t, d)
	c.View("Z", o.Z, backend.F32, t, d)
	c.Weight("DTProj", o.DTProj, d, -1)
	if c.Err() == nil {
		c.Weight("XProj", o.XProj, o.rank()+2*n, d)
	}
	c.Eps("NormEps", o.NormEps)
	c.Optional("DTBias", o.DTBias, backend.F32, 1, d)
	c.View("A", o.A, backend.F32, d, -1)
	c.View("D", o.D, backend.F32, 1, d)
	c.State("State", o.State, d*n)
	c.Batch(o.Batch)
	c.Precision(o.Precision)
	reads := []backend.Tensor{o.X, o.Z, o.DTBias, o.A, o.D, o.Batch}
	c.Apart("Dst", o.Dst, append(reads, o.State)...)
	c.Apart("State", o.State, reads...)
	return c.Err()
}

// rank is dt_rank.
func (o SSM) rank() int { return o.DTProj.Desc().Cols }

func (o SSM) Operands() (reads, writes []backend.Tensor, weights []backend.Weight) {
	return backend.Present(o.X, o.Z, o.DTBias, o.A, o.D, o.State, o.Batch),
		[]backend.Tensor{o.Dst, o.State}, []backend.Weight{o.XProj, o.DTProj}
}

func (o SSM) Lower(s *backend.Scratch) []backend.Op {
	t, d, r, n := o.Dst.Rows, o.Dst.Cols, o.rank(), o.A.Cols
	rows := backend.BatchWord(o.Batch, backend.BatchRows)
	dbc := s.F32(t, r+2*n)
	dt, b, c := dbc.Columns(0, r), dbc.Columns(r, r+n), dbc.Columns(r+n, r+2*n)
	delta := s.F32(t, d)
	ops := []backend.Op{backend.MatMul{Dst: dbc, Src: o.X, Weight: o.XProj, Precision: o.Precision, Live: rows}}
	if o.BCDTNorm {
		for _, v := range []backend.Tensor{dt, b, c} {
			ops = append(ops, backend.RMSNorm{Dst: v, Src: v, Eps: o.NormEps, Live: rows})
		}
	}
	return append(ops,
		backend.MatMul{Dst: delta, Src: dt, Weight: o.DTProj, Bias: o.DTBias, Precision: o.Precision, Live: rows},
		backend.SelectiveScan{Dst: o.Dst, X: o.X, DT: delta, A: o.A, B: b, C: c, D: o.D, State: o.State,
			Batch: o.Batch, Keeps: o.Keeps},
		backend.Gate{Dst: o.Dst, Y: o.Dst, Z: o.Z, Live: rows})
}

// OutProjAdd is the last third of a block: Dst = Residual + out_proj(Src). Dst
// may be Residual.
type OutProjAdd struct {
	Dst       backend.Tensor // (T, H)
	Residual  backend.Tensor // (T, H)
	Src       backend.Tensor // (T, D)
	OutProj   backend.Weight // (H, D)
	Bias      backend.Tensor // (1, H) or absent
	Batch     backend.Tensor // (1+S, BatchWords) i32
	Precision backend.Precision
}

func (OutProjAdd) Kind() backend.Kind { return KindOutProjAdd }

func (o OutProjAdd) Check() error {
	c := backend.NewChecker(KindOutProjAdd)
	c.View("Dst", o.Dst, backend.F32, -1, -1)
	c.View("Residual", o.Residual, backend.F32, o.Dst.Rows, o.Dst.Cols)
	c.View("Src", o.Src, backend.F32, o.Dst.Rows, -1)
	c.Weight("OutProj", o.OutProj, o.Dst.Cols, o.Src.Cols)
	c.Optional("Bias", o.Bias, backend.F32, 1, o.Dst.Cols)
	c.Batch(o.Batch)
	c.Precision(o.Precision)
	c.ApartOrSame("Dst", o.Dst, o.Residual)
	c.Apart("Dst", o.Dst, o.Src, o.Bias, o.Batch)
	return c.Err()
}

func (o OutProjAdd) Operands() (reads, writes []backend.Tensor, weights []backend.Weight) {
	return backend.Present(o.Residual, o.Src, o.Bias, o.Batch), []backend.Tensor{o.Dst}, []backend.Weight{o.OutProj}
}

func (o OutProjAdd) Lower(s *backend.Scratch) []backend.Op {
	rows := backend.BatchWord(o.Batch, backend.BatchRows)
	y := s.F32(o.Dst.Rows, o.Dst.Cols)
	return []backend.Op{
		backend.MatMul{Dst: y, Src: o.Src, Weight: o.OutProj, Bias: o.Bias, Precision: o.Precision, Live: rows},
		backend.Add{Dst: o.Dst, A: o.Residual, B: y, Live: rows},
	}
}

var _ = []backend.Fused{InProjConv{}, SSM{}, OutProjAdd{}}
