//go:build !darwin

#include "vk.h"
#include "abi.h"

#include <stdlib.h>
#include <string.h>

// The device-level functions of the table, with their types.
#define DEVICE_FUNCTIONS(F) \
	F(void, vkDestroyDevice, (void *, const void *)) \
	F(void, vkGetDeviceQueue, (void *, uint32_t, uint32_t, void **)) \
	F(VkResult, vkAllocateMemory, (void *, const VkMemoryAllocateInfo *, const void *, VkHandle *)) \
	F(void, vkFreeMemory, (void *, VkHandle, const void *)) \
	F(VkResult, vkMapMemory, (void *, VkHandle, VkDeviceSize, VkDeviceSize, uint32_t, void **)) \
	F(VkResult, vkCreateBuffer, (void *, const VkBufferCreateInfo *, const void *, VkHandle *)) \
	F(void, vkDestroyBuffer, (void *, VkHandle, const void *)) \
	F(void, vkGetBufferMemoryRequirements, (void *, VkHandle, VkMemoryRequirements *)) \
	F(VkResult, vkBindBufferMemory, (void *, VkHandle, VkHandle, VkDeviceSize)) \
	F(VkResult, vkCreateShaderModule, (void *, const VkShaderModuleCreateInfo *, const void *, VkHandle *)) \
	F(void, vkDestroyShaderModule, (void *, VkHandle, const void *)) \
	F(VkResult, vkCreatePipelineCache, (void *, const VkPipelineCacheCreateInfo *, const void *, VkHandle *)) \
	F(void, vkDestroyPipelineCache, (void *, VkHandle, const void *)) \
	F(VkResult, vkGetPipelineCacheData, (void *, VkHandle, size_t *, void *)) \
	F(VkResult, vkCreateComputePipelines, \
		(void *, VkHandle, uint32_t, const VkComputePipelineCreateInfo *, const void *, VkHandle *)) \
	F(void, vkDestroyPipeline, (void *, VkHandle, const void *)) \
	F(VkResult, vkCreatePipelineLayout, (void *, const VkPipelineLayoutCreateInfo *, const void *, VkHandle *)) \
	F(void, vkDestroyPipelineLayout, (void *, VkHandle, const void *)) \
	F(VkResult, vkCreateDescriptorSetLayout, \
		(void *, const VkDescriptorSetLayoutCreateInfo *, const void *, VkHandle *)) \
	F(void, vkDestroyDescriptorSetLayout, (void *, VkHandle, const void *)) \
	F(VkResult, vkCreateDescriptorPool, (void *, const VkDescriptorPoolCreateInfo *, const void *, VkHandle *)) \
	F(void, vkDestroyDescriptorPool, (void *, VkHandle, const void *)) \
	F(VkResult, vkAllocateDescriptorSets, (void *, const VkDescriptorSetAllocateInfo *, VkHandle *)) \
	F(void, vkUpdateDescriptorSets, (void *, uint32_t, const VkWriteDescriptorSet *, uint32_t, const void *)) \
	F(VkResult, vkCreateCommandPool, (void *, const VkCommandPoolCreateInfo *, const void *, VkHandle *)) \
	F(void, vkDestroyCommandPool, (void *, VkHandle, const void *)) \
	F(VkResult, vkAllocateCommandBuffers, (void *, const VkCommandBufferAllocateInfo *, void **)) \
	F(VkResult, vkBeginCommandBuffer, (void *, const VkCommandBufferBeginInfo *)) \
	F(VkResult, vkEndCommandBuffer, (void *)) \
	F(void, vkCmdBindPipeline, (void *, uint32_t, VkHandle)) \
	F(void, vkCmdBindDescriptorSets, \
		(void *, uint32_t, VkHandle, uint32_t, uint32_t, const VkHandle *, uint32_t, const uint32_t *)) \
	F(void, vkCmdPushConstants, (void *, VkHandle, uint32_t, uint32_t, uint32_t, const void *)) \
	F(void, vkCmdDispatch, (void *, uint32_t, uint32_t, uint32_t)) \
	F(void, vkCmdPipelineBarrier, (void *, uint32_t, uint32_t, uint32_t, uint32_t, const VkMemoryBarrier *, \
		uint32_t, const void *, uint32_t, const void *)) \
	F(void, vkCmdCopyBuffer, (void *, VkHandle, VkHandle, uint32_t, const VkBufferCopy *)) \
	F(void, vkCmdFillBuffer, (void *, VkHandle, VkDeviceSize, VkDeviceSize, uint32_t)) \
	F(void, vkCmdResetQueryPool, (void *, VkHandle, uint32_t, uint32_t)) \
	F(void, vkCmdWriteTimestamp, (void *, uint32_t, VkHandle, uint32_t)) \
	F(VkResult, vkCreateQueryPool, (void *, const VkQueryPoolCreateInfo *, const void *, VkHandle *)) \
	F(void, vkDestroyQueryPool, (void *, VkHandle, const void *)) \
	F(VkResult, vkGetQueryPoolResults, (void *, VkHandle, uint32_t, uint32_t, size_t, void *, VkDeviceSize, uint32_t)) \
	F(VkResult, vkCreateSemaphore, (void *, const VkSemaphoreCreateInfo *, const void *, VkHandle *)) \
	F(void, vkDestroySemaphore, (void *, VkHandle, const void *)) \
	F(VkResult, vkGetSemaphoreCounterValue, (void *, VkHandle, uint64_t *)) \
	F(VkResult, vkWaitSemaphores, (void *, const VkSemaphoreWaitInfo *, uint64_t)) \
	F(VkResult, vkQueueSubmit, (void *, uint32_t, const VkSubmitInfo *, VkHandle))

