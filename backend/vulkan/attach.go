//go:build cgo && !darwin

package vulkan

// #include <stdlib.h>
// #include "vk.h"
import "C"

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
	"unsafe"

	"falconmamba/backend"
)

// Handles are a device that a program has opened itself. It stays the
// program's: whoever attaches to it never waits for the whole device, touches no
// other queue, and destroys nothing of it.
type Handles struct {
	Instance       unsafe.Pointer // VkInstance
	PhysicalDevice unsafe.Pointer // VkPhysicalDevice
	Device         unsafe.Pointer // VkDevice
	Queue          unsafe.Pointer // VkQueue, of a family that computes
	QueueFamily    uint32

	// Lock is held while something is submitted to the queue. The program holds
	// it for what it does with the queue itself, but not while it calls a method
	// of the backend. nil says that nobody else uses the queue.
	Lock sync.Locker

	// Slice, if not 0, is the longest that what the backend has submitted may keep
	// the queue from what the program submits next: what a frame may wait. Plans
	// are divided into pieces of a quarter of it, by what their last run took, and Submit waits before
	// each piece until it and those in the queue take half: a run may take twice what the last one did. A single
	// dispatch is not divided, and a plan's first run goes by a guess, corrected by what other plans took. 0 is
	// for a queue that nobody waits for: pieces of 50 ms, submitted at once.
	Slice time.Duration

	// BatchInvariant asks for batch invariance, as backend.Options does of a device that is opened.
	BatchInvariant bool

	// Spans puts barriers by the bytes that bindings reach, which is all that synchronization validation sees.
	// Without it two halves of the columns of a matrix do not conflict, and that layer reports hazards which
	// are none. It is for programs that run under the layer, and costs barriers.
	Spans bool

	// ProcAddr is vkGetInstanceProcAddr of the loader that made the instance.
	ProcAddr unsafe.Pointer

	// APIVersion is the version that the instance was made with, in Vulkan's
	// encoding: what is newer is not used.
	APIVersion uint32

	// Extensions and Features list what the device was created with; Features by
	// the members of Vulkan's feature structs ("shaderFloat16"). A device cannot
	// be asked, so what is not listed is not used. See RequiredFeatures and
	// OptionalFeatures.
	Extensions []string
	Features   []string
}

// Attach makes a backend of a device that the program owns. Close leaves the
// device open; it must be called before the device is destroyed.
func Attach(h Handles) (backend.Backend, error) {
	for name, handle := range map[string]unsafe.Pointer{
		"Instance": h.Instance, "PhysicalDevice": h.PhysicalDevice, "Device": h.Device, "Queue": h.Queue,
		"ProcAddr": h.ProcAddr,
	} {
		if handle == nil {
			return nil, fmt.Errorf("vulkan: Attach: Handles.%s is nil", name)
		}
	}
	if h.Slice < 0 {
		return nil, fmt.Errorf("vulkan: Attach: Handles.Slice is %v: want 0 or more", h.Slice)
	}
	for _, need := range requiredFeatures {
		if !slices.Contains(h.Features, need.name) {
			return nil, fmt.Errorf("vulkan: Attach: %s is not among Handles.Features: create the device with what "+
				"RequiredFeatures lists", need.name)
		}
	}
	lookup := C.fm_lookup(h.ProcAddr)
	p, err := query(lookup, h.Instance, h.PhysicalDevice)
	if err != nil {
		return nil, err
	}
	if err := h.restrict(p); err != nil {
		C.free(unsafe.Pointer(p))
		return nil, err
	}
	d := newDevice(describe(p), p, h.Instance, h.PhysicalDevice, lookup)
	d.info.Name, d.lock = "vulkan:attached", h.Lock
	d.spans = h.Spans
	if h.Slice > 0 {
		d.slice = h.Slice.Seconds() / 2
		d.piece = d.slice / 2
	}
	if err := d.begin(C.fm_attach(lookup, h.Instance, h.Device, h.Queue, &d.c)); err != nil {
		return nil, err // not d: a nil *device is no nil Backend
	}
	if h.BatchInvariant {
		d.beInvariant()
	}
	return d, nil
}

// restrict leaves in p what the program's device was created with.
func (h *Handles) restrict(p *C.fm_physical) error {
	p.api = min(p.api, C.uint32_t(h.APIVersion))
	for _, o := range optionalFeatures {
		if o.name != "" && !slices.Contains(h.Features, o.name) ||
			o.extension != "" && !slices.Contains(h.Extensions, o.extension) {
			p.has &^= o.bit
		}
	}
	if p.has&C.FM_MEMORY_MODEL == 0 {
		p.has &^= C.FM_COOPERATIVE_MATRIX
	}
	if p.has&C.FM_COOPERATIVE_MATRIX == 0 {
		p.has &^= C.FM_BFLOAT16_MATRIX
		p.matrices = 0
	}
	if p.has&C.FM_SUBGROUP_SIZE == 0 {
		p.subgroup_min, p.subgroup_max = p.subgroup_size, p.subgroup_size
	}
	if err := suits(p); err != nil {
		return err
	}
	if r := C.fm_family(C.fm_lookup(h.ProcAddr), h.Instance, h.PhysicalDevice, C.uint32_t(h.QueueFamily), p); r != 0 {
		return fmt.Errorf("vulkan: Attach: queue family %d of %s does not compute",
			h.QueueFamily, C.GoString(&p.name[0]))
	}
	return nil
}

// query asks a physical device for all that is known of it; the answer is in C
// memory.
func query(lookup C.fm_lookup, instance, physical unsafe.Pointer) (*C.fm_physical, error) {
	p := (*C.fm_physical)(C.calloc(1, C.size_t(unsafe.Sizeof(C.fm_physical{}))))
	if p == nil {
		return nil, errors.New("vulkan: out of host memory")
	}
	if r := C.fm_query(lookup, instance, physical, p); r != 0 {
		err := failure("query of "+C.GoString(&p.name[0]), int32(r), C.GoString(C.fm_missing()))
		C.free(unsafe.Pointer(p))
		return nil, err
	}
	return p, nil
}
