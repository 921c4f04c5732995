package backendtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"unsafe"

	"falconmamba/backend"
	"falconmamba/backend/quant"
)

// The laws of calls: memory, misuse and ends.

func zeroed(k *kit) {
	for range 3 {
		for _, size := range []int64{4, 260, 4 << 20} {
			for _, use := range []backend.Usage{backend.Device, backend.Readback} {
				if k.err != nil {
					return
				}
				buf, err := k.b.Alloc(size, use)
				if !k.check(err) {
					return
				}
				if buf.Size() < size {
					k.failf("Size of a buffer of %d bytes is %d", size, buf.Size())
				}
				data := make([]byte, size)
				k.check(buf.Download(0, data))
				for i, v := range data {
					if v != 0 {
						k.failf("byte %d of a new buffer of %d is %d", i, size, v)
						break
					}
					data[i] = 0xa5
				}
				k.check(buf.Upload(0, data)) // for the next to find, if it may
				k.check(buf.Close())
			}
		}
	}
}

func counted(k *kit) {
	const rows, cols = 131, 257
	start := k.b.Stats()
	var closers []interface{ Close() error }
	for range 3 {
		before := k.b.Stats()
		buf, err := k.b.Alloc(1<<20, backend.Device)
		if !k.check(err) {
			return
		}
		after := k.b.Stats()
		if after.Live < before.Live+1<<20 {
			k.failf("Live went from %d to %d with a buffer of %d", before.Live, after.Live, 1<<20)
		}
		w, err := k.b.NewWeight(backend.WeightDesc{Name: "counted", Type: backend.F32, Rows: rows, Cols: cols},
			make([]byte, 4*rows*cols))
		if !k.check(err) {
			return
		}
		closers = append(closers, buf, w)
		if got := k.b.Stats().Live; got < after.Live+w.Size() || w.Size() < 2*rows*cols {
			k.failf("Live went from %d to %d with a weight of %d", after.Live, got, w.Size())
		}
	}
	if s := k.b.Stats(); s.Peak < s.Live {
		k.failf("Peak is %d, Live %d", s.Peak, s.Live)
	}
	high := k.b.Stats().Live
	for _, c := range closers {
		k.check(c.Close())
	}
	if s := k.b.Stats(); s.Live != start.Live || s.Imported != start.Imported {
		k.failf("when all is closed %d bytes are live and %d imported, were %d and %d", s.Live, s.Imported, start.Live,
			start.Imported)
	} else if s.Peak < high {
		k.failf("Peak fell to %d, was %d at least", s.Peak, high)
	}
}

// imported puts a weight into memory of the host's, at the start of a page as a
// mapping is, and at an odd place.
func imported(k *kit) {
	imp, ok := k.b.(backend.Importer)
	if !ok {
		return
	}
	const rows, cols, page = 33, 67, 16 << 10
	start := k.b.Stats()
	raw := make([]byte, 4*page)
	skip := -uintptr(unsafe.Pointer(unsafe.SliceData(raw))) & (page - 1)
	mem := raw[skip:][:2*page]
	values := k.normal(rows * cols)
	buf, err := imp.Import(mem)
	if errors.Is(err, backend.ErrUnsupported) {
		return
	}
	if !k.check(err) {
		return
	}
	if buf.Size() != int64(len(mem)) {
		k.failf("an imported buffer of %d bytes says %d", len(mem), buf.Size())
	}
	if got := k.b.Stats(); got.Imported != start.Imported+int64(len(mem)) || got.Live != start.Live {
		k.failf("importing %d bytes takes Imported from %d to %d and Live from %d to %d", len(mem), start.Imported,
			got.Imported, start.Live, got.Live)
	}
	ids := make([]int32, rows)
	for i := range ids {
		ids[i] = int32(i)
	}
	for _, off := range []int{0, 256, 4 * 33, 2 * 5} {
		for _, typ := range weightTypes {
			src := encode(typ, values)
			copy(mem[off:], src)
			desc := backend.WeightDesc{Name: "imported", Type: typ, Rows: rows, Cols: cols, From: buf, Off: int64(off)}
			w, err := k.b.NewWeight(desc, mem[off:][:len(src)])
			if errors.Is(err, backend.ErrUnsupported) && typ != backend.F32 {
				continue
			}
			if !k.check(err) {
				return
			}
			own := newKit(k.b)
			got, want := own.matrix(rows, cols), own.matrix(rows, cols)
			own.run(backend.Embed{Dst: got, Table: w, IDs: own.words(1, ids...)})
			desc.From, desc.Off = nil, 0
			copied, err := k.b.NewWeight(desc, src)
			if own.check(err) {
				own.own(copied)
				own.run(backend.Embed{Dst: want, Table: copied, IDs: own.words(1, ids...)})
				own.equal(fmt.Sprintf("%s at byte %d", typ, off), own.read(got), own.read(want))
			}
			k.check(own.done())
			k.check(w.Close())
		}
	}
	if _, err := k.b.NewWeight(backend.WeightDesc{Name: "outside", Type: backend.F32, Rows: rows, Cols: cols, From: buf,
		Off: 2*page - 8},
		encode(backend.F32, values)); err == nil {
		k.failf("a weight that leaves its imported buffer is no error")
	}
	k.check(buf.Close())
	k.check(buf.Close())
	if got := k.b.Stats(); got.Imported != start.Imported {
		k.failf("%d bytes stay imported, were %d", got.Imported, start.Imported)
	}
}

