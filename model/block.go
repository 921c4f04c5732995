package model

import (
	"falconmamba/backend"
	"falconmamba/backend/mamba"
)

// A block holds the parameters of one layer, as the checkpoint names them. H is
// hidden_size, D intermediate_size, N state_size, R time_step_rank, K
// conv_kernel.
type block struct {
	norm     backend.Tensor // (1, H)
	inProj   backend.Weight // (2·D, H)
	inBias   backend.Tensor // (1, 2·D), with use_bias
	conv     backend.Tensor // (D, K)
	convBias backend.Tensor // (1, D), with use_conv_bias
	xProj    backend.Weight // (R + 2·N, D)
	dtProj   backend.Weight // (D, R)
	dtBias   backend.Tensor // (1, D)
	a        backend.Tensor // (D, N): −exp(A_log)
	d        backend.Tensor // (1, D)
	outProj  backend.Weight // (H, D)
	outBias  backend.Tensor // (1, H), with use_bias
}

// forward appends the block to p: one Mamba layer (Gu and Dao 2023, figure 3)
// with the norms on dt, B and C that FalconMamba adds (Zuo et al. 2024, section
// 2). It updates x in place and carries the state of every sequence of the
// batch from slot to slot. Each operation's Lower method has its equations in
// primitives.
//
//  1. x′, z   = in_proj(norm(x));  h = act(conv1d(x′))
//  2. dt, B, C = x_proj(h), each normalised;  Δ = softplus(dt_proj(dt))
//     s = exp(Δ·A)·s + Δ·B·h;  y = (C·s + D·h) · silu(z)
//  3. x = x + out_proj(y)
func (l *block) forward(p *backend.Program, m *Model, x, batch backend.Tensor, s LayerState, keeps bool,
	prec backend.Precision) {
	c := m.cfg
	t, d := x.Rows, c.IntermediateSize
	xz := p.F32(t, 2*d) // x′ | z
	h := p.F32(t, d)
	y := p.F32(t, d)

	p.Do(mamba.InProjConv{Dst: h, XZ: xz, Src: x, Norm: l.norm, NormEps: m.normEps,
		InProj: l.inProj, InBias: l.inBias, Conv: l.conv, ConvBias: l.convBias,
		ConvState: s.Conv, Batch: batch, Act: m.act, Keeps: keeps, Precision: prec})
	p.Do(mamba.SSM{Dst: y, X: h, Z: xz.Columns(d, 2*d), XProj: l.xProj, BCDTNorm: m.bcdtNorm, NormEps: m.mixerEps,
		DTProj: l.dtProj, DTBias: l.dtBias, A: l.a, D: l.d, State: s.SSM, Batch: batch,
		Keeps: keeps, Precision: prec})
	p.Do(mamba.OutProjAdd{Dst: x, Residual: x, Src: y, OutProj: l.outProj, Bias: l.outBias, Batch: batch,
		Precision: prec})
}