typedef VkResult(VKAPI *import_types)(void *, uint32_t, const void *, VkMemoryHostPointerPropertiesEXT *);

struct fm_device {
	void *device, *queue;
	int owned;
#define F(result, name, args) result(VKAPI *name) args;
	DEVICE_FUNCTIONS(F)
#undef F
	// of VK_EXT_external_memory_host; NULL where it is not enabled
	import_types vkGetMemoryHostPointerPropertiesEXT;
};

static const char *missing = "";

const char *fm_missing(void) { return missing; }

// Instance-level functions are looked up as they are needed: none is called
// often.
#define INSTANCE(result, name, args) \
	result(VKAPI *name) args = (result(VKAPI *) args)lookup(instance, #name); \
	if (!name) { \
		missing = #name; \
		return VK_ERROR_INITIALIZATION_FAILED; \
	}

int32_t fm_instance(fm_lookup lookup, void **out) {
	void *instance = NULL; // what makes instances is of none
	INSTANCE(VkResult, vkCreateInstance, (const VkInstanceCreateInfo *, const void *, void **))
	VkApplicationInfo app = {VK_STRUCTURE_TYPE_APPLICATION_INFO, NULL, "falconmamba", 0, "falconmamba", 0,
		VK_API_VERSION_1_3};
	VkInstanceCreateInfo info = {VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO, NULL, 0, &app, 0, NULL, 0, NULL};
	return vkCreateInstance(&info, NULL, out);
}

int32_t fm_physicals(fm_lookup lookup, void *instance, uint32_t *n, void **list) {
	INSTANCE(VkResult, vkEnumeratePhysicalDevices, (void *, uint32_t *, void **))
	return vkEnumeratePhysicalDevices(instance, n, list);
}

// A chain of structs that a query fills or a creation reads.
typedef struct link {
	uint32_t sType;
	void *pNext;
} link;

static void chain(void *head, void *next) {
	link *l = head;
	while (l->pNext) l = l->pNext;
	l->pNext = next;
}

// The device's feature structs, linked as far as the device knows them: some
// drivers complain of structs that they do not.
typedef struct {
	VkPhysicalDeviceFeatures2 core;
	VkPhysicalDeviceVulkan11Features v11;
	VkPhysicalDeviceVulkan12Features v12;
	VkPhysicalDeviceVulkan13Features v13;
	VkPhysicalDeviceCooperativeMatrixFeaturesKHR matrix;
	VkPhysicalDeviceShaderBfloat16FeaturesKHR bfloat16;
} features;

static void link_features(features *f, uint32_t api, int matrix, int bfloat16) {
	memset(f, 0, sizeof *f);
	f->core.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
	f->v11.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES;
	f->v12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
	f->v13.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES;
	f->matrix.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR;
	f->bfloat16.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_BFLOAT16_FEATURES_KHR;
	chain(&f->core, &f->v11);
	chain(&f->core, &f->v12);
	if (api >= VK_API_VERSION_1_3) chain(&f->core, &f->v13);
	if (matrix) chain(&f->core, &f->matrix);
	if (bfloat16) chain(&f->core, &f->bfloat16);
}

static int has_extension(const VkExtensionProperties *list, uint32_t n, const char *name) {
	for (uint32_t i = 0; i < n; i++)
		if (!strcmp(list[i].extensionName, name)) return 1;
	return 0;
}

static const char matrix_extension[] = "VK_KHR_cooperative_matrix";
static const char bfloat16_extension[] = "VK_KHR_shader_bfloat16";
static const char budget_extension[] = "VK_EXT_memory_budget";
static const char import_extension[] = "VK_EXT_external_memory_host";
static const char nv_cores_extension[] = "VK_NV_shader_sm_builtins";
static const char amd_cores_extension[] = "VK_AMD_shader_core_properties";

// query_features fills p->has from the extensions and features.
static VkResult query_features(fm_lookup lookup, void *instance, void *physical, fm_physical *p) {
	INSTANCE(VkResult, vkEnumerateDeviceExtensionProperties,
		(void *, const char *, uint32_t *, VkExtensionProperties *))
	INSTANCE(void, vkGetPhysicalDeviceFeatures2, (void *, VkPhysicalDeviceFeatures2 *))
	uint32_t n = 0;
	VkResult r = vkEnumerateDeviceExtensionProperties(physical, NULL, &n, NULL);
	if (r) return r;
	VkExtensionProperties *list = calloc(n ? n : 1, sizeof *list);
	if (!list) return VK_ERROR_OUT_OF_HOST_MEMORY;
	r = vkEnumerateDeviceExtensionProperties(physical, NULL, &n, list);
	if (r && r != VK_INCOMPLETE) {
		free(list);
		return r;
	}
	int matrix = has_extension(list, n, matrix_extension), bfloat16 = has_extension(list, n, bfloat16_extension);
	if (has_extension(list, n, budget_extension)) p->has |= FM_MEMORY_BUDGET;
	if (has_extension(list, n, import_extension)) p->has |= FM_HOST_IMPORT;
	if (has_extension(list, n, nv_cores_extension)) p->has |= FM_CORES_NV;
	if (has_extension(list, n, amd_cores_extension)) p->has |= FM_CORES_AMD;
	free(list);

	features f;
	link_features(&f, p->api, matrix, bfloat16);
	vkGetPhysicalDeviceFeatures2(physical, &f.core);
	if (f.v12.shaderFloat16) p->has |= FM_FLOAT16;
	if (f.v12.shaderInt8) p->has |= FM_INT8;
	if (f.core.features.shaderInt16) p->has |= FM_INT16;
	if (f.core.features.shaderInt64) p->has |= FM_INT64;
	if (f.core.features.shaderFloat64) p->has |= FM_FLOAT64;
	if (f.v11.storageBuffer16BitAccess) p->has |= FM_STORAGE16;
	if (f.v12.storageBuffer8BitAccess) p->has |= FM_STORAGE8;
	if (f.v12.vulkanMemoryModel) p->has |= FM_MEMORY_MODEL;
	if (f.v12.vulkanMemoryModelDeviceScope) p->has |= FM_MEMORY_MODEL_DEVICE;
	if (f.v12.timelineSemaphore) p->has |= FM_TIMELINE;
	if (f.v13.shaderIntegerDotProduct) p->has |= FM_DOT_PRODUCT;
	if (f.v13.subgroupSizeControl) p->has |= FM_SUBGROUP_SIZE;
	if (f.v13.maintenance4) p->has |= FM_MAINTENANCE4;
	if (f.matrix.cooperativeMatrix && f.v12.vulkanMemoryModel) p->has |= FM_COOPERATIVE_MATRIX;
	if (f.bfloat16.shaderBFloat16Type) p->has |= FM_BFLOAT16;
	if (f.bfloat16.shaderBFloat16CooperativeMatrix) p->has |= FM_BFLOAT16_MATRIX;
	return VK_SUCCESS;
}

static VkResult query_limits(fm_lookup lookup, void *instance, void *physical, fm_physical *p) {
	INSTANCE(void, vkGetPhysicalDeviceProperties2, (void *, VkPhysicalDeviceProperties2 *))
	VkPhysicalDeviceVulkan11Properties v11 = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES};
	VkPhysicalDeviceVulkan12Properties v12 = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES};
	VkPhysicalDeviceVulkan13Properties v13 = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_PROPERTIES};
	VkPhysicalDeviceExternalMemoryHostPropertiesEXT host = {
		VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_MEMORY_HOST_PROPERTIES_EXT};
	VkPhysicalDeviceShaderSMBuiltinsPropertiesNV nv = {
		VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_SM_BUILTINS_PROPERTIES_NV};
	VkPhysicalDeviceShaderCorePropertiesAMD amd = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_CORE_PROPERTIES_AMD};
	VkPhysicalDeviceProperties2 core = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2};
	chain(&core, &v11);
	chain(&core, &v12);
	if (p->api >= VK_API_VERSION_1_3) chain(&core, &v13);
	if (p->has & FM_HOST_IMPORT) chain(&core, &host);
	if (p->has & FM_CORES_NV) chain(&core, &nv);
	if (p->has & FM_CORES_AMD) chain(&core, &amd);
	vkGetPhysicalDeviceProperties2(physical, &core);

	const VkPhysicalDeviceLimits *l = &core.properties.limits;
	memcpy(p->driver, v12.driverName, sizeof p->driver - 1);
	memcpy(p->driver_info, v12.driverInfo, sizeof p->driver_info - 1);
	memcpy(p->device_uuid, v11.deviceUUID, 16);
	memcpy(p->driver_uuid, v11.driverUUID, 16);
	memcpy(p->cache_uuid, core.properties.pipelineCacheUUID, 16);
	p->max_allocation = v11.maxMemoryAllocationSize;
	p->max_range = l->maxStorageBufferRange;
	p->max_buffer = v13.maxBufferSize ? v13.maxBufferSize : p->max_allocation;
	p->max_allocations = l->maxMemoryAllocationCount;
	p->max_push = l->maxPushConstantsSize;
	p->max_bindings = l->maxPerStageDescriptorStorageBuffers;
	if (l->maxDescriptorSetStorageBuffers < p->max_bindings) p->max_bindings = l->maxDescriptorSetStorageBuffers;
	p->max_shared = l->maxComputeSharedMemorySize;
	p->max_invocations = l->maxComputeWorkGroupInvocations;
	memcpy(p->max_groups, l->maxComputeWorkGroupCount, sizeof p->max_groups);
	memcpy(p->max_size, l->maxComputeWorkGroupSize, sizeof p->max_size);
	p->offset_align = l->minStorageBufferOffsetAlignment;
	p->import_align = host.minImportedHostPointerAlignment;
	p->timestamp_period = l->timestampPeriod;
	p->subgroup_size = p->subgroup_min = p->subgroup_max = v11.subgroupSize;
	p->dots = v13.integerDotProduct4x8BitPackedSignedAccelerated;
	p->cores = nv.shaderSMCount +
		amd.shaderEngineCount * amd.shaderArraysPerEngineCount * amd.computeUnitsPerShaderArray;
	if (v11.subgroupSupportedStages & VK_SHADER_STAGE_COMPUTE_BIT) p->subgroup_ops = v11.subgroupSupportedOperations;
	if (p->has & FM_SUBGROUP_SIZE && v13.requiredSubgroupSizeStages & VK_SHADER_STAGE_COMPUTE_BIT) {
		p->subgroup_min = v13.minSubgroupSize;
		p->subgroup_max = v13.maxSubgroupSize;
	} else {
		p->has &= ~(uint32_t)FM_SUBGROUP_SIZE;
	}
	return VK_SUCCESS;
}

