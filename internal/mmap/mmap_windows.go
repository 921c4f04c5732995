package mmap

import (
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

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
	m.data = view(addr, size)
	return nil
}

func (m *Map) alloc(size int) error {
	addr, err := windows.VirtualAlloc(0, uintptr(size), windows.MEM_RESERVE|windows.MEM_COMMIT, windows.PAGE_READWRITE)
	if err != nil {
		return os.NewSyscallError("VirtualAlloc", err)
	}
	m.data = view(addr, size)
	return nil
}

// view is the memory at an address that the system gave: no pointer into the
// Go heap, which is what vet fears of a uintptr that becomes one.
func view(addr uintptr, size int) []byte {
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&addr)), size)
}

func address(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }

// Unlocking pages that are not locked takes them out of the working set, says
// the documentation of VirtualUnlock; the error that it also returns says only
// that they were not locked.
func (m *Map) drop(b []byte) {
	windows.VirtualUnlock(address(b), uintptr(len(b)))
}

func (m *Map) unmap() error {
	if m.file {
		return os.NewSyscallError("UnmapViewOfFile", windows.UnmapViewOfFile(address(m.data)))
	}
	return os.NewSyscallError("VirtualFree", windows.VirtualFree(address(m.data), 0, windows.MEM_RELEASE))
}
