//go:build cgo && (amd64 || arm64)

package simd

/*
// Debugging information would be 18 times the code, and half of the time to compile it.
#cgo CFLAGS: -O3 -g0
#cgo LDFLAGS: -lm
#include "simd.h"

// Go memory may be passed, and not what points to it: structs are made here.

#cgo noescape fm_rows
#cgo nocallback fm_rows
static void fm_rows(int set, float *y, ptrdiff_t n, int type, ptrdiff_t cols, ptrdiff_t pitch,
		const void *data, ptrdiff_t interleaved, const void *scales, const void *book, ptrdiff_t r, const float *x) {
	fm_matrix m = {type, cols, pitch, data, scales, book, interleaved};
	fm_get(set)->rows(y, n, &m, r, x);
}

#cgo noescape fm_interleave
#cgo nocallback fm_interleave
static void fm_interleave(int set, void *to, const void *from, ptrdiff_t rows, ptrdiff_t pitch, int type) {
	fm_get(set)->interleave(to, from, rows, pitch, type);
}

static int fm_interleaves(int set) { return fm_get(set)->interleave != 0; }

#cgo noescape fm_widen
#cgo nocallback fm_widen
static void fm_widen(int set, float *dst, int type, ptrdiff_t cols, ptrdiff_t pitch,
		const void *data, ptrdiff_t interleaved, const void *scales, const void *book, ptrdiff_t r) {
	fm_matrix m = {type, cols, pitch, data, scales, book, interleaved};
	fm_get(set)->widen(dst, &m, r);
}

#cgo noescape fm_round
#cgo nocallback fm_round
static void fm_round(int set, void *to, const float *x, ptrdiff_t n, int type) {
	fm_get(set)->round(to, x, n, type);
}

#cgo noescape fm_rounded
#cgo nocallback fm_rounded
static void fm_rounded(int set, float *y, ptrdiff_t ystride, int type, ptrdiff_t cols, ptrdiff_t pitch,
		const void *data, ptrdiff_t interleaved, ptrdiff_t r, ptrdiff_t rows, const void *x, ptrdiff_t tokens) {
	fm_matrix m = {type, cols, pitch, data, 0, 0, interleaved};
	fm_get(set)->rounded(y, ystride, &m, r, rows, x, tokens);
}

#cgo noescape fm_tile
#cgo nocallback fm_tile
static void fm_tile(int set, float *y, ptrdiff_t ystride, int type, ptrdiff_t cols, ptrdiff_t pitch,
		const void *data, ptrdiff_t interleaved, const void *scales, const void *book, ptrdiff_t r, ptrdiff_t rows,
		const float *x, ptrdiff_t xstride, ptrdiff_t tokens, float *work) {
	fm_matrix m = {type, cols, pitch, data, scales, book, interleaved};
	fm_get(set)->tile(y, ystride, &m, r, rows, x, xstride, tokens, work);
}

#cgo noescape fm_roundbytes
#cgo nocallback fm_roundbytes
static void fm_roundbytes(int set, void *to, const float *x, ptrdiff_t n) { fm_get(set)->roundbytes(to, x, n); }

#cgo noescape fm_bytes
#cgo nocallback fm_bytes
static void fm_bytes(int set, float *y, ptrdiff_t ystride, int type, ptrdiff_t cols, ptrdiff_t pitch,
		const void *data, ptrdiff_t r, ptrdiff_t rows, const void *x, ptrdiff_t tokens) {
	fm_matrix m = {type, cols, pitch, data, 0, 0};
	fm_get(set)->bytes(y, ystride, &m, r, rows, x, tokens);
}

static int fm_hasbytes(int set) { return fm_get(set)->bytes != 0; }

#cgo noescape fm_halve
#cgo nocallback fm_halve
static void fm_halve(int set, void *to, const float *x, ptrdiff_t xstride, ptrdiff_t n, ptrdiff_t tokens) {
	fm_get(set)->halve(to, x, xstride, n, tokens);
}

#cgo noescape fm_halftile
#cgo nocallback fm_halftile
static void fm_halftile(int set, float *y, ptrdiff_t ystride, int type, ptrdiff_t cols, ptrdiff_t pitch,
		const void *data, ptrdiff_t interleaved, const void *scales, const void *book, ptrdiff_t r, ptrdiff_t rows,
		const void *x, ptrdiff_t xstride, ptrdiff_t tokens, int add, float *work) {
	fm_matrix m = {type, cols, pitch, data, scales, book, interleaved};
	fm_get(set)->halftile(y, ystride, &m, r, rows, x, xstride, tokens, add, work);
}

static int fm_halves(int set) { return fm_get(set)->halve != 0; }
static int fm_halfrows(int set) { return fm_get(set)->halfrows; }
static int fm_halftokens(int set) { return fm_get(set)->halftokens; }
static int fm_halfwork(int set) { return fm_get(set)->halfwork; }

#cgo noescape fm_scans
#cgo nocallback fm_scans
static void fm_scans(int set, float *y, const float *x, const float *dt, const float *b, const float *c,
		ptrdiff_t ystride, ptrdiff_t xstride, ptrdiff_t dtstride, ptrdiff_t bstride, ptrdiff_t cstride,
		const float *a, const float *skip, const float *from, float *to, ptrdiff_t channels, ptrdiff_t tokens) {
	fm_scan s = {y, x, dt, b, c, ystride, xstride, dtstride, bstride, cstride, a, skip, from, to, channels, tokens};
	fm_get(set)->scan(&s);
}

#cgo noescape fm_conv
#cgo nocallback fm_conv
static void fm_conv(int set, float *y, ptrdiff_t ystride, const float *x, ptrdiff_t xstride, const float *past,
		const float *taps, const float *bias, ptrdiff_t n, ptrdiff_t tokens, int silu) {
	fm_get(set)->conv(y, ystride, x, xstride, past, taps, bias, n, tokens, silu);
}

#cgo noescape fm_step
#cgo nocallback fm_step
static void fm_step(int set, float *y, const float *x, const float *from, float *to, const float *taps,
		const float *bias, ptrdiff_t n, int silu) {
	fm_get(set)->step(y, x, from, to, taps, bias, n, silu);
}

#cgo noescape fm_gate
#cgo nocallback fm_gate
static void fm_gate(int set, float *out, const float *y, const float *z, ptrdiff_t n) {
	fm_get(set)->gate(out, y, z, n);
}

#cgo noescape fm_norm
#cgo nocallback fm_norm
static void fm_norm(int set, float *dst, const float *x, const float *weight, float eps, ptrdiff_t n) {
	fm_get(set)->norm(dst, x, weight, eps, n);
}
*/
import "C"

