//go:build cgo && !darwin

package vulkan

import (
	"fmt"

	vk "github.com/goki/vulkan"

	"falconmamba/backend"
)

// results names what the calls of this driver can return.
var results = map[vk.Result]string{
	vk.NotReady:                   "VK_NOT_READY",
	vk.Timeout:                    "VK_TIMEOUT",
	vk.Incomplete:                 "VK_INCOMPLETE",
	vk.ErrorOutOfHostMemory:       "out of host memory",
	vk.ErrorOutOfDeviceMemory:     "out of device memory",
	vk.ErrorInitializationFailed:  "VK_ERROR_INITIALIZATION_FAILED",
	vk.ErrorDeviceLost:            "VK_ERROR_DEVICE_LOST",
	vk.ErrorMemoryMapFailed:       "VK_ERROR_MEMORY_MAP_FAILED",
	vk.ErrorLayerNotPresent:       "VK_ERROR_LAYER_NOT_PRESENT",
	vk.ErrorExtensionNotPresent:   "VK_ERROR_EXTENSION_NOT_PRESENT",
	vk.ErrorFeatureNotPresent:     "VK_ERROR_FEATURE_NOT_PRESENT",
	vk.ErrorIncompatibleDriver:    "VK_ERROR_INCOMPATIBLE_DRIVER",
	vk.ErrorTooManyObjects:        "VK_ERROR_TOO_MANY_OBJECTS",
	vk.ErrorFragmentedPool:        "VK_ERROR_FRAGMENTED_POOL",
	vk.ErrorOutOfPoolMemory:       "VK_ERROR_OUT_OF_POOL_MEMORY",
	vk.ErrorInvalidExternalHandle: "VK_ERROR_INVALID_EXTERNAL_HANDLE",
	vk.ErrorFragmentation:         "VK_ERROR_FRAGMENTATION",
}

// failure is the error for a call that returned r, which is not VK_SUCCESS.
// what says what the call was for.
func failure(call string, r int32, what ...any) error {
	text, known := results[vk.Result(r)]
	if !known {
		text = fmt.Sprintf("VkResult %d", r)
	}
	about := ""
	if len(what) > 0 {
		about = fmt.Sprint(what...) + ": "
	}
	switch vk.Result(r) {
	case vk.ErrorOutOfHostMemory, vk.ErrorOutOfDeviceMemory:
		return fmt.Errorf("vulkan: %s: %s%w (%s)", call, about, backend.ErrOutOfMemory, text)
	case vk.ErrorDeviceLost:
		return fmt.Errorf("vulkan: %s: %s%w", call, about, backend.ErrDeviceLost)
	}
	return fmt.Errorf("vulkan: %s: %s%s", call, about, text)
}

// sizeText writes bytes for people.
func sizeText(n int64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// outOfDeviceMemory is VK_ERROR_OUT_OF_DEVICE_MEMORY.
const outOfDeviceMemory = int32(vk.ErrorOutOfDeviceMemory)
