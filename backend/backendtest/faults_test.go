package backendtest

import (
	"errors"
	"math"
	"slices"

	"falconmamba/backend"
	"falconmamba/backend/sampling"
	"falconmamba/internal/half"
)

// What the mutants' faults are made of.

// liveOf returns an operation's Live operand.
func liveOf(op backend.Op) backend.Tensor {
	switch o := op.(type) {
	case backend.Embed:
		return o.Live
	case backend.Gather:
		return o.Live
	case backend.RMSNorm:
		return o.Live
	case backend.MatMul:
		return o.Live
	case backend.Gate:
		return o.Live
	case backend.Add:
		return o.Live
	case backend.Copy:
		return o.Live
	case backend.ArgMax:
		return o.Live
	}
	return backend.Tensor{}
}

// on applies a fault to one kind of operation.
func on[O backend.Op](fault func(m *mutant, o O) error) func(*mutant, backend.Op) error {
	return func(m *mutant, op backend.Op) error {
		if o, ok := op.(O); ok {
			return fault(m, o)
		}
		return m.do(op)
	}
}

// changed replaces the parameters of one kind of operation.
func changed[O backend.Op](change func(o *O)) func(*mutant, backend.Op) error {
	return on(func(m *mutant, o O) error { change(&o); return m.do(o) })
}

// A scanFault computes the recurrence with something wrong.
type scanFault struct {
	softplus func(float64) float64
	decay    func(float64) float64 // of Δ·A
	noD      bool
}

func (s scanFault) run(_ *mutant, o backend.SelectiveScan) error {
	if s.softplus == nil {
		s.softplus = backend.Softplus
	}
	if s.decay == nil {
		s.decay = math.Exp
	}
	x, dt, a, b, c := values(o.X), values(o.DT), values(o.A), values(o.B), values(o.C)
	skip, state := values(o.D), values(o.State)
	d, n := o.A.Rows, o.A.Cols
	out := words(o.Dst)
	newState := words(o.State)
	for _, q := range sequencesOf(o.Batch, o.Dst.Rows, o.State.Rows) {
		for ch := range d {
			h := slices.Clone(state[q.From*d*n+ch*n:][:n])
			for t := q.First; t < q.First+q.Rows; t++ {
				u := x[t*d+ch]
				delta := s.softplus(dt[t*d+ch])
				y := skip[ch] * u
				if s.noD {
					y = 0
				}
				for i := range h {
					h[i] = s.decay(delta*a[ch*n+i])*h[i] + delta*b[t*n+i]*u
					y += c[t*n+i] * h[i]
				}
				out[t*d+ch] = floatBits(float32(y))
			}
			for i := range h {
				newState[q.To*d*n+ch*n+i] = floatBits(float32(h[i]))
			}
		}
	}
	poke(o.Dst, 0, out)
	poke(o.State, 0, newState)
	return nil
}

// eachSlot alters the state of every slot that a batch writes.
func eachSlot(batch, state backend.Tensor, alter func(slot []uint32)) {
	s := words(state)
	for _, q := range sequencesOf(batch, math.MaxInt32, state.Rows) {
		alter(s[q.To*state.Cols:][:state.Cols])
	}
	poke(state, 0, s)
}

// sequencesOf returns those of a batch that have rows.
func sequencesOf(batch backend.Tensor, rows, slots int) (seqs []backend.Sequence) {
	var data []int32
	for _, w := range words(batch) {
		data = append(data, int32(w))
	}
	for i := range min(max(int(data[backend.BatchSeqs]), 0), batch.Rows-1) {
		if s := backend.DecodeSequence(data[(1+i)*backend.BatchWords:]); s.Rows > 0 && s.Within(rows, slots) {
			seqs = append(seqs, s)
		}
	}
	return seqs
}

func nextUp(w uint32) uint32 {
	return floatBits(math.Nextafter32(math.Float32frombits(w), float32(math.Inf(1))))
}

// lowered runs a fused operation by its lowering, altered.
func lowered(kind backend.Kind, alter func(op backend.Op) backend.Op) func(*mutant, backend.Op) error {
	return func(m *mutant, op backend.Op) error {
		if op.Kind() != kind {
			return m.do(op)
		}
		s := backend.NewScratch(m.Backend)
		for _, part := range primitives(op, s) {
			if part = alter(part); part == nil {
				continue
			}
			if err := m.do(part); err != nil {
				return errors.Join(err, s.Close())
			}
		}
		return s.Close()
	}
}

func claims(kind backend.Kind) func(backend.Op) bool {
	return func(op backend.Op) bool { return op.Kind() == kind }
}

// keep runs o and puts back what t was.
func (m *mutant) keep(o backend.Advance, t backend.Tensor) error {
	if t.IsZero() {
		return m.do(o)
	}
	return m.with(t, func([]uint32) {}, o)
}

func gateFault(act func(float64) float64) func(*mutant, backend.Op) error {
	return on(func(m *mutant, o backend.Gate) error {
		y, z := values(o.Y), values(o.Z)
		return m.then(o, func(w backend.Tensor) {
			out := words(w)
			n := len(out)
			if !o.Live.IsZero() {
				n = int(words(o.Live)[0]) * w.Cols
			}
			for i := range n {
				out[i] = floatBits(float32(y[i] * act(z[i])))
			}
			poke(w, 0, out)
		})
	})
}

