//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package cpu

import "golang.org/x/sys/unix"

func mapPages(size int) ([]byte, error) {
	mem, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err == nil {
		adviseHuge(mem)
	}
	return mem, err
}

func unmapPages(mem []byte) { unix.Munmap(mem) }