// The usage of every buffer.
enum {
	buffer_usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT |
		VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT
};

// query_import keeps FM_HOST_IMPORT only where our buffers can be made of host
// memory: SwiftShader has the extension and says that they cannot.
static VkResult query_import(fm_lookup lookup, void *instance, void *physical, fm_physical *p) {
	INSTANCE(void, vkGetPhysicalDeviceExternalBufferProperties,
		(void *, const VkPhysicalDeviceExternalBufferInfo *, VkExternalBufferProperties *))
	VkPhysicalDeviceExternalBufferInfo info = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_BUFFER_INFO};
	info.usage = buffer_usage;
	info.handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT;
	VkExternalBufferProperties out = {VK_STRUCTURE_TYPE_EXTERNAL_BUFFER_PROPERTIES};
	vkGetPhysicalDeviceExternalBufferProperties(physical, &info, &out);
	if (!(out.externalMemoryProperties.externalMemoryFeatures & VK_EXTERNAL_MEMORY_FEATURE_IMPORTABLE_BIT))
		p->has &= ~(uint32_t)FM_HOST_IMPORT;
	return VK_SUCCESS;
}

static VkResult query_matrices(fm_lookup lookup, void *instance, void *physical, fm_physical *p) {
	enum { most = sizeof p->matrix / sizeof p->matrix[0] };
	INSTANCE(VkResult, vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR,
		(void *, uint32_t *, VkCooperativeMatrixPropertiesKHR *))
	VkCooperativeMatrixPropertiesKHR list[most];
	memset(list, 0, sizeof list);
	for (int i = 0; i < most; i++) list[i].sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR;
	uint32_t n = most;
	VkResult r = vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR(physical, &n, list);
	if (r && r != VK_INCOMPLETE) return r;
	p->matrices = n;
	for (uint32_t i = 0; i < n; i++) {
		const VkCooperativeMatrixPropertiesKHR *x = &list[i];
		p->matrix[i] = (fm_matrix){x->MSize, x->NSize, x->KSize, x->AType, x->BType, x->CType, x->ResultType, x->scope};
	}
	return VK_SUCCESS;
}

