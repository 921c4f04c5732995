package cpu

import (
	"math"

	"falconmamba/backend"
)

// The reference's matrix product and the two operations that carry state.

func refMatMul(o backend.MatMul) error {
	dst, src, bias, weight := floats(o.Dst), floats(o.Src), floats(o.Bias), o.Weight.(*weight)
	row := make([]float32, weight.desc.Cols)
	for m := range weight.desc.Rows {
		if err := weight.row(m, row); err != nil {
			return err
		}
		for t := range liveRows(o.Live, dst.rows) {
			sum := 0.0
			for k, x := range src.row(t) {
				sum += float64(row[k]) * float64(x)
			}
			if bias.rows > 0 {
				sum += float64(bias.row(0)[m])
			}
			dst.row(t)[m] = float32(sum)
		}
	}
	return nil
}

func refConv1D(o backend.Conv1D) {
	dst, src, taps, bias, state := floats(o.Dst), floats(o.Src), floats(o.Weight), floats(o.Bias), refStatesOf(o.State)
	k, slots := taps.cols, state.rows
	if k == 1 {
		slots = anySlots
	}
	seqs := inOrder(o.Batch, dst.rows, slots, o.Keeps)
	x := make([]float64, k) // the window: the last k inputs, oldest first
	for _, s := range seqs {
		if s.Rows == 0 {
			continue
		}
		for d := range dst.cols {
			for j := range k - 1 {
				x[1+j] = state.at(s.From, d*(k-1)+j)
			}
			for t := s.First; t < s.First+s.Rows; t++ {
				copy(x, x[1:])
				x[k-1] = float64(src.row(t)[d])
				sum := 0.0
				if bias.rows > 0 {
					sum = float64(bias.row(0)[d])
				}
				for j, w := range taps.row(d) {
					sum += float64(w) * x[j]
				}
				dst.row(t)[d] = float32(o.Act.Apply(sum))
			}
			for j := range k - 1 {
				state.set(s.To, d*(k-1)+j, x[1+j])
			}
		}
	}
}

func refSelectiveScan(o backend.SelectiveScan) {
	dst, x, dt, a := floats(o.Dst), floats(o.X), floats(o.DT), floats(o.A)
	b, c, skip, state := floats(o.B), floats(o.C), floats(o.D), refStatesOf(o.State)
	seqs := inOrder(o.Batch, dst.rows, state.rows, o.Keeps)
	h := make([]float64, a.cols) // the state of one channel
	for _, s := range seqs {
		if s.Rows == 0 {
			continue
		}
		for d := range dst.cols {
			for n := range h {
				h[n] = state.at(s.From, d*len(h)+n)
			}
			for t := s.First; t < s.First+s.Rows; t++ {
				u := float64(x.row(t)[d])
				delta := backend.Softplus(float64(dt.row(t)[d]))
				y := float64(skip.row(0)[d]) * u
				for n := range h {
					v := math.Exp(delta*float64(a.row(d)[n]))*h[n] + delta*float64(b.row(t)[n])*u
					y += float64(c.row(t)[n]) * v
					h[n] = float64(float32(v)) // as it goes through memory where a chunk ends
				}
				dst.row(t)[d] = float32(y)
			}
			for n := range h {
				state.set(s.To, d*len(h)+n, h[n])
			}
		}
	}
}

// refStates is a State operand, an element at a time.
type refStates struct{ states }

func refStatesOf(t backend.Tensor) refStates { return refStates{statesOf(t)} }

func (s *refStates) at(slot, i int) float64 {
	if s.typ == backend.F32 {
		return float64(s.row(slot)[i])
	}
	var v [1]float32
	backend.WidenState(v[:], s.place(slot, i, i+1), s.typ)
	return float64(v[0])
}

// set rounds x to float32 first: the rounding of a state is that of a float32.
func (s *refStates) set(slot, i int, x float64) {
	if s.typ == backend.F32 {
		s.row(slot)[i] = float32(x)
		return
	}
	s.keep(slot, i, []float32{float32(x)})
}
