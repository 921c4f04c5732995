//go:build cgo && !darwin

package vulkan

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	vk "github.com/goki/vulkan"

	"falconmamba/backend"
)

var spans = flag.Bool("spans", false, "put barriers by the bytes that operands span: synchronization validation "+
	"knows no rectangles")

var registers = flag.Int("registers", 0, "registers that a lane is said to have: few, as 128, give smaller shapes")

// openTest opens the first device, of whatever class.
func openTest(t *testing.T) *device {
	t.Helper()
	b, err := driver{}.Open(0, backend.Options{})
	if err != nil {
		if slices.Contains(strings.Split(os.Getenv("FM_TEST_REQUIRE"), ","), "vulkan") {
			t.Fatalf("no Vulkan device, which FM_TEST_REQUIRE asks for: %v", err)
		}
		t.Skipf("no Vulkan device: %v", err)
	}
	d := forTest(b)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return d
}

// anotherInstance has the next device be of an instance of its own, which looks at the environment again, as the one
// after this test does. No device may be open.
func anotherInstance(t *testing.T) {
	t.Helper()
	end := func() {
		loader.Lock()
		defer loader.Unlock()
		if loader.instance != nil {
			bind(t, unsafe.Pointer(loader.lookup), loader.instance)
			vk.DestroyInstance(vk.Instance(loader.instance), nil)
			loader.instance = nil
		}
	}
	end()
	t.Cleanup(end)
}

// The loader lets go of drivers with the last instance, and some are not loaded again for ever: there is one as long as
// the process is.
func TestInstanceStays(t *testing.T) {
	anotherInstance(t)
	if err := openTest(t).Close(); err != nil {
		t.Fatal(err)
	}
	first := loader.instance
	if _, err := (driver{}).Devices(); err != nil {
		t.Fatal(err)
	}
	if first == nil || loader.instance != first {
		t.Errorf("the instance is %v after a device is closed, and %v after devices are listed", first, loader.instance)
	}
}

// forTest sets what flags say of a device. With -short a device that is a
// processor has the few shapes of kernels that programs get there; without it
// those that a GPU gets.
func forTest(b backend.Backend) *device {
	d := b.(*device)
	d.spans, d.target.Tuning.AllShapes = *spans, !testing.Short()
	if *registers > 0 {
		d.target.Registers = *registers
	}
	return d
}

// own calls Close when the test ends, before the device's.
func own[C interface{ Close() error }](t *testing.T, c C, err error) C {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return c
}

func encode[T any](v []T) []byte {
	b, err := binary.Append(nil, binary.LittleEndian, v)
	if err != nil {
		panic(err)
	}
	return b
}

// matrix uploads values as a view within a larger buffer: at an offset, with a
// gap of NaN after each row.
func matrix[T float32 | int32](t *testing.T, d *device, rows, cols int, values []T) backend.Tensor {
	t.Helper()
	const before, gap = 3, 2
	typ, poison := backend.F32, math.Float32bits(float32(math.NaN()))
	if _, ok := any(values).([]int32); ok {
		typ, poison = backend.I32, 0x7fffffff
	}
	stride := cols + gap
	words := make([]uint32, before+rows*stride)
	for i := range words {
		words[i] = poison
	}
	raw := encode(values)
	for i := range values {
		words[before+i/cols*stride+i%cols] = binary.LittleEndian.Uint32(raw[4*i:])
	}
	b, err := d.Alloc(int64(4*len(words)), backend.Device)
	b = own(t, b, err)
	if err := b.Upload(0, encode(words)); err != nil {
		t.Fatal(err)
	}
	return backend.Tensor{Buf: b, Off: 4 * before, Type: typ, Rows: rows, Cols: cols, Stride: stride}
}

// values downloads a view, and checks that what lies around it is as matrix
// left it.
func values(t *testing.T, v backend.Tensor) []float32 {
	t.Helper()
	raw := make([]byte, v.Buf.Size())
	if err := v.Buf.Download(0, raw); err != nil {
		t.Fatal(err)
	}
	out := make([]float32, v.Rows*v.Cols)
	for i := range len(raw) / 4 {
		x := math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		at := i - int(v.Off)/4
		if at >= 0 && at%v.Stride < v.Cols && at/v.Stride < v.Rows {
			out[at/v.Stride*v.Cols+at%v.Stride] = x
		} else if x == x {
			t.Errorf("word %d, outside of the view, is %v", i, x)
		}
	}
	return out
}