enum { most_families = 32 };

static VkResult list_families(fm_lookup lookup, void *instance, void *physical, uint32_t *n,
	VkQueueFamilyProperties *list) {
	INSTANCE(void, vkGetPhysicalDeviceQueueFamilyProperties, (void *, uint32_t *, VkQueueFamilyProperties *))
	*n = most_families;
	vkGetPhysicalDeviceQueueFamilyProperties(physical, n, list);
	return VK_SUCCESS;
}

// query_queues chooses the family: one that computes and draws nothing, so that
// a desktop's compositor has its own, else the first that computes.
static VkResult query_queues(fm_lookup lookup, void *instance, void *physical, fm_physical *p) {
	VkQueueFamilyProperties list[most_families];
	uint32_t n;
	VkResult r = list_families(lookup, instance, physical, &n, list);
	if (r) return r;
	int best = -1;
	for (uint32_t i = 0; i < n; i++) {
		if (!(list[i].queueFlags & VK_QUEUE_COMPUTE_BIT) || !list[i].queueCount) continue;
		int alone = !(list[i].queueFlags & VK_QUEUE_GRAPHICS_BIT);
		if (best < 0 || (alone && list[best].queueFlags & VK_QUEUE_GRAPHICS_BIT)) best = (int)i;
	}
	if (best < 0) return VK_ERROR_INITIALIZATION_FAILED;
	p->family = (uint32_t)best;
	p->timestamp_bits = list[best].timestampValidBits;
	return VK_SUCCESS;
}

int32_t fm_family(fm_lookup lookup, void *instance, void *physical, uint32_t family, fm_physical *p) {
	VkQueueFamilyProperties list[most_families];
	uint32_t n;
	VkResult r = list_families(lookup, instance, physical, &n, list);
	if (r) return r;
	if (family >= n || !(list[family].queueFlags & VK_QUEUE_COMPUTE_BIT)) return VK_ERROR_FEATURE_NOT_PRESENT;
	p->family = family;
	p->timestamp_bits = list[family].timestampValidBits;
	return VK_SUCCESS;
}

