package backend_test

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	. "falconmamba/backend"
)

// A memory stands for a buffer where only its size matters.
type memory struct{ size int64 }

func (m *memory) Size() int64                  { return m.size }
func (m *memory) Upload(int64, []byte) error   { return nil }
func (m *memory) Download(int64, []byte) error { return nil }
func (m *memory) Bytes() []byte                { return nil }
func (m *memory) Close() error                 { return nil }

// bitmap returns the bytes that a view's elements take.
func bitmap(t Tensor) []bool {
	bits := make([]bool, t.Buf.Size())
	size := int64(t.Type.Size())
	for row := range t.Rows {
		for col := range t.Cols {
			at := t.Off + (int64(row)*int64(t.Stride)+int64(col))*size
			for i := range size {
				bits[at+i] = true
			}
		}
	}
	return bits
}

func shares(a, b []bool) bool {
	for i := range a {
		if a[i] && b[i] {
			return true
		}
	}
	return false
}

func TestOverlaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		buf := &memory{1000}
		view := func(name string, stride int) Tensor {
			v := Tensor{Buf: buf, Type: rapid.SampledFrom([]DType{F32, I32, F16}).Draw(t, name+" type")}
			v.Stride = stride
			if stride == 0 {
				v.Stride = rapid.IntRange(1, 12).Draw(t, name+" stride")
			}
			if v.Type == F16 {
				v.Stride *= 2
			}
			v.Rows = rapid.IntRange(0, 6).Draw(t, name+" rows")
			v.Cols = rapid.IntRange(1, v.Stride).Draw(t, name+" cols")
			v.Off = int64(v.Type.Size()) * int64(rapid.IntRange(0, 80).Draw(t, name+" offset"))
			if err := v.Check(); err != nil {
				t.Fatal(err)
			}
			return v
		}
		stride := rapid.IntRange(0, 12).Draw(t, "common stride")
		a, b := view("a", stride), view("b", stride)
		got, share := a.Overlaps(b), shares(bitmap(a), bitmap(b))
		if share && !got {
			t.Errorf("%+v and %+v share bytes and do not overlap", a, b)
		}
		if got != b.Overlaps(a) {
			t.Errorf("%+v overlaps %+v one way only", a, b)
		}
		if stride > 0 && a.Rows != 1 && b.Rows != 1 && got != share {
			t.Errorf("%+v and %+v are of one pitch: Overlaps %v, want %v", a, b, got, share)
		}
	})
}

func TestOverlapsOfHalves(t *testing.T) {
	m := Matrix(&memory{4 * 7 * 20}, 0, F32, 7, 20)
	left, right := m.Columns(0, 10), m.Columns(10, 20)
	if left.Overlaps(right) || right.Overlaps(left) {
		t.Error("the halves of a matrix overlap")
	}
	if !left.Overlaps(m.Columns(9, 11)) || !right.Overlaps(m.Columns(9, 11)) {
		t.Error("columns across both halves overlap not both")
	}
	if m.RowRange(0, 3).Overlaps(m.RowRange(3, 7)) {
		t.Error("rows overlap those below")
	}
	other := Matrix(&memory{4 * 7 * 20}, 0, F32, 7, 20)
	if m.Overlaps(other) || m.Overlaps(Tensor{}) || (Tensor{}).Overlaps(Tensor{}) {
		t.Error("views of different buffers, or of none, overlap")
	}
}

func TestViews(t *testing.T) {
	buf := &memory{1 << 10}
	m := Matrix(buf, 8, F32, 5, 12)
	for _, c := range []struct {
		name string
		got  Tensor
		want Tensor
	}{
		{"columns", m.Columns(3, 7), Tensor{buf, 8 + 12, F32, 5, 4, 12}},
		{"rows", m.RowRange(2, 4), Tensor{buf, 8 + 2*48, F32, 2, 12, 12}},
		{"rows of columns", m.Columns(3, 7).RowRange(1, 2), Tensor{buf, 8 + 12 + 48, F32, 1, 4, 12}},
		{"columns of rows of 16 bits", Matrix(buf, 0, F16, 5, 12).RowRange(1, 5).Columns(1, 3),
			Tensor{buf, 24 + 2, F16, 4, 2, 12}},
	} {
		if c.got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, c.got, c.want)
		}
	}
	if got, want := m.Columns(3, 7).Bytes(), int64(4*48+16); got != want {
		t.Errorf("Bytes is %d, want %d", got, want)
	}
	if got := m.RowRange(2, 2).Bytes(); got != 0 {
		t.Errorf("Bytes of no rows is %d", got)
	}
	if got, want := m.String(), "f32 [5 12]"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTensorCheck(t *testing.T) {
	buf := &memory{100}
	for _, c := range []struct {
		t    Tensor
		want string // part of the error; empty: none
	}{
		{Tensor{buf, 0, F32, 5, 5, 5}, ""},
		{Tensor{buf, 4, F32, 4, 3, 6}, ""}, // the last row's gap lies outside
		{Tensor{buf, 4, F32, 0, 3, 6}, ""},
		{Tensor{buf, 98, F16, 1, 1, 1}, ""},
		{Tensor{buf, 4, F32, 1, 3, 0}, ""}, // the stride of one row does not matter
		{Tensor{nil, 0, F32, 5, 5, 5}, "is missing"},
		{Tensor{buf, 0, 0, 5, 5, 5}, "no element type"},
		{Tensor{buf, 0, F32, -1, 5, 5}, "-1 rows"},
		{Tensor{buf, 0, F32, 5, 0, 5}, "0 columns"},
		{Tensor{buf, 0, F32, 2, 5, 4}, "at stride 4"},
		{Tensor{buf, -4, F32, 1, 1, 1}, "byte -4"},
		{Tensor{buf, 2, F32, 1, 1, 1}, "not a multiple of 4"},
		{Tensor{buf, 4, F32, 5, 5, 5}, "from byte 4 on, leaves a buffer of 100"},
		{Tensor{buf, 104, F32, 0, 3, 6}, "leaves a buffer of 100"},
		{Tensor{buf, 0, F32, math.MaxInt / 1000, math.MaxInt / 1000, math.MaxInt / 1000}, "leaves a buffer of 100"},
		{Tensor{buf, 0, F32, 2, math.MaxInt, math.MaxInt}, "leaves a buffer of 100"},
		{Tensor{buf, 1 << 62, F32, 1, math.MaxInt / 4, math.MaxInt / 4}, "leaves a buffer of 100"},
	} {
		err := c.t.Check()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v, want %q", c.t, err, c.want)
		}
	}
}
