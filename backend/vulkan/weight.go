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
	d    *device
	rows *gpu.Weight
	size int64
}

var _ backend.Weight = (*weight)(nil)

// NewWeight lays out the types that kernels read, where they are stored if that
// suits.
func (d *device) NewWeight(desc backend.WeightDesc, src []byte) (backend.Weight, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.usable(); err != nil {
		return nil, err
	}
	if err := d.checkFrom(&desc, int64(len(src))); err != nil {
		return nil, err
	}
	rows, err := gpu.NewWeight(store{d}, desc, src)
	if err != nil {
		return nil, gpu.Errorf("vulkan", "weight %q: %w", desc.Name, err)
	}
	w := &weight{d: d, rows: rows, size: rows.Bytes()}
	if !rows.InPlace {
		w.size = 0
		for _, p := range rows.Parts {
			w.size += p.Memory.(*buffer).room
		}
	}
	return w, nil
}

// checkFrom wants size bytes at Off of From, which is open and the device's own.
func (d *device) checkFrom(desc *backend.WeightDesc, size int64) error {
	if desc.From == nil {
		return nil
	}
	from, ok := desc.From.(*buffer)
	if !ok || from.d != d {
		return fmt.Errorf("vulkan: weight %q: From is another backend's buffer (%T)", desc.Name, desc.From)
	}
	return from.check("NewWeight", desc.Off, size)
}

// A store is the device's memory for weights. The device is locked.
type store struct{ d *device }

func (s store) Reach() int64 { return s.d.reach }

// Find wants an imported buffer, and parts to begin where bindings may.
func (s store) Find(buf backend.Buffer, at, pitch int64) (any, int64, int) {
	from, ok := buf.(*buffer)
	align := max(int64(s.d.physical.offset_align), round)
	if !ok || from.imported == nil || at%align != 0 {
		return nil, 0, 0
	}
	step := int64(1) // rows between places where a part may begin
	for step*pitch%align != 0 {
		step *= 2 // as align is a power of two
	}
	return from, at, int(s.d.reach / pitch / step * step)
}

func (s store) Add(size int64, fill func(dst []byte, at int64)) (any, error) {
	b, err := s.d.newBuffer(size, onDevice)
	if err != nil {
		return nil, err
	}
	b.count()
	if err := s.d.upload(b, 0, b.size, fill); err != nil {
		b.free()
		return nil, err
	}
	return b, nil
}

func (s store) Free(memory any) { memory.(*buffer).free() }

func (w *weight) Desc() backend.WeightDesc { return w.rows.Desc }

// InPlace reports whether the rows are those of an imported buffer.
func (w *weight) InPlace() bool { return w.rows.InPlace }

func (w *weight) Size() int64 { return w.size }

// form is a weight as kernels read it, or why there is none.
func (d *device) form(of backend.Weight) (*gpu.Weight, error) {
	w, ok := of.(*weight)
	switch {
	case !ok || w.d != d:
		return nil, errors.New("is another device's")
	case w.rows.Parts == nil:
		return nil, backend.ErrClosed
	case w.rows.InPlace && w.rows.Desc.From.(*buffer).closed:
		return nil, fmt.Errorf("lies in imported memory that is %w", backend.ErrClosed)
	}
	return w.rows, nil
}

// Close frees the weight once nothing in flight can use it.
func (w *weight) Close() error {
	w.d.mu.Lock()
	defer w.d.mu.Unlock()
	if w.rows.Parts == nil || w.d.closed {
		return nil
	}
	err := w.d.drain()
	w.rows.Free(store{w.d})
	return err
}
