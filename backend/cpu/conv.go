package cpu

import "falconmamba/backend"

// A conv is backend.Conv1D.
type conv struct {
	channels
	k        *kernels
	dst, src view[float32]
	taps     view[float32]
	bias     []float32 // (D) or nil
	state    states
	act      backend.Activation
	activate func([]float32)
}

func newConv(d *device, o backend.Conv1D) *conv {
	c := &conv{k: d.k, dst: floats(o.Dst), src: floats(o.Src), taps: floats(o.Weight), act: o.Act,
		activate: activation(o.Act)}
	slots := anySlots
	if c.taps.cols > 1 {
		c.state = statesOf(o.State)
		slots = c.state.rows
	}
	if !o.Bias.IsZero() {
		c.bias = floats(o.Bias).row(0)
	}
	c.channels = channelsOf(d, o.Batch, o.Dst.Rows, slots, o.Dst.Cols, o.Keeps)
	return c
}

func (c *conv) begin() (parts int) {
	return c.channels.begin()
}

func (c *conv) part(w *worker, _ int) {
	c.each(w, func(q backend.Sequence, from, to int) { c.k.conv(w, c, q, from, to) })
}

// prepare returns one row of channels [from, to) for each tap's weights, and one
// for each input before the first of q, oldest first: channels are columns there
// as they are in the pass.
func (c *conv) prepare(w *worker, q backend.Sequence, from, to int) (taps, past []float32) {
	k, n := c.taps.cols, to-from
	scratch := w.scratch((2*k - 1) * n)
	taps, past = scratch[:k*n], scratch[k*n:]
	for d := range n {
		for j, v := range c.taps.row(from + d) {
			taps[j*n+d] = v
		}
	}
	if k > 1 {
		state := c.state.read(w, q.From, from*(k-1), to*(k-1))
		for d := range n {
			for j := range k - 1 {
				past[j*n+d] = state[d*(k-1)+j]
			}
		}
	}
	return taps, past
}

// input is channels [from, to) of row t of q, which begins in the past.
func (c *conv) input(past []float32, q backend.Sequence, t, from, to int) []float32 {
	if n := to - from; t < 0 {
		return past[(t+c.taps.cols-1)*n:][:n]
	}
	return c.src.row(q.First + t)[from:to]
}

// keep leaves the last inputs as the state.
func (c *conv) keep(w *worker, past []float32, q backend.Sequence, from, to int) {
	k := c.taps.cols
	if k == 1 {
		return
	}
	state := c.state.room(w, q.To, from*(k-1), to*(k-1))
	for j := range k - 1 {
		for d, v := range c.input(past, q, q.Rows-k+1+j, from, to) {
			state[d*(k-1)+j] = v
		}
	}
	c.state.keep(q.To, from*(k-1), state)
}

func plainConv(w *worker, c *conv, q backend.Sequence, from, to int) {
	k, n := c.taps.cols, to-from
	taps, past := c.prepare(w, q, from, to)
	input := func(t int) []float32 { return c.input(past, q, t, from, to) }
	for t := range q.Rows {
		y := c.dst.row(q.First + t)[from:to]
		if c.bias != nil {
			copy(y, c.bias[from:to])
		} else {
			clear(y)
		}
		if k == 4 {
			taps4(y, taps, input(t-3), input(t-2), input(t-1), input(t))
		} else {
			for j := range k {
				tap(y, taps[j*n:], input(t-k+1+j))
			}
		}
		c.activate(y)
	}
	c.keep(w, past, q, from, to)
}

func tap(y, w, x []float32) {
	w, x = w[:len(y)], x[:len(y)]
	for d := range y {
		y[d] += w[d] * x[d]
	}
}

// taps4 is tap for the four taps of every published model, in the same order.
func taps4(y, w, x0, x1, x2, x3 []float32) {
	n := len(y)
	w0, w1, w2, w3 := w[:n], w[n:][:n], w[2*n:][:n], w[3*n:][:n]
	x0, x1, x2, x3 = x0[:n], x1[:n], x2[:n], x3[:n]
	for d, v := range y {
		v += w0[d] * x0[d]
		v += w1[d] * x1[d]
		v += w2[d] * x2[d]
		v += w3[d] * x3[d]
		y[d] = v
	}
}

// activation returns the function that applies a to a row. Those that models
// use are float32, the others as they are defined.
func activation(a backend.Activation) func([]float32) {
	switch a {
	case backend.Identity:
		return func([]float32) {}
	case backend.SiLU:
		return func(y []float32) {
			for d, v := range y {
				y[d] = silu(v)
			}
		}
	}
	return func(y []float32) {
		for d, v := range y {
			y[d] = float32(a.Apply(float64(v)))
		}
	}
}
