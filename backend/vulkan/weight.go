//go:build cgo && !darwin

package vulkan

import (
	"fmt"

	"falconmamba/backend"
)

// A weight is a matrix in rows of 16-byte words, the last word of a row padded
// with zeros, in parts that one binding reaches.
type weight struct {
	d       *device
	desc    backend.WeightDesc
	pitch   int64 // bytes of a row
	parts   []part
	inPlace bool // the parts are of imported memory
}

// A part has the rows from first on.
type part struct {
	buf   *buffer
	at    int64 // of its first byte in buf
	size  int64 // bytes
	first int
	rows  int
}

var _ backend.Weight = (*weight)(nil)

// NewWeight lays out float32, float16 and bfloat16 as they are stored.
func (d *device) NewWeight(desc backend.WeightDesc, src []byte) (backend.Weight, error) {
	switch desc.Type {
	case backend.F32, backend.F16, backend.BF16:
	default:
		return nil, fmt.Errorf("vulkan: weight %q of type %s: %w", desc.Name, desc.Type, backend.ErrUnsupported)
	}
	if desc.Rows < 1 || desc.Cols < 1 || desc.Cols > len(src) { // so that no product overflows
		return nil, fmt.Errorf("vulkan: weight %q: %d bytes for %s [%d %d]", desc.Name, len(src), desc.Type, desc.Rows, desc.Cols)
	}
	dense := desc.Type.RowBytes(desc.Cols)
	if int64(len(src))/dense != int64(desc.Rows) || int64(len(src))%dense != 0 {
		return nil, fmt.Errorf("vulkan: weight %q: %d bytes for %s [%d %d]", desc.Name, len(src), desc.Type, desc.Rows, desc.Cols)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.usable(); err != nil {
		return nil, err
	}
	w := &weight{d: d, desc: desc, pitch: alignUp(dense, round)}
	w.desc.Aux = nil
	if err := w.checkFrom(int64(len(src))); err != nil {
		return nil, err
	}
	if w.pitch > d.reach {
		return nil, fmt.Errorf("vulkan: weight %q: a row of %d bytes, a binding reaches %d: %w", desc.Name, w.pitch, d.reach, backend.ErrUnsupported)
	}
	if w.place(dense) {
		return w, nil
	}
	most := int(min(d.reach/w.pitch, int64(desc.Rows)))
	for first := 0; first < desc.Rows; first += most {
		rows := min(most, desc.Rows-first)
		if err := w.add(first, rows, src[int64(first)*dense:int64(first+rows)*dense], dense); err != nil {
			w.free()
			return nil, fmt.Errorf("weight %q: %w", desc.Name, err)
		}
	}
	return w, nil
}

// checkFrom wants size bytes at Off of From, which is open and the device's own.
func (w *weight) checkFrom(size int64) error {
	if w.desc.From == nil {
		return nil
	}
	from, ok := w.desc.From.(*buffer)
	if !ok || from.d != w.d {
		return fmt.Errorf("vulkan: weight %q: From is another backend's buffer (%T)", w.desc.Name, w.desc.From)
	}
	return from.check("NewWeight", w.desc.Off, size)
}

// place makes parts of an imported buffer in which the matrix lies as kernels
// want it: rows of whole words, where bindings may begin.
func (w *weight) place(dense int64) bool {
	from, ok := w.desc.From.(*buffer)
	align := max(int64(w.d.physical.offset_align), round)
	if !ok || from.imported == nil || dense != w.pitch || w.desc.Off%align != 0 {
		return false
	}
	step := int64(1) // rows between places where a part may begin
	for step*w.pitch%align != 0 {
		step *= 2 // as align is a power of two
	}
	most := w.d.reach / w.pitch / step * step
	if most == 0 {
		return false
	}
	for first := int64(0); first < int64(w.desc.Rows); first += most {
		rows := min(most, int64(w.desc.Rows)-first)
		w.parts = append(w.parts, part{from, w.desc.Off + first*w.pitch, rows * w.pitch, int(first), int(rows)})
	}
	w.inPlace = true
	return true
}

// add uploads the rows of one part.
func (w *weight) add(first, rows int, src []byte, dense int64) error {
	b, err := w.d.newBuffer(int64(rows)*w.pitch, onDevice)
	if err != nil {
		return err
	}
	b.count()
	w.parts = append(w.parts, part{b, 0, b.size, first, rows})
	return w.d.upload(b, 0, b.size, func(dst []byte, at int64) { pad(dst, at, src, dense, w.pitch) })
}

// pad fills dst with bytes at, at+1, … of the matrix whose rows are src's, of
// dense bytes each, padded with zeros to pitch.
func pad(dst []byte, at int64, src []byte, dense, pitch int64) {
	if dense == pitch {
		copy(dst, src[at:])
		return
	}
	for len(dst) > 0 {
		row, in := at/pitch, at%pitch
		n := 0
		if in < dense {
			n = copy(dst, src[row*dense+in:(row+1)*dense])
		} else {
			n = min(len(dst), int(pitch-in))
			clear(dst[:n])
		}
		dst, at = dst[n:], at+int64(n)
	}
}

func (w *weight) Desc() backend.WeightDesc { return w.desc }

// InPlace reports whether the rows are those of an imported buffer.
func (w *weight) InPlace() bool { return w.inPlace }

func (w *weight) Size() int64 {
	n := int64(0)
	for _, p := range w.parts {
		if w.inPlace {
			n += p.size
		} else {
			n += p.buf.room
		}
	}
	return n
}

// free gives the memory back; the device is locked.
func (w *weight) free() {
	for _, p := range w.parts {
		if !w.inPlace {
			p.buf.free()
		}
	}
	w.parts = nil
}

// Close frees the weight once nothing in flight can use it.
func (w *weight) Close() error {
	w.d.mu.Lock()
	defer w.d.mu.Unlock()
	if w.parts == nil || w.d.closed {
		return nil
	}
	err := w.d.drain()
	w.free()
	return err
}
