package cpu

import (
	"falconmamba/backend"
	"falconmamba/backend/cpu/internal/simd"
)

// vectorKernels returns the kernels of a vector unit. Shapes that it has no
// kernel for, and that no published model has, are left to plain Go.
func vectorKernels(s simd.Set) *kernels {
	k := &kernels{
		name: s.Name(), product: 0.06,
		rows: func(_ *worker, y []float32, m *matrix, r int, x []float32) { s.Rows(y, &m.stored, r, x) },
		tile: func(w *worker, y []float32, m *matrix, r, rows int, x []float32, stride, tokens int) {
			s.Tile(y, simd.TileRows, &m.stored, r, rows, x, stride, tokens, w.scratch(simd.TileWork))
		},
		tileRows: simd.TileRows, tileTokens: simd.TileTokens,
		rounds: simd.Rounds,
		round:  s.Round,
		rounded: func(y []float32, stride int, m *matrix, r, rows int, x []byte, tokens int) {
			s.Rounded(y, stride, &m.stored, r, rows, x, tokens)
		},
		roundedSize: simd.RoundedSize, roundedRows: s.RoundedRows,
		interleaves: s.Interleaves, interleave: s.Interleave,
		hasBytes: s.HasBytes, roundBytes: s.RoundBytes,
		bytes: func(y []float32, stride int, m *matrix, r, rows int, x []byte, tokens int) {
			s.Bytes(y, stride, &m.stored, r, rows, x, tokens)
		},
		widen: func(dst []float32, m *matrix, r int) { s.Widen(dst, &m.stored, r) },
		scan: func(w *worker, o *scan, q backend.Sequence, from, to int) {
			if o.a.cols != simd.States {
				plainScan(w, o, q, from, to)
				return
			}
			vectorScan(s, w, o, q, from, to)
		},
		conv: func(w *worker, c *conv, q backend.Sequence, from, to int) {
			if c.taps.cols != simd.Taps || c.act != backend.SiLU && c.act != backend.Identity {
				plainConv(w, c, q, from, to)
				return
			}
			vectorConv(s, w, c, q, from, to)
		},
		gate: s.Gate,
		norm: s.Norm,
	}
	if s.Halves() {
		rows, tokens, work := s.HalfShape()
		k.halve, k.halfSize, k.halfRows, k.halfTokens, k.fewRows = s.Halve, simd.HalfSize, rows, tokens, s.FewRows
		k.halfTile = func(w *worker, y []float32, ystride int, m *matrix, r, rows int, x []byte, tokens int, add bool) {
			s.HalfTile(y, ystride, &m.stored, r, rows, x, tokens, add, w.scratch(work))
		}
	}
	return k
}

func vectorScan(set simd.Set, w *worker, s *scan, q backend.Sequence, from, to int) {
	const n = simd.States
	// at is the operand's elements from row t and column c on.
	at := func(v *view[float32], t, c int) []float32 { return v.data[t*v.stride+c:] }
	left := s.state.room(w, q.To, from*n, to*n)
	set.Scan(&simd.Scan{
		Y: at(&s.dst, q.First, from), YStride: s.dst.stride,
		X: at(&s.x, q.First, from), XStride: s.x.stride,
		DT: at(&s.dt, q.First, from), DTStride: s.dt.stride,
		B: at(&s.b, q.First, 0), BStride: s.b.stride,
		C: at(&s.c, q.First, 0), CStride: s.c.stride,
		A:    dense(w, &s.a, from, to),
		Skip: s.skip[from:],
		From: s.state.read(w, q.From, from*n, to*n), To: left,
		Channels: to - from, Tokens: q.Rows,
	})
	s.state.keep(q.To, from*n, left)
}

// dense returns rows [from, to) of v one after another.
func dense(w *worker, v *view[float32], from, to int) []float32 {
	if v.stride == v.cols {
		return v.data[from*v.cols : to*v.cols]
	}
	d := w.scratch((to - from) * v.cols)
	for r := from; r < to; r++ {
		copy(d[(r-from)*v.cols:], v.row(r))
	}
	return d
}

func vectorConv(set simd.Set, w *worker, c *conv, q backend.Sequence, from, to int) {
	n := to - from
	var bias []float32
	if c.bias != nil {
		bias = c.bias[from:]
	}
	if q.Rows == 1 {
		const held = simd.Taps - 1
		state, left := c.state.read(w, q.From, from*held, to*held), c.state.room(w, q.To, from*held, to*held)
		set.Step(c.dst.row(q.First)[from:to], c.src.row(q.First)[from:to], state, left, dense(w, &c.taps, from, to),
			bias, c.act == backend.SiLU)
		c.state.keep(q.To, from*held, left)
		return
	}
	taps, past := c.prepare(w, q, from, to)
	set.Conv(c.dst.data[q.First*c.dst.stride+from:], c.dst.stride, c.src.data[q.First*c.src.stride+from:], c.src.stride,
		past, taps, bias, n, q.Rows, c.act == backend.SiLU)
	c.keep(w, past, q, from, to)
}
