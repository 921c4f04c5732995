//go:build cgo && !darwin

package vulkan

import (
	"errors"
	"fmt"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
)

// A weight is a matrix, of whose parts Memory is a *buffer. Without parts it is
// closed.
type weight struct {
	d       *device
	rows    gpu.Weight
	inPlace bool // the parts are of imported memory
}

var _ backend.Weight = (*weight)(nil)

// NewWeight lays out the types that kernels read, where they are stored if that
// suits.
func (d *device) NewWeight(desc backend.WeightDesc, src []byte) (backend.Weight, error) {
	layout, err := gpu.NewLayout(desc, src)
	if err != nil {
		return nil, fmt.Errorf("vulkan: weight %q: %w", desc.Name, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.usable(); err != nil {
		return nil, err
	}
	w := &weight{d: d, rows: gpu.Weight{Desc: desc, Layout: layout}}
	w.rows.Desc.Aux = nil
	if err := w.checkFrom(int64(len(src))); err != nil {
		return nil, err
	}
	most := min(layout.MostRows(d.reach), desc.Rows)
	if most == 0 {
		return nil, fmt.Errorf("vulkan: weight %q: a row of %d bytes, a binding reaches %d: %w", desc.Name, layout.Pitch, d.reach, backend.ErrUnsupported)
	}
	if w.place() {
		return w, nil
	}
	for first := 0; first < desc.Rows; first += most {
		rows := min(most, desc.Rows-first)
		if err := w.add(first, rows, layout.Rows(desc, src, first, rows)); err != nil {
			w.free()
			return nil, fmt.Errorf("weight %q: %w", desc.Name, err)
		}
	}
	return w, nil
}

// checkFrom wants size bytes at Off of From, which is open and the device's own.
func (w *weight) checkFrom(size int64) error {
	if w.rows.Desc.From == nil {
		return nil
	}
	from, ok := w.rows.Desc.From.(*buffer)
	if !ok || from.d != w.d {
		return fmt.Errorf("vulkan: weight %q: From is another backend's buffer (%T)", w.rows.Desc.Name, w.rows.Desc.From)
	}
	return from.check("NewWeight", w.rows.Desc.Off, size)
}

// place makes parts of an imported buffer in which the matrix lies as kernels
// want it: rows of whole words, where bindings may begin.
func (w *weight) place() bool {
	desc, pitch := &w.rows.Desc, w.rows.Pitch
	from, ok := desc.From.(*buffer)
	align := max(int64(w.d.physical.offset_align), round)
	if !ok || from.imported == nil || !w.rows.AsStored() || desc.Off%align != 0 {
		return false
	}
	step := int64(1) // rows between places where a part may begin
	for step*pitch%align != 0 {
		step *= 2 // as align is a power of two
	}
	most := w.d.reach / pitch / step * step
	if most == 0 {
		return false
	}
	for first := int64(0); first < int64(desc.Rows); first += most {
		rows := min(most, int64(desc.Rows)-first)
		w.rows.Parts = append(w.rows.Parts, gpu.Part{Memory: from, At: desc.Off + first*pitch, Size: rows * pitch, First: int(first), Rows: int(rows)})
	}
	w.inPlace = true
	return true
}

// add uploads the rows of one part.
func (w *weight) add(first, n int, rows gpu.Rows) error {
	l := &w.rows.Layout
	b, err := w.d.newBuffer(l.Size(n), onDevice)
	if err != nil {
		return err
	}
	b.count()
	w.rows.Parts = append(w.rows.Parts, gpu.Part{Memory: b, Size: b.size, First: first, Rows: n})
	return w.d.upload(b, 0, b.size, func(dst []byte, at int64) { l.Fill(dst, at, rows) })
}

func (w *weight) Desc() backend.WeightDesc { return w.rows.Desc }

// InPlace reports whether the rows are those of an imported buffer.
func (w *weight) InPlace() bool { return w.inPlace }

func (w *weight) Size() int64 {
	n := int64(0)
	for _, p := range w.rows.Parts {
		if w.inPlace {
			n += p.Size
		} else {
			n += p.Memory.(*buffer).room
		}
	}
	return n
}

// free gives the memory back; the device is locked.
func (w *weight) free() {
	for _, p := range w.rows.Parts {
		if !w.inPlace {
			p.Memory.(*buffer).free()
		}
	}
	w.rows.Parts = nil
}

// form is a weight as kernels read it, or why there is none.
func (d *device) form(of backend.Weight) (*gpu.Weight, error) {
	w, ok := of.(*weight)
	switch {
	case !ok || w.d != d:
		return nil, errors.New("is another device's")
	case w.rows.Parts == nil:
		return nil, backend.ErrClosed
	case w.inPlace && w.rows.Desc.From.(*buffer).closed:
		return nil, fmt.Errorf("lies in imported memory that is %w", backend.ErrClosed)
	}
	return &w.rows, nil
}

// Close frees the weight once nothing in flight can use it.
func (w *weight) Close() error {
	w.d.mu.Lock()
	defer w.d.mu.Unlock()
	if w.rows.Parts == nil || w.d.closed {
		return nil
	}
	err := w.d.drain()
	w.free()
	return err
}
