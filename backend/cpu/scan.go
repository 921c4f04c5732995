package cpu

import "falconmamba/backend"

// A scan is backend.SelectiveScan, and with z the gate that follows it.
type scan struct {
	channels
	k        *kernels
	dst      view[float32]
	x, dt, z view[float32]
	a, b, c  view[float32]
	skip     []float32 // D
	state    view[float32]
}

func newScan(k *kernels, o backend.SelectiveScan) *scan {
	return &scan{k: k, dst: floats(o.Dst), x: floats(o.X), dt: floats(o.DT), a: floats(o.A), b: floats(o.B), c: floats(o.C),
		skip: floats(o.D).row(0), state: floats(o.State),
		channels: channelsOf(o.Batch, o.Dst.Rows, o.State.Rows, o.Dst.Cols)}
}

func (s *scan) begin() (parts int, err error) {
	return s.channels.begin(10 + 3*float64(s.a.cols))
}

func (s *scan) part(w *worker, i int) {
	q, from, to := s.of(i)
	if q.Rows == 0 {
		return
	}
	n, width := s.a.cols, to-from
	scratch := w.scratch(2*width*n + 2*width)
	a, state := scratch[:width*n], scratch[width*n:][:width*n]
	delta, y := scratch[2*width*n:][:width], scratch[2*width*n+width:]

	for d := range width {
		for j, v := range s.a.row(from + d) {
			a[d*n+j] = v * log2E // exp(Δ·A) is exp2(Δ·A·log2 e)
		}
	}
	copy(state, s.state.row(q.From)[from*n:to*n])
	for t := q.First; t < q.First+q.Rows; t++ {
		x := s.x.row(t)[from:to]
		for d, v := range s.dt.row(t)[from:to] {
			delta[d] = softplus(v)
		}
		for d, v := range s.skip[from:to] {
			y[d] = v * x[d]
		}
		s.k.scan(y, x, delta, state, a, s.b.row(t), s.c.row(t))
		if s.z.rows > 0 {
			gate(s.dst.row(t)[from:to], y, s.z.row(t)[from:to])
		} else {
			copy(s.dst.row(t)[from:to], y)
		}
	}
	copy(s.state.row(q.To)[from*n:to*n], state)
}

// scanStep advances the state, (channels, N), by a token, and adds C·state to
// y. a is A·log2 e.
func scanStep(y, x, delta, state, a, b, c []float32) {
	n := len(b)
	for d, dt := range delta {
		h, a, c := state[d*n:][:n], a[d*n:][:n], c[:n]
		u := dt * x[d]
		sum := y[d]
		for j, v := range b {
			s := exp2(dt*a[j])*h[j] + u*v
			h[j] = s
			sum += c[j] * s
		}
		y[d] = sum
	}
}
