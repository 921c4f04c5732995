package cpu

import (
	"fmt"
	"unsafe"

	"falconmamba/backend"
)

// A view is a matrix operand as an operation reads and writes it.
type view[E float32 | int32] struct {
	data       []E // from the first element to the last, gaps included
	rows, cols int
	stride     int // elements from one row to the next
}

// viewOf returns the elements of t, whose Check has passed. An absent operand
// has no rows.
func viewOf[E float32 | int32](t backend.Tensor) view[E] {
	v := view[E]{rows: t.Rows, cols: t.Cols, stride: t.Stride}
	if n := t.Bytes(); n > 0 {
		mem := t.Buf.(*buffer).mem[t.Off:][:n]
		v.data = unsafe.Slice((*E)(unsafe.Pointer(unsafe.SliceData(mem))), n/4)
	}
	return v
}

func floats(t backend.Tensor) view[float32] { return viewOf[float32](t) }

func ints(t backend.Tensor) view[int32] { return viewOf[int32](t) }

// row returns row i.
func (v view[E]) row(i int) []E { return v.data[i*v.stride:][:v.cols:v.cols] }

// at returns the first element of row i.
func (v view[E]) at(i int) E { return v.data[i*v.stride] }

// liveRows returns how many of rows an operation works on: the word that live
// is a view of, or all where it is absent.
func liveRows(live backend.Tensor, rows int) int {
	if live.IsZero() {
		return rows
	}
	return min(max(int(ints(live).at(0)), 0), rows)
}

// sequences returns the live records of a batch over rows rows of a pass (or
// anyRows) and slots state slots (or anySlots). The batch is data, so its
// faults are found when it runs.
func sequences(batch backend.Tensor, rows, slots int) ([]backend.Sequence, error) {
	return appendSequences(nil, ints(batch), rows, slots)
}

// appendSequences is sequences into memory that is there.
func appendSequences(seqs []backend.Sequence, b view[int32], rows, slots int) ([]backend.Sequence, error) {
	n := int(b.row(0)[backend.BatchSeqs])
	if n < 0 || n > b.rows-1 {
		return nil, fmt.Errorf("the batch says %d sequences and has records for %d", n, b.rows-1)
	}
	for i := range n {
		s := backend.DecodeSequence(b.row(1 + i))
		switch {
		case s.Rows == 0:
		case s.Rows < 0 || s.First < 0 || rows != anyRows && s.First > rows-s.Rows:
			return nil, fmt.Errorf("sequence %d of the batch has %d rows from %d on: the pass has %d", i, s.Rows, s.First, rows)
		case slots != anySlots && (s.From < 0 || s.From >= slots || s.To < 0 || s.To >= slots):
			return nil, fmt.Errorf("sequence %d of the batch goes from state slot %d to %d: there are %d", i, s.From, s.To, slots)
		}
		seqs = append(seqs, s)
	}
	return seqs, nil
}

// What sequences takes where an operation has no rows of the pass, or no state.
const (
	anyRows  = -1
	anySlots = -1
)
