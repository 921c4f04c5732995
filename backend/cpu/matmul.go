package cpu

import (
	"falconmamba/backend"
	"falconmamba/backend/cpu/internal/simd"
	"falconmamba/backend/mamba"
)

// A matmul is backend.MatMul, and with residual mamba.OutProjAdd. One row of
// activations streams the weight in its stored type; more rows share the work
// of widening it. Where the operation allows rounding and the processor gains by
// it, few rows are rounded to integers of 15 bits if the weight is of integers, and
// many to bfloat16 or bytes.
type matmul struct {
	k        *kernels
	pool     *pool
	shared   *shared
	dst, src view[float32]
	weight   matrix
	bias     []float32 // (M) or nil
	residual view[float32]
	live     live

	rounded int // up to how many rows are rounded to integers: 0 where that is not allowed, or has no kernel
	round   func(dst []byte, x []float32)
	bytes   bool // rounding to bytes is allowed, and there are kernels
	halves  bool // rounding to bfloat16 is allowed, and there are kernels

	// Of this run.
	rows         int
	group        int // what rows of a part are a multiple of
	size         int // of a part: rows of the weight, or tokens
	panel        int // rows of the weight of a tile
	outs, blocks int // parts of the weight's rows, parts of the tokens
	way          way
	claims       claims
	x            []byte // rounded activations, pitch bytes each
	pitch        int
}

// A way is how a run goes about a product: up to byTiles a part is rows of the weight for all tokens.
type way uint8

const (
	byRows    way = iota // one row, as it is
	byRounded            // few rows, rounded to integers
	byBytes              // many rows, rounded to bytes
	byTiles              // more rows, as they are
	byHalves             // many rows, rounded to bfloat16
)

func newMatMul(d *device, o backend.MatMul) *matmul {
	m := &matmul{k: d.k, pool: d.pool, shared: &d.shared, dst: floats(o.Dst), src: floats(o.Src),
		weight: matrixOf(o.Weight), live: liveOf(o.Live, o.Dst.Rows),
		group: rowGroup, claims: newClaims(len(d.pool.workers))}
	if m.weight.stored.Interleaved > 0 {
		m.group = simd.Lanes
	}
	if !o.Bias.IsZero() {
		m.bias = floats(o.Bias).row(0)
	}
	if t := m.weight.typ; o.Precision != backend.Float {
		if m.k.rounds != nil && m.k.rounds(t) {
			m.rounded = m.k.roundedRows(t)
			if m.weight.stored.Interleaved > 0 {
				t = backend.Q4_K // all that is interleaved takes activations as q4_K does
			}
			m.round = func(dst []byte, x []float32) { m.k.round(dst, x, t) }
		}
		// Bytes lose less of a weight than bfloat16 does, where a set has both.
		m.bytes = o.Precision == backend.Int8 && m.k.hasBytes != nil && m.k.hasBytes(m.weight.typ) &&
			m.weight.cols > narrow && m.weight.rows > low
		// In bfloat16 weights of that type lose nothing. Those of blocks lose 0.4 %
		// at most: with the activations as much as Int8 allows, and less. Narrow
		// products are little work, and what dt_proj makes meets an exponential.
		m.halves = m.k.halve != nil && m.weight.cols > narrow && !m.bytes &&
			(t == backend.BF16 || t.Block() > 1 && o.Precision == backend.Int8)
	}
	return m
}

// A shared is memory that an operation needs while it runs, and no longer: one
// runs at a time.
type shared struct{ bytes []byte }

// take returns n bytes, not cleared.
func (s *shared) take(n int) []byte {
	if cap(s.bytes) < n {
		s.bytes = make([]byte, n)
	}
	return s.bytes[:n]
}

// narrow is up to how many columns a weight is not worth rounding for: dt_rank
// of the largest model.
const narrow = 256

// low is up to how many rows a weight is not worth rounding activations to bytes for: dt_rank
// and twice the states of the largest model. What x_proj makes meets an exponential too.
const low = 512

// decodeRows is up to how many rows of activations bytes gain too little.
const decodeRows = 8

// newOutProjAdd adds the residual where the sum is stored, and saves a pass.
func newOutProjAdd(d *device, o mamba.OutProjAdd) *matmul {
	m := newMatMul(d, backend.MatMul{Dst: o.Dst, Src: o.Src, Weight: o.OutProj, Bias: o.Bias,
		Precision: o.Precision, Live: backend.BatchWord(o.Batch, backend.BatchRows)})
	m.residual = floats(o.Residual)
	return m
}

