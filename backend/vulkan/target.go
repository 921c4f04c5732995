//go:build cgo && !darwin

package vulkan

// #include "vk.h"
import "C"

import (
	"falconmamba/backend"
	"falconmamba/backend/gpu"
)

// newTarget tells package gpu what p is.
func (d *device) newTarget(p *C.fm_physical) gpu.Target {
	t := gpu.Target{
		Align: max(int64(p.offset_align), round), MaxBuffer: d.info.MaxBuffer,
		Invocations: int(min(p.max_invocations, p.max_size[0])), Shared: int(p.max_shared),
		Has: kernelFeatures(p), Cores: cores(d.info.Class, int(p.cores)),
		SubgroupMin: int(p.subgroup_min), SubgroupMax: int(p.subgroup_max), SubgroupSize: int(p.subgroup_size),
		Fragments: fragments(p), Software: d.info.Class == backend.Software,
		Dots: p.dots != 0,
		Own:  d.owns, Weight: d.form,
	}
	for i, n := range p.max_groups {
		t.Groups[i] = int(n)
	}
	if d.subgroup = askFor(t.SubgroupMin, t.SubgroupMax); d.subgroup > 0 {
		t.SubgroupMin, t.SubgroupMax, t.SubgroupSize = d.subgroup, d.subgroup, d.subgroup
		if d.subgroup < widest {
			t.Registers = fewRegisters
		}
	}
	return t
}

// widest is the subgroups that kernels were made for, and fewRegisters what a lane has where the device has smaller
// ones too. There a subgroup has a number of registers of its least size each, which larger ones share: a lane of
// Intel's has 128 in the least size, and 64 in twice that.
const (
	widest       = 32
	fewRegisters = 128
)

// askFor returns the size of subgroups that pipelines ask for on a device that has sizes from least to most, or 0
// where the driver chooses: 32 where it would take larger ones, and the least of several that are no larger. Kernels
// that multiply by matrices of 16×16 divide packed weights among no more lanes than 32, and sums of 32 lanes are
// shorter; but lanes of small subgroups have the more registers.
func askFor(least, most int) int {
	switch {
	case least <= widest && widest < most:
		return widest
	case least < most && most == widest:
		return least
	}
	return 0
}

// beInvariant has kernels sum alike for any number of rows. Their sums follow from the
// size of a subgroup, which is then one for all pipelines.
func (d *device) beInvariant() {
	t := &d.target
	t.BatchInvariant, d.info.BatchInvariant = true, true
	if t.SubgroupMin < t.SubgroupMax {
		t.SubgroupMin, t.SubgroupMax = t.SubgroupSize, t.SubgroupSize
		d.subgroup = t.SubgroupSize
	}
}

// cores is how many multiprocessors or compute units a device of a class is
// taken to have where its driver tells n, 0 for nothing.
func cores(class backend.Class, n int) int {
	switch {
	case n > 0:
		return n
	case class == backend.Discrete:
		return 132
	}
	return 16
}

// VkComponentTypeKHR and VkScopeKHR.
const (
	componentF16  = 0
	componentF32  = 1
	scopeSubgroup = 3
)

// fragments lists the shapes of cooperative matrices that are of float16 with
// sums in float32, and a subgroup's.
func fragments(p *C.fm_physical) (list []gpu.Fragment) {
	for _, x := range p.matrix[:p.matrices] {
		if x.a == componentF16 && x.b == componentF16 && x.c == componentF32 && x.r == componentF32 &&
			x.scope == scopeSubgroup {
			list = append(list, gpu.Fragment{M: int(x.m), N: int(x.n), K: int(x.k)})
		}
	}
	return list
}
