package backend

import "fmt"

// A Tensor is a matrix view of a buffer: rows are tokens (or slots, or
// channels of a small parameter), columns are channels. The zero Tensor stands
// for an operand that is absent.
type Tensor struct {
	Buf    Buffer
	Off    int64 // bytes from the buffer's start to the first element
	Type   DType
	Rows   int
	Cols   int
	Stride int // elements from one row to the next, at least Cols
}

// Matrix returns the dense view of buf from byte off.
func Matrix(buf Buffer, off int64, t DType, rows, cols int) Tensor {
	return Tensor{Buf: buf, Off: off, Type: t, Rows: rows, Cols: cols, Stride: cols}
}

// IsZero reports whether the operand is absent.
func (t Tensor) IsZero() bool { return t.Buf == nil }

// Columns returns the view of columns [from, to).
func (t Tensor) Columns(from, to int) Tensor {
	t.Off += int64(from) * int64(t.Type.Size())
	t.Cols = to - from
	return t
}

// RowRange returns the view of rows [from, to).
func (t Tensor) RowRange(from, to int) Tensor {
	t.Off += int64(from) * int64(t.Stride) * int64(t.Type.Size())
	t.Rows = to - from
	return t
}

// Bytes returns how many bytes lie between the view's first byte and its last,
// gaps between rows included.
func (t Tensor) Bytes() int64 {
	if t.Rows == 0 || t.Cols == 0 {
		return 0
	}
	return (int64(t.Rows-1)*int64(t.Stride) + int64(t.Cols)) * int64(t.Type.Size())
}

// String describes the view for errors: "f32 [3 300]".
func (t Tensor) String() string {
	if t.IsZero() {
		return "absent"
	}
	return fmt.Sprintf("%s [%d %d]", t.Type, t.Rows, t.Cols)
}

// Check reports what is wrong with the view itself.
func (t Tensor) Check() error {
	switch {
	case t.Buf == nil:
		return fmt.Errorf("is missing")
	case !t.Type.Valid():
		return fmt.Errorf("has no element type")
	case t.Rows < 0 || t.Cols < 1 || t.Stride < t.Cols && t.Rows > 1:
		return fmt.Errorf("has %d rows and %d columns at stride %d", t.Rows, t.Cols, t.Stride)
	case t.Off < 0 || t.Off%int64(t.Type.Size()) != 0:
		return fmt.Errorf("begins at byte %d, not a multiple of %d", t.Off, t.Type.Size())
	case !t.fits(t.Buf.Size()):
		return fmt.Errorf("of %d rows and %d columns at stride %d, from byte %d on, leaves a buffer of %d",
			t.Rows, t.Cols, t.Stride, t.Off, t.Buf.Size())
	}
	return nil
}

// fits reports whether the view ends within size bytes, whatever its numbers:
// products of them may overflow.
func (t Tensor) fits(size int64) bool {
	if t.Off > size {
		return false
	}
	left := (size - t.Off) / int64(t.Type.Size()) // elements
	switch {
	case t.Rows == 0:
		return true
	case int64(t.Cols) > left:
		return false
	}
	return t.Rows == 1 || int64(t.Rows-1) <= (left-int64(t.Cols))/int64(t.Stride)
}

// Overlaps reports whether two views share an element. Views of one pitch are
// compared as rectangles; others by the bytes they span, which may claim too
// much but never too little.
func (t Tensor) Overlaps(u Tensor) bool {
	if t.Buf != u.Buf || t.Buf == nil || t.Bytes() == 0 || u.Bytes() == 0 {
		return false
	}
	if t.Off+t.Bytes() <= u.Off || u.Off+u.Bytes() <= t.Off {
		return false
	}
	pitch := int64(t.Stride) * int64(t.Type.Size())
	if pitch != int64(u.Stride)*int64(u.Type.Size()) || t.Rows == 1 || u.Rows == 1 {
		return true
	}
	if t.Off > u.Off {
		t, u = u, t
	}
	// In t's frame u begins at row q, byte r of the row, and what passes the
	// pitch wraps into the row below.
	q, r := (u.Off-t.Off)/pitch, (u.Off-t.Off)%pitch
	tw, uw := int64(t.Cols)*int64(t.Type.Size()), int64(u.Cols)*int64(u.Type.Size())
	if q < int64(t.Rows) && r < tw {
		return true
	}
	return q+1 < int64(t.Rows) && r+uw > pitch
}