func (m *matmul) begin() (parts int) {
	m.rows = m.live.count()
	if m.rows == 0 {
		return 0
	}
	switch {
	case m.halves && m.rows > m.k.fewRows(m.weight.typ):
		m.way = byHalves
		m.halve()
	case m.bytes && m.rows > decodeRows:
		m.way = byBytes
		m.prepare(simd.BytesSize(m.weight.cols), m.k.roundBytes)
	case m.rows <= m.rounded:
		m.way = byRounded
		m.prepare(m.k.roundedSize(m.weight.cols), m.round)
	case m.rows == 1:
		m.way = byRows
	default:
		m.way = byTiles
	}
	if m.way < byTiles {
		groups := ceil(m.weight.rows, m.group)
		m.size = m.group * grain(groups, m.k.product*float64(m.group*m.weight.cols*m.rows))
		parts = ceil(m.weight.rows, m.size)
		m.claims.begin(parts)
		return parts
	}
	// A part is a panel's rows for a block of tokens. Fewer rows read the activations
	// more often, fewer tokens widen the weight more often; both keep more workers busy.
	most, want := m.k.tileTokens, 64
	m.panel = m.k.tileRows
	if m.way == byHalves {
		m.panel, most, want = m.k.halfRows, m.k.halfTokens, 4*len(m.pool.workers)
	}
	m.size = most
	parts = m.divide()
	for ; m.panel > leastPanel && parts < want; parts = m.divide() {
		m.panel /= 2
	}
	for ; m.size > most/8 && parts < want; parts = m.divide() {
		m.size /= 2
	}
	return parts
}

// leastPanel is to how few rows a panel that is larger is cut.
const leastPanel = 32

// divide returns the parts that tiles of panel rows and size tokens are.
func (m *matmul) divide() int {
	m.outs, m.blocks = ceil(m.weight.rows, m.panel), ceil(m.rows, m.size)
	return m.outs * m.blocks
}

// rowGroup is what the rows of a part are a multiple of where they are as they are stored: all kernels take that
// many in whole steps.
const rowGroup = 12

// prepare rounds the activations, to pitch bytes a row.
func (m *matmul) prepare(pitch int, round func(dst []byte, x []float32)) {
	m.pitch = pitch
	m.x = m.shared.take(m.rows * pitch)
	for t := range m.rows {
		round(m.x[t*pitch:][:pitch], m.src.row(t))
	}
}

// halve rounds the activations to bfloat16, all workers together.
func (m *matmul) halve() {
	m.pitch = m.k.halfSize(m.weight.cols)
	blocks := ceil(m.rows, simd.HalfBlock)
	m.x = m.shared.take(blocks * simd.HalfBlock * m.pitch)
	h := halving{m, simd.HalfBlock * grain(blocks, 0.2*simd.HalfBlock*float64(m.weight.cols))}
	m.pool.run(h, ceil(m.rows, h.size))
}

// A halving is the stage of a matmul that rounds size rows a part.
type halving struct {
	m    *matmul
	size int
}

func (h halving) part(_ *worker, i int) {
	m, t := h.m, i*h.size
	m.k.halve(m.x[t*m.pitch:], m.src.data[t*m.src.stride:], m.src.stride, m.weight.cols, min(h.size, m.rows-t))
}

func (m *matmul) part(w *worker, i int) {
	if m.way < byTiles {
		i = m.claims.claim(w)
		m.outputs(w, i*m.size, min((i+1)*m.size, m.weight.rows))
		return
	}
	// Neighbouring parts are tokens of one panel.
	if m.way == byHalves {
		m.half(w, i/m.blocks*m.panel, i%m.blocks*m.size)
	} else {
		m.tile(w, i/m.blocks*m.panel, i%m.blocks*m.size)
	}
}

// outputs is outputs [from, to) of each row: a little of the weight at a time,
// that it stays in the cache from some rows to the next.
func (m *matmul) outputs(w *worker, from, to int) {
	most := len(w.sums)
	if m.rows > 1 {
		most = min(2*m.group, len(w.sums)/min(m.rows, someRows))
	}
	for from < to {
		n := min(to-from, most)
		for t := 0; t < m.rows; t += someRows {
			m.some(w, from, n, t, min(someRows, m.rows-t))
		}
		from += n
	}
}

// someRows is how many rows of activations share what lies in the cache of the weight.
const someRows = 96

// some is n outputs from r on of rows of activations from t on.
func (m *matmul) some(w *worker, r, n, t, rows int) {
	sums := w.sums[:n*rows]
	switch m.way {
	case byRounded:
		m.k.rounded(sums, n, &m.weight, r, n, m.x[t*m.pitch:], rows)
	case byBytes:
		m.k.bytes(sums, n, &m.weight, r, n, m.x[t*m.pitch:], rows)
	default:
		m.k.rows(w, sums, &m.weight, r, m.src.row(t))
	}
	for i := range rows {
		y := m.dst.row(t + i)
		for j, sum := range sums[i*n:][:n] {
			m.store(y, r+j, sum, t+i)
		}
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

// half is tile in bfloat16, which adds to a residual where that belongs: Dst may be what Residual is.
func (m *matmul) half(w *worker, r, t int) {
	rows, tokens, add := min(m.panel, m.weight.rows-r), min(m.size, m.rows-t), m.residual.rows > 0
	for i := t; add && i < t+tokens; i++ {
		if y, x := m.dst.row(i)[r:], m.residual.row(i)[r:]; &y[0] != &x[0] {
			copy(y[:rows], x)
		}
	}
	m.k.halfTile(w, m.dst.data[t*m.dst.stride+r:], m.dst.stride, &m.weight, r, rows, m.x[t*m.pitch:], tokens, add)
	for i := t; m.bias != nil && i < t+tokens; i++ {
		y := m.dst.row(i)[r:]
		for j, v := range m.bias[r:][:rows] {
			y[j] += v
		}
	}
}
