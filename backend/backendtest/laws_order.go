package backendtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"falconmamba/backend"
)

// The laws of order: what a plan, a transfer or the host sees of what came
// before. The matrices are large enough for a device to run them side by side
// if it is let.

const orderRows, orderCols = 64, 1024

// replays counts: x = x + 1.
func replays(k *kit) {
	x, one := k.matrix(orderRows, orderCols), k.matrix(orderRows, orderCols, filled(orderRows*orderCols, 1)...)
	p := k.plan(backend.Add{Dst: x, A: x, B: one})
	var t backend.Ticket
	for range 3 {
		t = k.submit(p)
	}
	k.wait(t)
	k.equal("three runs in flight", k.read(x), filled(orderRows*orderCols, 3))
	for range 17 {
		k.submit(p)
	}
	k.equal("twenty runs, without waiting", k.read(x), filled(orderRows*orderCols, 20))
}

// planOrder alternates plans that do not commute: x = x + 1, and x = x + x by
// way of y.
func planOrder(k *kit) {
	x, y := k.matrix(orderRows, orderCols), k.matrix(orderRows, orderCols)
	one := k.matrix(orderRows, orderCols, filled(orderRows*orderCols, 1)...)
	inc := k.plan(backend.Add{Dst: x, A: x, B: one})
	double := k.plan(backend.Copy{Dst: y, Src: x}, backend.Add{Dst: x, A: x, B: y})
	want := float32(0)
	for range 10 {
		k.submit(inc)
		k.submit(double)
		want = 2 * (want + 1)
	}
	k.equal("ten times increased and doubled", k.read(x), filled(orderRows*orderCols, want))
}

// transferOrder overwrites an input while the plan that reads it may not have
// begun, and the upload's source as soon as Upload returns.
func transferOrder(k *kit) {
	const n = orderRows * orderCols
	x := k.matrix(orderRows, orderCols)
	var plans []backend.Plan
	var seen []backend.Tensor
	for range 4 {
		y := k.matrix(orderRows, orderCols)
		seen = append(seen, y)
		plans = append(plans, k.plan(backend.Copy{Dst: y, Src: x}))
	}
	for round := range 3 {
		data := make([]byte, 4*n)
		for i, p := range plans {
			copy(data, encode(backend.F32, filled(n, float32(10*round+i))))
			if k.err == nil {
				k.check(x.Buf.Upload(0, data))
			}
			clear(data)
			k.submit(p)
		}
		k.upload(x, filled(n, -1))
		for i, y := range seen {
			k.equal(fmt.Sprintf("what plan %d read", i), k.read(y), filled(n, float32(10*round+i)))
		}
	}
	// Part of a buffer, at an odd word.
	k.upload(x, filled(n, 0))
	if k.err == nil {
		k.check(x.Buf.Upload(4*5, encode(backend.F32, []float32{7, 8, 9})))
	}
	three := make([]byte, 12)
	if k.err == nil {
		k.check(x.Buf.Download(4*6, three))
	}
	k.equal("three numbers at an odd place", floatsOf(three), []float32{8, 9, 0})
}

// hazards has every dependence in one plan: reads after writes, writes after
// reads, writes after writes.
func hazards(k *kit) {
	const n = orderRows * orderCols
	a, b, c := k.matrix(orderRows, orderCols), k.matrix(orderRows, orderCols), k.matrix(orderRows, orderCols)
	d, e := k.matrix(orderRows, orderCols), k.matrix(orderRows, orderCols)
	p := k.plan(
		backend.Copy{Dst: d, Src: a},    // d = a
		backend.Copy{Dst: a, Src: b},    // a = b, after a was read
		backend.Add{Dst: e, A: d, B: a}, // e = a0 + b
		backend.Copy{Dst: d, Src: c},    // d = c, after d was read
		backend.Add{Dst: d, A: d, B: e}, // d = c + a0 + b, in place
		backend.Copy{Dst: e, Src: d},    // e = d, over the e that was read
		backend.Copy{Dst: b, Src: c},    // b = c
		backend.Copy{Dst: b, Src: e},    // b = d, over what was just written
		backend.Add{Dst: c, A: a, B: b}, // c = b0 + d
		backend.Copy{Dst: a, Src: c},    // a = c
	)
	for range 3 {
		k.upload(a, filled(n, 1))
		k.upload(b, filled(n, 20))
		k.upload(c, filled(n, 300))
		k.submit(p)
		for _, w := range []struct {
			name string
			t    backend.Tensor
			want float32
		}{{"a", a, 341}, {"b", b, 321}, {"c", c, 341}, {"d", d, 321}, {"e", e, 321}} {
			k.equal(w.name, k.read(w.t), filled(n, w.want))
		}
	}
}

