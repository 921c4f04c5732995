//go:build cgo && !darwin

package vulkan

// #include "vk.h"
import "C"

import (
	"fmt"
	"unsafe"

	"falconmamba/backend"
	"falconmamba/shaders"
)

// maxBindings is the most storage buffers that a kernel binds.
const maxBindings = 16

// A constant is a choice that is compiled into a pipeline: the value of the
// specialization constant ID. Constant 0 is the workgroup's size.
type constant struct{ id, value uint32 }

// A pipeline is a kernel with its constants.
type pipeline struct {
	kernel *shaders.Kernel
	handle uint64
	layout layout
}

// A layout is shared by the kernels with as many bindings and parameters.
type layout struct{ set, pipeline uint64 }

// pipeline returns the kernel with these constants, made at first use.
func (d *device) pipeline(k *shaders.Kernel, constants []constant) (*pipeline, error) {
	key := fmt.Sprint(k.Name, constants)
	if p := d.pipelines[key]; p != nil {
		return p, nil
	}
	if err := d.fits(k, constants); err != nil {
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
	var ids, values [32]C.uint32_t
	for i, c := range constants {
		ids[i], values[i] = C.uint32_t(c.id), C.uint32_t(c.value)
	}
	var h C.uint64_t
	if r := C.fm_pipeline(d.c, C.uint64_t(d.cache.handle), C.uint64_t(l.pipeline), unsafe.Pointer(&code[0]), C.uint64_t(len(code)),
		C.uint32_t(len(constants)), &ids[0], &values[0], 0, &h); r != 0 {
		return nil, d.fail("vkCreateComputePipelines", r, "kernel ", k.Name)
	}
	p := &pipeline{kernel: k, handle: uint64(h), layout: l}
	d.pipelines[key] = p
	return p, nil
}

// fits reports what a kernel needs beyond what the device has.
func (d *device) fits(k *shaders.Kernel, constants []constant) error {
	if lacks := k.Needs &^ d.has; lacks != 0 {
		return fmt.Errorf("vulkan: kernel %s needs %s, which %s has not: %w", k.Name, lacks, d.info.Device, backend.ErrUnsupported)
	}
	size := k.Workgroup
	for _, c := range constants {
		for i, id := range k.SizeIDs {
			if int(c.id) == id {
				size[i] = int(c.value)
			}
		}
	}
	if n := size[0] * size[1] * size[2]; n > int(d.physical.max_invocations) || size[0] > int(d.physical.max_size[0]) {
		return fmt.Errorf("vulkan: kernel %s has workgroups of %v, %s takes %d: %w", k.Name, size, d.info.Device, d.physical.max_invocations, backend.ErrUnsupported)
	}
	if k.Shared > int(d.physical.max_shared) {
		return fmt.Errorf("vulkan: kernel %s shares %d bytes, %s has %d: %w", k.Name, k.Shared, d.info.Device, d.physical.max_shared, backend.ErrUnsupported)
	}
	if len(constants) > 32 || len(k.Bindings) > maxBindings {
		return fmt.Errorf("vulkan: kernel %s has %d constants and %d bindings, want at most 32 and %d", k.Name, len(constants), len(k.Bindings), maxBindings)
	}
	return nil
}

func (d *device) layout(bindings, params int) (layout, error) {
	key := [2]int{bindings, params}
	if l, ok := d.layouts[key]; ok {
		return l, nil
	}
	var set, whole C.uint64_t
	if r := C.fm_layout(d.c, C.uint32_t(bindings), C.uint32_t(params), &set, &whole); r != 0 {
		return layout{}, d.fail("vkCreatePipelineLayout", r)
	}
	l := layout{uint64(set), uint64(whole)}
	d.layouts[key] = l
	return l, nil
}

func (d *device) freePipelines() {
	for _, p := range d.pipelines {
		C.fm_free_pipeline(d.c, C.uint64_t(p.handle))
	}
	for _, l := range d.layouts {
		C.fm_free_layout(d.c, C.uint64_t(l.set), C.uint64_t(l.pipeline))
	}
	d.pipelines, d.layouts = nil, nil
}
