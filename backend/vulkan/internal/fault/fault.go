//go:build cgo && !darwin

// Package fault stands between a Vulkan device and its driver, for tests: it
// makes calls fail as a driver's do that runs out of memory, rejects a shader
// or loses its device.
package fault

// #include <stdlib.h>
// #include "fault.h"
import "C"

import "unsafe"

// Results of calls, VkResult.
const (
	OutOfHostMemory   = -1
	OutOfDeviceMemory = -2
	DeviceLost        = -4
	Unknown           = -13
)

// Through returns a vkGetInstanceProcAddr that leads through this package to
// real. The last one given holds for the process.
func Through(real unsafe.Pointer) unsafe.Pointer {
	return C.fault_through(real)
}

// Fail makes a device-level call return result from its next time but skip on,
// until Heal. It reports whether this package knows the call.
func Fail(call string, result, skip int) bool {
	name := C.CString(call)
	defer C.free(unsafe.Pointer(name))
	return C.fault_fail(name, C.int(result), C.int(skip)) != 0
}

// Heal ends all failures.
func Heal() { C.fault_heal() }