// halves works on the columns of one matrix, which share every row's memory.
func halves(k *kit) {
	const half = orderCols / 2
	m := k.matrix(orderRows, orderCols)
	one := k.matrix(orderRows, half, filled(orderRows*half, 1)...)
	left, right := m.Columns(0, half), m.Columns(half, orderCols)
	middle := m.Columns(half-100, half+100) // across both
	sum := k.matrix(orderRows, 200)
	p := k.plan(
		backend.Add{Dst: left, A: left, B: one},
		backend.Add{Dst: right, A: right, B: left}, // reads the left that was just written
		backend.Copy{Dst: sum, Src: middle},
		backend.Add{Dst: left, A: left, B: one},
		backend.Copy{Dst: right, Src: left},
	)
	k.submit(p)
	s := k.read(sum)
	k.equal("the middle, between the writes", s, filled(orderRows*200, 1))
	k.equal("the matrix", k.read(m), filled(orderRows*orderCols, 2))
}

// readback reads the first plan's result while others run.
func readback(k *kit) {
	const n = orderRows * orderCols
	x, one := k.matrix(orderRows, orderCols), k.matrix(orderRows, orderCols, filled(n, 1)...)
	buf := k.alloc(2*4*n, backend.Readback)
	inc := k.plan(backend.Add{Dst: x, A: x, B: one})
	var outs [2]backend.Plan
	for i := range outs {
		outs[i] = k.plan(backend.Copy{Dst: backend.Matrix(buf, int64(4*n*i), backend.F32, orderRows, orderCols),
			Src: x})
	}
	if k.err != nil {
		return
	}
	if got := len(buf.Bytes()); got != 2*4*n {
		k.failf("Bytes of a readback buffer of %d bytes are %d", 2*4*n, got)
		return
	}
	k.submit(inc)
	before := k.submit(outs[0])
	for i := range 20 {
		k.submit(inc)
		after := k.submit(outs[(i+1)%2])
		k.wait(before)
		k.equal("what was waited for", floatsOf(buf.Bytes()[4*n*(i%2):][:4*n]), filled(n, float32(1+i)))
		before = after
	}
	k.wait(before)
	data := make([]byte, 8)
	if k.err == nil {
		k.check(buf.Download(0, data))
	}
	k.equal("a download of it", floatsOf(data), []float32{21, 21})
	if k.err == nil {
		k.check(buf.Upload(0, encode(backend.F32, []float32{5})))
		k.check(buf.Download(0, data))
	}
	k.equal("after an upload", floatsOf(data), []float32{5, 21})
}

func tickets(k *kit) {
	x, one := k.matrix(orderRows, orderCols), k.matrix(orderRows, orderCols)
	p := k.plan(backend.Add{Dst: x, A: x, B: one})
	if k.err != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	if err := k.b.Wait(ctx, 0); err != nil {
		k.failf("Wait for the zero ticket: %w", err)
	}
	var last backend.Ticket
	for range 10 {
		t := k.submit(p)
		if t <= last {
			k.failf("ticket %d came after %d", t, last)
		}
		last = t
	}
	for _, t := range []backend.Ticket{last + 1<<20, math.MaxUint64} {
		wantError(k, fmt.Sprintf("Wait for ticket %d, where the latest is %d", t, last),
			orNil(k.b.Wait(context.Background(), t)), nil)
	}
	cancel()
	if err := k.b.Wait(ctx, last); err != nil && !errors.Is(err, context.Canceled) {
		k.failf("Wait with a context that was cancelled: %v, want nil or context.Canceled", err)
	}
	k.wait(last)
	if err := k.b.Wait(context.Background(), 1); err != nil {
		k.failf("Wait for a ticket of long ago: %w", err)
	}
}

// goroutines share one backend, each with memory of its own.
func goroutines(k *kit) {
	var group sync.WaitGroup
	errs := make([]error, 6)
	for g := range errs {
		group.Add(1)
		go func() {
			defer group.Done()
			own := newKit(k.b)
			x, one := own.matrix(7, 67), own.matrix(7, 67, filled(7*67, 1)...)
			p := own.plan(backend.Add{Dst: x, A: x, B: one})
			for i := range 20 {
				own.upload(x, filled(7*67, float32(100*g+i)))
				own.submit(p)
				own.wait(own.submit(p))
				own.equal(fmt.Sprintf("goroutine %d", g), own.read(x), filled(7*67, float32(100*g+i+2)))
			}
			errs[g] = own.done()
		}()
	}
	group.Wait()
	k.check(errors.Join(errs...))
}

// profiles wants the operations' times, and what they did.
func profiles(k *kit) {
	p, ok := k.b.(backend.Profiler)
	if !ok {
		return
	}
	x, one := k.matrix(7, 67), k.matrix(7, 67, filled(7*67, 1)...)
	plan := k.plan(backend.Add{Dst: x, A: x, B: one}, backend.Add{Dst: x, A: x, B: one})
	if k.err != nil {
		return
	}
	times, err := p.Profile(context.Background(), plan)
	if !k.check(err) {
		return
	}
	if len(times) != 2 {
		k.failf("a profile of 2 operations has %d", len(times))
	}
	for _, t := range times {
		if t.Op == nil || !(t.Seconds >= 0 && t.Seconds < 60) {
			k.failf("a profile says %v took %v s", t.Op, t.Seconds)
		}
	}
	k.equal("after a profile", k.read(x), filled(7*67, 2))
}