func argmaxFault(above func(x, best float64) bool) func(*mutant, backend.Op) error {
	return on(func(m *mutant, o backend.ArgMax) error {
		src := values(o.Src)
		return m.then(o, func(w backend.Tensor) {
			out := words(w)
			for row := range out {
				if out[row] == poison {
					continue
				}
				best, at := math.Inf(-1), 0
				for i, x := range src[row*o.Src.Cols:][:o.Src.Cols] {
					if above(x, best) {
						best, at = x, i
					}
				}
				out[row] = uint32(at)
			}
			poke(w, 0, out)
		})
	})
}

// batchOf returns the batch and the state of an operation that carries state.
func batchOf(op backend.Op) (batch, state backend.Tensor) {
	switch o := op.(type) {
	case backend.Conv1D:
		return o.Batch, o.State
	case backend.SelectiveScan:
		return o.Batch, o.State
	}
	return backend.Tensor{}, backend.Tensor{}
}

// batchFault runs what carries state with an altered batch.
func batchFault(alter func(batch []uint32, _ int)) func(*mutant, backend.Op) error {
	return func(m *mutant, op backend.Op) error {
		batch, _ := batchOf(op)
		if batch.IsZero() {
			return m.do(op)
		}
		return m.with(batch, func(w []uint32) { alter(w, batch.Rows) }, op)
	}
}

func eachRecordOf(alter func(record []uint32)) func([]uint32) {
	return func(b []uint32) {
		for i := backend.BatchWords; i < len(b); i += backend.BatchWords {
			alter(b[i:][:backend.BatchWords])
		}
	}
}

func eachRecord(alter func(record []uint32)) func([]uint32, int) {
	return func(b []uint32, _ int) { eachRecordOf(alter)(b) }
}

// recordFault runs Sample with altered records.
func recordFault(alter func(record []uint32)) func(*mutant, backend.Op) error {
	return on(func(m *mutant, o backend.Sample) error {
		return m.with(o.Records, eachSamplingRecord(alter), o)
	})
}

func biasRecordFault(alter func(record []uint32)) func(*mutant, backend.Op) error {
	return on(func(m *mutant, o backend.Bias) error { return m.with(o.Records, eachSamplingRecord(alter), o) })
}

func eachSamplingRecord(alter func(record []uint32)) func([]uint32) {
	return func(w []uint32) {
		for ; len(w) > 0; w = w[sampling.RecordWords:] {
			alter(w[:sampling.RecordWords])
		}
	}
}

func inOrder(p []pending) []pending { return p }

// storing runs an operation on float32 states, and stores what round makes of those that
// it wrote.
func storing(round func(x float32, t backend.DType) float32) func(*mutant, backend.Op) error {
	return func(m *mutant, op backend.Op) error {
		switch o := op.(type) {
		case backend.Conv1D:
			return m.storing(&o.State, o.Batch, o.Dst.Rows, func() error { return m.do(o) }, round)
		case backend.SelectiveScan:
			return m.storing(&o.State, o.Batch, o.Dst.Rows, func() error { return m.do(o) }, round)
		}
		return m.do(op)
	}
}

func (m *mutant) storing(state *backend.Tensor, batch backend.Tensor, rows int, do func() error,
	round func(x float32, t backend.DType) float32) error {
	narrow := *state
	if narrow.IsZero() || narrow.Type == backend.F32 {
		return do()
	}
	buf, err := m.Backend.Alloc(4*int64(narrow.Rows*narrow.Cols), backend.Device)
	if err != nil {
		return err
	}
	*state = backend.Matrix(buf, 0, backend.F32, narrow.Rows, narrow.Cols)
	var wide []uint32
	for _, v := range values(narrow) {
		wide = append(wide, floatBits(float32(v)))
	}
	poke(*state, 0, wide)
	err = do()
	wide = words(*state)
	for _, q := range sequencesOf(batch, rows, narrow.Rows) {
		if q.Rows == 0 {
			continue
		}
		var row []uint32
		for _, w := range wide[q.To*narrow.Cols:][:narrow.Cols] {
			x := round(math.Float32frombits(w), narrow.Type)
			bits := half.BF16Bits(x)
			if narrow.Type == backend.F16 {
				bits = half.F16Bits(x)
			}
			row = append(row, uint32(bits))
		}
		poke(narrow, q.To, row)
	}
	return errors.Join(err, buf.Close())
}

// rowByRow runs a scan a row at a time.
func rowByRow(m *mutant, o backend.SelectiveScan) error {
	if o.State.Type == backend.F32 {
		return m.do(o)
	}
	batch := words(o.Batch)
	for _, q := range sequencesOf(o.Batch, o.Dst.Rows, o.State.Rows) {
		for t := range q.Rows {
			one := make([]int32, len(batch))
			from := q.To
			if t == 0 {
				from = q.From
			}
			backend.EncodeBatch(one, []backend.Sequence{{From: from, To: q.To, First: q.First + t, Rows: 1}}, 0)
			var w []uint32
			for _, v := range one {
				w = append(w, uint32(v))
			}
			poke(o.Batch, 0, w)
			if err := m.do(o); err != nil {
				return err
			}
		}
	}
	poke(o.Batch, 0, batch)
	return nil
}
