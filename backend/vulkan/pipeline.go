//go:build cgo && !darwin

package vulkan

// #include "vk.h"
import "C"

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
)

// maxConstants is the most specialization constants of a kernel.
const maxConstants = 48

// maxBindings is the most storage buffers that a kernel binds.
const maxBindings = 16

// A pipeline is a kernel with its constants.
type pipeline struct {
	handle uint64
	layout layout
}

// A layout is shared by the kernels with as many bindings and parameters.
type layout struct{ set, pipeline uint64 }

// layouts are those made so far. Pipelines that are made at once share them.
type layouts struct {
	mu   sync.Mutex
	made map[[2]int]layout
}

// prepare makes the pipelines of list that are missing.
func (d *device) prepare(list []gpu.Dispatch) (failed int, err error) {
	failed, err = d.pipelines.Prepare(list)
	if errors.Is(err, backend.ErrDeviceLost) && d.lost == nil {
		d.lost = err
	}
	return failed, err
}

// newPipeline makes the pipeline of a dispatch. Calls may overlap.
func (d *device) newPipeline(x *gpu.Dispatch) (*pipeline, error) {
	k := x.Kernel
	if err := d.fits(x); err != nil {
		return nil, err
	}
	l, err := d.layout(len(k.Bindings), k.ParamSize)
	if err != nil {
		return nil, err
	}
	code, err := k.SPIRV()
	if err != nil {
		return nil, err
	}
	var ids, values [maxConstants]C.uint32_t
	for i, c := range x.Constants {
		ids[i], values[i] = C.uint32_t(c.ID), C.uint32_t(c.Value)
	}
	var h C.uint64_t
	if r := C.fm_pipeline(d.c, C.uint64_t(d.cache.handle), C.uint64_t(l.pipeline), unsafe.Pointer(&code[0]),
		C.uint64_t(len(code)),
		C.uint32_t(len(x.Constants)), &ids[0], &values[0], C.uint32_t(d.subgroup), &h); r != 0 {
		return nil, failure("vkCreateComputePipelines", int32(r), "kernel ", k.Name)
	}
	return &pipeline{handle: uint64(h), layout: l}, nil
}

// fits reports what a dispatch needs beyond what the device has.
func (d *device) fits(x *gpu.Dispatch) error {
	k := x.Kernel
	if lacks := k.Needs &^ d.target.Has; lacks != 0 {
		return fmt.Errorf("vulkan: kernel %s needs %s, which %s has not: %w",
			k.Name, lacks, d.info.Device, backend.ErrUnsupported)
	}
	size := x.Workgroup()
	if n := size[0] * size[1] * size[2]; n > int(d.physical.max_invocations) || size[0] > int(d.physical.max_size[0]) {
		return fmt.Errorf("vulkan: kernel %s has workgroups of %v, %s takes %d: %w",
			k.Name, size, d.info.Device, d.physical.max_invocations, backend.ErrUnsupported)
	}
	if k.Shared > int(d.physical.max_shared) {
		return fmt.Errorf("vulkan: kernel %s shares %d bytes, %s has %d: %w",
			k.Name, k.Shared, d.info.Device, d.physical.max_shared, backend.ErrUnsupported)
	}
	if len(x.Constants) > maxConstants || len(k.Bindings) > maxBindings {
		return fmt.Errorf("vulkan: kernel %s has %d constants and %d bindings, want at most %d and %d",
			k.Name, len(x.Constants), len(k.Bindings), maxConstants, maxBindings)
	}
	return nil
}

func (d *device) layout(bindings, params int) (layout, error) {
	d.layouts.mu.Lock()
	defer d.layouts.mu.Unlock()
	key := [2]int{bindings, params}
	if l, ok := d.layouts.made[key]; ok {
		return l, nil
	}
	var set, whole C.uint64_t
	if r := C.fm_layout(d.c, C.uint32_t(bindings), C.uint32_t(params), &set, &whole); r != 0 {
		return layout{}, failure("vkCreatePipelineLayout", int32(r))
	}
	l := layout{uint64(set), uint64(whole)}
	d.layouts.made[key] = l
	return l, nil
}

func (d *device) freePipelines() {
	for p := range d.pipelines.All() {
		C.fm_free_pipeline(d.c, C.uint64_t(p.handle))
	}
	for _, l := range d.layouts.made {
		C.fm_free_layout(d.c, C.uint64_t(l.set), C.uint64_t(l.pipeline))
	}
	d.pipelines, d.layouts.made = nil, nil
}