import (
	"sync"
	"unsafe"

	"falconmamba/backend"
)

// What the two languages call by number, and count, is the same: these do not
// compile otherwise.
var (
	_ = [1]int{}[C.FM_F32-int(backend.F32)]
	_ = [1]int{}[C.FM_Q8_0-int(backend.Q8_0)]
	_ = [1]int{}[C.FM_Q4_K-int(backend.Q4_K)]
	_ = [1]int{}[C.FM_FP4-int(backend.FP4)]
	_ = [1]int{}[C.FM_TILE_ROWS-TileRows]
	_ = [1]int{}[C.FM_TILE_TOKENS-TileTokens]
	_ = [1]int{}[C.FM_TILE_WORK-TileWork]
	_ = [1]int{}[C.FM_GROUP-group]
	_ = [1]int{}[C.FM_BYTES-byteGroup]
	_ = [1]int{}[C.FM_LANES-Lanes]
)

// A Set is the kernels for an instruction set. Its methods trust their operands'
// sizes.
type Set struct {
	number C.int
	name   string
}

// Sets returns the sets that this processor runs, the best first.
func Sets() []Set {
	initialise()
	var sets []Set
	for i := range C.fm_count() {
		if C.fm_has(i) != 0 {
			sets = append(sets, Set{i, C.GoString(C.fm_name(i))})
		}
	}
	return sets
}

var initialise = sync.OnceFunc(func() { C.fm_init() })

// Name is the instruction set's: "avx512".
func (s Set) Name() string { return s.name }

func floats(x []float32) *C.float { return (*C.float)(unsafe.SliceData(x)) }

func bytes(b []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(b)) }

// Rows sets y to the products of rows r to r+len(y)-1 of m and x, (cols).
func (s Set) Rows(y []float32, m *Matrix, r int, x []float32) {
	C.fm_rows(s.number, floats(y), C.ptrdiff_t(len(y)), C.int(m.Type), C.ptrdiff_t(m.Cols), C.ptrdiff_t(m.pitch()),
		bytes(m.Data), C.ptrdiff_t(m.Interleaved), bytes(m.Scales), bytes(m.Book), C.ptrdiff_t(r), floats(x))
}

