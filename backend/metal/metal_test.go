//go:build cgo && metalfake

package metal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
	"falconmamba/backend/metal/internal/fakemetal"
)

func TestDevices(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*fakemetal.Settings)
		want   string // error of Open, empty for none
		listed int
	}{
		{"as is", func(s *fakemetal.Settings) {}, "", 1},
		{"two", func(s *fakemetal.Settings) { s.Devices = 2 }, "", 2},
		{"none", func(s *fakemetal.Settings) { s.Devices = 0 }, "metal: no device 0: 0 found", 0},
		{"a Mac of Intel's", func(s *fakemetal.Settings) { s.Intel = true },
			"Fake Radeon is not a GPU of Apple silicon", 0},
		{"macOS 12", func(s *fakemetal.Settings) { s.OldSystem = true }, "macOS 13 or later is wanted", 0},
		{"macOS 14", func(s *fakemetal.Settings) { s.NoResidency = true }, "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			set(t, c.change)
			infos, err := driver{}.Devices()
			if len(infos) != c.listed || (err != nil) != (c.want != "" && c.name != "none") {
				t.Errorf("Devices: %d, %v; want %d", len(infos), err, c.listed)
			}
			b, err := backend.Open("metal", backend.Options{})
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("Open: %v, want %q", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if info := b.Info(); info.Class != backend.Integrated || !info.Unified || info.MemoryTotal != 8<<30 ||
				info.MemoryFree >= info.MemoryTotal {
				t.Errorf("Info is %+v", info)
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
			if left := fakemetal.LeftOver(); left != "" {
				t.Errorf("left over: %s", left)
			}
		})
	}
}

// A plan whose barriers are taken out must be caught, and the device is lost.
func TestMissingBarrier(t *testing.T) {
	for name, ops := range map[string]func(x, y, z backend.Tensor) []backend.Op{
		"read after write": func(x, y, z backend.Tensor) []backend.Op {
			return []backend.Op{backend.Copy{Dst: y, Src: x}, backend.Copy{Dst: z, Src: y}}
		},
		"write after read": func(x, y, z backend.Tensor) []backend.Op {
			return []backend.Op{backend.Copy{Dst: y, Src: x}, backend.Copy{Dst: x, Src: z}}
		},
		"write after write": func(x, y, z backend.Tensor) []backend.Op {
			return []backend.Op{backend.Copy{Dst: y, Src: x}, backend.Copy{Dst: y, Src: z}}
		},
		"in place": func(x, y, z backend.Tensor) []backend.Op {
			return []backend.Op{backend.Add{Dst: x, A: x, B: y}, backend.Add{Dst: x, A: x, B: z}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := openTest(t)
			x, y, z := tensor(t, d, 3, 70, 1), tensor(t, d, 3, 70, 2), tensor(t, d, 3, 70, 3)
			p := compile(t, d, ops(x, y, z)...)
			if err := run(t, d, p); err != nil {
				t.Fatalf("as it is: %v", err)
			}
			for i := range p.dispatches {
				p.dispatches[i].barrier = 0
			}
			err := run(t, d, p)
			if !errors.Is(err, backend.ErrDeviceLost) ||
				!strings.Contains(err.Error(), "with no memoryBarrier between") {
				t.Errorf("without barriers: %v", err)
			}
			if _, again := p.Submit(); !errors.Is(again, backend.ErrDeviceLost) {
				t.Errorf("Submit on a lost device: %v", again)
			}
			if _, again := d.Alloc(4, backend.Device); !errors.Is(again, backend.ErrDeviceLost) {
				t.Errorf("Alloc on a lost device: %v", again)
			}
			if faults := fakemetal.Faults(); len(faults) != 1 {
				t.Errorf("faults: %q", faults)
			}
		})
	}
}

// The halves of a matrix need no barrier between them.
func TestHalvesNeedNoBarrier(t *testing.T) {
	d := openTest(t)
	x, y := tensor(t, d, 3, 64, 1), tensor(t, d, 3, 32, 2)
	p := compile(t, d, backend.Copy{Dst: x.Columns(0, 32), Src: y}, backend.Copy{Dst: x.Columns(32, 64), Src: y})
	if p.dispatches[1].barrier != 0 {
		t.Error("there is a barrier")
	}
	if err := run(t, d, p); err != nil {
		t.Error(err)
	}
}

