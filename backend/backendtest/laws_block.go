package backendtest

import (
	"fmt"

	"falconmamba/backend"
	"falconmamba/backend/mamba"
)

// The laws of a whole Mamba block, in the fused operations that a backend has
// and the lowering of those that it has not.

// A mambaBlock is a block over rows rows and slots state slots.
type mambaBlock struct {
	x         backend.Tensor // (rows, hidden): input and output
	conv, ssm backend.Tensor
	batch     backend.Tensor
	ops       []backend.Op
}

const hidden, channels, states, rank, taps = 33, 64, 16, 7, 4

func newMamba(k *kit, p backend.Precision, rows, slots, records int) mambaBlock {
	m := mambaBlock{
		x:     k.matrix(rows, hidden),
		conv:  k.matrix(slots, channels*(taps-1)),
		ssm:   k.matrix(slots, channels*states),
		batch: k.batch(records),
	}
	decay := k.normal(channels * states)
	for i, a := range decay {
		decay[i] = -a * a
	}
	h, xz, y := k.matrix(rows, channels), k.matrix(rows, 2*channels), k.matrix(rows, channels)
	m.ops = []backend.Op{
		mamba.InProjConv{Dst: h, XZ: xz, Src: m.x, Norm: k.matrix(1, hidden, filled(hidden, 1)...), NormEps: 1e-5,
			InProj:    k.weight(backend.F32, 2*channels, hidden),
			Conv:      k.matrix(channels, taps, k.normal(channels*taps)...),
			ConvState: m.conv, Batch: m.batch, Act: backend.SiLU, Precision: p},
		mamba.SSM{Dst: y, X: h, Z: xz.Columns(channels, 2*channels),
			XProj: k.weight(backend.F32, rank+2*states, channels), BCDTNorm: true, NormEps: 1e-6,
			DTProj: k.weight(backend.F32, channels, rank), A: k.matrix(channels, states, decay...),
			D: k.matrix(1, channels, k.normal(channels)...), State: m.ssm, Batch: m.batch, Precision: p},
		mamba.OutProjAdd{Dst: m.x, Residual: m.x, Src: y, OutProj: k.weight(backend.F32, hidden, channels),
			Batch: m.batch, Precision: p},
	}
	return m
}

// set uploads the batch of seqs.
func (m mambaBlock) set(k *kit, seqs ...backend.Sequence) {
	k.uploadWords(m.batch, k.encodeBatch(m.batch.Rows-1, seqs))
}

// reset puts every state slot to its own start.
func (m mambaBlock) reset(k *kit, conv, ssm []float32) {
	k.upload(m.conv, conv)
	k.upload(m.ssm, ssm)
}

func blockSplits(k *kit) {
	const rows = 7
	m := newMamba(k, backend.Float, rows, 2, 1)
	p := k.plan(m.ops...)
	conv, ssm := k.normal(2*channels*(taps-1)), k.normal(2*channels*states)
	x := k.normal(rows * hidden)
	parts := func(ends ...int) []float32 {
		m.reset(k, conv, ssm)
		var out []float32
		first := 0
		for i, end := range append(ends, rows) {
			in := make([]float32, rows*hidden)
			copy(in, x[first*hidden:end*hidden])
			k.upload(m.x, in)
			m.set(k, backend.Sequence{From: min(i, 1), To: 1, Rows: end - first})
			k.submit(p)
			out = append(out, k.read(m.x)[:(end-first)*hidden]...)
			first = end
		}
		out = append(out, k.read(m.conv)...)
		return append(out, k.read(m.ssm)...)
	}
	whole := parts()
	var each []int
	for end := 1; end < rows; end++ {
		k.near(fmt.Sprintf("split at row %d", end), parts(end), whole, fusedF32)
		each = append(each, end)
	}
	k.near("row by row", parts(each...), whole, fusedF32)
}

// batchMates gives one sequence other mates, other places among them, and none.
func batchMates(k *kit) {
	const rows, slots, records, mine = 12, 5, 4, 4 // rows of the sequence; slots 0 to 1 are its own
	for _, p := range precisions {
		m := newMamba(k, p, rows, slots, records)
		plan := k.plan(m.ops...)
		conv, ssm := k.normal(slots*channels*(taps-1)), k.normal(slots*channels*states)
		own := k.normal(mine * hidden)
		alone := func(first int, mates ...backend.Sequence) []float32 {
			m.reset(k, conv, ssm)
			in := k.normal(rows * hidden)
			copy(in[first*hidden:], own)
			k.upload(m.x, in)
			m.set(k, append(mates, backend.Sequence{From: 0, To: 1, First: first, Rows: mine})...)
			k.submit(plan)
			out := k.read(m.x)[first*hidden:][:mine*hidden]
			out = append(out, k.read(m.conv)[channels*(taps-1):][:channels*(taps-1)]...)
			return append(out, k.read(m.ssm)[channels*states:][:channels*states]...)
		}
		want := alone(0)
		k.equal(fmt.Sprintf("%s, behind one", p), alone(3, backend.Sequence{From: 2, To: 2, Rows: 3}), want)
		k.equal(fmt.Sprintf("%s, before one", p), alone(0, backend.Sequence{From: 3, To: 4, First: 4, Rows: 8}), want)
		k.equal(fmt.Sprintf("%s, between three", p), alone(5, backend.Sequence{From: 2, To: 2, Rows: 5},
			backend.Sequence{From: 3, To: 3, First: 9, Rows: 1}, backend.Sequence{From: 4, To: 4, First: 10,
				Rows: 2}), want)
		k.equal(fmt.Sprintf("%s, with one that ended", p), alone(0, backend.Sequence{From: 2, To: 3}), want)
	}
}

// blockReplays runs a block on its own output, in flight and one by one.
func blockReplays(k *kit) {
	const rows = 3
	m := newMamba(k, backend.Half, rows, 1, 1)
	p := k.plan(m.ops...)
	x := k.normal(rows * hidden)
	start := func() {
		m.reset(k, make([]float32, channels*(taps-1)), make([]float32, channels*states))
		k.upload(m.x, x)
		m.set(k, backend.Sequence{Rows: rows})
	}
	start()
	for range 4 {
		k.wait(k.submit(p))
	}
	want := append(k.read(m.x), k.read(m.ssm)...)
	for range 3 {
		start()
		for range 4 {
			k.submit(p)
		}
		k.equal("four runs in flight", append(k.read(m.x), k.read(m.ssm)...), want)
	}
}
