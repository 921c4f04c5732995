//go:build cgo && !darwin

package vulkan

import (
	"errors"
	"testing"

	"falconmamba/backend"
	"falconmamba/internal/mmap"
)

// A weight lies in imported memory where its rows and its place suit, in as many
// parts as one binding asks for, and is copied elsewhere.
func TestImport(t *testing.T) {
	d := openTest(t)
	const rows, cols = 40, 12 // 48 bytes a row
	m, err := mmap.Alloc(1 << 16)
	m = own(t, m, err)
	mem := m.Bytes()
	b, err := d.Import(mem)
	if errors.Is(err, backend.ErrUnsupported) {
		t.Skipf("no import: %v", err)
	}
	b = own(t, b, err)
	if s := d.Stats(); s.Imported != int64(len(mem)) {
		t.Errorf("Stats: %+v, want %d imported", s, len(mem))
	}
	most := d.reach
	x := matrix(t, d, 1, 256, noise(256, 2))
	for _, c := range []struct {
		off     int
		typ     backend.DType
		cols    int
		most    int64
		inPlace bool
		parts   int
	}{
		{off: 4096, typ: backend.F32, cols: cols, most: most, inPlace: true, parts: 1},
		{off: 4096, typ: backend.F32, cols: cols, most: 1000, inPlace: true, parts: 2},
		{off: 4100, typ: backend.F32, cols: cols, most: most, parts: 1},
		{off: 4096, typ: backend.F32, cols: cols - 1, most: most, parts: 1},
		{off: 4096, typ: backend.BF16, cols: cols - 4, most: most, inPlace: true, parts: 1},
		{off: 4096, typ: backend.Q4_K, cols: 256, most: most, inPlace: true, parts: 1},
		{off: 4096, typ: backend.Q4_K, cols: 256, most: 3000, inPlace: true, parts: 2},
		{off: 4100, typ: backend.Q4_K, cols: 256, most: most, parts: 1},
		{off: 4096, typ: backend.Q8_0, cols: 32, most: most, parts: 1}, // in another order
	} {
		src := encode(noise(rows*c.cols, 5))[:rows*int(c.typ.RowBytes(c.cols))]
		copy(mem[c.off:], src)
		d.reach = c.most
		w, err := d.NewWeight(backend.WeightDesc{Name: "w", Type: c.typ, Rows: rows, Cols: c.cols, From: b,
			Off: int64(c.off)}, src)
		d.reach = most
		w = own(t, w, err)
		if w.InPlace() != c.inPlace || c.inPlace && (len(w.(*weight).rows.Parts) == 1) != (c.parts == 1) {
			t.Errorf("%s of %d columns at %d: in place %t in %d parts, want %t in about %d",
				c.typ, c.cols, c.off, w.InPlace(), len(w.(*weight).rows.Parts), c.inPlace, c.parts)
		}
		copied, err := d.NewWeight(backend.WeightDesc{Name: "copy", Type: c.typ, Rows: rows, Cols: c.cols}, src)
		copied = own(t, copied, err)
		got, want := matrix(t, d, 1, rows, make([]float32, rows)), matrix(t, d, 1, rows, make([]float32, rows))
		part := x.Columns(0, c.cols)
		submit(t, d, backend.MatMul{Dst: got, Src: part, Weight: w},
			backend.MatMul{Dst: want, Src: part, Weight: copied})
		g, v := values(t, got), values(t, want)
		for i := range v {
			if g[i] != v[i] && (g[i] == g[i] || v[i] == v[i]) {
				t.Errorf("%s of %d columns at %d: channel %d is %v, want %v", c.typ, c.cols, c.off, i, g[i], v[i])
				break
			}
		}
	}
	if _, err := d.Import(mem[8:]); !errors.Is(err, backend.ErrUnsupported) {
		t.Errorf("Import of unaligned memory: %v", err)
	}
	if _, err := d.Import(nil); !errors.Is(err, backend.ErrUnsupported) {
		t.Errorf("Import of nothing: %v", err)
	}
	d.unified = false
	if _, err := d.Import(mem); !errors.Is(err, backend.ErrUnsupported) {
		t.Errorf("Import to a device with memory of its own: %v", err)
	}
}
