package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"falconmamba/backend"
	"falconmamba/engine/statecache"
	"falconmamba/internal/words"
)

// States leave the device and come back by plans like any other: the order of what is
// submitted is all the synchronisation that they need. A slot is free for what is submitted
// after the copy of its state, and a pass that reads a state is submitted behind the copy
// that brings it. Nobody waits but who reads a state on the host.

// A hostBlock is memory of the host that the device reads and writes, with a row for each state:
// all of its tensors one after another, stored as on the device.
type hostBlock struct {
	rows    *slotPool // views of buf
	buf     backend.Buffer
	in, out backend.Plan // made when first wanted, like Engine.copySlot
	idle    bool         // nothing was in it for a while
}

// newBlock takes memory of the host for so many states.
func (e *Engine) newBlock(n int) (*hostBlock, error) {
	rows := emptyPool(e.b, e.cfg, e.typ, n)
	row := rows.slotBytes()
	buf, err := e.b.Alloc(int64(n)*row, backend.Readback)
	if err != nil {
		return nil, fmt.Errorf("memory of the host for %d states: %w", n, err)
	}
	at, size := int64(0), int64(e.typ.Size())
	part := func(t *backend.Tensor, cols int) {
		if cols == 0 {
			return
		}
		*t = backend.Matrix(buf, at, e.typ, n, cols)
		t.Stride = int(row / size)
		at += int64(backend.StateStride(e.typ, cols)) * size
	}
	conv, ssm := rows.widths()
	for i := range rows.layers {
		part(&rows.layers[i].Conv, conv)
		part(&rows.layers[i].SSM, ssm)
	}
	return &hostBlock{rows: rows, buf: buf}, nil
}

// read copies a row, widened to float32.
func (b *hostBlock) read(row int, dst []float32) {
	_ = b.rows.slot(row, func(t backend.Tensor) error {
		part, stored := dst[:t.Cols], b.buf.Bytes()[t.Off:][:t.Bytes()]
		if t.Type == backend.F32 {
			copy(words.Bytes(part), stored)
		} else {
			backend.WidenState(part, stored, t.Type)
		}
		dst = dst[t.Cols:]
		return nil
	})
}

// closePlans closes the plans that name the pool.
func (b *hostBlock) closePlans() error {
	var errs []error
	for _, p := range []*backend.Plan{&b.in, &b.out} {
		if *p != nil {
			errs = append(errs, (*p).Close())
			*p = nil
		}
	}
	return errors.Join(errs...)
}

func (b *hostBlock) close() error { return errors.Join(b.closePlans(), b.buf.Close()) }

// A hostState is a state in a row of a block. The engine's mu guards it.
type hostState struct {
	block  *hostBlock
	row    int
	copied backend.Ticket // of what fills it
	pins   int            // who reads it without the engine's mu
	gone   bool           // the row is free once nobody reads it
}

// release gives the row back, if there is one. What was submitted before may still use it.
func (h *hostState) release() {
	switch {
	case h == nil:
	case h.pins > 0:
		h.gone = true
	default:
		h.block.rows.free(h.row, 1)
	}
}

// hostRows are the rows of some blocks.
type hostRows struct{ blocks []*hostBlock }

// take returns a free row, nil where there is none.
func (r *hostRows) take() *hostState {
	for _, b := range r.blocks {
		if row, ok := b.rows.take(1); ok {
			return &hostState{block: b, row: row}
		}
	}
	return nil
}

// count returns how many rows there are.
func (r *hostRows) count() (n int) {
	for _, b := range r.blocks {
		n += len(b.rows.used)
	}
	return n
}

// more takes memory for about n states, as far as one buffer holds them.
func (r *hostRows) more(e *Engine, n int64) error {
	most := e.b.Info().MaxBuffer / e.pool.slotBytes()
	b, err := e.newBlock(int(max(1, min(n, cmp.Or(most, 1)))))
	if err == nil {
		r.blocks = append(r.blocks, b)
	}
	return err
}

// settle looks which blocks had no row in use since it was called last.
func (r *hostRows) settle() {
	for _, b := range r.blocks {
		b.idle = b.rows.most == 0
		b.rows.most = b.rows.count()
	}
}

// trim frees up to n blocks that are idle, and returns how many are left.
func (r *hostRows) trim(n int) (left int, err error) {
	var errs []error
	r.blocks = slices.DeleteFunc(r.blocks, func(b *hostBlock) bool {
		if !b.idle || b.rows.most > 0 {
			return false
		}
		if n--; n < 0 {
			left++
			return false
		}
		errs = append(errs, b.close())
		return true
	})
	return left, errors.Join(errs...)
}

// closePlans closes the plans that name the pool.
func (r *hostRows) closePlans() error {
	var errs []error
	for _, b := range r.blocks {
		errs = append(errs, b.closePlans())
	}
	return errors.Join(errs...)
}

func (r *hostRows) close() error {
	var errs []error
	for _, b := range r.blocks {
		errs = append(errs, b.close())
	}
	r.blocks = nil
	return errors.Join(errs...)
}

