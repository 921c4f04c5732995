//go:build cgo && !darwin

package vulkan

// #include "vk.h"
import "C"

import (
	"slices"

	"falconmamba/shaders"
)

// A feature is something that a device may be opened with.
type feature struct {
	bit       C.uint32_t
	name      string // the member of a VkPhysicalDevice…Features struct; "" where the extension is all
	extension string // that a device must enable too; "" for what is in Vulkan's core
	kernels   shaders.Feature
}

var optionalFeatures = []feature{
	{C.FM_FLOAT16, "shaderFloat16", "", shaders.Float16},
	{C.FM_INT8, "shaderInt8", "", shaders.Int8},
	{C.FM_INT16, "shaderInt16", "", shaders.Int16},
	{C.FM_INT64, "shaderInt64", "", shaders.Int64},
	{C.FM_FLOAT64, "shaderFloat64", "", shaders.Float64},
	{C.FM_STORAGE16, "storageBuffer16BitAccess", "", shaders.Storage16},
	{C.FM_STORAGE8, "storageBuffer8BitAccess", "", shaders.Storage8},
	{C.FM_DOT_PRODUCT, "shaderIntegerDotProduct", "", shaders.DotProduct},
	{C.FM_MEMORY_MODEL, "vulkanMemoryModel", "", shaders.MemoryModel},
	{C.FM_MEMORY_MODEL_DEVICE, "vulkanMemoryModelDeviceScope", "", shaders.MemoryModelDevice},
	{C.FM_SUBGROUP_SIZE, "subgroupSizeControl", "", 0},
	{C.FM_MAINTENANCE4, "maintenance4", "", 0},
	{C.FM_COOPERATIVE_MATRIX, "cooperativeMatrix", "VK_KHR_cooperative_matrix", shaders.CooperativeMatrix},
	{C.FM_BFLOAT16, "shaderBFloat16Type", "VK_KHR_shader_bfloat16", shaders.BFloat16},
	{C.FM_BFLOAT16_MATRIX, "shaderBFloat16CooperativeMatrix", "VK_KHR_shader_bfloat16", shaders.BFloat16Matrix},
	{C.FM_MEMORY_BUDGET, "", "VK_EXT_memory_budget", 0},
	{C.FM_HOST_IMPORT, "", "VK_EXT_external_memory_host", 0},
}

var requiredFeatures = []feature{{C.FM_TIMELINE, "timelineSemaphore", "", 0}}

// kernelFeatures is what kernels may need and p has.
func kernelFeatures(p *C.fm_physical) shaders.Feature {
	var f shaders.Feature
	for _, o := range optionalFeatures {
		if p.has&o.bit != 0 {
			f |= o.kernels
		}
	}
	// VkSubgroupFeatureFlagBits, from the lowest.
	for bit, feature := range []shaders.Feature{shaders.Subgroup, shaders.SubgroupVote, shaders.SubgroupArithmetic,
		shaders.SubgroupBallot, shaders.SubgroupShuffle, shaders.SubgroupShuffleRelative, shaders.SubgroupClustered} {
		if p.subgroup_ops&(1<<bit) != 0 {
			f |= feature
		}
	}
	return f
}

// RequiredFeatures returns the members of Vulkan's feature structs without which
// no device can be attached.
func RequiredFeatures() []string {
	return names(requiredFeatures, func(f feature) string { return f.name })
}

// RequiredExtensions returns the device extensions without which no device can
// be attached: none, where the device has Vulkan 1.2.
func RequiredExtensions() []string {
	return names(requiredFeatures, func(f feature) string { return f.extension })
}

// OptionalFeatures returns the members of Vulkan's feature structs that kernels
// are chosen by: enable those that the device has.
func OptionalFeatures() []string {
	return names(optionalFeatures, func(f feature) string { return f.name })
}

func names(list []feature, of func(feature) string) []string {
	out := []string{}
	for _, f := range list {
		if n := of(f); n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}
