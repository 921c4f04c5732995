package cpu

import (
	"encoding/binary"
	"fmt"
	"math"

	"falconmamba/backend"
	"falconmamba/internal/half"
)

// A weight is a matrix in its stored type, dense, one row after another: a
// block, or bytes of an imported buffer.
type weight struct {
	host    *host
	desc    backend.WeightDesc
	block   block
	data    []byte // nil once closed
	inPlace bool   // data is desc.From's
	closed  bool   // under the queue's lock
}

// newWeight copies src, or uses it in place where it lies in an imported
// buffer.
func (h *host) newWeight(desc backend.WeightDesc, src []byte) (*weight, error) {
	if h.queue.isClosed() {
		return nil, h.fail("NewWeight", backend.ErrClosed)
	}
	call := fmt.Sprintf("NewWeight %q", desc.Name)
	size, err := weightBytes(desc)
	if err != nil {
		return nil, h.fail(call, err)
	}
	if int64(len(src)) != size {
		return nil, h.fail(call, fmt.Errorf("%d bytes, want %d for %s [%d %d]", len(src), size, desc.Type, desc.Rows, desc.Cols))
	}
	w := &weight{host: h, desc: desc}
	w.desc.Aux = nil
	if from, ok := desc.From.(*buffer); ok && from.host == h && from.imported {
		if w.data, err = from.part(desc.Off, size); err != nil {
			return nil, h.fail(call, err)
		}
		w.inPlace = true
		return w, nil
	}
	if w.block, err = h.memory.take(size, "weight"); err != nil {
		return nil, h.fail(call, err)
	}
	w.data = w.block.data
	copy(w.data, src)
	return w, nil
}

// weightBytes returns the bytes of a dense matrix of a type that this package
// keeps.
func weightBytes(desc backend.WeightDesc) (int64, error) {
	switch desc.Type {
	case backend.F32, backend.F16, backend.BF16:
	default:
		return 0, fmt.Errorf("a weight of %s: %w", desc.Type, backend.ErrUnsupported)
	}
	if desc.Rows < 1 || desc.Cols < 1 || int64(desc.Cols) > math.MaxInt64/int64(desc.Type.Size())/int64(desc.Rows) {
		return 0, fmt.Errorf("a weight of %d rows and %d columns", desc.Rows, desc.Cols)
	}
	return int64(desc.Rows) * desc.Type.RowBytes(desc.Cols), nil
}

func (w *weight) Desc() backend.WeightDesc { return w.desc }

func (w *weight) Size() int64 {
	return int64(w.desc.Rows) * w.desc.Type.RowBytes(w.desc.Cols)
}

func (w *weight) InPlace() bool { return w.inPlace }

// open is a queue's allow.
func (w *weight) open() error {
	if w.closed {
		return backend.ErrClosed
	}
	return nil
}

// at returns element c of row r.
func (w *weight) at(r, c int) float64 {
	i := r*w.desc.Cols + c
	switch w.desc.Type {
	case backend.F16:
		return float64(half.F16(binary.LittleEndian.Uint16(w.data[2*i:])))
	case backend.BF16:
		return float64(half.BF16(binary.LittleEndian.Uint16(w.data[2*i:])))
	}
	return float64(math.Float32frombits(binary.LittleEndian.Uint32(w.data[4*i:])))
}

func (w *weight) owner() *host { return w.host }

// Close waits for what may still use the memory.
func (w *weight) Close() error {
	q := w.host.queue
	q.mu.Lock()
	again := w.closed
	w.closed = true
	q.mu.Unlock()
	if again {
		return nil
	}
	q.drain()
	w.data = nil
	w.host.memory.give(w.block)
	return nil
}
