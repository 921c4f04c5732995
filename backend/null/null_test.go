package null_test

import (
	"context"
	"errors"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/null"
)

func alloc(t *testing.T, b backend.Backend, size int64) backend.Buffer {
	t.Helper()
	buf, err := b.Alloc(size, backend.Device)
	if err != nil {
		t.Fatal(err)
	}
	return buf
}

func TestMemory(t *testing.T) {
	d := null.Open(null.Options{Memory: 1000})
	a := alloc(t, d, 600)
	if _, err := d.Alloc(401, backend.Device); !errors.Is(err, backend.ErrOutOfMemory) {
		t.Errorf("401 bytes beside 600 of 1000: %v", err)
	}
	w, err := d.NewWeight(backend.WeightDesc{Name: "w", Type: backend.BF16, Rows: 10, Cols: 20}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := d.Stats(), (backend.Stats{Live: 1000, Peak: 1000}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := d.Info().MemoryFree; got != 0 {
		t.Errorf("%d bytes free, want 0", got)
	}
	for range 2 {
		a.Close()
		w.Close()
	}
	if got, want := d.Stats(), (backend.Stats{Peak: 1000}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// Where the device has memory of its own, what the host reads takes none of it.
func TestMemoryOfItsOwn(t *testing.T) {
	d := null.Open(null.Options{Memory: 1000, Info: backend.Info{Class: backend.Discrete}})
	alloc(t, d, 600)
	b, err := d.Alloc(2000, backend.Readback)
	if err != nil {
		t.Fatal(err)
	}
	if s, free := d.Stats(), d.Info().MemoryFree; s.Live != 2600 || free != 400 {
		t.Errorf("%+v, %d bytes free", s, free)
	}
	b.Close()
	if s, free := d.Stats(), d.Info().MemoryFree; s.Live != 600 || free != 400 {
		t.Errorf("closed: %+v, %d bytes free", s, free)
	}
}

// A model of terabytes costs the host nothing.
func TestNothingBehind(t *testing.T) {
	d := null.Open(null.Options{})
	buf := alloc(t, d, 1<<50)
	if err := buf.Upload(1<<50-4, make([]byte, 4)); err != nil {
		t.Error(err)
	}
	if err := buf.Upload(1<<50-4, make([]byte, 8)); err == nil {
		t.Error("an upload that leaves the buffer is no error")
	}
	dst := []byte{1, 2}
	if err := buf.Download(7, dst); err != nil || dst[0] != 0 || dst[1] != 0 {
		t.Errorf("downloaded %v, %v; want zeros", dst, err)
	}
}

func TestImport(t *testing.T) {
	d := null.Open(null.Options{})
	buf, err := d.Import(make([]byte, 64))
	if err != nil {
		t.Fatal(err)
	}
	w, err := d.NewWeight(backend.WeightDesc{Type: backend.F32, Rows: 2, Cols: 4, From: buf, Off: 32}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !w.InPlace() || w.Size() != 32 {
		t.Errorf("in place: %v, %d bytes", w.InPlace(), w.Size())
	}
	if _, err := d.NewWeight(backend.WeightDesc{Type: backend.F32, Rows: 2, Cols: 4, From: buf, Off: 36},
		nil); err == nil {
		t.Error("a weight that leaves its buffer is no error")
	}
	if got, want := d.Stats(), (backend.Stats{Imported: 64}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	w.Close()
	buf.Close()
	if got := d.Stats(); got.Imported != 0 {
		t.Errorf("%d bytes stay imported", got.Imported)
	}
}

// head returns a fused operation.
func head(t *testing.T, d *null.Device) backend.Head {
	buf := alloc(t, d, 4<<10)
	at := func(row int) int64 { return int64(row) * 256 }
	w, err := d.NewWeight(backend.WeightDesc{Name: "head", Type: backend.F32, Rows: 7, Cols: 5}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return backend.Head{
		Logits: backend.Matrix(buf, at(0), backend.F32, 2, 7), Src: backend.Matrix(buf, at(1), backend.F32, 3, 5),
		Rows: backend.Matrix(buf, at(2), backend.I32, 2, 1), Norm: backend.Matrix(buf, at(3), backend.F32, 1, 5),
		Weight: w, Batch: backend.Matrix(buf, at(4), backend.I32, 2, backend.BatchWords),
	}
}

// matmul returns h's product alone.
func matmul(h backend.Head) backend.MatMul {
	return backend.MatMul{Dst: h.Logits, Src: h.Src.RowRange(0, 2), Weight: h.Weight}
}

func TestPlans(t *testing.T) {
	for _, c := range []struct {
		options null.Options
		want    []backend.Kind
	}{
		{null.Options{}, []backend.Kind{backend.KindGather, backend.KindRMSNorm, backend.KindMatMul}},
		{null.Options{Fused: true}, []backend.Kind{backend.KindHead}},
		{null.Options{Fused: true, Supports: func(backend.Op) bool { return false }},
			[]backend.Kind{backend.KindGather, backend.KindRMSNorm, backend.KindMatMul}},
	} {
		d := null.Open(c.options)
		op := head(t, d)
		s := backend.NewScratch(d)
		ops, err := backend.Lower(d, s, []backend.Op{op})
		if err != nil {
			t.Fatal(err)
		}
		p, err := d.Compile("head", ops)
		if err != nil {
			t.Fatal(err)
		}
		ticket, err := p.Submit()
		if err == nil {
			err = d.Wait(context.Background(), ticket)
		}
		if err != nil {
			t.Error(err)
		}
		plans := d.Plans()
		if len(plans) != 1 || plans[0].Name != "head" || plans[0].Runs() != 1 || len(plans[0].Ops) != len(c.want) {
			t.Fatalf("plans %+v", plans)
		}
		for i, op := range plans[0].Ops {
			if op.Kind() != c.want[i] {
				t.Errorf("operation %d is %s, want %s", i, op.Kind(), c.want[i])
			}
		}
		p.Close()
		if len(d.Plans()) != 0 {
			t.Error("a closed plan is still listed")
		}
		if _, err := p.Submit(); !errors.Is(err, backend.ErrClosed) {
			t.Errorf("Submit of a closed plan: %v", err)
		}
		s.Close()
	}
}

func TestCompileChecks(t *testing.T) {
	d, other := null.Open(null.Options{}), null.Open(null.Options{})
	op := head(t, d)
	if _, err := d.Compile("fused", []backend.Op{op}); !errors.Is(err, backend.ErrUnsupported) {
		t.Errorf("a fused operation that is not supported: %v", err)
	}
	x := backend.Matrix(alloc(t, d, 64), 0, backend.F32, 1, 16)
	y := backend.Matrix(alloc(t, other, 64), 0, backend.F32, 1, 16)
	foreign := head(t, d)
	foreign.Weight = head(t, other).Weight
	closed := head(t, d)
	closed.Weight.Close()
	for _, op := range []backend.Op{nil, backend.Add{Dst: x, A: x, B: y}, backend.Add{Dst: x, A: x, B: x.Columns(0, 8)},
		matmul(foreign), matmul(closed)} {
		if _, err := d.Compile("bad", []backend.Op{op}); err == nil {
			t.Errorf("%+v compiles", op)
		}
	}
	if _, err := null.Open(null.Options{Types: []backend.DType{backend.F32}}).NewWeight(
		backend.WeightDesc{Type: backend.F16, Rows: 1, Cols: 1}, nil); !errors.Is(err, backend.ErrUnsupported) {
		t.Errorf("a weight type that is not among those kept: %v", err)
	}
	d.Close()
	if _, err := d.Alloc(4, backend.Device); !errors.Is(err, backend.ErrClosed) {
		t.Errorf("Alloc on a closed device: %v", err)
	}
}
