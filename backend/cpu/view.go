package cpu

import (
	"math"
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

// sequences returns the live records of a batch. Those that do not lie within
// rows rows of a pass and slots state slots (or anySlots) are without rows. Unless keeps is
// set none keeps the state after every row.
func sequences(batch backend.Tensor, rows, slots int, keeps bool) []backend.Sequence {
	return appendSequences(nil, ints(batch), rows, slots, keeps)
}

// appendSequences is sequences into memory that is there.
func appendSequences(seqs []backend.Sequence, b view[int32], rows, slots int, keeps bool) []backend.Sequence {
	from := len(seqs)
	seqs = appendRecords(seqs, b)
	for i, s := range seqs[from:] {
		if slots == anySlots {
			s.From, s.To = 0, 0
		}
		s.Keep = s.Keep && keeps && slots != anySlots
		seqs[from+i].Keep = s.Keep
		if !s.Within(rows, slots) {
			seqs[from+i].Rows = 0
		}
	}
	return seqs
}

// inOrder is sequences for one goroutine that takes them in order: those that keep the state after
// every row are as many of one row.
func inOrder(batch backend.Tensor, rows, slots int, keeps bool) (all []backend.Sequence) {
	for _, s := range sequences(batch, rows, slots, keeps) {
		if !s.Keep {
			all = append(all, s)
			continue
		}
		for i := range s.Rows {
			all = append(all, s.Row(i))
		}
	}
	return all
}

// appendRecords appends the live records of a batch as they are: for operations
// that know neither the rows of the pass nor states.
func appendRecords(seqs []backend.Sequence, b view[int32]) []backend.Sequence {
	for i := range min(max(int(b.row(0)[backend.BatchSeqs]), 0), b.rows-1) {
		seqs = append(seqs, backend.DecodeSequence(b.row(1+i)))
	}
	return seqs
}

// appendDrawing appends the records of a batch that may draw, of a token for each
// of rows rows.
func appendDrawing(seqs []backend.Sequence, b view[int32], rows int) []backend.Sequence {
	from := len(seqs)
	seqs = appendRecords(seqs, b)
	return seqs[:from+min(max(int(b.row(0)[backend.BatchHeads]), 0), rows, len(seqs)-from)]
}

// draws reports whether Sample and Advance take a sequence of those that may draw,
// of tables with slots slots.
func draws(s backend.Sequence, slots int) bool { return s.Rows > 0 && s.Slot >= 0 && s.Slot < slots }

// anySlots is what sequences takes where an operation has no state.
const anySlots = math.MaxInt