int32_t fm_query(fm_lookup lookup, void *instance, void *physical, fm_physical *p) {
	missing = "";
	INSTANCE(void, vkGetPhysicalDeviceProperties, (void *, VkPhysicalDeviceProperties *))
	INSTANCE(void, vkGetPhysicalDeviceMemoryProperties, (void *, VkPhysicalDeviceMemoryProperties *))
	memset(p, 0, sizeof *p);
	VkPhysicalDeviceProperties core;
	vkGetPhysicalDeviceProperties(physical, &core);
	memcpy(p->name, core.deviceName, sizeof p->name - 1);
	p->api = core.apiVersion;
	p->driver_version = core.driverVersion;
	p->vendor = core.vendorID;
	p->device = core.deviceID;
	p->type = core.deviceType;

	VkPhysicalDeviceMemoryProperties m;
	vkGetPhysicalDeviceMemoryProperties(physical, &m);
	p->heaps = m.memoryHeapCount;
	p->types = m.memoryTypeCount;
	for (uint32_t i = 0; i < m.memoryHeapCount; i++) {
		p->heap_size[i] = m.memoryHeaps[i].size;
		p->heap_flags[i] = m.memoryHeaps[i].flags;
	}
	for (uint32_t i = 0; i < m.memoryTypeCount; i++) {
		p->type_heap[i] = m.memoryTypes[i].heapIndex;
		p->type_flags[i] = m.memoryTypes[i].propertyFlags;
	}
	if (p->api < VK_API_VERSION_1_2) return VK_SUCCESS; // the caller refuses it, by name

	VkResult r = query_features(lookup, instance, physical, p);
	if (!r) r = query_limits(lookup, instance, physical, p);
	if (!r && p->has & FM_HOST_IMPORT) r = query_import(lookup, instance, physical, p);
	if (!r && p->has & FM_COOPERATIVE_MATRIX) r = query_matrices(lookup, instance, physical, p);
	if (!r) r = query_queues(lookup, instance, physical, p);
	return r;
}

int32_t fm_budget(fm_lookup lookup, void *instance, void *physical, uint64_t budget[16], uint64_t usage[16]) {
	INSTANCE(void, vkGetPhysicalDeviceMemoryProperties2, (void *, VkPhysicalDeviceMemoryProperties2 *))
	VkPhysicalDeviceMemoryBudgetPropertiesEXT b = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT};
	VkPhysicalDeviceMemoryProperties2 m = {VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2, &b};
	vkGetPhysicalDeviceMemoryProperties2(physical, &m);
	memcpy(budget, b.heapBudget, sizeof b.heapBudget);
	memcpy(usage, b.heapUsage, sizeof b.heapUsage);
	return VK_SUCCESS;
}