// weightSource overwrites a weight's source as soon as NewWeight returns: what it
// multiplies to is what that of an intact source does.
func weightSource(k *kit) {
	const rows, cols = 33, 256
	for _, typ := range []backend.DType{backend.F32, backend.BF16, backend.Q8_0} {
		p := quant.New(typ, rows*cols)
		if !k.check(p.Encode(k.normal(rows*cols), 0)) {
			return
		}
		desc := backend.WeightDesc{Name: "source", Type: typ, Rows: rows, Cols: cols, Aux: p.Aux}
		kept, err := k.b.NewWeight(desc, slices.Clone(p.Data))
		if errors.Is(err, backend.ErrUnsupported) && typ != backend.F32 {
			continue
		}
		if !k.check(err) {
			return
		}
		k.own(kept)
		w, err := k.b.NewWeight(desc, p.Data)
		clear(p.Data)
		if !k.check(err) {
			return
		}
		k.own(w)
		x, got, want := k.matrix(1, cols, k.normal(cols)...), k.matrix(1, rows), k.matrix(1, rows)
		k.run(backend.MatMul{Dst: got, Src: x, Weight: w}, backend.MatMul{Dst: want, Src: x, Weight: kept})
		k.equal(fmt.Sprintf("a product with %s, the source overwritten", typ), k.read(got), k.read(want))
	}
}

// empty has passes of no rows, as the end of a prompt may be.
func empty(k *kit) {
	buf := k.alloc(0, backend.Device)
	if k.err != nil {
		return
	}
	k.check(buf.Upload(0, nil))
	k.check(buf.Download(0, nil))
	x := k.matrix(1, 67, filled(67, 1)...)
	nothing := x.RowRange(0, 0)
	k.run(backend.Add{Dst: nothing, A: nothing, B: nothing}, backend.RMSNorm{Dst: nothing, Src: nothing, Eps: 0.5})
	k.run()
	k.equal("a row beside", k.read(x), filled(67, 1))
}

// badCalls are errors, each with words for people, and leave the backend as it
// was.
func badCalls(b backend.Backend, open func() (backend.Backend, error)) error {
	k := newKit(b)
	start := b.Stats().Live
	x, y := k.matrix(2, 33), k.matrix(2, 33)
	other, err := open()
	if k.check(err) {
		k.own(other)
		foreign := newKit(other)
		z := foreign.matrix(2, 33)
		foreignWeight := foreign.weight(backend.F32, 33, 33)
		k.check(foreign.err)
		if k.err == nil {
			wantError(k, "Compile with another backend's buffer", compiles(b, backend.Add{Dst: x, A: y, B: z}), nil)
			wantError(k, "Compile with another backend's weight",
				compiles(b, backend.MatMul{Dst: x, Src: y, Weight: foreignWeight}), nil)
		}
		k.check(foreign.done())
	}
	if k.err != nil {
		return k.done()
	}

	alloc := func(size int64) error {
		buf, err := b.Alloc(size, backend.Device)
		if err == nil {
			err = buf.Close()
		}
		return err
	}
	wantError(k, "Alloc of -1 bytes", orNil(alloc(-1)), nil)
	wantError(k, "Alloc of 2^60 bytes", orNil(alloc(1<<60)), backend.ErrOutOfMemory)
	wantError(k, "Alloc of 2^63-1 bytes", orNil(alloc(math.MaxInt64)), backend.ErrOutOfMemory)

	size := x.Buf.Size()
	for _, r := range []struct{ off, n int64 }{{-4, 4}, {size, 4}, {size - 4, 8}, {math.MaxInt64 - 3, 4}} {
		data := make([]byte, r.n)
		wantError(k, fmt.Sprintf("Upload of %d bytes at %d of %d", r.n, r.off, size), x.Buf.Upload(r.off, data), nil)
		wantError(k, fmt.Sprintf("Download of %d bytes at %d of %d", r.n, r.off, size), x.Buf.Download(r.off, data),
			nil)
	}

	weight := func(d backend.WeightDesc, n int) error {
		w, err := b.NewWeight(d, make([]byte, n))
		if err == nil {
			err = errors.Join(w.Close(), errAccepted)
		}
		return err
	}
	wantError(k, "NewWeight with too few bytes", weight(backend.WeightDesc{Type: backend.F32, Rows: 3, Cols: 5}, 59),
		nil)
	wantError(k, "NewWeight with too many bytes", weight(backend.WeightDesc{Type: backend.F32, Rows: 3, Cols: 5}, 61),
		nil)
	wantError(k, "NewWeight without rows", weight(backend.WeightDesc{Type: backend.F32, Cols: 5}, 0), nil)
	wantError(k, "NewWeight with -1 columns", weight(backend.WeightDesc{Type: backend.F32, Rows: -1, Cols: -1}, 4), nil)
	wantError(k, "NewWeight of 2^62 elements",
		weight(backend.WeightDesc{Type: backend.F32, Rows: math.MaxInt32, Cols: math.MaxInt32}, 0), nil)
	wantError(k, "NewWeight of no type", weight(backend.WeightDesc{Rows: 1, Cols: 1}, 4), nil)
	wantError(k, "NewWeight of i32", weight(backend.WeightDesc{Type: backend.I32, Rows: 1, Cols: 1}, 4),
		backend.ErrUnsupported)

	wantError(k, "Compile of operands that do not fit", compiles(b, backend.Add{Dst: x, A: y, B: y.Columns(0, 32)}),
		nil)
	wantError(k, "Compile without operands", compiles(b, backend.Gate{}), nil)
	wantError(k, "Compile of a good operation and a bad one",
		compiles(b, backend.Add{Dst: x, A: y, B: y}, backend.Copy{Dst: x, Src: x}), nil)

	err = k.done()
	if live := b.Stats().Live; err == nil && live != start {
		err = fmt.Errorf("after calls that failed %d bytes are live, were %d", live, start)
	}
	return err
}