// Interleaves reports whether there is Interleave for weights of a type and shape, by which Rounded is the faster.
func (s Set) Interleaves(t backend.DType, rows, cols int) bool {
	if C.fm_interleaves(s.number) == 0 {
		return false
	}
	switch t {
	case backend.Q4_K, backend.Q6_K:
		return rows >= Lanes
	case backend.Q8_0, backend.Q4_0: // rows that stay as they are would want activations as they were rounded for these
		return rows%Lanes == 0 && cols%64 == 0
	}
	return false
}

// Interleave sets to to what Matrix.Data is with rows interleaved: those of from, as they are stored, of cols columns.
func (s Set) Interleave(to, from []byte, t backend.DType, rows, cols int) {
	C.fm_interleave(s.number, bytes(to), bytes(from), C.ptrdiff_t(rows), C.ptrdiff_t(t.RowBytes(cols)),
		C.int(t))
}

// Round rounds x to integers for Rounded with weights of type t: RoundedSize(len(x)) bytes.
func (s Set) Round(to []byte, x []float32, t backend.DType) {
	C.fm_round(s.number, bytes(to), floats(x), C.ptrdiff_t(len(x)), C.int(t))
}

// Rounded sets y, (tokens, rows) of stride elements from one token to the next, to the products
// of rows r to r+rows-1 of m and tokens rows of x, one after another, which Round has made for
// m.Type, a type of which Rounds is true; for Q4_K where rows of m are interleaved.
func (s Set) Rounded(y []float32, stride int, m *Matrix, r, rows int, x []byte, tokens int) {
	C.fm_rounded(s.number, floats(y), C.ptrdiff_t(stride), C.int(m.Type), C.ptrdiff_t(m.Cols), C.ptrdiff_t(m.pitch()),
		bytes(m.Data), C.ptrdiff_t(m.Interleaved), C.ptrdiff_t(r), C.ptrdiff_t(rows), bytes(x), C.ptrdiff_t(tokens))
}

// HasBytes reports whether there are RoundBytes and Bytes for weights of type t.
func (s Set) HasBytes(t backend.DType) bool {
	return (t == backend.Q4_K || t == backend.Q5_K || t == backend.Q6_K) && C.fm_hasbytes(s.number) != 0
}

// RoundBytes rounds x to bytes with a scale for every 32: BytesSize(len(x)) bytes.
func (s Set) RoundBytes(to []byte, x []float32) {
	C.fm_roundbytes(s.number, bytes(to), floats(x), C.ptrdiff_t(len(x)))
}

// Bytes is Rounded for activations that RoundBytes has rounded.
func (s Set) Bytes(y []float32, stride int, m *Matrix, r, rows int, x []byte, tokens int) {
	C.fm_bytes(s.number, floats(y), C.ptrdiff_t(stride), C.int(m.Type), C.ptrdiff_t(m.Cols), C.ptrdiff_t(m.pitch()),
		bytes(m.Data), C.ptrdiff_t(r), C.ptrdiff_t(rows), bytes(x), C.ptrdiff_t(tokens))
}

// Widen sets dst to row r of m, (cols).
func (s Set) Widen(dst []float32, m *Matrix, r int) {
	C.fm_widen(s.number, floats(dst), C.int(m.Type), C.ptrdiff_t(m.Cols), C.ptrdiff_t(m.pitch()),
		bytes(m.Data), C.ptrdiff_t(m.Interleaved), bytes(m.Scales), bytes(m.Book), C.ptrdiff_t(r))
}

// Tile sets y, (tokens, rows) of stride elements from one token to the next, to
// the products of rows r to r+rows-1 of m, at most TileRows, and tokens rows of
// x, at most TileTokens. work is TileWork elements. A product has the same bits
// as from Rows.
func (s Set) Tile(y []float32, stride int, m *Matrix, r, rows int, x []float32, xstride, tokens int, work []float32) {
	C.fm_tile(s.number, floats(y), C.ptrdiff_t(stride), C.int(m.Type), C.ptrdiff_t(m.Cols), C.ptrdiff_t(m.pitch()),
		bytes(m.Data), C.ptrdiff_t(m.Interleaved), bytes(m.Scales), bytes(m.Book), C.ptrdiff_t(r), C.ptrdiff_t(rows),
		floats(x), C.ptrdiff_t(xstride), C.ptrdiff_t(tokens), floats(work))
}

