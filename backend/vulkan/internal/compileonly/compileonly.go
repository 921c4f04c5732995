//go:build cgo && !darwin

// Package compileonly stands between the driver and a Vulkan device that compiles and
// runs nothing, as Mesa's do where a variable of the environment names the chip. It
// has the semaphores that such a device has not, and it asks the device's compiler what
// it made of every pipeline (VK_KHR_pipeline_executable_properties). It is for tests.
package compileonly

// #cgo windows LDFLAGS: -Wl,-Bstatic -lpthread -Wl,-Bdynamic
// #include "compileonly.h"
import "C"

import (
	"math"
	"unsafe"
)

// Through returns a vkGetInstanceProcAddr that leads through this package to
// real. The last one given holds for the process.
func Through(real unsafe.Pointer) unsafe.Pointer {
	return C.compileonly_through(real)
}

// Statistics returns the size of a pipeline's subgroups and what the compiler says of it, by the driver's own
// names. The pipeline is a VkPipeline that is still there.
func Statistics(pipeline uint64) (subgroup int, said map[string]float64) {
	var list [32]C.compileonly_statistic
	var size C.uint32_t
	n := C.compileonly_of(C.uint64_t(pipeline), &list[0], C.uint32_t(len(list)), &size)
	said = make(map[string]float64, n)
	for _, x := range list[:n] {
		v := float64(x.value)
		if x.real != 0 {
			v = math.Float64frombits(uint64(x.value))
		}
		said[C.GoString(&x.name[0])] = v
	}
	return int(size), said
}
