package cpu

import (
	"math"

	"falconmamba/backend"
)

// A scan is backend.SelectiveScan.
type scan struct {
	channels
	k       *kernels
	dst     view[float32]
	x, dt   view[float32]
	a, b, c view[float32]
	skip    []float32 // D
	state   states
}

func newScan(d *device, o backend.SelectiveScan) *scan {
	return &scan{k: d.k, dst: floats(o.Dst), x: floats(o.X), dt: floats(o.DT),
		a: floats(o.A), b: floats(o.B), c: floats(o.C), skip: floats(o.D).row(0), state: statesOf(o.State),
		channels: channelsOf(d, o.Batch, o.Dst.Rows, o.State.Rows, o.Dst.Cols, o.Keeps)}
}

func (s *scan) begin() (parts int) {
	return s.channels.begin()
}

func (s *scan) part(w *worker, _ int) {
	s.each(w, func(q backend.Sequence, from, to int) { s.k.scan(w, s, q, from, to) })
}

func plainScan(w *worker, s *scan, q backend.Sequence, from, to int) {
	n, width := s.a.cols, to-from
	scratch := w.scratch(2*width*n + 2*width)
	a, state := scratch[:width*n], scratch[width*n:][:width*n]
	delta, y := scratch[2*width*n:][:width], scratch[2*width*n+width:]

	for d := range width {
		for j, v := range s.a.row(from + d) {
			a[d*n+j] = v * log2E // exp(Δ·A) is exp2(Δ·A·log2 e)
		}
	}
	copy(state, s.state.read(w, q.From, from*n, to*n))
	for t := q.First; t < q.First+q.Rows; t++ {
		x := s.x.row(t)[from:to]
		for d, v := range s.dt.row(t)[from:to] {
			delta[d] = softplus(v)
		}
		for d, v := range s.skip[from:to] {
			y[d] = v * x[d]
		}
		scanStep(y, x, delta, state, a, s.b.row(t), s.c.row(t))
		copy(s.dst.row(t)[from:to], y)
	}
	left := s.state.room(w, q.To, from*n, to*n)
	copy(left, state)
	s.state.keep(q.To, from*n, left)
}

// scanStep advances the state, (channels, N), by a token, and adds C·state to
// y. a is A·log2 e. The loop holds exp2 written out, which Go's compiler finds
// too long to inline: a call costs as much again.
func scanStep(y, x, delta, state, a, b, c []float32) {
	n := len(b)
	c, x, y = c[:n], x[:len(delta)], y[:len(delta)]
	for d, dt := range delta {
		h, a := state[d*n:][:n], a[d*n:][:n]
		u, sum := dt*x[d], y[d]
		for j, v := range b {
			e := dt * a[j]
			if e < -126 {
				e = -126
			}
			if e > 127 {
				e = 127
			}
			t := e + roundInt
			f := e - (t - roundInt)
			g := f * f
			p := 1 + f*(exp2P1+exp2P2*f+g*(exp2P3+exp2P4*f+g*(exp2P5+exp2P6*f)))
			p = math.Float32frombits(math.Float32bits(p) + math.Float32bits(t)<<23)
			s := p*h[j] + u*v
			h[j] = s
			sum += c[j] * s
		}
		y[d] = sum
	}
}
