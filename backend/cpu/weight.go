package cpu

import (
	"fmt"
	"math"

	"falconmamba/backend"
	"falconmamba/backend/quant"
)

// A weight is a matrix in its stored type, dense, one row after another: a
// block, or bytes of an imported buffer. What the type keeps apart is in a block
// always: it is small, and of no use to whoever mapped the file.
type weight struct {
	host    *host
	desc    backend.WeightDesc
	block   block
	data    []byte // nil once closed
	aux     [][]byte
	inPlace bool // data is desc.From's
	lanes   bool // data is what a device's interleave made
	closed  bool // under the queue's lock
}

// newWeight copies src, or uses it in place where it lies in an imported
// buffer. It copies what is in Aux. With interleave, that copies src, wherever it lies.
func (h *host) newWeight(desc backend.WeightDesc, src []byte,
	interleave func(dst, src []byte, t backend.DType, rows, cols int) error) (*weight, error) {
	if h.queue.isClosed() {
		return nil, h.fail("NewWeight", backend.ErrClosed)
	}
	call := fmt.Sprintf("NewWeight %q", desc.Name)
	size, err := weightBytes(desc)
	if err != nil {
		return nil, h.fail(call, err)
	}
	if int64(len(src)) != size {
		return nil, h.fail(call, fmt.Errorf("%d bytes, want %d for %s [%d %d]",
			len(src), size, desc.Type, desc.Rows, desc.Cols))
	}
	if err := (quant.Packed{Type: desc.Type, Data: src, Aux: desc.Aux}).Check(desc.Rows * desc.Cols); err != nil {
		return nil, h.fail(call, err)
	}
	w := &weight{host: h, desc: desc}
	w.desc.Aux = nil
	own := int64(0) // bytes that are not used in place
	if h.inPlace(desc) && interleave == nil {
		if w.data, err = desc.From.(*buffer).part(desc.Off, size); err != nil {
			return nil, h.fail(call, err)
		}
		w.inPlace = true
	} else {
		own = size
	}
	rest := own
	for _, aux := range desc.Aux {
		own += int64(len(aux))
	}
	if w.block, err = h.memory.take(own, "weight"); err != nil {
		return nil, h.fail(call, err)
	}
	if !w.inPlace {
		w.data = w.block.data[:size:size]
		if w.lanes = interleave != nil; w.lanes {
			if err := interleave(w.data, src, desc.Type, desc.Rows, desc.Cols); err != nil {
				h.memory.give(w.block)
				return nil, h.fail(call, err)
			}
		} else {
			copy(w.data, src)
		}
	}
	at := w.block.data[rest:]
	for _, aux := range desc.Aux {
		n := copy(at, aux)
		w.aux, at = append(w.aux, at[:n:n]), at[n:]
	}
	return w, nil
}

// inPlace reports whether a weight lies in an imported buffer.
func (h *host) inPlace(desc backend.WeightDesc) bool {
	from, ok := desc.From.(*buffer)
	return ok && from.host == h && from.imported
}

// weightBytes returns the bytes of a dense matrix of any type that can be
// decoded, without what is in Aux.
func weightBytes(desc backend.WeightDesc) (int64, error) {
	t := desc.Type
	if !t.Valid() || t == backend.I32 {
		return 0, fmt.Errorf("a weight of %s: %w", t, backend.ErrUnsupported)
	}
	if desc.Rows < 1 || desc.Cols < 1 || int64(desc.Cols) > math.MaxInt64/int64(t.Size())/int64(desc.Rows) {
		return 0, fmt.Errorf("a weight of %d rows and %d columns", desc.Rows, desc.Cols)
	}
	if desc.Cols%t.Block() != 0 {
		return 0, fmt.Errorf("a weight of %d columns, no whole blocks of %s", desc.Cols, t)
	}
	return int64(desc.Rows) * t.RowBytes(desc.Cols), nil
}

func (w *weight) Desc() backend.WeightDesc { return w.desc }

func (w *weight) Size() int64 {
	size := int64(len(w.block.data))
	if w.inPlace {
		size += int64(w.desc.Rows) * w.desc.Type.RowBytes(w.desc.Cols)
	}
	return size
}

func (w *weight) InPlace() bool { return w.inPlace }

// open is a queue's allow.
func (w *weight) open() error {
	if w.closed {
		return backend.ErrClosed
	}
	return nil
}

// row sets dst to the columns of row r.
func (w *weight) row(r int, dst []float32) error {
	return w.packed().Decode(dst, r*w.desc.Cols)
}

func (w *weight) packed() quant.Packed {
	return quant.Packed{Type: w.desc.Type, Data: w.data, Aux: w.aux}
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
	w.data, w.aux = nil, nil
	w.host.memory.give(w.block)
	return nil
}
