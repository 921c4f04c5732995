package cpu

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
	"unsafe"

	"falconmamba/backend"
)

// blocked returns a queue whose first task waits for release.
func blocked(t *testing.T) (q *queue, release func()) {
	q = newQueue()
	gate := make(chan struct{})
	if _, err := q.put(func() error { <-gate; return nil }, nil); err != nil {
		t.Fatal(err)
	}
	return q, func() { close(gate) }
}

func TestQueueOrder(t *testing.T) {
	q, release := blocked(t)
	var got []int
	var last backend.Ticket
	for i := range 100 {
		ticket, err := q.put(func() error { got = append(got, i); return nil }, nil)
		if err != nil || ticket <= last {
			t.Fatalf("ticket %d after %d: %v", ticket, last, err)
		}
		last = ticket
	}
	release()
	if err := q.wait(context.Background(), last); err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(got) || len(got) != 100 {
		t.Errorf("ran in the order %v", got)
	}
	q.close()
}

// Wait gives up with its context; the work goes on.
func TestQueueWaitGivesUp(t *testing.T) {
	q, release := blocked(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := q.wait(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("wait with a context that ended: %v", err)
	}
	ctx, cancel = context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if err := q.wait(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("wait with a deadline: %v", err)
	}
	release()
	for range 2 { // complete: the context no longer matters
		if err := q.wait(context.Background(), 1); err != nil {
			t.Error(err)
		}
		if err := q.wait(ctx, 1); err != nil {
			t.Errorf("wait for what is complete: %v", err)
		}
	}
	if err := q.wait(context.Background(), 2); err == nil {
		t.Error("a ticket that was never given can be waited for")
	}
	q.close()
}

// A failure is told to every Wait for what was out when it was first told, and
// to nobody else.
func TestQueueFailures(t *testing.T) {
	q, release := blocked(t)
	first, second := errors.New("first"), errors.New("second")
	for _, err := range []error{nil, first, second, nil} { // tickets 2 to 5
		if _, e := q.put(func() error { return err }, nil); e != nil {
			t.Fatal(e)
		}
	}
	release()
	for range 2 {
		for _, c := range []struct {
			ticket backend.Ticket
			want   error
		}{{2, nil}, {5, first}, {3, first}, {4, first}, {1, nil}, {0, nil}} {
			if err := q.wait(context.Background(), c.ticket); err != c.want {
				t.Errorf("ticket %d: %v, want %v", c.ticket, err, c.want)
			}
		}
	}
	if err := q.do(func() error { return nil }); err != nil {
		t.Errorf("do, after a failure that was told: %v", err)
	}
	if _, err := q.put(func() error { return nil }, nil); err != nil {
		t.Fatal(err)
	}
	if err := q.wait(context.Background(), 6); err != nil {
		t.Errorf("what was put afterwards: %v", err)
	}
	if err := q.wait(context.Background(), 4); err != first {
		t.Errorf("what was out: %v, want %v", err, first)
	}
	q.put(func() error { return second }, nil)
	if err := q.do(func() error { return nil }); err != second {
		t.Errorf("do after a failure: %v, want %v", err, second)
	}
	q.close()
}

func TestQueueClose(t *testing.T) {
	q, release := blocked(t)
	ran := false
	q.put(func() error { ran = true; return nil }, nil)
	closed := make(chan struct{})
	go func() { q.close(); close(closed) }()
	select {
	case <-closed:
		t.Error("close did not wait")
	case <-time.After(5 * time.Millisecond):
	}
	release()
	<-closed
	if !ran {
		t.Error("what was put before close did not run")
	}
	if _, err := q.put(func() error { return nil }, nil); !errors.Is(err, backend.ErrClosed) {
		t.Errorf("put after close: %v", err)
	}
	if err := q.do(func() error { return nil }); !errors.Is(err, backend.ErrClosed) {
		t.Errorf("do after close: %v", err)
	}
	q.close()
}

// busy returns a host whose queue waits for release.
func busy(t *testing.T) (h *host, release func()) {
	h = newHost("test")
	gate := make(chan struct{})
	if _, err := h.queue.put(func() error { <-gate; return nil }, nil); err != nil {
		t.Fatal(err)
	}
	return h, func() { close(gate) }
}

// Upload returns while the queue is busy, and has copied its source.
func TestUploadWhileBusy(t *testing.T) {
	h, release := busy(t)
	buf, err := h.Alloc(4, backend.Readback)
	if err != nil {
		t.Fatal(err)
	}
	src := []byte{1, 2, 3, 4}
	if err := buf.Upload(0, src); err != nil {
		t.Fatal(err)
	}
	clear(src)
	if got := buf.Bytes(); got[0] != 0 {
		t.Errorf("the upload took effect before what was submitted earlier: %v", got)
	}
	release()
	if err := buf.Download(0, src); err != nil || !slices.Equal(src, []byte{1, 2, 3, 4}) {
		t.Errorf("downloaded %v, %v", src, err)
	}
	buf.Close()
	h.Close()
}

// A buffer, a weight or a plan that is closed while it is in use is used to the
// end; what comes later is refused.
func TestCloseWhileBusy(t *testing.T) {
	b, err := refDriver{}.Open(0, backend.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ref := b.(*reference)
	buf, err := b.Alloc(2<<20, backend.Device) // pages that are unmapped at once
	if err != nil {
		t.Fatal(err)
	}
	half := backend.Matrix(buf, 0, backend.F32, 1, 1<<18)
	other := backend.Matrix(buf, 1<<20, backend.F32, 1, 1<<18)
	p, err := b.Compile("copy", []backend.Op{backend.Copy{Dst: half, Src: other}})
	if err != nil {
		t.Fatal(err)
	}
	gate := make(chan struct{})
	ref.queue.put(func() error { <-gate; return nil }, nil)
	ticket, err := p.Submit()
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan error)
	go func() { closed <- buf.Close() }()
	for { // until Close has begun
		if _, err := p.Submit(); err != nil {
			if !errors.Is(err, backend.ErrClosed) {
				t.Error(err)
			}
			break
		}
	}
	close(gate)
	if err := b.Wait(context.Background(), ticket); err != nil {
		t.Error(err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if s := b.Stats(); s.Live != 0 {
		t.Errorf("%d bytes live", s.Live)
	}
	b.Close()
}

func TestAlignment(t *testing.T) {
	m := memory{totals: memoryTotals}
	for _, size := range []int64{0, 1, 4, 63, 4096, pageBlock - 1, pageBlock, pageBlock + 1, 5 << 20} {
		b, err := m.take(size, "block")
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(b.data)) != size || size > 0 && addressOf(b.data)%alignment != 0 {
			t.Errorf("%d bytes: %d at %#x", size, len(b.data), addressOf(b.data))
		}
		for _, x := range b.data {
			if x != 0 {
				t.Fatalf("%d bytes: not zeroed", size)
			}
		}
		m.give(b)
	}
	if s := m.stats(); s.Live != 0 || s.Peak != 5<<20 {
		t.Errorf("%+v", s)
	}
}

// More than the machine has is refused, and is no end of the program.
func TestOutOfMemory(t *testing.T) {
	h := newHost("test")
	defer h.Close()
	total, _ := memoryTotals()
	if total == 0 {
		t.Skip("how much memory this machine has is not known")
	}
	for _, size := range []int64{total + 1, 1 << 60} {
		_, err := h.Alloc(size, backend.Device)
		if !errors.Is(err, backend.ErrOutOfMemory) {
			t.Errorf("%d bytes of %d: %v", size, total, err)
		}
	}
	_, err := h.newWeight(backend.WeightDesc{Name: "big", Type: backend.F32, Rows: 1 << 30, Cols: 1 << 20}, nil, nil)
	if want := fmt.Sprintf(`test: NewWeight "big": 0 bytes, want %d for f32 [1073741824 1048576]`,
		int64(1)<<52); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func addressOf(data []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(data))) }
