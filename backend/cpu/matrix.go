package cpu

import (
	"math"
	"sync"
	"unsafe"

	"falconmamba/backend"
	"falconmamba/backend/cpu/internal/simd"
	"falconmamba/backend/quant"
	"falconmamba/internal/half"
)

// A matrix is a weight as kernels read it. stored is what vector units take. The
// others are for plain Go: float32, 16-bit codes and the table of their values,
// or blocks.
type matrix struct {
	typ        backend.DType
	rows, cols int
	stored     simd.Matrix
	wide       []float32
	codes      []uint16
	values     *[1 << 16]float32
	packed     quant.Packed
}

// The values of the 16-bit types, a quarter of a megabyte each.
var (
	f16Values  = sync.OnceValue(func() *[1 << 16]float32 { return valuesOf(half.F16) })
	bf16Values = sync.OnceValue(func() *[1 << 16]float32 { return valuesOf(half.BF16) })
)

func valuesOf(value func(uint16) float32) *[1 << 16]float32 {
	t := new([1 << 16]float32)
	for i := range t {
		t[i] = value(uint16(i))
	}
	return t
}

// matrixOf returns the elements of w, which newWeight has aligned.
func matrixOf(of backend.Weight) matrix {
	w := of.(*weight)
	t := w.desc.Type
	m := matrix{typ: t, rows: w.desc.Rows, cols: w.desc.Cols, packed: w.packed()}
	m.stored = simd.Matrix{Type: t, Rows: m.rows, Cols: m.cols, Data: w.data}
	if w.lanes {
		m.stored.Interleaved = simd.InterleavedRows(m.rows)
	}
	if len(w.aux) == 2 {
		m.stored.Scales, m.stored.Book = w.aux[0], w.aux[1]
	}
	start := unsafe.Pointer(unsafe.SliceData(w.data))
	switch t {
	case backend.F32:
		m.wide = unsafe.Slice((*float32)(start), len(w.data)/4)
	case backend.F16:
		m.codes, m.values = unsafe.Slice((*uint16)(start), len(w.data)/2), f16Values()
	case backend.BF16:
		m.codes, m.values = unsafe.Slice((*uint16)(start), len(w.data)/2), bf16Values()
	}
	return m
}

// A live count is the rows that an operation works on.
type live struct {
	word []int32 // nil: all rows
	rows int
}

func liveOf(t backend.Tensor, rows int) live {
	l := live{rows: rows}
	if !t.IsZero() {
		l.word = ints(t).data
	}
	return l
}

func (l live) count() int {
	if l.word == nil {
		return l.rows
	}
	return min(max(int(l.word[0]), 0), l.rows)
}

// ceil returns the least number of parts of size that hold n.
func ceil(n, size int) int { return int((int64(n) + int64(size) - 1) / int64(size)) }

// grain returns how many of n units make a part, given that a unit takes cost
// nanoseconds: parts long enough that handing them out does not count, and
// short enough that no worker ends much later than the others.
func grain(n int, cost float64) int {
	const least, most = 4e3, 100e3 // nanoseconds of a part
	per := max(least/cost, min(most/cost, float64(n)/128))
	return int(min(max(math.Ceil(per), 1), float64(max(n, 1))))
}
