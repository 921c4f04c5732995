//go:build cgo && !darwin

package vulkan

import (
	"slices"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/backendtest"
)

// poor are devices with less than the one that is there, each as some driver has it.
var poor = []struct {
	name   string
	change func(c *candidate)
}{
	// All that suits asks for and no more: an old Adreno or V3D.
	{"least", func(c *candidate) {
		p := c.physical
		p.has, p.max_push, p.max_bindings, p.max_invocations = requiredFeatures[0].bit, 128, maxBindings, 128
		p.max_shared, p.max_range = 16<<10, 128<<20
		for i := range p.max_size {
			p.max_size[i] = min(p.max_size[i], 128)
		}
	}},
	// Bindings that reach less than much of the suite has: the least that drivers report is 128 MiB.
	{"short bindings", func(c *candidate) { c.physical.max_range = 4 << 20 }},
	// A card, whose memory the host does not share: everything goes through staging.
	{"discrete", func(c *candidate) { c.physical._type = 2 }},
	// A driver that tells of more memory than it has, and of none that is free.
	{"boasts", func(c *candidate) {
		p := c.physical
		c.lose("VK_EXT_memory_budget")
		for i := range p.heap_size {
			p.heap_size[i] = 1 << 50
		}
	}},
	{"no subgroup size control", func(c *candidate) { c.lose("subgroupSizeControl") }},
	{"no integer dot product", func(c *candidate) { c.lose("shaderIntegerDotProduct") }},
	{"no small storage", func(c *candidate) {
		c.lose("storageBuffer16BitAccess", "storageBuffer8BitAccess")
	}},
}

// lose takes optional features or extensions from a device.
func (c *candidate) lose(names ...string) {
	for _, f := range optionalFeatures {
		if slices.Contains(names, f.name) || slices.Contains(names, f.extension) {
			c.physical.has &^= f.bit
		}
	}
}

// openPoor opens the device that is there as if it were a poorer one.
func openPoor(change func(c *candidate)) (backend.Backend, error) {
	instance, lookup, err := sharedInstance()
	if err != nil {
		return nil, err
	}
	list, err := candidates(instance, lookup)
	if err != nil {
		return nil, err
	}
	c, name := list[0], list[0].info.Name
	change(&c)
	c.info = describe(c.physical)
	c.info.Name = name
	d, err := open(c.info, c.physical, instance, c.handle, lookup)
	if err != nil {
		return nil, err
	}
	return forTest(d), nil
}

// A poor device is right too, with other kernels and smaller parts: with one case of every kind.
// With -short that is the first device only, whose limits are the lowest.
func TestPoorDevices(t *testing.T) {
	openTest(t)
	for i, c := range poor {
		t.Run(c.name, func(t *testing.T) {
			if i > 0 && testing.Short() {
				t.Skip("with -short only the first device")
			}
			backendtest.RunFew(t, func() (backend.Backend, error) { return openPoor(c.change) })
		})
	}
}
