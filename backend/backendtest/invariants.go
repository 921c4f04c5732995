package backendtest

import (
	"falconmamba/backend"
	"falconmamba/backend/mamba"
)

// An invariant is an operation that is tried with passes of all sizes.
type invariant struct {
	kind    backend.Kind
	note    string
	weights bool // it is tried with every type of them
	carries bool // its sequences have states
	op      func(m *mates) backend.Op
}

// invariants has every kind but those that draw, which have a law of their own
// (drawingCompany).
var invariants = []invariant{
	{kind: backend.KindEmbed, weights: true, op: func(m *mates) backend.Op {
		return backend.Embed{Dst: m.out(m.hidden), Table: m.weightOf("table", 19, m.hidden), IDs: m.ids(19),
			Live: m.live()}
	}},
	{kind: backend.KindGather, op: func(m *mates) backend.Op {
		return backend.Gather{Dst: m.out(67), Src: m.parameter("src", 19, 67, asItIs), From: m.ids(19), Live: m.live()}
	}},
	{kind: backend.KindCopy, op: func(m *mates) backend.Op {
		return backend.Copy{Dst: m.out(67), Src: m.in("src", 67), Live: m.live()}
	}},
	{kind: backend.KindAdd, op: func(m *mates) backend.Op {
		return backend.Add{Dst: m.out(67), A: m.in("a", 67), B: m.in("b", 67), Live: m.live()}
	}},
	{kind: backend.KindGate, op: func(m *mates) backend.Op {
		return backend.Gate{Dst: m.out(67), Y: m.in("y", 67), Z: m.in("z", 67), Live: m.live()}
	}},
	{kind: backend.KindRMSNorm, op: func(m *mates) backend.Op {
		return backend.RMSNorm{Dst: m.out(1031), Src: m.in("src", 1031), Weight: m.gain(1031), Eps: 1e-5,
			Live: m.live()}
	}},
	{kind: backend.KindArgMax, op: func(m *mates) backend.Op {
		return backend.ArgMax{Dst: m.wordsOut(1), Src: m.in("src", 1031), Live: m.live()}
	}},
	{kind: backend.KindMatMul, weights: true, op: func(m *mates) backend.Op {
		return backend.MatMul{Dst: m.out(67), Src: m.in("src", m.hidden), Weight: m.weightOf("w", 67, m.hidden),
			Bias: m.parameter("bias", 1, 67, asItIs), Live: m.live()}
	}},
	// Kernels divide long sums among more workgroups where there are few rows.
	{kind: backend.KindMatMul, note: "long sums", weights: true, op: func(m *mates) backend.Op {
		cols := 2100 / m.hidden * m.hidden
		return backend.MatMul{Dst: m.out(33), Src: m.in("src", cols), Weight: m.weightOf("w", 33, cols),
			Live: m.live()}
	}},
	{kind: backend.KindConv1D, carries: true, op: func(m *mates) backend.Op { return convolution(m, 4, backend.SiLU) }},
	{kind: backend.KindConv1D, note: "3 taps", carries: true, op: func(m *mates) backend.Op {
		return convolution(m, 3, backend.GELU)
	}},
	{kind: backend.KindSelectiveScan, carries: true, op: func(m *mates) backend.Op { return recurrence(m, 16) }},
	{kind: backend.KindSelectiveScan, note: "5 states", carries: true, op: func(m *mates) backend.Op {
		return recurrence(m, 5)
	}},
	{kind: mamba.KindInProjConv, weights: true, carries: true, op: func(m *mates) backend.Op {
		d := m.wide
		xz := m.k.matrix(m.rows, 2*d)
		m.outs = append(m.outs, xz.Columns(d, 2*d)) // the left half is anything
		return mamba.InProjConv{Dst: m.out(d), XZ: xz, Src: m.in("src", m.hidden), Norm: m.gain(m.hidden),
			NormEps: 1e-5, InProj: m.weightOf("in_proj", 2*d, m.hidden), Conv: m.parameter("conv", d, 4, asItIs),
			ConvBias: m.parameter("conv bias", 1, d, asItIs), ConvState: m.state("conv state", 3*d), Batch: m.batch,
			Act: backend.SiLU}
	}},
	{kind: mamba.KindSSM, weights: true, carries: true, op: func(m *mates) backend.Op {
		const n = 16
		d := m.wide
		return mamba.SSM{Dst: m.out(d), X: m.in("x", d), Z: m.in("z", d), XProj: m.weightOf("x_proj", m.rank+2*n, d),
			BCDTNorm: true, NormEps: 1e-6, DTProj: m.weightOf("dt_proj", d, m.rank),
			DTBias: m.parameter("dt bias", 1, d, func(x float64) float64 { return 2*x - 3 }),
			A:      m.decay(d, n), D: m.parameter("d", 1, d, asItIs), State: m.state("ssm state", d*n), Batch: m.batch}
	}},
	{kind: mamba.KindOutProjAdd, weights: true, op: func(m *mates) backend.Op {
		d := m.wide
		return mamba.OutProjAdd{Dst: m.out(m.hidden), Residual: m.in("residual", m.hidden), Src: m.in("src", d),
			OutProj: m.weightOf("out_proj", m.hidden, d), Batch: m.batch}
	}},
	{kind: backend.KindHead, weights: true, op: func(m *mates) backend.Op {
		return backend.Head{Logits: m.out(257), Src: m.parameter("src", 19, m.hidden, asItIs), Rows: m.ids(19),
			Norm: m.gain(m.hidden), NormEps: 1e-5, Weight: m.weightOf("head", 257, m.hidden), Batch: m.batch}
	}},
	{kind: backend.KindHeadArgMax, weights: true, op: func(m *mates) backend.Op {
		return backend.HeadArgMax{Dst: m.wordsOut(1), Src: m.parameter("src", 19, m.hidden, asItIs), Rows: m.ids(19),
			Norm: m.gain(m.hidden), NormEps: 1e-5, Weight: m.weightOf("head", 257, m.hidden), Batch: m.batch}
	}},
}

func convolution(m *mates, taps int, act backend.Activation) backend.Op {
	const d = 261
	return backend.Conv1D{Dst: m.out(d), Src: m.in("src", d), Weight: m.parameter("taps", d, taps, asItIs),
		Bias: m.parameter("bias", 1, d, asItIs), State: m.state("state", d*(taps-1)), Batch: m.batch, Act: act}
}

func recurrence(m *mates, n int) backend.Op {
	const d = 261
	return backend.SelectiveScan{Dst: m.out(d), X: m.in("x", d), DT: m.in("dt", d), A: m.decay(d, n), B: m.in("b", n),
		C: m.in("c", n), D: m.parameter("d", 1, d, asItIs), State: m.state("state", d*n), Batch: m.batch}
}

// gain is a norm's weight.
func (m *mates) gain(cols int) backend.Tensor {
	return m.parameter("gain", 1, cols, func(x float64) float64 { return 1 + x/4 })
}

// decay is A of a scan.
func (m *mates) decay(d, n int) backend.Tensor {
	return m.parameter("decay", d, n, func(x float64) float64 { return -x * x })
}

// ids is an input with an index below n for each row.
func (m *mates) ids(n int) backend.Tensor {
	return m.wordsIn(1, func(number int) []int32 { return []int32{int32(number % n)} })
}
