package cpu

import (
	"falconmamba/backend"
	"falconmamba/backend/cpu/internal/simd"
)

// A matmul is backend.MatMul, and with residual backend.OutProjAdd. One row of
// activations streams the weight in its stored type; more rows share the work
// of widening it. Where the operation allows rounding, few rows are rounded to
// integers if the weight is of integers too: that halves the time and more.
type matmul struct {
	k        *kernels
	dst, src view[float32]
	weight   matrix
	bias     []float32 // (M) or nil
	residual view[float32]
	live     live

	// Rounded activations of up to fewTokens rows, size bytes each; nil where
	// they are not rounded.
	rounded     []byte
	roundedSize int

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
	if o.Precision != backend.Float && k.rounds != nil && k.rounds(m.weight.typ) {
		m.roundedSize = simd.RoundedSize(m.weight.cols)
		m.rounded = make([]byte, min(fewTokens, o.Dst.Rows)*m.roundedSize)
	}
	return m
}

// fewTokens is up to how many rows of activations the kernels that round are the
// faster: they unpack the weight for each.
const fewTokens = 8

// newOutProjAdd adds the residual where the sum is stored, and saves a pass.
func newOutProjAdd(k *kernels, o backend.OutProjAdd) *matmul {
	m := newMatMul(k, backend.MatMul{Dst: o.Dst, Src: o.Src, Weight: o.OutProj, Bias: o.Bias,
		Precision: o.Precision, Live: backend.BatchWord(o.Batch, backend.BatchRows)})
	m.residual = floats(o.Residual)
	return m
}

func (m *matmul) begin() (parts int, err error) {
	m.rows = m.live.count()
	if m.rows == 0 {
		return 0, nil
	}
	if m.few() {
		for t := range m.rows {
			if m.rounded != nil {
				m.k.round(m.rounded[t*m.roundedSize:][:m.roundedSize], m.src.row(t))
			}
		}
		groups := ceil(m.weight.rows, rowGroup)
		m.size = rowGroup * grain(groups, m.k.product*rowGroup*float64(m.weight.cols)*float64(m.rows))
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

// few reports whether the rows of this run are so few that each is multiplied
// with the weight as it is stored.
func (m *matmul) few() bool { return m.rows == 1 || m.rounded != nil && m.rows <= fewTokens }

func (m *matmul) part(w *worker, i int) {
	if m.few() {
		m.outputs(w, i*m.size, min((i+1)*m.size, m.weight.rows))
		return
	}
	// Neighbouring parts are tokens of one panel.
	m.tile(w, i/m.blocks*m.k.tileRows, i%m.blocks*m.size)
}

// outputs is outputs [from, to) of each row: a little of the weight at a time,
// that it stays in the cache from one row to the next.
func (m *matmul) outputs(w *worker, from, to int) {
	for from < to {
		sums := w.sums[:min(to-from, 2*rowGroup)]
		if m.rows == 1 {
			sums = w.sums[:min(to-from, len(w.sums))]
		}
		for t := range m.rows {
			if m.rounded != nil {
				m.k.rounded(sums, &m.weight, from, m.rounded[t*m.roundedSize:][:m.roundedSize])
			} else {
				m.k.rows(w, sums, &m.weight, from, m.src.row(t))
			}
			y := m.dst.row(t)
			for i, sum := range sums {
				m.store(y, from+i, sum, t)
			}
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
