package cpu

import "falconmamba/backend"

// A rowwise operation works on each row by itself.
type rowwise struct {
	live live
	cost float64 // nanoseconds of a row
	each func(t int)

	rows, size int // of this run: rows, and rows of a part
}

func (r *rowwise) begin() (parts int) {
	r.rows = r.live.count()
	r.size = grain(r.rows, r.cost)
	return ceil(r.rows, r.size)
}

func (r *rowwise) part(_ *worker, i int) {
	for t := i * r.size; t < min((i+1)*r.size, r.rows); t++ {
		r.each(t)
	}
}

func newCopy(o backend.Copy) *rowwise {
	dst, src := ints(o.Dst), ints(o.Src) // bits, whatever the type
	return &rowwise{live: liveOf(o.Live, dst.rows), cost: 0.1 * float64(dst.cols), each: func(t int) {
		copy(dst.row(t), src.row(t))
	}}
}

func newAdd(o backend.Add) *rowwise {
	dst, a, b := floats(o.Dst), floats(o.A), floats(o.B)
	return &rowwise{live: liveOf(o.Live, dst.rows), cost: 0.5 * float64(dst.cols), each: func(t int) {
		y := dst.row(t)
		a, b := a.row(t)[:len(y)], b.row(t)[:len(y)]
		for c := range y {
			y[c] = a[c] + b[c]
		}
	}}
}

func newGate(k *kernels, o backend.Gate) *rowwise {
	dst, y, z := floats(o.Dst), floats(o.Y), floats(o.Z)
	return &rowwise{live: liveOf(o.Live, dst.rows), cost: 5 * float64(dst.cols), each: func(t int) {
		k.gate(dst.row(t), y.row(t), z.row(t))
	}}
}