// submit compiles and runs ops and waits for them.
func submit(t *testing.T, d *device, ops ...backend.Op) {
	t.Helper()
	p, err := d.Compile(t.Name(), ops)
	p = own(t, p, err)
	ticket, err := p.Submit()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Wait(context.Background(), ticket); err != nil {
		t.Fatal(err)
	}
}

func TestDevices(t *testing.T) {
	d := openTest(t)
	infos, err := driver{}.Devices()
	if err != nil || len(infos) == 0 {
		t.Fatalf("Devices: %v, %v", infos, err)
	}
	for i, info := range infos {
		if i > 0 && info.Class > infos[i-1].Class {
			t.Errorf("%s (%s) comes after %s (%s)", info.Name, info.Class, infos[i-1].Name, infos[i-1].Class)
		}
		if info.MemoryTotal <= 0 || info.MemoryFree <= 0 {
			t.Errorf("%s has %d bytes of memory, %d free", info.Name, info.MemoryTotal, info.MemoryFree)
		}
		t.Logf("%+v", info)
	}
	info := d.Info()
	if info.Name != "vulkan:0" || info.Device == "" || info.MaxBuffer < 1<<20 || info.MemoryTotal <= 0 ||
		info.MemoryFree <= 0 {
		t.Errorf("Info: %+v", info)
	}
	if _, err := (driver{}).Open(len(infos), backend.Options{}); err == nil {
		t.Error("Open beyond the list succeeded")
	}
}

// Transfers of every size and place keep their order, through the staging ring
// and around it.
func TestTransfers(t *testing.T) {
	d := openTest(t)
	for _, use := range []backend.Usage{backend.Device, backend.Readback} {
		const size = 3*stageSize + 5
		b, err := d.Alloc(size, use)
		b = own(t, b, err)
		want := make([]byte, size)
		check := func(what string) {
			t.Helper()
			got := make([]byte, size)
			if err := b.Download(0, got); err != nil {
				t.Fatal(err)
			}
			for i := range got {
				if got[i] != want[i] {
					t.Fatalf("use %d: after %s byte %d is %d, want %d", use, what, i, got[i], want[i])
				}
			}
		}
		check("Alloc")
		for i, m := range [][2]int{{0, size}, {1, 1}, {stageSize - 3, 7}, {1, 3}, {size - 1, 1}, {5, 0},
			{2, 2 * stageSize}, {0, smallSize - 3}, {9, 3}, {7, 40}, {1, smallSize}, {20, smallSize + 1}, {3, 2}} {
			src := make([]byte, m[1])
			for j := range src {
				src[j] = byte(31*i + 7*j + j>>8)
			}
			if err := b.Upload(int64(m[0]), src); err != nil {
				t.Fatal(err)
			}
			copy(want[m[0]:], src)
			clear(src) // Upload has copied it
			if i%3 == 2 {
				check("some uploads")
			}
		}
		check("uploads")
		if b.Bytes() == nil && use == backend.Readback {
			t.Error("a Readback buffer has no Bytes")
		}
		for _, m := range [][2]int64{{-1, 1}, {size, 1}, {size - 1, 2}, {1 << 62, 1}} {
			if b.Upload(m[0], make([]byte, m[1])) == nil || b.Download(m[0], make([]byte, m[1])) == nil {
				t.Errorf("%d bytes at %d were moved", m[1], m[0])
			}
		}
	}
}

