package safetensors

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"falconmamba/internal/half"
	"falconmamba/internal/mmap"
)

// A File is an open file whose tensors are slices of memory.
type File struct {
	Header
	data   []byte
	byName map[string]int
	m      *mmap.Map // nil for Parse
}

// Open maps the file at path and checks its header.
func Open(path string) (*File, error) {
	m, err := mmap.Open(path)
	if err != nil {
		return nil, err
	}
	f, err := Parse(m.Bytes())
	if err != nil {
		m.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f.m = m
	return f, nil
}

// Parse takes a file that is in memory. data is used in place.
func Parse(data []byte) (*File, error) {
	h, err := ReadHeader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	f := &File{Header: *h, data: data, byName: make(map[string]int, len(h.Tensors))}
	for i, t := range h.Tensors {
		f.byName[t.Name] = i
	}
	return f, nil
}

// Lookup returns the entry of a tensor.
func (f *File) Lookup(name string) (Tensor, bool) {
	i, ok := f.byName[name]
	if !ok {
		return Tensor{}, false
	}
	return f.Tensors[i], true
}

// Bytes returns a tensor's data, in place: row-major, little endian, valid
// until Close. t is one of the file's entries.
func (f *File) Bytes(t Tensor) []byte { return f.data[t.Offset : t.Offset+t.Size : t.Offset+t.Size] }

// Data is the whole file, valid until Close.
func (f *File) Data() []byte { return f.data }

// Drop says that a tensor will not be needed soon: its pages leave memory and
// come back from the file when they are touched.
func (f *File) Drop(t Tensor) {
	if f.m != nil {
		f.m.Drop(t.Offset, t.Size)
	}
}

// Floats returns a copy of a tensor's values and its shape. The tensor must be
// F32, F16 or BF16.
func (f *File) Floats(name string) ([]float32, []int, error) {
	t, ok := f.Lookup(name)
	if !ok {
		return nil, nil, fmt.Errorf("has no tensor %s", quote(name))
	}
	src := f.Bytes(t)
	var x []float32
	switch t.DType {
	case "F32":
		x = make([]float32, len(src)/4)
		for i := range x {
			x[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
		}
	case "F16":
		x = make([]float32, len(src)/half.Size)
		half.FromF16(x, src)
	case "BF16":
		x = make([]float32, len(src)/half.Size)
		half.FromBF16(x, src)
	default:
		return nil, nil, fmt.Errorf("tensor %s is %s: want F32, F16 or BF16", quote(name), t.DType)
	}
	return x, t.Shape, nil
}

// Close unmaps the file. It is idempotent.
func (f *File) Close() error {
	f.data = nil
	f.Header, f.byName = Header{}, nil
	if f.m == nil {
		return nil
	}
	return f.m.Close()
}
