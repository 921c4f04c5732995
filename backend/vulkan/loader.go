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
// listed, the one instance that all devices of this process share. The binding
// keeps its function table per process, so there is never a second one. It stays
// until the process ends: without an instance the loader lets go of drivers, and
// NVIDIA's can be loaded again some 30 times, then no more.
var loader struct {
	sync.Mutex
	lookup   C.fm_lookup // vkGetInstanceProcAddr, once loaded
	instance vk.Instance
}

// errNoLoader says that the system has no Vulkan at all.
var errNoLoader = errors.New("no Vulkan loader")

// errNoDriver says that the loader found no driver.
var errNoDriver = errors.New("no Vulkan driver is installed for any device")

// sharedInstance returns the shared instance and makes it if need be.
func sharedInstance() (vk.Instance, C.fm_lookup, error) {
	loader.Lock()
	defer loader.Unlock()
	if loader.lookup == nil {
		var why *C.char
		lookup := C.fm_load(&why)
		if lookup == nil {
			return nil, nil, fmt.Errorf("vulkan: %w (%s): install a GPU driver, on Debian libvulkan1 and "+
				"mesa-vulkan-drivers", errNoLoader, C.GoString(why))
		}
		vk.SetGetInstanceProcAddr(unsafe.Pointer(lookup))
		if err := vk.Init(); err != nil {
			return nil, nil, fmt.Errorf("vulkan: loader: %w", err)
		}
		loader.lookup = lookup
	}
	if loader.instance == nil {
		app := &vk.ApplicationInfo{
			SType: vk.StructureTypeApplicationInfo, PApplicationName: "falconmamba\x00", PEngineName: "falconmamba\x00",
			ApiVersion: vk.MakeVersion(1, 3, 0),
		}
		info := &vk.InstanceCreateInfo{SType: vk.StructureTypeInstanceCreateInfo, PApplicationInfo: app}
		var instance vk.Instance
		r := vk.CreateInstance(info, nil, &instance)
		info.Free()
		switch r {
		case vk.Success:
		case vk.ErrorIncompatibleDriver:
			return nil, nil, fmt.Errorf("vulkan: vkCreateInstance: %w", errNoDriver)
		default:
			return nil, nil, failure("vkCreateInstance", int32(r))
		}
		if err := vk.InitInstance(instance); err != nil {
			vk.DestroyInstance(instance, nil)
			return nil, nil, fmt.Errorf("vulkan: loader: %w", err)
		}
		loader.instance = instance
	}
	return loader.instance, loader.lookup, nil
}

// physicals lists the instance's devices as the driver package numbers them.
func physicals(instance vk.Instance) ([]vk.PhysicalDevice, error) {
	var n uint32
	if r := vk.EnumeratePhysicalDevices(instance, &n, nil); r != vk.Success {
		return nil, failure("vkEnumeratePhysicalDevices", int32(r))
	}
	if n == 0 {
		return nil, nil
	}
	list := make([]vk.PhysicalDevice, n)
	if r := vk.EnumeratePhysicalDevices(instance, &n, list); r != vk.Success && r != vk.Incomplete {
		return nil, failure("vkEnumeratePhysicalDevices", int32(r))
	}
	return list[:n], nil
}
