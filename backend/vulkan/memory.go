//go:build cgo && !darwin

package vulkan

// #include "vk.h"
import "C"

import (
	"fmt"
	"unsafe"
)

// Bits of VkMemoryPropertyFlags.
const (
	deviceLocal  = 1
	hostVisible  = 2
	hostCoherent = 4
	hostCached   = 8
)

// A place is what memory is wanted for.
type place uint8

const (
	onDevice place = iota // read and written by kernels
	onHost                // mapped, for the host to read and write
)

// wishes lists the memory properties that suit a place, best first.
func (d *device) wishes(p place) []uint32 {
	const mapped = hostVisible | hostCoherent
	switch {
	case p == onHost:
		return []uint32{mapped | hostCached, mapped}
	case d.unified:
		return []uint32{deviceLocal | mapped | hostCached, deviceLocal | mapped, deviceLocal, 0}
	}
	return []uint32{deviceLocal, 0}
}

// memoryTypes lists the memory types of the mask that suit a place, best
// first. Types with properties that nobody asked for (protected, lazily
// allocated, uncached) come with a driver's own rules and are left out.
func (d *device) memoryTypes(p place, mask uint32) []uint32 {
	const plain = deviceLocal | hostVisible | hostCoherent | hostCached
	var types []uint32
	for _, want := range d.wishes(p) {
		for t := range uint32(d.physical.types) {
			flags := uint32(d.physical.type_flags[t])
			if mask&(1<<t) == 0 || flags&want != want || flags&^plain != 0 {
				continue
			}
			if !contains(types, t) {
				types = append(types, t)
			}
		}
	}
	return types
}

func contains(list []uint32, x uint32) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}

// A block is one allocation of the driver's, which buffers share.
type block struct {
	memory uint64
	kind   uint32 // memory type
	size   int64
	arena  *arena
	host   []byte // the whole of it, where the host sees it
}

// blockSize is what a block takes unless one buffer wants more: enough that
// the number of allocations, of which some drivers allow 4096, is no concern,
// and little enough that a small model does not pin much.
const blockSize = 32 << 20

// reserve finds size bytes for a buffer, in a block that has them or in a new
// one. Buffers that would fill most of a block get one of their own size.
func (d *device) reserve(p place, size, align int64, mask uint32) (*block, int64, error) {
	types := d.memoryTypes(p, mask)
	if len(types) == 0 {
		return nil, 0, fmt.Errorf("vulkan: %s has no memory type for a buffer of %s", d.info.Device, sizeText(size))
	}
	if uint64(size) > uint64(d.physical.max_allocation) {
		return nil, 0, failure("vkAllocateMemory", outOfDeviceMemory,
			sizeText(size), " wanted, one allocation of ", d.info.Device, " holds at most ",
			sizeText(int64(d.physical.max_allocation)))
	}
	var first error
	for _, t := range types {
		for _, b := range d.blocks {
			if b.kind != t {
				continue
			}
			if off, ok := b.arena.take(size, align); ok {
				return b, off, nil
			}
		}
		want := size
		if size <= blockSize/4 {
			want = min(blockSize, int64(d.physical.max_allocation))
		}
		b, err := d.newBlock(t, want)
		if err != nil && want > size {
			b, err = d.newBlock(t, size)
		}
		if err == nil {
			off, _ := b.arena.take(size, align)
			return b, off, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, 0, first
}

func (d *device) newBlock(kind uint32, size int64) (*block, error) {
	b := &block{kind: kind, size: size, arena: newArena(size)}
	var memory C.uint64_t
	if r := C.fm_memory(d.c, C.uint64_t(size), C.uint32_t(kind), nil, &memory); r != 0 {
		_, free := d.heap()
		return nil, d.fail("vkAllocateMemory", r, sizeText(size), " wanted, ", sizeText(free), " free")
	}
	b.memory = uint64(memory)
	if uint32(d.physical.type_flags[kind])&hostVisible != 0 {
		var at unsafe.Pointer
		if r := C.fm_map(d.c, memory, C.uint64_t(size), &at); r != 0 {
			C.fm_free_memory(d.c, memory)
			return nil, d.fail("vkMapMemory", r, sizeText(size))
		}
		b.host = unsafe.Slice((*byte)(at), size)
	}
	d.blocks = append(d.blocks, b)
	return b, nil
}

// giveBack frees a range, and its block once nothing else is in it.
func (d *device) giveBack(b *block, off, size int64) {
	b.arena.give(off, size)
	if !b.arena.empty() {
		return
	}
	for i, x := range d.blocks {
		if x == b {
			d.blocks = append(d.blocks[:i], d.blocks[i+1:]...)
		}
	}
	C.fm_free_memory(d.c, C.uint64_t(b.memory))
}

// heap returns the size of the device's memory and how much of it this process
// may still take.
func (d *device) heap() (total, free int64) {
	return heap(d.physical, d.lookup, d.instance, d.handle, d.stats.Live)
}

// heap is device.heap for a device of which live bytes are held: by
// VK_EXT_memory_budget, which knows of other programs, else by what is held.
func heap(p *C.fm_physical, lookup C.fm_lookup, instance, physical unsafe.Pointer, live int64) (total, free int64) {
	var budget, usage [16]C.uint64_t
	exact := p.has&C.FM_MEMORY_BUDGET != 0 && C.fm_budget(lookup, instance, physical, &budget[0], &usage[0]) == 0
	for i := range uint32(p.heaps) {
		if p.heap_flags[i]&deviceLocal == 0 {
			continue
		}
		total += int64(p.heap_size[i])
		if exact {
			free += max(0, int64(budget[i])-int64(usage[i]))
		}
	}
	if !exact {
		free = max(0, total-live)
	}
	return total, free
}
