//go:build cgo && (darwin || metalfake)

package metal

import (
	"errors"
	"fmt"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
)

// A weight is a matrix as package gpu lays it out, in parts that one MTLBuffer
// reaches: its own, or those of an imported mapping.
type weight struct {
	d      *device
	desc   backend.WeightDesc
	size   int64
	from   *buffer   // in place
	own    []*buffer // copied
	rows   gpu.Weight
	closed bool
}

var _ backend.Weight = (*weight)(nil)

// NewWeight lays out the types that kernels read, where they are stored if that
// suits.
func (d *device) NewWeight(desc backend.WeightDesc, src []byte) (backend.Weight, error) {
	layout, err := gpu.NewLayout(desc, src)
	if err != nil {
		return nil, fmt.Errorf("metal: weight %q: %w", desc.Name, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.usable(); err != nil {
		return nil, err
	}
	w := &weight{d: d, desc: desc}
	w.desc.Aux = nil
	w.rows = gpu.Weight{Desc: w.desc, Layout: layout}
	inPlace, err := w.place(int64(len(src)))
	if err == nil && !inPlace {
		err = w.copy(desc, src)
	}
	if err != nil {
		w.free()
		return nil, fmt.Errorf("metal: weight %q: %w", desc.Name, err)
	}
	return w, nil
}

// place finds the rows in imported memory. It is false where they must be
// copied.
func (w *weight) place(n int64) (bool, error) {
	if w.desc.From == nil {
		return false, nil
	}
	b, ok := w.desc.From.(*buffer)
	off := w.desc.Off
	switch {
	case !ok || b.d != w.d || !b.imported:
		return false, errors.New("the mapping is not one that this device imported")
	case b.closed:
		return false, fmt.Errorf("its mapping: %w", backend.ErrClosed)
	case off < 0 || off > b.size || n > b.size-off:
		return false, fmt.Errorf("%d bytes at %d of %d imported bytes", n, off, b.size)
	case !w.rows.AsStored() || off%round != 0:
		return false, nil
	}
	w.size = n
	pitch := w.rows.Pitch
	for first := 0; first < w.desc.Rows; {
		at := off + int64(first)*pitch
		s, rows := b.reach(at, pitch)
		if rows == 0 {
			w.rows.Parts = nil
			return false, nil
		}
		rows = min(rows, w.desc.Rows-first)
		w.rows.Parts = append(w.rows.Parts, gpu.Part{Memory: s.handle, At: at - s.off, Size: int64(rows) * pitch, First: first, Rows: rows})
		first += rows
	}
	w.from = b
	return true, nil
}

// reach returns the segment with the most rows of pitch bytes from byte at on,
// and how many they are.
func (b *buffer) reach(at, pitch int64) (best segment, rows int) {
	for _, s := range b.segments {
		if at < s.off {
			break
		}
		if n := int((s.off + s.size - at) / pitch); n > rows {
			best, rows = s, n
		}
	}
	return best, rows
}

// copy lays the rows out in buffers of the weight's own.
func (w *weight) copy(desc backend.WeightDesc, src []byte) error {
	l := &w.rows.Layout
	most := min(l.MostRows(w.d.info.MaxBuffer), desc.Rows)
	if most == 0 {
		return fmt.Errorf("a row of %d bytes, a buffer holds %d: %w", l.Pitch, w.d.info.MaxBuffer, backend.ErrUnsupported)
	}
	w.size = 0
	for first := 0; first < desc.Rows; first += most {
		rows := min(most, desc.Rows-first)
		b, err := w.d.newBuffer(l.Size(rows))
		if err != nil {
			return err
		}
		w.d.addLive(b.room)
		w.own, w.size = append(w.own, b), w.size+b.size
		l.Fill(b.host[:b.size], 0, l.Rows(desc, src, first, rows))
		w.rows.Parts = append(w.rows.Parts, gpu.Part{Memory: b.handle, Size: b.size, First: first, Rows: rows})
	}
	return nil
}

func (w *weight) Desc() backend.WeightDesc { return w.desc }
func (w *weight) Size() int64              { return w.size }
func (w *weight) InPlace() bool            { return w.from != nil }

// free gives the memory back; the device is locked.
func (w *weight) free() {
	w.closed = true
	for _, b := range w.own {
		b.free()
		w.d.addLive(-b.room)
	}
	w.own = nil
}

// Close frees the weight once nothing in flight can use it.
func (w *weight) Close() error {
	w.d.mu.Lock()
	defer w.d.mu.Unlock()
	if w.closed || w.d.closed {
		return nil
	}
	err := w.d.drain()
	w.free()
	return err
}

// layout is a weight as kernels read it.
func (d *device) layout(of backend.Weight) (*gpu.Weight, error) {
	w, ok := of.(*weight)
	switch {
	case !ok || w.d != d:
		return nil, errors.New("is another device's")
	case w.closed:
		return nil, backend.ErrClosed
	case w.from != nil && w.from.closed:
		return nil, fmt.Errorf("lies in imported memory that is %w", backend.ErrClosed)
	}
	return &w.rows, nil
}
