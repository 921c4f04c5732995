//go:build cgo && !darwin

package vulkan

// #include <stdlib.h>
// #include "vk.h"
import "C"

import (
	"errors"
	"slices"
	"unsafe"
)

// A Setup is what a program creates its device with, beside what it wants
// itself, so that kernels can use all that the device has. Close frees it.
type Setup struct {
	Extensions []string // device extensions to enable
	Features   []string // what Chain turns on

	// Chain is for VkDeviceCreateInfo's pNext: feature structs, in C's memory,
	// for as long as the Setup is open. The first is a VkPhysicalDeviceFeatures2,
	// in which the program may turn on more; pEnabledFeatures stays NULL.
	Chain unsafe.Pointer
}

// NewSetup asks the physical device of h for its features. Of h it needs
// Instance, PhysicalDevice, ProcAddr and APIVersion. A device that Attach could
// not use is an error.
func NewSetup(h Handles) (*Setup, error) {
	if h.Instance == nil || h.PhysicalDevice == nil || h.ProcAddr == nil {
		return nil, errors.New("vulkan: NewSetup: Handles.Instance, PhysicalDevice and ProcAddr must be there")
	}
	p, err := query(C.fm_lookup(h.ProcAddr), h.Instance, h.PhysicalDevice)
	if err != nil {
		return nil, err
	}
	defer C.free(unsafe.Pointer(p))
	if p.api = min(p.api, C.uint32_t(h.APIVersion)); p.api < version13 {
		p.has &^= C.FM_DOT_PRODUCT | C.FM_SUBGROUP_SIZE | C.FM_MAINTENANCE4 // of Vulkan 1.3
	}
	if err := suits(p); err != nil {
		return nil, err
	}
	s := &Setup{Chain: C.fm_features(p)}
	if s.Chain == nil {
		return nil, errors.New("vulkan: out of host memory")
	}
	for _, f := range slices.Concat(requiredFeatures, optionalFeatures) {
		if p.has&f.bit == 0 {
			continue
		}
		if f.name != "" {
			s.Features = append(s.Features, f.name)
		}
		if f.extension != "" && !slices.Contains(s.Extensions, f.extension) {
			s.Extensions = append(s.Extensions, f.extension)
		}
	}
	return s, nil
}

// Close frees Chain.
func (s *Setup) Close() {
	C.free(s.Chain)
	s.Chain = nil
}

const version13 = 1<<22 | 3<<12
