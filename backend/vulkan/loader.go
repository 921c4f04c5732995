//go:build !darwin

package vulkan

// #cgo linux LDFLAGS: -ldl
// #include "vk.h"
import "C"

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"

	vk "github.com/goki/vulkan"
)

// loader is the Vulkan loader of the system and, once a device was opened or
// listed, the one instance that all devices of this process share. It stays
// until the process ends: without an instance the loader lets go of drivers, and
// NVIDIA's can be loaded again some 30 times, then no more.
var loader struct {
	sync.Mutex
	lookup   C.fm_lookup // vkGetInstanceProcAddr, once loaded
	instance unsafe.Pointer
}

// errNoLoader says that the system has no Vulkan at all.
var errNoLoader = errors.New("no Vulkan loader")

// errNoDriver says that the loader found no driver.
var errNoDriver = errors.New("no Vulkan driver is installed for any device")

// sharedInstance returns the shared instance and makes it if need be.
func sharedInstance() (unsafe.Pointer, C.fm_lookup, error) {
	loader.Lock()
	defer loader.Unlock()
	if loader.lookup == nil {
		var why *C.char
		if loader.lookup = C.fm_load(&why); loader.lookup == nil {
			return nil, nil, fmt.Errorf("vulkan: %w (%s): install a GPU driver, on Debian libvulkan1 and "+
				"mesa-vulkan-drivers", errNoLoader, C.GoString(why))
		}
	}
	if loader.instance == nil {
		switch r := C.fm_instance(loader.lookup, &loader.instance); vk.Result(r) {
		case vk.Success:
		case vk.ErrorIncompatibleDriver:
			return nil, nil, fmt.Errorf("vulkan: vkCreateInstance: %w", errNoDriver)
		default:
			return nil, nil, failure("vkCreateInstance", int32(r))
		}
	}
	return loader.instance, loader.lookup, nil
}

// physicals lists the instance's devices as the driver package numbers them.
func physicals(instance unsafe.Pointer, lookup C.fm_lookup) ([]unsafe.Pointer, error) {
	var n C.uint32_t
	if r := C.fm_physicals(lookup, instance, &n, nil); vk.Result(r) != vk.Success {
		return nil, failure("vkEnumeratePhysicalDevices", int32(r))
	}
	if n == 0 {
		return nil, nil
	}
	list := make([]unsafe.Pointer, n)
	if r := vk.Result(C.fm_physicals(lookup, instance, &n, &list[0])); r != vk.Success && r != vk.Incomplete {
		return nil, failure("vkEnumeratePhysicalDevices", int32(r))
	}
	return list[:n], nil
}
