// Package mmap maps files into memory, and takes memory from the system and
// gives it back at once, which the garbage-collected heap does not.
//
// A mapped file must not be truncated while it is mapped: the system ends a
// program that touches pages which are gone.
package mmap

import (
	"fmt"
	"io"
	"math"
	"os"

	"falconmamba/internal/regular"
)

// A Map is a range of memory outside the Go heap.
type Map struct {
	data []byte // nil when empty or closed
	file bool   // a mapped file, not memory from Alloc
}

// Open maps a whole file, read-only.
func Open(path string) (*Map, error) {
	f, size, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size == 0 {
		return &Map{file: true}, nil
	}
	if size > math.MaxInt {
		return nil, fmt.Errorf("%s: %d bytes do not fit this system's addresses", path, size)
	}
	m := &Map{file: true}
	if err := m.mapFile(f, int(size)); err != nil {
		return nil, fmt.Errorf("%s: mapping %d bytes: %w", path, size, err)
	}
	return m, nil
}

// open opens a regular file, and says how long it is.
func open(path string) (f *os.File, size int64, err error) {
	if f, err = regular.Open(path); err != nil {
		return nil, 0, err
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, st.Size(), nil
}

// Read is Open that copies the file instead, which then may change: all of it is in memory.
func Read(path string) (*Map, error) {
	f, size, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, err := Alloc(size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if _, err := io.ReadFull(f, m.data); err != nil {
		m.Close()
		return nil, fmt.Errorf("%s: reading %d bytes: %w", path, size, err)
	}
	return m, nil
}

// Alloc takes size bytes of zeroed memory from the system. Too much is an
// error, not the end of the program.
func Alloc(size int64) (*Map, error) {
	if size < 0 || size > math.MaxInt {
		return nil, fmt.Errorf("%d bytes do not fit this system's addresses", size)
	}
	m := &Map{}
	if size == 0 {
		return m, nil
	}
	if err := m.alloc(int(size)); err != nil {
		return nil, fmt.Errorf("taking %d bytes of memory: %w", size, err)
	}
	return m, nil
}

// Bytes is the memory, valid until Close.
func (m *Map) Bytes() []byte { return m.data }

// Drop says that bytes [off, off+n) of a mapped file will not be needed soon:
// their pages leave memory, and come back from the file when they are touched.
// Of memory that Alloc gave nothing is dropped.
func (m *Map) Drop(off, n int64) {
	if !m.file || off < 0 || n <= 0 || off > int64(len(m.data)) || n > int64(len(m.data))-off {
		return
	}
	page := int64(os.Getpagesize())
	start := off / page * page // a page at the edge that a neighbour still needs is read again
	m.drop(m.data[start : off+n])
}

// Close gives the memory back. It is idempotent.
func (m *Map) Close() error {
	if m.data == nil {
		return nil
	}
	err := m.unmap()
	m.data = nil
	return err
}
