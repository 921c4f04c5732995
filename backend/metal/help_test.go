//go:build cgo && (darwin || metalfake)

package metal

import (
	"context"
	"encoding/binary"
	"math"
	"testing"
	"unsafe"

	"falconmamba/backend"
)

// tensor allocates a matrix filled with x.
func tensor(t *testing.T, d *device, rows, cols int, x float32) backend.Tensor {
	t.Helper()
	b, err := d.Alloc(int64(4*rows*cols), backend.Readback)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	for i := 0; i < len(b.Bytes()); i += 4 {
		binary.LittleEndian.PutUint32(b.Bytes()[i:], math.Float32bits(x))
	}
	return backend.Matrix(b, 0, backend.F32, rows, cols)
}

func floats(t *testing.T, x backend.Tensor) []float32 {
	t.Helper()
	raw := make([]byte, x.Buf.Size())
	if err := x.Buf.Download(0, raw); err != nil {
		t.Fatal(err)
	}
	out := make([]float32, len(raw)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return out
}

func compile(t *testing.T, d *device, ops ...backend.Op) *plan {
	t.Helper()
	p, err := d.Compile("test", ops)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p.(*plan)
}

// run submits once and waits.
func run(t *testing.T, d *device, p backend.Plan) error {
	t.Helper()
	ticket, err := p.Submit()
	if err != nil {
		t.Fatal(err)
	}
	return d.Wait(context.Background(), ticket)
}

// pages returns n zeros that begin at a page.
func pages(n int) []byte {
	raw := make([]byte, n+page)
	return raw[-uintptr(unsafe.Pointer(unsafe.SliceData(raw)))&(page-1):][:n]
}