func TestCommandBufferError(t *testing.T) {
	set(t, func(s *fakemetal.Settings) { s.Broken = true })
	d := openTest(t)
	x := tensor(t, d, 1, 4, 1)
	p := compile(t, d, backend.Add{Dst: x, A: x, B: x})
	if err := run(t, d, p); !errors.Is(err, backend.ErrDeviceLost) ||
		!strings.Contains(err.Error(), "metal: command buffer: Caused GPU Hang Error") {
		t.Errorf("Wait: %v", err)
	}
	if err := x.Buf.Download(0, make([]byte, 4)); !errors.Is(err, backend.ErrDeviceLost) {
		t.Errorf("Download: %v", err)
	}
}

func TestNoMemory(t *testing.T) {
	d := openTest(t)
	for _, c := range []struct {
		name string
		call func() error
	}{
		{"Alloc", func() error { _, err := d.Alloc(100, backend.Device); return err }},
		{"NewWeight", func() error {
			_, err := d.NewWeight(backend.WeightDesc{Name: "w", Type: backend.F32, Rows: 2, Cols: 3}, make([]byte, 24))
			return err
		}},
		{"open", func() error { _, err := backend.Open("metal", backend.Options{}); return err }},
	} {
		set(t, func(s *fakemetal.Settings) { s.FailBuffer = 1 })
		if err := c.call(); !errors.Is(err, backend.ErrOutOfMemory) {
			t.Errorf("%s: %v, want out of memory", c.name, err)
		}
		fakemetal.Set(settings())
	}
	if s := d.Stats(); s.Live != 0 {
		t.Errorf("%d bytes live", s.Live)
	}
	x := tensor(t, d, 1, 4, 1)
	p := compile(t, d, backend.Add{Dst: x, A: x, B: x})
	set(t, func(s *fakemetal.Settings) { s.FailCommands = 1 })
	if _, err := p.Submit(); err == nil || !strings.Contains(err.Error(), "commandBuffer") {
		t.Errorf("Submit without a command buffer: %v", err)
	}
	if err := run(t, d, p); err != nil {
		t.Errorf("Submit after that: %v", err)
	}
}

// A pipeline that takes fewer threads than a kernel is written for is an error.
func TestFewThreads(t *testing.T) {
	set(t, func(s *fakemetal.Settings) { s.Threads = 32 })
	d := openTest(t)
	x := tensor(t, d, 1, 4, 1)
	_, err := d.Compile("few", []backend.Op{backend.Add{Dst: x, A: x, B: x}})
	if err == nil || !strings.Contains(err.Error(), "kernel add_f32: takes 32 threads") {
		t.Error(err)
	}
}

// half is a product of many rows in half precision, and its result.
func half(t *testing.T, d *device, typ backend.DType) (*plan, backend.Tensor) {
	t.Helper()
	const rows, outs, inputs = 40, 72, 64
	src := make([]byte, outs*inputs*typ.Size())
	for i := range outs * inputs { // one, whatever the type
		switch typ {
		case backend.F16:
			binary.LittleEndian.PutUint16(src[2*i:], 0x3c00)
		case backend.BF16:
			binary.LittleEndian.PutUint16(src[2*i:], 0x3f80)
		}
	}
	w, err := d.NewWeight(backend.WeightDesc{Name: "w", Type: typ, Rows: outs, Cols: inputs}, src)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	x, y := tensor(t, d, rows, inputs, 0.5), tensor(t, d, rows, outs, 0)
	return compile(t, d, backend.MatMul{Dst: y, Src: x, Weight: w, Precision: backend.Half}), y
}

// Half precision goes to simdgroup_matrix, and to float32 where the compiler
// does not take that.
func TestMatrices(t *testing.T) {
	for _, typ := range []backend.DType{backend.F16, backend.BF16} {
		for _, without := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s without %t", typ, without), func(t *testing.T) {
				set(t, func(s *fakemetal.Settings) { s.NoMatrices = without })
				d := openTest(t)
				p, y := half(t, d, typ)
				if err := run(t, d, p); err != nil {
					t.Fatal(err)
				}
				for i, v := range floats(t, y) {
					if v != 32 {
						t.Fatalf("element %d is %v, want 32", i, v)
					}
				}
				want := "gemm_" + typ.String() + "_f16"
				if without {
					want = "gemm_" + typ.String() + "_f32"
				}
				var kernels []string
				for _, x := range p.List {
					kernels = append(kernels, x.Kernel.Name)
				}
				if !slices.Contains(kernels, want) {
					t.Errorf("the kernels are %q, want %s among them", kernels, want)
				}
				if says := strings.Contains(d.Info().Driver, "without matrix units"); says != without {
					t.Errorf("the driver is %q", d.Info().Driver)
				}
			})
		}
	}
}

