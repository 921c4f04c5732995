package cpu

import (
	"math"
	"sync"
	"unsafe"

	"falconmamba/backend"
	"falconmamba/backend/quant"
	"falconmamba/internal/half"
)

// A matrix is a weight as kernels read it: float32, 16-bit codes and the table
// of their values, or blocks.
type matrix struct {
	rows, cols int
	wide       []float32
	codes      []uint16
	values     *[1 << 16]float32
	blocks     quant.Packed // Data is nil but for block types
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
func matrixOf(w backend.Weight) matrix {
	data, desc := w.(*weight).data, w.Desc()
	m := matrix{rows: desc.Rows, cols: desc.Cols}
	start := unsafe.Pointer(unsafe.SliceData(data))
	switch desc.Type {
	case backend.F32:
		m.wide = unsafe.Slice((*float32)(start), len(data)/4)
	case backend.F16:
		m.codes, m.values = unsafe.Slice((*uint16)(start), len(data)/2), f16Values()
	case backend.BF16:
		m.codes, m.values = unsafe.Slice((*uint16)(start), len(data)/2), bf16Values()
	default:
		m.blocks = w.(*weight).packed()
	}
	return m
}

// direct reports whether the plain kernels multiply with the elements as they
// are stored. Blocks they widen before, panel by panel.
func (m *matrix) direct() bool { return m.blocks.Data == nil }

// widen writes the elements of row r from column c on to dst.
func (m *matrix) widen(k *kernels, dst []float32, r, c int) {
	at := r*m.cols + c
	switch {
	case !m.direct():
		m.blocks.Decode(dst, at) // cannot fail: newWeight has checked type and sizes
	case m.values == nil:
		copy(dst, m.wide[at:])
	default:
		k.widenHalf(dst, m.codes[at:][:len(dst)], m.values)
	}
}

// tile sets sums, tokens × panelRows, to the products of rows r to
// r+panelRows-1 and tokens rows of x, (cols) each. Where there are fewer rows,
// the last stands in for the rest.
func (m *matrix) tile(k *kernels, w *worker, sums []float32, r int, x []float32, stride, tokens int) {
	clear(sums)
	for c := 0; c < m.cols; c += panelCols {
		n, x := min(panelCols, m.cols-c), x[c:]
		switch {
		case tokens >= widenFrom || r+panelRows > m.rows || !m.direct():
			for i := range panelRows {
				m.widen(k, w.panel[i*panelCols:][:n], min(r+i, m.rows-1), c)
			}
			k.tileF32(sums, w.panel[:], panelCols, x, stride, tokens, n)
		case m.values == nil:
			k.tileF32(sums, m.wide[r*m.cols+c:], m.cols, x, stride, tokens, n)
		default:
			k.tileHalf(sums, m.codes[r*m.cols+c:], m.cols, x, stride, tokens, n, m.values)
		}
	}
}

// dot sets sums to the products of rows r to r+dotRows-1 and x, (cols).
func (m *matrix) dot(k *kernels, w *worker, sums *[dotRows]float32, r int, x []float32) {
	*sums = [dotRows]float32{}
	for c := 0; c < m.cols; c += panelCols {
		at, panel := r*m.cols+c, x[c:min(c+panelCols, m.cols)]
		switch {
		case !m.direct():
			for i := range dotRows {
				m.widen(k, w.panel[i*panelCols:][:len(panel)], r+i, c)
			}
			k.dotF32(sums, w.panel[:], panelCols, panel)
		case m.values == nil:
			k.dotF32(sums, m.wide[at:], m.cols, panel)
		default:
			k.dotHalf(sums, m.codes[at:], m.cols, panel, m.values)
		}
	}
}

// dot1 returns the product of row r and x.
func (m *matrix) dot1(k *kernels, w *worker, r int, x []float32) (sum float32) {
	for c := 0; c < m.cols; c += panelCols {
		at, panel := r*m.cols+c, x[c:min(c+panelCols, m.cols)]
		switch {
		case !m.direct():
			m.widen(k, w.panel[:len(panel)], r, c)
			sum += k.dot1F32(w.panel[:], panel)
		case m.values == nil:
			sum += k.dot1F32(m.wide[at:], panel)
		default:
			sum += k.dot1Half(m.codes[at:], panel, m.values)
		}
	}
	return sum
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
	per := max(least/cost, min(most/cost, float64(n)/64))
	return int(min(max(math.Ceil(per), 1), float64(max(n, 1))))
}
