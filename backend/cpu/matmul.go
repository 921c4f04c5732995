package cpu

import "falconmamba/backend"

// A matmul is backend.MatMul, and with residual backend.OutProjAdd. One row of
// activations streams the weight in its stored type; more rows share the work
// of widening it.
type matmul struct {
	k        *kernels
	dst, src view[float32]
	weight   matrix
	bias     []float32 // (M) or nil
	residual view[float32]
	live     live

	// Of this run.
	rows         int
	size         int // of a part: rows of the weight, or tokens
	outs, blocks int // parts of the weight's rows, parts of the tokens
}

func newMatMul(k *kernels, o backend.MatMul) *matmul {
	m := &matmul{k: k, dst: floats(o.Dst), src: floats(o.Src), weight: matrixOf(o.Weight), live: liveOf(o.Live, o.Dst.Rows)}
	if !o.Bias.IsZero() {
		m.bias = floats(o.Bias).row(0)
	}
	return m
}

// newOutProjAdd adds the residual where the sum is stored, and saves a pass.
func newOutProjAdd(k *kernels, o backend.OutProjAdd) *matmul {
	m := newMatMul(k, backend.MatMul{Dst: o.Dst, Src: o.Src, Weight: o.OutProj, Bias: o.Bias,
		Live: backend.BatchWord(o.Batch, backend.BatchRows)})
	m.residual = floats(o.Residual)
	return m
}

func (m *matmul) begin() (parts int, err error) {
	m.rows = m.live.count()
	switch m.rows {
	case 0:
		return 0, nil
	case 1:
		groups := ceil(m.weight.rows, rowGroup)
		m.size = rowGroup * grain(groups, m.k.product*rowGroup*float64(m.weight.cols))
		return ceil(m.weight.rows, m.size), nil
	}
	// A part is a panel's rows for a block of tokens. Fewer tokens to a block
	// widen the weight more often and keep more workers busy.
	m.outs = ceil(m.weight.rows, m.k.tileRows)
	m.size = m.k.tileTokens
	for m.size > m.k.tileTokens/8 && m.outs*ceil(m.rows, m.size) < 64 {
		m.size /= 2
	}
	m.blocks = ceil(m.rows, m.size)
	return m.outs * m.blocks, nil
}

// rowGroup is what the rows of a part are a multiple of: all kernels take that
// many in whole steps.
const rowGroup = 12

func (m *matmul) part(w *worker, i int) {
	if m.rows == 1 {
		m.single(w, i*m.size, min((i+1)*m.size, m.weight.rows))
		return
	}
	// Neighbouring parts are tokens of one panel.
	m.tile(w, i/m.blocks*m.k.tileRows, i%m.blocks*m.size)
}

// single is outputs [from, to) of one row.
func (m *matmul) single(w *worker, from, to int) {
	x, y := m.src.row(0), m.dst.row(0)
	for from < to {
		sums := w.sums[:min(to-from, len(w.sums))]
		m.k.rows(w, sums, &m.weight, from, x)
		for i, sum := range sums {
			m.store(y, from+i, sum, 0)
		}
		from += len(sums)
	}
}

// store completes output r of row t.
func (m *matmul) store(y []float32, r int, sum float32, t int) {
	if m.bias != nil {
		sum += m.bias[r]
	}
	if m.residual.rows > 0 {
		sum = m.residual.row(t)[r] + sum
	}
	y[r] = sum
}

// tile is the outputs of a panel's rows of the weight from r on, for tokens
// from t on.
func (m *matmul) tile(w *worker, r, t int) {
	most := m.k.tileRows
	rows, tokens := min(most, m.weight.rows-r), min(m.size, m.rows-t)
	sums := w.sums[:tokens*most]
	m.k.tile(w, sums, &m.weight, r, rows, m.src.data[t*m.src.stride:], m.src.stride, tokens)
	for i := range tokens {
		y := m.dst.row(t + i)
		for j := range rows {
			m.store(y, r+j, sums[i*most+j], t+i)
		}
	}
}
