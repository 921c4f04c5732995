//go:build cgo && !darwin

package vulkan

// #include "vk.h"
import "C"

import (
	"fmt"
	"os"
	"runtime"
	"unsafe"

	vk "github.com/goki/vulkan"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
)

// An imported is host memory that the device uses in place, by
// VK_EXT_external_memory_host.
type imported struct {
	memory uint64
	mem    []byte
	pin    runtime.Pinner
}

var _ backend.Importer = (*device)(nil)

// Import makes a buffer of mem where the device shares the host's memory and the
// driver takes this part of it: some take no mapping of a file that is only
// read.
func (d *device) Import(mem []byte) (backend.Buffer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.usable(); err != nil {
		return nil, err
	}
	refuse := func(format string, args ...any) error {
		return fmt.Errorf("vulkan: Import of %s: "+format+": %w",
			append(append([]any{sizeText(int64(len(mem)))}, args...), backend.ErrUnsupported)...)
	}
	// Pages are whole, so the memory may be rounded up to one's end.
	align := int64(d.physical.import_align)
	switch {
	case !d.unified:
		return nil, refuse("%s has memory of its own", d.info.Device)
	case d.physical.has&C.FM_HOST_IMPORT == 0 || align == 0:
		return nil, refuse("%s makes no buffers of host memory (VK_EXT_external_memory_host)", d.info.Device)
	case len(mem) == 0:
		return nil, refuse("it is empty")
	case align > int64(os.Getpagesize()) || uintptr(unsafe.Pointer(&mem[0]))%uintptr(align) != 0:
		return nil, refuse("it is not aligned to %d bytes", align)
	}
	size := gpu.AlignUp(int64(len(mem)), align)
	if uint64(size) > uint64(d.physical.max_buffer) || uint64(size) > uint64(d.physical.max_allocation) {
		return nil, refuse("%s takes at most %s at once", d.info.Device,
			sizeText(int64(min(uint64(d.physical.max_buffer), uint64(d.physical.max_allocation)))))
	}

	b := &buffer{d: d, size: int64(len(mem)), room: size, imported: &imported{mem: mem}}
	b.imported.pin.Pin(&mem[0])
	call, r := d.bindImported(b)
	if r == 0 {
		d.stats.Imported += b.size
		return b, nil
	}
	d.freeImported(b)
	if vk.Result(r) == vk.ErrorDeviceLost {
		return nil, d.fail(call, r)
	}
	return nil, refuse("%w", d.fail(call, r))
}

// bindImported makes the memory object and the buffer; it returns the call that
// failed.
func (d *device) bindImported(b *buffer) (string, C.int32_t) {
	at := unsafe.Pointer(&b.imported.mem[0])
	var ofHost, ofBuffer C.uint32_t
	if r := C.fm_import_types(d.c, at, &ofHost); r != 0 {
		return "vkGetMemoryHostPointerPropertiesEXT", r
	}
	var handle, need, align, memory C.uint64_t
	if r := C.fm_buffer(d.c, C.uint64_t(b.room), 1, &handle, &need, &align, &ofBuffer); r != 0 {
		return "vkCreateBuffer", r
	}
	b.handle = uint64(handle)
	if int64(need) > b.room || ofHost&ofBuffer == 0 {
		return "vkGetBufferMemoryRequirements", C.int32_t(vk.ErrorInvalidExternalHandle)
	}
	kind := C.uint32_t(0)
	for ofHost&ofBuffer&(1<<kind) == 0 {
		kind++
	}
	if r := C.fm_memory(d.c, C.uint64_t(b.room), kind, at, &memory); r != 0 {
		return "vkAllocateMemory", r
	}
	b.imported.memory = uint64(memory)
	return "vkBindBufferMemory", C.fm_bind(d.c, handle, memory, 0)
}

// freeImported frees all of b but its place in Stats.
func (d *device) freeImported(b *buffer) {
	if b.handle != 0 {
		C.fm_free_buffer(d.c, C.uint64_t(b.handle))
	}
	if b.imported.memory != 0 {
		C.fm_free_memory(d.c, C.uint64_t(b.imported.memory))
	}
	b.imported.pin.Unpin()
}