// awayBytes is about what is taken of the host's memory at once for states that have to leave
// the device. It begins with one state: most programs move none, but look at some.
const awayBytes = 256 << 20

// awayRow takes a row for a state that leaves the device.
func (e *Engine) awayRow() (*hostState, error) {
	if h := e.away.take(); h != nil {
		return h, nil
	}
	n := min(int64(e.away.count()), awayBytes/e.pool.slotBytes(), mostKept)
	if err := e.away.more(e, n); err != nil {
		return nil, err
	}
	e.settleLater()
	return e.away.take(), nil
}

// Freeing memory of the host takes a driver milliseconds, for which everybody waits: it is done a few blocks at a time.
const (
	trimmed   = 4
	trimPause = 100 * time.Millisecond
)

// trimAway frees what the host has of memory for states that came back or are gone.
func (e *Engine) trimAway() {
	left, err := e.away.trim(trimmed)
	if err != nil {
		e.recovers(err)
	}
	if left == 0 {
		return
	}
	time.AfterFunc(trimPause, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if !e.closed && !e.lost {
			e.trimAway()
		}
	})
}

// roomAway is awayRow for a state that has nowhere else to go: the cache gives way.
func (e *Engine) roomAway() (*hostState, error) {
	h, err := e.awayRow()
	for c := e.cache; errors.Is(err, backend.ErrOutOfMemory) && c != nil; {
		if h := c.rows.take(); h != nil {
			return h, nil
		}
		s := c.Victim(statecache.Host)
		if s == nil {
			break
		}
		e.evict(s)
	}
	return h, err
}

// copyOut copies the state of a slot to h.
func (e *Engine) copyOut(h *hostState, slot int) (err error) {
	h.copied, err = e.copyRow(&h.block.out, h.block.rows, e.pool, h.row, slot)
	return err
}

// copyIn copies h to a slot.
func (e *Engine) copyIn(slot int, h *hostState) (backend.Ticket, error) {
	return e.copyRow(&h.block.in, e.pool, h.block.rows, slot, h.row)
}

// toHost moves the state of a slot to the host, and frees the slot.
func (e *Engine) toHost(slot int) (*hostState, error) {
	h, err := e.roomAway()
	if err != nil {
		return nil, err
	}
	if err := e.copyOut(h, slot); err != nil {
		h.release()
		return nil, err
	}
	e.freeSlot(slot)
	e.count.MovedOut++
	return h, nil
}

// doubt goes back to the beginning where what copied the sequence's state may have failed with err. A
// text that is written from such a state ends, and one that waits is read again.
func (s *Sequence) doubt(err error) {
	e, t := s.e, s.task
	fails := func(h *hostState) bool { return h != nil && h.copied > e.sound }
	if s.copied > e.sound || fails(s.host) {
		s.restart()
	}
	switch {
	case t == nil || !fails(t.host) && (t.work == 0 || t.copied <= e.sound):
	case t.running:
		e.drop(t, err)
	case e.has(t):
		e.freeSlot(t.work)
		t.host.release()
		t.lose()
	default:
		t.host.release()
		t.host, t.final = nil, place{}
	}
}

// readRow copies h to dst, widened to float32, once it is there. Meanwhile others have the
// engine's mu.
func (e *Engine) readRow(h *hostState, dst []float32) error {
	h.pins++
	err := e.await(h.copied, func() { h.block.read(h.row, dst) })
	if h.pins--; h.gone {
		h.release()
	}
	return err
}

// await returns once the device has done t, and calls then, if there is one, where nothing failed.
// Meanwhile others have the engine's mu.
func (e *Engine) await(t backend.Ticket, then func()) error {
	b := e.b
	e.reading++
	e.mu.Unlock()
	err := b.Wait(context.Background(), t)
	if err == nil && then != nil {
		then()
	}
	e.mu.Lock()
	e.reading--
	if err != nil && !e.recovers(err) {
		e.doubt(err)
	}
	e.rested.Broadcast()
	return err
}

// readSlot copies a state to the host: per layer the conv state [D][K−1],
// oldest first, then the SSM state [D][N], widened to float32. dst has
// checkpoint.Config.StateBytes/4 elements. What fills the slot has been submitted; while the
// device is waited for, others have the engine's mu, and may give the slot another state.
func (e *Engine) readSlot(slot int, dst []float32) error {
	h, err := e.awayRow()
	switch {
	case errors.Is(err, backend.ErrOutOfMemory):
		return e.downloadSlot(slot, dst)
	case err != nil:
		return err
	}
	if err = e.copyOut(h, slot); err == nil {
		err = e.readRow(h, dst)
	}
	h.release()
	return err
}

// downloadSlot is readSlot where the host has no memory that the device writes: each tensor is
// waited for.
func (e *Engine) downloadSlot(slot int, dst []float32) error {
	return e.eachTensor(slot, dst, func(t backend.Tensor, part []float32) error {
		if t.Type == backend.F32 {
			return t.Buf.Download(t.Off, words.Bytes(part))
		}
		row := make([]byte, t.Stride*t.Type.Size())
		err := t.Buf.Download(t.Off, row)
		backend.WidenState(part, row, t.Type)
		return err
	})
}
