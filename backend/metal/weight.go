//go:build cgo && (darwin || metalfake)

package metal

import (
	"errors"
	"fmt"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
)

// A weight is a matrix as package gpu lays it out, in parts that one MTLBuffer
// reaches: its own, or those of an imported mapping. The Memory of a part is a
// memory.
type weight struct {
	d      *device
	rows   *gpu.Weight
	size   int64
	closed bool
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
	err := d.checkFrom(&desc, int64(len(src)))
	var rows *gpu.Weight
	if err == nil {
		rows, err = gpu.NewWeight(store{d}, desc, src)
	}
	if err != nil {
		return nil, gpu.Errorf("metal", "weight %q: %w", desc.Name, err)
	}
	return &weight{d: d, rows: rows, size: rows.Bytes()}, nil
}

// checkFrom wants n bytes at Off of From, which is open and the device's own.
func (d *device) checkFrom(desc *backend.WeightDesc, n int64) error {
	if desc.From == nil {
		return nil
	}
	b, ok := desc.From.(*buffer)
	switch {
	case !ok || b.d != d || !b.imported:
		return errors.New("the mapping is not one that this device imported")
	case b.closed:
		return fmt.Errorf("its mapping: %w", backend.ErrClosed)
	case desc.Off < 0 || desc.Off > b.size || n > b.size-desc.Off:
		return fmt.Errorf("%d bytes at %d of %d imported bytes", n, desc.Off, b.size)
	}
	return nil
}

// A store is the device's memory for weights. The device is locked.
type store struct{ d *device }

func (s store) Reach() int64 { return s.d.info.MaxBuffer }

// Find takes the segment with the most rows.
func (s store) Find(from backend.Buffer, at, pitch int64) (any, int64, int) {
	if at%round != 0 {
		return nil, 0, 0
	}
	best, rows := from.(*buffer).reach(at, pitch)
	return memory{handle: best.handle}, at - best.off, rows
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

func (s store) Add(bytes int64, fill func(dst []byte, at int64)) (any, error) {
	b, err := s.d.newBuffer(bytes)
	if err != nil {
		return nil, err
	}
	s.d.addLive(b.room)
	fill(b.host[:b.size], 0)
	return memory{b.handle, b}, nil
}

func (s store) Free(m any) { s.d.freeLive(m.(memory)) }

// freeLive frees memory that Stats counts.
func (d *device) freeLive(m memory) {
	m.of.free()
	d.addLive(-m.of.room)
}

func (w *weight) Desc() backend.WeightDesc { return w.rows.Desc }
func (w *weight) Size() int64              { return w.size }
func (w *weight) InPlace() bool            { return w.rows.InPlace }

// Close frees the weight once nothing in flight can use it.
func (w *weight) Close() error {
	w.d.mu.Lock()
	defer w.d.mu.Unlock()
	if w.closed || w.d.closed {
		return nil
	}
	err := w.d.drain()
	w.closed = true
	w.rows.Free(store{w.d})
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
	case w.rows.InPlace && w.rows.Desc.From.(*buffer).closed:
		return nil, fmt.Errorf("lies in imported memory that is %w", backend.ErrClosed)
	}
	return w.rows, nil
}
