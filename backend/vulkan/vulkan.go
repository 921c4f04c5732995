//go:build cgo && !darwin

package vulkan

// #include <stdlib.h>
// #include "vk.h"
import "C"

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"unsafe"

	vk "github.com/goki/vulkan"

	"falconmamba/backend"
)

func init() { backend.Register("vulkan", driver{}) }

type driver struct{}

// A candidate is a physical device that was queried.
type candidate struct {
	info     backend.Info
	physical *C.fm_physical // C memory
	handle   unsafe.Pointer // VkPhysicalDevice
}

// candidates queries every device of the instance, best first. What keeps a
// device from being opened is left to Open.
func candidates(instance unsafe.Pointer, lookup C.fm_lookup) ([]candidate, error) {
	handles, err := physicals(instance, lookup)
	if err != nil {
		return nil, err
	}
	var list []candidate
	for _, h := range handles {
		p, failed := query(lookup, instance, h)
		if failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		list = append(list, candidate{describe(p), p, h})
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].info.Class > list[j].info.Class })
	for i := range list {
		list[i].info.Name = fmt.Sprintf("vulkan:%d", i)
	}
	return list, err
}

// classes maps VkPhysicalDeviceType; other types are virtual.
var classes = map[C.uint32_t]backend.Class{
	1: backend.Integrated, 2: backend.Discrete, 3: backend.Virtual, 4: backend.Software}

// describe tells what p is.
func describe(p *C.fm_physical) backend.Info {
	class, known := classes[p._type]
	if !known {
		class = backend.Virtual
	}
	info := backend.Info{
		Device:   C.GoString(&p.name[0]),
		Driver:   strings.TrimSpace(C.GoString(&p.driver[0]) + " " + C.GoString(&p.driver_info[0])),
		Class:    class,
		Rank:     class.Rank(),
		Features: kernelFeatures(p).Names(),
		InFlight: 2, ChunkRows: 2048, HalfRows: 4,
		// One binding reaches all of a buffer.
		MaxBuffer: int64(min(uint64(p.max_buffer), uint64(p.max_range), uint64(p.max_allocation))) &^ (round - 1),
	}
	switch class {
	case backend.Integrated:
		info.Unified, info.ChunkRows = true, 256
	case backend.Virtual:
		info.ChunkRows = 512
	case backend.Software:
		info.Unified, info.ChunkRows, info.InFlight = true, 64, 1
	}
	return info
}

// Devices lists what the loader finds. A system without Vulkan has none.
func (driver) Devices() ([]backend.Info, error) {
	instance, lookup, err := sharedInstance()
	if errors.Is(err, errNoLoader) || errors.Is(err, errNoDriver) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := candidates(instance, lookup)
	var infos []backend.Info
	for _, c := range list {
		c.info.MemoryTotal, c.info.MemoryFree = heap(c.physical, lookup, instance, c.handle, 0)
		infos = append(infos, c.info)
		C.free(unsafe.Pointer(c.physical))
	}
	return infos, err
}

// Open opens device n of the list.
func (driver) Open(n int, o backend.Options) (backend.Backend, error) {
	instance, lookup, err := sharedInstance()
	if err != nil {
		return nil, err
	}
	list, err := candidates(instance, lookup)
	for i, c := range list {
		if i != n {
			defer C.free(unsafe.Pointer(c.physical))
		}
	}
	if n < 0 || n >= len(list) {
		if err == nil {
			err = fmt.Errorf("vulkan: no device %d: %d found", n, len(list))
		}
		return nil, err
	}
	c := list[n]
	if err := suits(c.physical); err != nil {
		C.free(unsafe.Pointer(c.physical))
		return nil, err
	}
	d, err := open(c.info, c.physical, instance, c.handle, lookup)
	if err != nil {
		return nil, err // not d: a nil *device is no nil Backend
	}
	d.target.Unfused = o.Unfused
	if o.BatchInvariant {
		d.beInvariant()
	}
	return d, nil
}

// suits reports what a device lacks of what every plan needs.
func suits(p *C.fm_physical) error {
	name := C.GoString(&p.name[0])
	version := func(v C.uint32_t) string { return fmt.Sprintf("%d.%d", v>>22, v>>12&0x3ff) }
	if p.api < C.uint32_t(vk.MakeVersion(1, 2, 0)) {
		return fmt.Errorf("vulkan: %s has Vulkan %s, want 1.2: update its driver", name, version(p.api))
	}
	if p.has&C.FM_TIMELINE == 0 {
		return fmt.Errorf("vulkan: %s has no timeline semaphores: update its driver", name)
	}
	for _, l := range []struct {
		name      string
		got, want uint64
	}{
		{"maxPushConstantsSize", uint64(p.max_push), 128},
		{"maxPerStageDescriptorStorageBuffers", uint64(p.max_bindings), maxBindings},
		{"maxComputeWorkGroupInvocations", uint64(p.max_invocations), 128},
		{"maxComputeSharedMemorySize", uint64(p.max_shared), 16 << 10},
		{"maxStorageBufferRange", uint64(p.max_range), 128 << 20},
	} {
		if l.got < l.want {
			return fmt.Errorf("vulkan: %s has a %s of %d, want %d", name, l.name, l.got, l.want)
		}
	}
	return nil
}