var errAccepted = errors.New("accepted")

// compiles returns the error of Compile.
func compiles(b backend.Backend, ops ...backend.Op) error {
	p, err := b.Compile("bad", ops)
	if err == nil {
		err = errors.Join(p.Close(), errAccepted)
	}
	return err
}

func orNil(err error) error {
	if err == nil {
		return errAccepted
	}
	return err
}

// wantError wants err to be is; any error, if is is nil.
func wantError(k *kit, what string, err, is error) {
	switch {
	case err == nil || errors.Is(err, errAccepted):
		k.failf("%s is no error", what)
	case is != nil && !errors.Is(err, is):
		k.failf("%s: %q, want an error that is %q", what, err, is)
	}
}

// closes closes everything twice, and uses it afterwards.
func closes(_ backend.Backend, open func() (backend.Backend, error)) error {
	b, err := open()
	if err != nil {
		return err
	}
	k := newKit(b)
	x, y := k.matrix(2, 33), k.matrix(2, 33)
	w := k.weight(backend.F32, 33, 33)
	p := k.plan(backend.Add{Dst: x, A: y, B: y})
	q := k.plan(backend.MatMul{Dst: x, Src: y, Weight: w})
	if k.err != nil {
		return errors.Join(k.done(), b.Close())
	}
	data := make([]byte, 4)
	k.submit(p)
	k.check(p.Close())
	k.check(p.Close())
	_, err = p.Submit()
	wantError(k, "Submit of a closed plan", err, backend.ErrClosed)
	k.check(q.Close())
	k.check(w.Close())
	k.check(w.Close())
	wantError(k, "Compile with a closed weight", compiles(b, backend.MatMul{Dst: x, Src: y, Weight: w}),
		backend.ErrClosed)
	k.check(x.Buf.Close())
	k.check(x.Buf.Close())
	wantError(k, "Upload to a closed buffer", x.Buf.Upload(0, data), backend.ErrClosed)
	wantError(k, "Download of a closed buffer", x.Buf.Download(0, data), backend.ErrClosed)
	wantError(k, "Compile with a closed buffer", compiles(b, backend.Add{Dst: x, A: y, B: y}), backend.ErrClosed)
	if err := k.done(); err != nil { // closes all of it once more
		return errors.Join(err, b.Close())
	}
	if s := b.Stats(); s.Live != 0 {
		k.failf("%d bytes are live when all is closed", s.Live)
	}

	k.check(b.Close())
	k.check(b.Close())
	_, err = b.Alloc(4, backend.Device)
	wantError(k, "Alloc on a closed backend", err, backend.ErrClosed)
	_, err = b.NewWeight(backend.WeightDesc{Type: backend.F32, Rows: 1, Cols: 1}, data)
	wantError(k, "NewWeight on a closed backend", err, backend.ErrClosed)
	_, err = b.Compile("closed", nil)
	wantError(k, "Compile on a closed backend", err, backend.ErrClosed)
	wantError(k, "Wait on a closed backend", b.Wait(context.Background(), 0), backend.ErrClosed)
	return k.err
}