static VkResult fill_table(fm_lookup lookup, void *instance, fm_device *d) {
	INSTANCE(fm_proc, vkGetDeviceProcAddr, (void *, const char *))
#define F(result, name, args) \
	d->name = (result(VKAPI *) args)vkGetDeviceProcAddr(d->device, #name); \
	if (!d->name) { \
		missing = #name; \
		return VK_ERROR_INITIALIZATION_FAILED; \
	}
	DEVICE_FUNCTIONS(F)
#undef F
	d->vkGetMemoryHostPointerPropertiesEXT =
		(import_types)vkGetDeviceProcAddr(d->device, "vkGetMemoryHostPointerPropertiesEXT");
	return VK_SUCCESS;
}

static int has_matrix(const fm_physical *p) { return !!(p->has & FM_COOPERATIVE_MATRIX); }
static int has_bfloat16(const fm_physical *p) { return !!(p->has & (FM_BFLOAT16 | FM_BFLOAT16_MATRIX)); }

static void enable_features(features *f, const fm_physical *p) {
	link_features(f, p->api, has_matrix(p), has_bfloat16(p));
	f->v12.shaderFloat16 = !!(p->has & FM_FLOAT16);
	f->v12.shaderInt8 = !!(p->has & FM_INT8);
	f->core.features.shaderInt16 = !!(p->has & FM_INT16);
	f->core.features.shaderInt64 = !!(p->has & FM_INT64);
	f->core.features.shaderFloat64 = !!(p->has & FM_FLOAT64);
	f->v11.storageBuffer16BitAccess = !!(p->has & FM_STORAGE16);
	f->v12.storageBuffer8BitAccess = !!(p->has & FM_STORAGE8);
	f->v12.vulkanMemoryModel = !!(p->has & FM_MEMORY_MODEL);
	f->v12.vulkanMemoryModelDeviceScope = !!(p->has & FM_MEMORY_MODEL_DEVICE);
	f->v12.timelineSemaphore = 1;
	f->v13.shaderIntegerDotProduct = !!(p->has & FM_DOT_PRODUCT);
	f->v13.subgroupSizeControl = !!(p->has & FM_SUBGROUP_SIZE);
	f->v13.maintenance4 = !!(p->has & FM_MAINTENANCE4);
	f->matrix.cooperativeMatrix = has_matrix(p);
	f->bfloat16.shaderBFloat16Type = !!(p->has & FM_BFLOAT16);
	f->bfloat16.shaderBFloat16CooperativeMatrix = !!(p->has & FM_BFLOAT16_MATRIX);
}

void *fm_features(const fm_physical *p) {
	features *f = malloc(sizeof *f);
	if (f) enable_features(f, p);
	return f;
}

int32_t fm_open(fm_lookup lookup, void *instance, void *physical, const fm_physical *p, fm_device **out) {
	missing = "";
	INSTANCE(VkResult, vkCreateDevice, (void *, const VkDeviceCreateInfo *, const void *, void **))
	features f;
	enable_features(&f, p);

	const char *ext[4];
	uint32_t n = 0;
	if (has_matrix(p)) ext[n++] = matrix_extension;
	if (has_bfloat16(p)) ext[n++] = bfloat16_extension;
	if (p->has & FM_MEMORY_BUDGET) ext[n++] = budget_extension;
	if (p->has & FM_HOST_IMPORT) ext[n++] = import_extension;

	float priority = 1;
	VkDeviceQueueCreateInfo queue = {VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO};
	queue.queueFamilyIndex = p->family;
	queue.queueCount = 1;
	queue.pQueuePriorities = &priority;
	VkDeviceCreateInfo info = {VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, &f.core};
	info.queueCreateInfoCount = 1;
	info.pQueueCreateInfos = &queue;
	info.enabledExtensionCount = n;
	info.ppEnabledExtensionNames = ext;

	fm_device *d = calloc(1, sizeof *d);
	if (!d) return VK_ERROR_OUT_OF_HOST_MEMORY;
	VkResult r = vkCreateDevice(physical, &info, NULL, &d->device);
	if (r) {
		free(d);
		return r;
	}
	r = fill_table(lookup, instance, d);
	d->owned = 1;
	if (r) {
		fm_close(d);
		return r;
	}
	d->vkGetDeviceQueue(d->device, p->family, 0, &d->queue);
	*out = d;
	return VK_SUCCESS;
}

int32_t fm_attach(fm_lookup lookup, void *instance, void *device, void *queue, fm_device **out) {
	missing = "";
	fm_device *d = calloc(1, sizeof *d);
	if (!d) return VK_ERROR_OUT_OF_HOST_MEMORY;
	d->device = device;
	d->queue = queue;
	VkResult r = fill_table(lookup, instance, d);
	if (r) {
		free(d);
		return r;
	}
	*out = d;
	return VK_SUCCESS;
}

void fm_close(fm_device *d) {
	if (d->owned && d->vkDestroyDevice) d->vkDestroyDevice(d->device, NULL);
	free(d);
}

int32_t fm_memory(fm_device *d, uint64_t size, uint32_t type, void *import, uint64_t *memory) {
	VkImportMemoryHostPointerInfoEXT host = {VK_STRUCTURE_TYPE_IMPORT_MEMORY_HOST_POINTER_INFO_EXT};
	host.handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT;
	host.pHostPointer = import;
	VkMemoryAllocateInfo info = {VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, import ? &host : NULL, size, type};
	return d->vkAllocateMemory(d->device, &info, NULL, memory);
}

void fm_free_memory(fm_device *d, uint64_t memory) { d->vkFreeMemory(d->device, memory, NULL); }

int32_t fm_map(fm_device *d, uint64_t memory, uint64_t size, void **at) {
	return d->vkMapMemory(d->device, memory, 0, size, 0, at);
}

int32_t fm_import_types(fm_device *d, void *host, uint32_t *types) {
	if (!d->vkGetMemoryHostPointerPropertiesEXT) return VK_ERROR_INITIALIZATION_FAILED;
	VkMemoryHostPointerPropertiesEXT p = {VK_STRUCTURE_TYPE_MEMORY_HOST_POINTER_PROPERTIES_EXT};
	VkResult r = d->vkGetMemoryHostPointerPropertiesEXT(d->device,
		VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT, host, &p);
	*types = p.memoryTypeBits;
	return r;
}

int32_t fm_buffer(fm_device *d, uint64_t size, int imported, uint64_t *buffer, uint64_t *need, uint64_t *align,
                  uint32_t *types) {
	VkExternalMemoryBufferCreateInfo host = {VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO};
	host.handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT;
	VkBufferCreateInfo info = {VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO, imported ? &host : NULL};
	info.size = size;
	info.usage = buffer_usage;
	VkResult r = d->vkCreateBuffer(d->device, &info, NULL, buffer);
	if (r) return r;
	VkMemoryRequirements m;
	d->vkGetBufferMemoryRequirements(d->device, *buffer, &m);
	*need = m.size;
	*align = m.alignment;
	*types = m.memoryTypeBits;
	return VK_SUCCESS;
}

int32_t fm_bind(fm_device *d, uint64_t buffer, uint64_t memory, uint64_t offset) {
	return d->vkBindBufferMemory(d->device, buffer, memory, offset);
}

void fm_free_buffer(fm_device *d, uint64_t buffer) { d->vkDestroyBuffer(d->device, buffer, NULL); }

int32_t fm_layout(fm_device *d, uint32_t bindings, uint32_t push, uint64_t *set_layout, uint64_t *layout) {
	VkDescriptorSetLayoutBinding b[32];
	if (bindings > 32) return VK_ERROR_INITIALIZATION_FAILED;
	for (uint32_t i = 0; i < bindings; i++)
		b[i] = (VkDescriptorSetLayoutBinding){
			i + 1, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 1, VK_SHADER_STAGE_COMPUTE_BIT, NULL};
	VkDescriptorSetLayoutCreateInfo info = {VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO};
	info.bindingCount = bindings;
	info.pBindings = b;
	VkResult r = d->vkCreateDescriptorSetLayout(d->device, &info, NULL, set_layout);
	if (r) return r;
	VkPushConstantRange range = {VK_SHADER_STAGE_COMPUTE_BIT, 0, push};
	VkPipelineLayoutCreateInfo all = {VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO};
	all.setLayoutCount = 1;
	all.pSetLayouts = set_layout;
	all.pushConstantRangeCount = push ? 1 : 0;
	all.pPushConstantRanges = &range;
	r = d->vkCreatePipelineLayout(d->device, &all, NULL, layout);
	if (r) d->vkDestroyDescriptorSetLayout(d->device, *set_layout, NULL);
	return r;
}

void fm_free_layout(fm_device *d, uint64_t set_layout, uint64_t layout) {
	d->vkDestroyPipelineLayout(d->device, layout, NULL);
	d->vkDestroyDescriptorSetLayout(d->device, set_layout, NULL);
}

int32_t fm_cache(fm_device *d, const void *data, uint64_t size, uint64_t *cache) {
	VkPipelineCacheCreateInfo info = {VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO, NULL, 0, (size_t)size, data};
	return d->vkCreatePipelineCache(d->device, &info, NULL, cache);
}

int32_t fm_cache_data(fm_device *d, uint64_t cache, void *data, uint64_t *size) {
	size_t n = (size_t)*size;
	VkResult r = d->vkGetPipelineCacheData(d->device, cache, &n, data);
	*size = n;
	return r;
}

void fm_free_cache(fm_device *d, uint64_t cache) { d->vkDestroyPipelineCache(d->device, cache, NULL); }

int32_t fm_pipeline(fm_device *d, uint64_t cache, uint64_t layout, const void *code, uint64_t size, uint32_t constants,
                    const uint32_t *ids, const uint32_t *values, uint32_t subgroup, uint64_t *pipeline) {
	VkSpecializationMapEntry entry[48];
	if (constants > 48) return VK_ERROR_INITIALIZATION_FAILED;
	for (uint32_t i = 0; i < constants; i++) entry[i] = (VkSpecializationMapEntry){ids[i], 4 * i, 4};
	VkSpecializationInfo spec = {constants, entry, 4 * constants, values};

	VkShaderModuleCreateInfo module = {VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO, NULL, 0, (size_t)size, code};
	VkPipelineShaderStageRequiredSubgroupSizeCreateInfo width = {
		VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO, NULL, subgroup};
	VkComputePipelineCreateInfo info = {VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO};
	info.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
	info.stage.pNext = subgroup ? &width : NULL;
	info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
	info.stage.pName = "main";
	info.stage.pSpecializationInfo = &spec;
	info.layout = layout;
	info.basePipelineIndex = -1;
	VkResult r = d->vkCreateShaderModule(d->device, &module, NULL, &info.stage.module);
	if (r) return r;
	r = d->vkCreateComputePipelines(d->device, cache, 1, &info, NULL, pipeline);
	d->vkDestroyShaderModule(d->device, info.stage.module, NULL);
	return r;
}

void fm_free_pipeline(fm_device *d, uint64_t pipeline) { d->vkDestroyPipeline(d->device, pipeline, NULL); }

int32_t fm_sets(fm_device *d, uint32_t sets, uint32_t bindings, const uint64_t *set_layouts, uint64_t *pool,
                uint64_t *out) {
	VkDescriptorPoolSize size = {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, bindings};
	VkDescriptorPoolCreateInfo info = {VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO, NULL, 0, sets, 1, &size};
	VkResult r = d->vkCreateDescriptorPool(d->device, &info, NULL, pool);
	if (r) return r;
	VkDescriptorSetAllocateInfo all = {VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO, NULL, *pool, sets, set_layouts};
	r = d->vkAllocateDescriptorSets(d->device, &all, out);
	if (r) d->vkDestroyDescriptorPool(d->device, *pool, NULL);
	return r;
}

void fm_free_sets(fm_device *d, uint64_t pool) { d->vkDestroyDescriptorPool(d->device, pool, NULL); }

void fm_write_sets(fm_device *d, uint32_t n, const fm_binding *b) {
	enum { batch = 64 };
	VkDescriptorBufferInfo info[batch];
	VkWriteDescriptorSet write[batch];
	for (uint32_t i = 0; i < n;) {
		uint32_t k = 0;
		for (; k < batch && i < n; k++, i++) {
			info[k] = (VkDescriptorBufferInfo){b[i].buffer, b[i].offset, b[i].range};
			write[k] = (VkWriteDescriptorSet){
				VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET, NULL, b[i].set, b[i].binding, 0, 1,
				VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, NULL, &info[k], NULL};
		}
		d->vkUpdateDescriptorSets(d->device, k, write, 0, NULL);
	}
}

int32_t fm_commands(fm_device *d, uint32_t family, uint32_t n, uint64_t *pool, void **commands) {
	VkCommandPoolCreateInfo info = {VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, NULL,
		VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT, family};
	VkResult r = d->vkCreateCommandPool(d->device, &info, NULL, pool);
	if (r) return r;
	VkCommandBufferAllocateInfo all = {VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO, NULL, *pool, 0, n};
	r = d->vkAllocateCommandBuffers(d->device, &all, commands);
	if (r) d->vkDestroyCommandPool(d->device, *pool, NULL);
	return r;
}

void fm_free_commands(fm_device *d, uint64_t pool) { d->vkDestroyCommandPool(d->device, pool, NULL); }

enum {
	work_stages = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT,
	work_writes = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
	work_access = work_writes | VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_TRANSFER_READ_BIT,
	shader_access = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT,
};

static void barrier(fm_device *d, void *command, uint32_t from, uint32_t wrote, uint32_t to, uint32_t access) {
	VkMemoryBarrier m = {VK_STRUCTURE_TYPE_MEMORY_BARRIER, NULL, wrote, access};
	d->vkCmdPipelineBarrier(command, from, to, 0, 1, &m, 0, NULL, 0, NULL);
}

// begin orders what follows after everything that was submitted earlier. The
// host's own writes need no barrier: a submission makes them visible.
static VkResult begin(fm_device *d, void *command, uint32_t flags) {
	VkCommandBufferBeginInfo info = {VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO, NULL, flags, NULL};
	VkResult r = d->vkBeginCommandBuffer(command, &info);
	if (!r) barrier(d, command, work_stages, work_writes, work_stages, work_access);
	return r;
}

// end makes the writes visible to the host, which sees them once it has waited.
static VkResult end(fm_device *d, void *command) {
	barrier(d, command, work_stages, work_writes, VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT);
	return d->vkEndCommandBuffer(command);
}

int32_t fm_record(fm_device *d, void *command, uint32_t n, const fm_dispatch *list, const void *push,
                  uint64_t queries, uint32_t reset, uint32_t last) {
	VkResult r = begin(d, command, VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT);
	if (r) return r;
	if (reset) d->vkCmdResetQueryPool(command, queries, 0, reset);
	uint64_t pipeline = 0, set = 0;
	for (const fm_dispatch *x = list; x < list + n; x++) {
		if (x->stamp) d->vkCmdWriteTimestamp(command, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, queries, x->stamp - 1);
		if (x->barrier && x > list)
			barrier(d, command, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_WRITE_BIT,
				VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, shader_access);
		if (x->pipeline != pipeline)
			d->vkCmdBindPipeline(command, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline = x->pipeline);
		if (x->set != set) {
			set = x->set;
			d->vkCmdBindDescriptorSets(command, VK_PIPELINE_BIND_POINT_COMPUTE, x->layout, 0, 1, &set, 0, NULL);
		}
		if (x->push_size)
			d->vkCmdPushConstants(command, x->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, x->push_size,
				(const char *)push + x->push_at);
		d->vkCmdDispatch(command, x->groups[0], x->groups[1], x->groups[2]);
	}
	if (last) d->vkCmdWriteTimestamp(command, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, queries, last - 1);
	return end(d, command);
}

int32_t fm_begin(fm_device *d, void *command) { return begin(d, command, VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT); }

void fm_copy(fm_device *d, void *command, uint64_t src, uint64_t src_at, uint64_t dst, uint64_t dst_at, uint64_t size) {
	VkBufferCopy c = {src_at, dst_at, size};
	d->vkCmdCopyBuffer(command, src, dst, 1, &c);
}

void fm_zero(fm_device *d, void *command, uint64_t buffer, uint64_t at, uint64_t size) {
	d->vkCmdFillBuffer(command, buffer, at, size, 0);
}

void fm_order(fm_device *d, void *command) {
	barrier(d, command, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT,
	        VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT);
}

int32_t fm_end(fm_device *d, void *command) { return end(d, command); }

int32_t fm_timeline(fm_device *d, uint64_t *semaphore) {
	VkSemaphoreTypeCreateInfo kind = {
		VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO, NULL, VK_SEMAPHORE_TYPE_TIMELINE, 0};
	VkSemaphoreCreateInfo info = {VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, &kind, 0};
	return d->vkCreateSemaphore(d->device, &info, NULL, semaphore);
}

void fm_free_timeline(fm_device *d, uint64_t semaphore) { d->vkDestroySemaphore(d->device, semaphore, NULL); }

int32_t fm_submit(fm_device *d, uint32_t n, void *const *commands, uint64_t semaphore, uint64_t value) {
	VkTimelineSemaphoreSubmitInfo when = {VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO};
	when.signalSemaphoreValueCount = 1;
	when.pSignalSemaphoreValues = &value;
	VkSubmitInfo info = {VK_STRUCTURE_TYPE_SUBMIT_INFO};
	info.commandBufferCount = n;
	info.pCommandBuffers = commands;
	if (semaphore) {
		info.signalSemaphoreCount = 1;
		info.pSignalSemaphores = &semaphore;
		info.pNext = &when;
	}
	return d->vkQueueSubmit(d->queue, 1, &info, 0);
}

int32_t fm_reached(fm_device *d, uint64_t semaphore, uint64_t *value) {
	return d->vkGetSemaphoreCounterValue(d->device, semaphore, value);
}

int32_t fm_wait(fm_device *d, uint64_t semaphore, uint64_t value, uint64_t ns) {
	VkSemaphoreWaitInfo info = {VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO, NULL, 0, 1, &semaphore, &value};
	return d->vkWaitSemaphores(d->device, &info, ns);
}

int32_t fm_queries(fm_device *d, uint32_t n, uint64_t *pool) {
	VkQueryPoolCreateInfo info = {VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO, NULL, 0, VK_QUERY_TYPE_TIMESTAMP, n, 0};
	return d->vkCreateQueryPool(d->device, &info, NULL, pool);
}

int32_t fm_stamps(fm_device *d, uint64_t pool, uint32_t n, uint64_t *out) {
	return d->vkGetQueryPoolResults(d->device, pool, 0, n, 8 * (size_t)n, out, 8,
		VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT);
}

void fm_free_queries(fm_device *d, uint64_t pool) { d->vkDestroyQueryPool(d->device, pool, NULL); }
