package main

import (
	"fmt"
	"unsafe"

	vk "github.com/goki/vulkan"
)

// A buffer is memory of the device for the program's own shaders.
type buffer struct {
	g      *gpu
	buf    vk.Buffer
	memory vk.DeviceMemory
	size   int
	host   unsafe.Pointer // where the host sees it, or nil
}

// newBuffer makes a buffer of size bytes, mapped if it is for the host.
func (g *gpu) newBuffer(size int, host bool) (*buffer, error) {
	b := &buffer{g: g, size: size}
	var buf vk.Buffer
	r := vk.CreateBuffer(g.device, &vk.BufferCreateInfo{
		SType: vk.StructureTypeBufferCreateInfo, Size: vk.DeviceSize(size),
		Usage: vk.BufferUsageFlags(vk.BufferUsageStorageBufferBit |
			vk.BufferUsageTransferSrcBit | vk.BufferUsageTransferDstBit),
	}, nil, &buf)
	if err := check("vkCreateBuffer", r); err != nil {
		return nil, err
	}
	b.buf = buf
	var need vk.MemoryRequirements
	vk.GetBufferMemoryRequirements(g.device, buf, &need)
	need.Deref()
	kind, err := g.memoryType(need.MemoryTypeBits, host)
	if err != nil {
		b.close()
		return nil, err
	}
	var memory vk.DeviceMemory
	r = vk.AllocateMemory(g.device, &vk.MemoryAllocateInfo{
		SType: vk.StructureTypeMemoryAllocateInfo, AllocationSize: need.Size, MemoryTypeIndex: kind,
	}, nil, &memory)
	if r == vk.Success {
		b.memory = memory
		r = vk.BindBufferMemory(g.device, buf, memory, 0)
	}
	if r == vk.Success && host {
		var at unsafe.Pointer
		r = vk.MapMemory(g.device, memory, 0, vk.DeviceSize(size), 0, &at)
		b.host = at
	}
	if err := check(fmt.Sprintf("a buffer of %d bytes", size), r); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// memoryType returns the first type of the mask with the properties wanted.
func (g *gpu) memoryType(mask uint32, host bool) (uint32, error) {
	want := vk.MemoryPropertyFlags(vk.MemoryPropertyDeviceLocalBit)
	if host {
		want = vk.MemoryPropertyFlags(vk.MemoryPropertyHostVisibleBit | vk.MemoryPropertyHostCoherentBit)
	}
	var types vk.PhysicalDeviceMemoryProperties
	vk.GetPhysicalDeviceMemoryProperties(g.physical, &types)
	types.Deref()
	for i := range types.MemoryTypeCount {
		types.MemoryTypes[i].Deref()
		if mask&(1<<i) != 0 && types.MemoryTypes[i].PropertyFlags&want == want {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%s has no memory of the properties %#x", g.name, want)
}

// words is a mapped buffer's content.
func (b *buffer) words() []uint32 { return unsafe.Slice((*uint32)(b.host), b.size/4) }

func (b *buffer) close() {
	if b == nil {
		return
	}
	vk.DestroyBuffer(b.g.device, b.buf, nil)
	vk.FreeMemory(b.g.device, b.memory, nil)
}