// A plan that takes long is divided once that is known, runs as if it were whole,
// and is made whole again when it is quick. One that must take long is divided from
// the beginning.
func TestPieces(t *testing.T) {
	set(t, func(s *fakemetal.Settings) { s.Seconds = gpu.PieceSeconds })
	d := openTest(t)
	const n = 6
	x, one := tensor(t, d, 2, 5, 0), tensor(t, d, 2, 5, 1)
	ops := make([]backend.Op, n)
	for i := range ops {
		ops[i] = backend.Add{Dst: x, A: x, B: one}
	}
	p := compile(t, d, ops...)
	for i, want := range []int{1, n, n, 1, 1} {
		if i == 2 {
			set(t, func(s *fakemetal.Settings) {}) // a run in pieces, and quick
		}
		if err := run(t, d, p); err != nil {
			t.Fatal(err)
		}
		if len(p.latest) != want {
			t.Errorf("run %d is in %d pieces, want %d", i, len(p.latest), want)
		}
		if got := floats(t, x)[9]; got != float32((i+1)*n) {
			t.Errorf("after run %d it is %v, want %d", i, got, (i+1)*n)
		}
	}

	// Half a run is none: the device is lost.
	p.Starts, p.Seconds = []int{0, 2, n}, []float64{0, 0}
	set(t, func(s *fakemetal.Settings) { s.FailCommands = 2 })
	if _, err := p.Submit(); err == nil || !strings.Contains(err.Error(), "commandBuffer") {
		t.Errorf("Submit with one command buffer of two: %v", err)
	}
	if _, err := p.Submit(); !errors.Is(err, backend.ErrDeviceLost) {
		t.Errorf("Submit after that: %v", err)
	}
}

// A plan that reads many weights for many rows is divided before its first run.
func TestPiecesAtFirst(t *testing.T) {
	d := openTest(t)
	w, err := d.NewWeight(backend.WeightDesc{Name: "w", Type: backend.F32, Rows: 1024, Cols: 1024}, make([]byte, 4<<20))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	x, y := tensor(t, d, 2048, 1024, 0), tensor(t, d, 2048, 1024, 0)
	p := compile(t, d, backend.MatMul{Dst: y, Src: x, Weight: w}, backend.MatMul{Dst: x, Src: y, Weight: w})
	if len(p.Starts) != 3 {
		t.Errorf("its pieces begin at %v, want two", p.Starts)
	}
	p.Close()
}

// A mapping larger than a buffer is imported in segments, and a matrix larger
// than one is used from several.
func TestInPlace(t *testing.T) {
	set(t, func(s *fakemetal.Settings) { s.MaxBuffer = 4 * page })
	d := openTest(t)
	mem := pages(20*page - 100)
	for i := 0; i+4 <= len(mem); i += 4 {
		binary.LittleEndian.PutUint32(mem[i:], math.Float32bits(float32(i%997)))
	}
	buf, err := d.Import(mem)
	if err != nil {
		t.Fatal(err)
	}
	defer buf.Close()
	if n := len(buf.(*buffer).segments); n != 9 {
		t.Errorf("%d segments, want 9", n)
	}
	for _, c := range []struct {
		name       string
		off        int64
		rows, cols int
		inPlace    bool
		parts      int
	}{
		{"one", 64, 100, 8, true, 1},
		{"in the second segment", 3 * page, 200, 32, true, 1},
		{"across segments", 3 * page, 500, 32, true, 2},
		{"large", 16, 2500, 32, true, 0},
		{"at no word", 8, 100, 8, false, 1},
		{"rows of no words", 16, 100, 7, false, 1},
		{"the last bytes", int64(20*page - 112 - 128), 1, 32, true, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := int64(4 * c.rows * c.cols)
			desc := backend.WeightDesc{Name: "w", Type: backend.F32, Rows: c.rows, Cols: c.cols, From: buf, Off: c.off}
			w, err := d.NewWeight(desc, mem[c.off:c.off+n])
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			if w.InPlace() != c.inPlace {
				t.Errorf("InPlace is %t", w.InPlace())
			}
			if parts := len(w.(*weight).rows.Parts); c.parts != 0 && parts != c.parts || c.parts == 0 && parts < 2 {
				t.Errorf("%d parts, want %d", parts, c.parts)
			}
			x, y := tensor(t, d, 1, c.cols, 1), tensor(t, d, 1, c.rows, 0)
			if err := run(t, d, compile(t, d, backend.MatMul{Dst: y, Src: x, Weight: w})); err != nil {
				t.Fatal(err)
			}
			for r, got := range floats(t, y) {
				want := float32(0)
				for i := range c.cols {
					want += math.Float32frombits(binary.LittleEndian.Uint32(mem[c.off+int64(4*(r*c.cols+i)):]))
				}
				if got != want {
					t.Fatalf("row %d is %v, want %v", r, got, want)
				}
			}
		})
	}
	for _, bad := range [][]byte{nil, mem[16:], mem[1:]} {
		if _, err := d.Import(bad); !errors.Is(err, backend.ErrUnsupported) {
			t.Errorf("Import of %d bytes at an odd place: %v", len(bad), err)
		}
	}
}

