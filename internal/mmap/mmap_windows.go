package mmap

import (
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

type system struct{ addr uintptr }

func (m *Map) mapFile(f *os.File, size int) error {
	h, err := windows.CreateFileMapping(windows.Handle(f.Fd()), nil, windows.PAGE_READONLY, 0, 0, nil)
	if err != nil {
		return os.NewSyscallError("CreateFileMapping", err)
	}
	defer windows.CloseHandle(h) // the view keeps the mapping alive
	addr, err := windows.MapViewOfFile(h, windows.FILE_MAP_READ, 0, 0, uintptr(size))
	if err != nil {
		return os.NewSyscallError("MapViewOfFile", err)
	}
	m.hold(addr, size)
	return nil
}

func (m *Map) alloc(size int) error {
	addr, err := windows.VirtualAlloc(0, uintptr(size), windows.MEM_RESERVE|windows.MEM_COMMIT, windows.PAGE_READWRITE)
	if err != nil {
		return os.NewSyscallError("VirtualAlloc", err)
	}
	m.hold(addr, size)
	return nil
}

func (m *Map) hold(addr uintptr, size int) {
	m.os.addr = addr
	// The address is the system's, not the Go heap's: read it through a pointer
	// to it, as vet rightly refuses unsafe.Pointer of a computed uintptr.
	m.data = unsafe.Slice(*(**byte)(unsafe.Pointer(&addr)), size)
}

// Unlocking pages that are not locked takes them out of the working set, says
// the documentation of VirtualUnlock; the error that it also returns says only
// that they were not locked.
func (m *Map) drop(b []byte) {
	windows.VirtualUnlock(uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
}

func (m *Map) unmap() error {
	if m.file {
		return os.NewSyscallError("UnmapViewOfFile", windows.UnmapViewOfFile(m.os.addr))
	}
	return os.NewSyscallError("VirtualFree", windows.VirtualFree(m.os.addr, 0, windows.MEM_RELEASE))
}