// Halves reports whether there are Halve and HalfTile.
func (s Set) Halves() bool { return C.fm_halves(s.number) != 0 }

// HalfShape is what HalfTile takes at most, rows of a weight and rows of activations, both multiples of HalfBlock, and
// the elements of its work.
func (s Set) HalfShape() (rows, tokens, work int) {
	return int(C.fm_halfrows(s.number)), int(C.fm_halftokens(s.number)), int(C.fm_halfwork(s.number))
}

// Halve rounds the first cols columns of tokens rows of x, of stride elements each, to bfloat16. What it makes of the
// rows from a multiple of HalfBlock on begins HalfSize(cols) bytes a row from the beginning of to, and takes a
// multiple of HalfBlock times that.
func (s Set) Halve(to []byte, x []float32, stride, cols, tokens int) {
	C.fm_halve(s.number, bytes(to), floats(x), C.ptrdiff_t(stride), C.ptrdiff_t(cols), C.ptrdiff_t(tokens))
}

// HalfTile is Tile for rows of x that Halve has made, from a multiple of HalfBlock on, with HalfShape for its limits.
// What is not bfloat16 in m is rounded to it. With add, the products are added to y.
func (s Set) HalfTile(y []float32, stride int, m *Matrix, r, rows int, x []byte, tokens int, add bool,
	work []float32) {
	more := C.int(0)
	if add {
		more = 1
	}
	C.fm_halftile(s.number, floats(y), C.ptrdiff_t(stride), C.int(m.Type), C.ptrdiff_t(m.Cols), C.ptrdiff_t(m.pitch()),
		bytes(m.Data), C.ptrdiff_t(m.Interleaved), bytes(m.Scales), bytes(m.Book), C.ptrdiff_t(r), C.ptrdiff_t(rows),
		bytes(x), C.ptrdiff_t(HalfSize(m.Cols)/2), C.ptrdiff_t(tokens), more, floats(work))
}

// Scan is backend.SelectiveScan over channels of States states.
func (s Set) Scan(o *Scan) {
	C.fm_scans(s.number, floats(o.Y), floats(o.X), floats(o.DT), floats(o.B), floats(o.C),
		C.ptrdiff_t(o.YStride), C.ptrdiff_t(o.XStride), C.ptrdiff_t(o.DTStride),
		C.ptrdiff_t(o.BStride), C.ptrdiff_t(o.CStride),
		floats(o.A), floats(o.Skip), floats(o.From), floats(o.To), C.ptrdiff_t(o.Channels), C.ptrdiff_t(o.Tokens))
}

// Conv is backend.Conv1D with Taps taps over n channels and tokens rows, and SiLU
// if silu. taps is Taps rows of n, past the Taps-1 rows before the first, oldest
// first; bias is n elements or none.
func (s Set) Conv(y []float32, ystride int, x []float32, xstride int, past, taps, bias []float32,
	n, tokens int, silu bool) {
	act := C.int(0)
	if silu {
		act = 1
	}
	C.fm_conv(s.number, floats(y), C.ptrdiff_t(ystride), floats(x), C.ptrdiff_t(xstride),
		floats(past), floats(taps), floats(bias),
		C.ptrdiff_t(n), C.ptrdiff_t(tokens), act)
}

// Step is Conv of one row, for states and taps as they are stored: Taps-1 and Taps of each
// channel. The states may be one.
func (s Set) Step(y, x, from, to, taps, bias []float32, silu bool) {
	act := C.int(0)
	if silu {
		act = 1
	}
	C.fm_step(s.number, floats(y), floats(x), floats(from), floats(to), floats(taps), floats(bias),
		C.ptrdiff_t(len(y)), act)
}

// Gate sets out to y·silu(z), all of one length.
func (s Set) Gate(out, y, z []float32) {
	C.fm_gate(s.number, floats(out), floats(y), floats(z), C.ptrdiff_t(len(out)))
}

// Norm sets dst to x / sqrt(mean(x²) + eps) · weight; weight may be empty, and
// dst x.
func (s Set) Norm(dst, x, weight []float32, eps float32) {
	C.fm_norm(s.number, floats(dst), floats(x), floats(weight), C.float(eps), C.ptrdiff_t(len(dst)))
}