func TestSegments(t *testing.T) {
	for _, c := range []struct{ total, most int64 }{{1, 1}, {1, 8}, {8, 8}, {9, 8}, {12, 8}, {13, 8}, {100, 8},
		{7, 2}} {
		total, most := c.total*page, c.most*page
		list := segments(total, most)
		end := int64(0)
		for i, s := range list {
			if s.off > end || s.size > most || s.size < 1 || s.off%page != 0 || i > 0 && end-s.off < most/2/page*page {
				t.Errorf("%d of %d pages: segment %d is %+v after %d", c.total, c.most, i, s, end)
			}
			end = s.off + s.size
		}
		if end != total {
			t.Errorf("%d of %d pages: ends at %d", c.total, c.most, end)
		}
	}
}

// A program's own device and queue stay its own.
func TestAttach(t *testing.T) {
	dev, queue, release := fakemetal.Program()
	had := fakemetal.LeftOver()
	for _, h := range []Handles{{Device: dev, Queue: queue}, {Device: dev, BatchInvariant: true}} {
		b, err := Attach(h)
		if err != nil {
			t.Fatal(err)
		}
		d := b.(*device)
		if d.Info().BatchInvariant != h.BatchInvariant || d.target.BatchInvariant != h.BatchInvariant {
			t.Errorf("batch invariant: %t, asked %t", d.Info().BatchInvariant, h.BatchInvariant)
		}
		x := tensor(t, d, 2, 5, 3)
		p := compile(t, d, backend.Add{Dst: x, A: x, B: x})
		if err := run(t, d, p); err != nil {
			t.Error(err)
		}
		if got := floats(t, x)[9]; got != 6 {
			t.Errorf("3 + 3 is %v", got)
		}
		p.Close()
		x.Buf.Close()
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		if left := fakemetal.LeftOver(); left != had {
			t.Errorf("left over: %s, was %s", left, had)
		}
	}
	release()
	if left := fakemetal.LeftOver(); left != "" {
		t.Errorf("left over: %s", left)
	}
	if _, err := Attach(Handles{}); err == nil {
		t.Error("Attach without a device is no error")
	}
	set(t, func(s *fakemetal.Settings) { s.Intel = true })
	dev, queue, release = fakemetal.Program()
	defer release()
	if _, err := Attach(Handles{Device: dev, Queue: queue}); err == nil ||
		!strings.Contains(err.Error(), "Apple silicon") {
		t.Errorf("Attach on Intel: %v", err)
	}
}

// More submissions than a queue takes are waited for.
func TestManyInFlight(t *testing.T) {
	d := openTest(t)
	x, one := tensor(t, d, 1, 8, 0), tensor(t, d, 1, 8, 1)
	p := compile(t, d, backend.Add{Dst: x, A: x, B: one})
	for range 3 * maxFlight {
		if _, err := p.Submit(); err != nil {
			t.Fatal(err)
		}
		if len(d.flight) > maxFlight {
			t.Fatalf("%d in flight", len(d.flight))
		}
	}
	if got := floats(t, x)[0]; got != 3*maxFlight {
		t.Errorf("%v, want %d", got, 3*maxFlight)
	}
}

// Upload waits for what uses the buffer, and for nothing else.
func TestUploadWaitsForItsOwn(t *testing.T) {
	if *eager {
		t.Skip("nothing is in flight with -eager")
	}
	d := openTest(t)
	x, y, z := tensor(t, d, 1, 8, 1), tensor(t, d, 1, 8, 2), tensor(t, d, 1, 8, 3)
	p := compile(t, d, backend.Copy{Dst: y, Src: x})
	if _, err := p.Submit(); err != nil {
		t.Fatal(err)
	}
	if err := z.Buf.Upload(0, make([]byte, 32)); err != nil || len(d.flight) != 1 {
		t.Errorf("an upload of another buffer leaves %d in flight (%v), want 1", len(d.flight), err)
	}
	if err := x.Buf.Upload(0, make([]byte, 32)); err != nil || len(d.flight) != 0 {
		t.Errorf("an upload of the source leaves %d in flight (%v), want 0", len(d.flight), err)
	}
	if got := floats(t, y)[0]; got != 1 {
		t.Errorf("the copy read %v, want what was there before the upload, 1", got)
	}
}
