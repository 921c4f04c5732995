//go:build unix

package mmap

import (
	"os"

	"golang.org/x/sys/unix"
)

func (m *Map) mapFile(f *os.File, size int) (err error) {
	m.data, err = unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ, unix.MAP_SHARED)
	return err
}

func (m *Map) alloc(size int) (err error) {
	m.data, err = unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	return err
}

// Advice that is not taken costs memory, not correctness: no error to report.
func (m *Map) drop(b []byte) { unix.Madvise(b, unix.MADV_DONTNEED) }

func (m *Map) unmap() error { return unix.Munmap(m.data) }
