package cpu

import "falconmamba/backend"

// states is a State operand. Kernels work on float32: in place where states are that,
// else on a copy that is widened before and rounded after.
type states struct {
	view[float32] // where they are float32
	typ           backend.DType
	mem           []byte // where they are not
}

func statesOf(t backend.Tensor) states {
	if t.Type == backend.F32 || t.IsZero() {
		return states{view: floats(t), typ: backend.F32}
	}
	return states{view: view[float32]{rows: t.Rows, cols: t.Cols, stride: t.Stride}, typ: t.Type,
		mem: t.Buf.(*buffer).mem[t.Off:][:t.Bytes()]}
}

// place is the memory of elements [from, to) of a slot, where they are not float32.
func (s *states) place(slot, from, to int) []byte {
	size := s.typ.Size()
	return s.mem[(slot*s.stride+from)*size : (slot*s.stride+to)*size]
}

// read returns elements [from, to) of a slot.
func (s *states) read(w *worker, slot, from, to int) []float32 {
	if s.typ == backend.F32 {
		return s.row(slot)[from:to]
	}
	values := w.narrow(to - from)
	backend.WidenState(values, s.place(slot, from, to), s.typ)
	return values
}

// room returns where a kernel leaves elements [from, to) of a slot, for keep. It may be
// what read returned.
func (s *states) room(w *worker, slot, from, to int) []float32 {
	if s.typ == backend.F32 {
		return s.row(slot)[from:to]
	}
	return w.narrow(to - from)
}

// keep stores what was left in room, from element from of a slot on.
func (s *states) keep(slot, from int, values []float32) {
	if s.typ != backend.F32 {
		backend.NarrowState(s.place(slot, from, from+len(values)), values, s.typ)
	}
}
