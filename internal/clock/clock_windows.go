package clock

import (
	"math/bits"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Neither of the two calls fails since Windows XP, says their documentation.
var (
	kernel    = windows.NewLazySystemDLL("kernel32.dll")
	counter   = kernel.NewProc("QueryPerformanceCounter")
	frequency = func() (hz uint64) {
		kernel.NewProc("QueryPerformanceFrequency").Call(uintptr(unsafe.Pointer(&hz)))
		return hz
	}()
)

// Now returns the moment.
func Now() Time {
	var n uint64
	counter.Call(uintptr(unsafe.Pointer(&n)))
	high, low := bits.Mul64(n, uint64(time.Second))
	ns, _ := bits.Div64(high, low, frequency)
	return Time(ns)
}
