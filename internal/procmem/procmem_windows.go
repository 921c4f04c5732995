package procmem

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

var memoryInfo = windows.NewLazySystemDLL("kernel32.dll").NewProc("K32GetProcessMemoryInfo")

// counters is PROCESS_MEMORY_COUNTERS of psapi.h, in bytes.
type counters struct {
	size, pageFaults                                         uint32
	peakWorkingSet, workingSet                               uintptr
	peakPagedPool, pagedPool, peakNonPagedPool, nonPagedPool uintptr
	pagefile, peakPagefile                                   uintptr // committed and private, despite their names
}

// Read returns what the process holds now; ok is false where the system does
// not say.
func Read() (r Reading, ok bool) {
	c := counters{size: uint32(unsafe.Sizeof(counters{}))}
	done, _, _ := memoryInfo.Call(uintptr(windows.CurrentProcess()), uintptr(unsafe.Pointer(&c)), uintptr(c.size))
	return Reading{Resident: int64(c.workingSet), Peak: int64(c.peakWorkingSet), Private: int64(c.pagefile)}, done != 0
}