// A plan sees uploads made before its Submit and not those after, and the
// second of two runs in flight sees what the first wrote.
func TestOrder(t *testing.T) {
	d := openTest(t)
	const n, runs = 5, 20
	x := matrix(t, d, 1, n, []float32{1, 2, 3, 4, 5})
	sum := matrix(t, d, 1, n, make([]float32, n))
	seen, err := d.Alloc(4*n, backend.Readback)
	seen = own(t, seen, err)
	p, err := d.Compile("sum", []backend.Op{
		backend.Add{Dst: sum, A: sum, B: x},
		backend.Copy{Dst: backend.Matrix(seen, 0, backend.F32, 1, n), Src: sum},
	})
	p = own(t, p, err)
	var last backend.Ticket
	want := make([]float32, n)
	for i := range runs {
		v := make([]float32, n)
		for j := range v {
			v[j] = float32(i + j)
			want[j] += v[j]
		}
		if err := x.Buf.Upload(x.Off, encode(v)); err != nil {
			t.Fatal(err)
		}
		ticket, err := p.Submit()
		if err != nil || ticket <= last {
			t.Fatalf("Submit: ticket %d after %d, %v", ticket, last, err)
		}
		last = ticket
	}
	if err := d.Wait(context.Background(), last); err != nil {
		t.Fatal(err)
	}
	for j := range want {
		if got := math.Float32frombits(binary.LittleEndian.Uint32(seen.Bytes()[4*j:])); got != want[j] {
			t.Errorf("element %d is %v, want %v", j, got, want[j])
		}
	}
	if err := d.Wait(context.Background(), last+1); err == nil {
		t.Error("Wait for a ticket that was never given out succeeded")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := d.Wait(ctx, last); err != nil {
		t.Errorf("Wait with a context: %v", err)
	}
}

// A step of a plan costs no Go allocation.
func TestSubmitAllocates(t *testing.T) {
	d := openTest(t)
	x := matrix(t, d, 1, 4, []float32{1, 2, 3, 4})
	p, err := d.Compile("add", []backend.Op{backend.Add{Dst: x, A: x, B: x}})
	p = own(t, p, err)
	if n := testing.AllocsPerRun(50, func() {
		ticket, err := p.Submit()
		if err == nil {
			err = d.Wait(context.Background(), ticket)
		}
		if err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("a step makes %v allocations", n)
	}
}

func TestClosed(t *testing.T) {
	d := openTest(t)
	b, err := d.Alloc(64, backend.Device)
	if err != nil {
		t.Fatal(err)
	}
	m := backend.Matrix(b, 0, backend.F32, 1, 4)
	p, err := d.Compile("add", []backend.Op{backend.Add{Dst: m, A: m, B: m}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := errors.Join(p.Close(), b.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Submit(); !errors.Is(err, backend.ErrClosed) {
		t.Errorf("Submit after Close: %v", err)
	}
	if err := b.Upload(0, []byte{1}); !errors.Is(err, backend.ErrClosed) {
		t.Errorf("Upload after Close: %v", err)
	}
	if _, err := d.Compile("add", []backend.Op{backend.Add{Dst: m, A: m, B: m}}); !errors.Is(err, backend.ErrClosed) {
		t.Errorf("Compile with a closed buffer: %v", err)
	}
	if s := d.Stats(); s.Live != 0 || s.Peak < 64 {
		t.Errorf("Stats: %+v", s)
	}
	if err := errors.Join(d.Close(), d.Close()); err != nil {
		t.Errorf("Close: %v", err)
	}
	if _, err := d.Alloc(4, backend.Device); !errors.Is(err, backend.ErrClosed) {
		t.Errorf("Alloc after Close: %v", err)
	}
}

func TestTooMuch(t *testing.T) {
	d := openTest(t)
	for _, n := range []int64{-1, d.info.MaxBuffer + 1, math.MaxInt64} {
		if _, err := d.Alloc(n, backend.Device); err == nil {
			t.Errorf("Alloc(%d) succeeded", n)
		}
	}
	if _, err := d.NewWeight(backend.WeightDesc{Name: "w", Type: backend.I32, Rows: 1, Cols: 1},
		make([]byte, 4)); !errors.Is(err, backend.ErrUnsupported) {
		t.Errorf("a weight of int32: %v", err)
	}
	for _, desc := range []backend.WeightDesc{
		{Type: backend.F32, Rows: 2, Cols: 3}, {Type: backend.F32, Rows: -1, Cols: 6},
		{Type: backend.F32, Rows: 1 << 62, Cols: 1 << 62},
	} {
		if _, err := d.NewWeight(desc, make([]byte, 20)); err == nil {
			t.Errorf("a weight of %+v from 20 bytes succeeded", desc)
		}
	}
}
