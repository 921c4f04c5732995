// The part of Vulkan's binary interface that vk.c calls, from the Vulkan 1.3
// specification and the extensions named below. No Vulkan headers are needed to
// build; the tests compare every layout and number with those that come with
// the binding. Runs of members that are not used are called skip.

#ifndef FM_ABI_H
#define FM_ABI_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32) && !defined(_WIN64)
#define VKAPI __stdcall
#else
#define VKAPI
#endif

typedef uint32_t VkBool32;
typedef uint64_t VkDeviceSize;
typedef int32_t VkResult;
typedef uint64_t VkHandle; // of the kind that is not dispatchable

enum {
	VK_SUCCESS = 0,
	VK_TIMEOUT = 2,
	VK_INCOMPLETE = 5,
	VK_ERROR_OUT_OF_HOST_MEMORY = -1,
	VK_ERROR_INITIALIZATION_FAILED = -3,
	VK_ERROR_FEATURE_NOT_PRESENT = -8,

	VK_API_VERSION_1_2 = (1u << 22) | (2u << 12),
	VK_API_VERSION_1_3 = (1u << 22) | (3u << 12),

	VK_STRUCTURE_TYPE_APPLICATION_INFO = 0,
	VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO = 1,
	VK_STRUCTURE_TYPE_SUBMIT_INFO = 4,
	VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO = 5,
	VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO = 11,
	VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO = 12,
	VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO = 16,
	VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO = 17,
	VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO = 18,
	VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO = 29,
	VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO = 30,
	VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO = 32,
	VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO = 33,
	VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO = 34,
	VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET = 35,
	VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO = 39,
	VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO = 40,
	VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO = 42,
	VK_STRUCTURE_TYPE_MEMORY_BARRIER = 46,
	VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO = 9,
	VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO = 2,
	VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO = 3,
	VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_BUFFER_INFO = 1000071002,
	VK_STRUCTURE_TYPE_EXTERNAL_BUFFER_PROPERTIES = 1000071003,
	VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2 = 1000059000,
	VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2 = 1000059001,
	VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2 = 1000059006,
	VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES = 49,
	VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES = 50,
	VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES = 51,
	VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES = 52,
	VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES = 53,
	VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_PROPERTIES = 54,
	VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO = 1000072000,
	VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO = 1000207002,
	VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO = 1000207003,
	VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO = 1000207004,
	VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO = 1000225001,
	VK_STRUCTURE_TYPE_IMPORT_MEMORY_HOST_POINTER_INFO_EXT = 1000178000,
	VK_STRUCTURE_TYPE_MEMORY_HOST_POINTER_PROPERTIES_EXT = 1000178001,
	VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_SM_BUILTINS_PROPERTIES_NV = 1000154001,
	VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_MEMORY_HOST_PROPERTIES_EXT = 1000178002,
	VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_CORE_PROPERTIES_AMD = 1000185000,
	VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT = 1000237000,

	VK_QUEUE_GRAPHICS_BIT = 1,
	VK_QUEUE_COMPUTE_BIT = 2,
	VK_BUFFER_USAGE_TRANSFER_SRC_BIT = 1,
	VK_BUFFER_USAGE_TRANSFER_DST_BIT = 2,
	VK_BUFFER_USAGE_STORAGE_BUFFER_BIT = 0x20,
	VK_DESCRIPTOR_TYPE_STORAGE_BUFFER = 7,
	VK_DESCRIPTOR_POOL_CREATE_FREE_DESCRIPTOR_SET_BIT = 1,
	VK_SHADER_STAGE_COMPUTE_BIT = 0x20,
	VK_PIPELINE_BIND_POINT_COMPUTE = 1,
	VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT = 2,
	VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT = 1,
	VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT = 4,
	VK_QUERY_TYPE_TIMESTAMP = 2,
	VK_QUERY_RESULT_64_BIT = 1,
	VK_QUERY_RESULT_WAIT_BIT = 2,
	VK_SEMAPHORE_TYPE_TIMELINE = 1,
	VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT = 0x80,
	VK_EXTERNAL_MEMORY_FEATURE_IMPORTABLE_BIT = 4,

	VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT = 0x800,
	VK_PIPELINE_STAGE_TRANSFER_BIT = 0x1000,
	VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT = 0x2000,
	VK_PIPELINE_STAGE_HOST_BIT = 0x4000,
	VK_ACCESS_SHADER_READ_BIT = 0x20,
	VK_ACCESS_SHADER_WRITE_BIT = 0x40,
	VK_ACCESS_TRANSFER_READ_BIT = 0x800,
	VK_ACCESS_TRANSFER_WRITE_BIT = 0x1000,
	VK_ACCESS_HOST_READ_BIT = 0x2000,
	VK_ACCESS_HOST_WRITE_BIT = 0x4000,

	VK_UUID_SIZE = 16,
	VK_MAX_MEMORY_TYPES = 32,
	VK_MAX_MEMORY_HEAPS = 16,
	VK_MAX_EXTENSION_NAME_SIZE = 256,
};

// Newer than the binding's headers: VK_KHR_cooperative_matrix revision 2,
// VK_KHR_shader_bfloat16 revision 1.
enum {
	VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR = 1000506000,
	VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR = 1000506001,
	VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_BFLOAT16_FEATURES_KHR = 1000141000,
};

typedef struct VkApplicationInfo {
	uint32_t sType;
	const void *pNext;
	const char *pApplicationName;
	uint32_t applicationVersion;
	const char *pEngineName;
	uint32_t engineVersion, apiVersion;
} VkApplicationInfo;

typedef struct VkInstanceCreateInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t flags;
	const VkApplicationInfo *pApplicationInfo;
	uint32_t enabledLayerCount;
	const char *const *ppEnabledLayerNames;
	uint32_t enabledExtensionCount;
	const char *const *ppEnabledExtensionNames;
} VkInstanceCreateInfo;

typedef struct VkExtensionProperties {
	char extensionName[VK_MAX_EXTENSION_NAME_SIZE];
	uint32_t specVersion;
} VkExtensionProperties;

typedef struct VkPhysicalDeviceLimits {
	uint32_t skip0[7];
	uint32_t maxStorageBufferRange;
	uint32_t maxPushConstantsSize;
	uint32_t maxMemoryAllocationCount;
	uint32_t skip1;
	VkDeviceSize skip2[2];
	uint32_t skip3[3];
	uint32_t maxPerStageDescriptorStorageBuffers;
	uint32_t skip4[3];
	uint32_t maxPerStageResources;
	uint32_t skip5[3];
	uint32_t maxDescriptorSetStorageBuffers;
	uint32_t skip6[26];
	uint32_t maxComputeSharedMemorySize;
	uint32_t maxComputeWorkGroupCount[3];
	uint32_t maxComputeWorkGroupInvocations;
	uint32_t maxComputeWorkGroupSize[3];
	uint32_t skip7[13];
	size_t minMemoryMapAlignment;
	VkDeviceSize skip8[2];
	VkDeviceSize minStorageBufferOffsetAlignment;
	uint32_t skip9[22];
	float timestampPeriod;
	uint32_t skip10[12];
	VkDeviceSize skip11[2];
	VkDeviceSize nonCoherentAtomSize;
} VkPhysicalDeviceLimits;

typedef struct VkPhysicalDeviceProperties {
	uint32_t apiVersion, driverVersion, vendorID, deviceID, deviceType;
	char deviceName[256];
	uint8_t pipelineCacheUUID[VK_UUID_SIZE];
	VkPhysicalDeviceLimits limits;
	VkBool32 sparseProperties[5];
} VkPhysicalDeviceProperties;

typedef struct VkPhysicalDeviceProperties2 {
	uint32_t sType;
	void *pNext;
	VkPhysicalDeviceProperties properties;
} VkPhysicalDeviceProperties2;

typedef struct VkPhysicalDeviceVulkan11Properties {
	uint32_t sType;
	void *pNext;
	uint8_t deviceUUID[VK_UUID_SIZE], driverUUID[VK_UUID_SIZE], skip0[8];
	uint32_t skip1, skip2;
	uint32_t subgroupSize, subgroupSupportedStages, subgroupSupportedOperations;
	uint32_t skip3[6];
	VkDeviceSize maxMemoryAllocationSize;
} VkPhysicalDeviceVulkan11Properties;

typedef struct VkPhysicalDeviceVulkan12Properties {
	uint32_t sType;
	void *pNext;
	uint32_t driverID;
	char driverName[256], driverInfo[256];
	uint32_t skip0[46];
	uint64_t maxTimelineSemaphoreValueDifference;
	uint32_t skip1;
} VkPhysicalDeviceVulkan12Properties;

typedef struct VkPhysicalDeviceVulkan13Properties {
	uint32_t sType;
	void *pNext;
	uint32_t minSubgroupSize, maxSubgroupSize, maxComputeWorkgroupSubgroups, requiredSubgroupSizeStages;
	uint32_t skip0[9];
	VkBool32 integerDotProduct4x8BitPackedUnsignedAccelerated, integerDotProduct4x8BitPackedSignedAccelerated;
	VkBool32 integerDotProduct4x8BitPackedMixedSignednessAccelerated;
	uint32_t skip1[24];
	VkDeviceSize skip2[4];
	VkDeviceSize maxBufferSize;
} VkPhysicalDeviceVulkan13Properties;

typedef struct VkPhysicalDeviceShaderSMBuiltinsPropertiesNV {
	uint32_t sType;
	void *pNext;
	uint32_t shaderSMCount, shaderWarpsPerSM;
} VkPhysicalDeviceShaderSMBuiltinsPropertiesNV;

typedef struct VkPhysicalDeviceShaderCorePropertiesAMD {
	uint32_t sType;
	void *pNext;
	uint32_t shaderEngineCount, shaderArraysPerEngineCount, computeUnitsPerShaderArray;
	uint32_t skip0[11];
} VkPhysicalDeviceShaderCorePropertiesAMD;

typedef struct VkPhysicalDeviceExternalMemoryHostPropertiesEXT {
	uint32_t sType;
	void *pNext;
	VkDeviceSize minImportedHostPointerAlignment;
} VkPhysicalDeviceExternalMemoryHostPropertiesEXT;

typedef struct VkPhysicalDeviceFeatures {
	VkBool32 skip0[39];
	VkBool32 shaderFloat64, shaderInt64, shaderInt16;
	VkBool32 skip1[13];
} VkPhysicalDeviceFeatures;

typedef struct VkPhysicalDeviceFeatures2 {
	uint32_t sType;
	void *pNext;
	VkPhysicalDeviceFeatures features;
} VkPhysicalDeviceFeatures2;

typedef struct VkPhysicalDeviceVulkan11Features {
	uint32_t sType;
	void *pNext;
	VkBool32 storageBuffer16BitAccess, uniformAndStorageBuffer16BitAccess;
	VkBool32 skip0[10];
} VkPhysicalDeviceVulkan11Features;

typedef struct VkPhysicalDeviceVulkan12Features {
	uint32_t sType;
	void *pNext;
	VkBool32 skip0[2];
	VkBool32 storageBuffer8BitAccess, uniformAndStorageBuffer8BitAccess;
	VkBool32 skip1[3];
	VkBool32 shaderFloat16, shaderInt8;
	VkBool32 skip2[27];
	VkBool32 hostQueryReset, timelineSemaphore;
	VkBool32 skip3[3];
	VkBool32 vulkanMemoryModel, vulkanMemoryModelDeviceScope;
	VkBool32 skip4[4];
} VkPhysicalDeviceVulkan12Features;

typedef struct VkPhysicalDeviceVulkan13Features {
	uint32_t sType;
	void *pNext;
	VkBool32 skip0[7];
	VkBool32 subgroupSizeControl, computeFullSubgroups;
	VkBool32 skip1[4];
	VkBool32 shaderIntegerDotProduct, maintenance4;
} VkPhysicalDeviceVulkan13Features;

typedef struct VkPhysicalDeviceCooperativeMatrixFeaturesKHR {
	uint32_t sType;
	void *pNext;
	VkBool32 cooperativeMatrix, cooperativeMatrixRobustBufferAccess;
} VkPhysicalDeviceCooperativeMatrixFeaturesKHR;

typedef struct VkPhysicalDeviceShaderBfloat16FeaturesKHR {
	uint32_t sType;
	void *pNext;
	VkBool32 shaderBFloat16Type, shaderBFloat16DotProduct, shaderBFloat16CooperativeMatrix;
} VkPhysicalDeviceShaderBfloat16FeaturesKHR;

typedef struct VkCooperativeMatrixPropertiesKHR {
	uint32_t sType;
	void *pNext;
	uint32_t MSize, NSize, KSize, AType, BType, CType, ResultType;
	VkBool32 saturatingAccumulation;
	uint32_t scope;
} VkCooperativeMatrixPropertiesKHR;

typedef struct VkQueueFamilyProperties {
	uint32_t queueFlags, queueCount, timestampValidBits;
	uint32_t skip0[3];
} VkQueueFamilyProperties;

typedef struct VkMemoryType {
	uint32_t propertyFlags, heapIndex;
} VkMemoryType;

typedef struct VkMemoryHeap {
	VkDeviceSize size;
	uint32_t flags;
} VkMemoryHeap;

typedef struct VkPhysicalDeviceMemoryProperties {
	uint32_t memoryTypeCount;
	VkMemoryType memoryTypes[VK_MAX_MEMORY_TYPES];
	uint32_t memoryHeapCount;
	VkMemoryHeap memoryHeaps[VK_MAX_MEMORY_HEAPS];
} VkPhysicalDeviceMemoryProperties;

typedef struct VkPhysicalDeviceMemoryProperties2 {
	uint32_t sType;
	void *pNext;
	VkPhysicalDeviceMemoryProperties memoryProperties;
} VkPhysicalDeviceMemoryProperties2;

typedef struct VkPhysicalDeviceMemoryBudgetPropertiesEXT {
	uint32_t sType;
	void *pNext;
	VkDeviceSize heapBudget[VK_MAX_MEMORY_HEAPS], heapUsage[VK_MAX_MEMORY_HEAPS];
} VkPhysicalDeviceMemoryBudgetPropertiesEXT;

typedef struct VkDeviceQueueCreateInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t flags, queueFamilyIndex, queueCount;
	const float *pQueuePriorities;
} VkDeviceQueueCreateInfo;

typedef struct VkDeviceCreateInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t flags, queueCreateInfoCount;
	const VkDeviceQueueCreateInfo *pQueueCreateInfos;
	uint32_t enabledLayerCount;
	const char *const *ppEnabledLayerNames;
	uint32_t enabledExtensionCount;
	const char *const *ppEnabledExtensionNames;
	const VkPhysicalDeviceFeatures *pEnabledFeatures;
} VkDeviceCreateInfo;

typedef struct VkMemoryAllocateInfo {
	uint32_t sType;
	const void *pNext;
	VkDeviceSize allocationSize;
	uint32_t memoryTypeIndex;
} VkMemoryAllocateInfo;

typedef struct VkImportMemoryHostPointerInfoEXT {
	uint32_t sType;
	const void *pNext;
	uint32_t handleType;
	void *pHostPointer;
} VkImportMemoryHostPointerInfoEXT;

typedef struct VkMemoryHostPointerPropertiesEXT {
	uint32_t sType;
	void *pNext;
	uint32_t memoryTypeBits;
} VkMemoryHostPointerPropertiesEXT;

typedef struct VkPhysicalDeviceExternalBufferInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t flags, usage, handleType;
} VkPhysicalDeviceExternalBufferInfo;

typedef struct VkExternalMemoryProperties {
	uint32_t externalMemoryFeatures, exportFromImportedHandleTypes, compatibleHandleTypes;
} VkExternalMemoryProperties;

typedef struct VkExternalBufferProperties {
	uint32_t sType;
	void *pNext;
	VkExternalMemoryProperties externalMemoryProperties;
} VkExternalBufferProperties;

typedef struct VkExternalMemoryBufferCreateInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t handleTypes;
} VkExternalMemoryBufferCreateInfo;

typedef struct VkBufferCreateInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t flags;
	VkDeviceSize size;
	uint32_t usage, sharingMode, queueFamilyIndexCount;
	const uint32_t *pQueueFamilyIndices;
} VkBufferCreateInfo;

typedef struct VkMemoryRequirements {
	VkDeviceSize size, alignment;
	uint32_t memoryTypeBits;
} VkMemoryRequirements;

typedef struct VkShaderModuleCreateInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t flags;
	size_t codeSize;
	const uint32_t *pCode;
} VkShaderModuleCreateInfo;

typedef struct VkSpecializationMapEntry {
	uint32_t constantID, offset;
	size_t size;
} VkSpecializationMapEntry;

typedef struct VkSpecializationInfo {
	uint32_t mapEntryCount;
	const VkSpecializationMapEntry *pMapEntries;
	size_t dataSize;
	const void *pData;
} VkSpecializationInfo;

typedef struct VkPipelineShaderStageRequiredSubgroupSizeCreateInfo {
	uint32_t sType;
	void *pNext;
	uint32_t requiredSubgroupSize;
} VkPipelineShaderStageRequiredSubgroupSizeCreateInfo;

typedef struct VkPipelineShaderStageCreateInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t flags, stage;
	VkHandle module;
	const char *pName;
	const VkSpecializationInfo *pSpecializationInfo;
} VkPipelineShaderStageCreateInfo;

typedef struct VkComputePipelineCreateInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t flags;
	VkPipelineShaderStageCreateInfo stage;
	VkHandle layout, basePipelineHandle;
	int32_t basePipelineIndex;
} VkComputePipelineCreateInfo;

typedef struct VkPipelineCacheCreateInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t flags;
	size_t initialDataSize;
	const void *pInitialData;
} VkPipelineCacheCreateInfo;

typedef struct VkDescriptorSetLayoutBinding {
	uint32_t binding, descriptorType, descriptorCount, stageFlags;
	const VkHandle *pImmutableSamplers;
} VkDescriptorSetLayoutBinding;

typedef struct VkDescriptorSetLayoutCreateInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t flags, bindingCount;
	const VkDescriptorSetLayoutBinding *pBindings;
} VkDescriptorSetLayoutCreateInfo;

typedef struct VkPushConstantRange {
	uint32_t stageFlags, offset, size;
} VkPushConstantRange;

typedef struct VkPipelineLayoutCreateInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t flags, setLayoutCount;
	const VkHandle *pSetLayouts;
	uint32_t pushConstantRangeCount;
	const VkPushConstantRange *pPushConstantRanges;
} VkPipelineLayoutCreateInfo;

typedef struct VkDescriptorPoolSize {
	uint32_t type, descriptorCount;
} VkDescriptorPoolSize;

typedef struct VkDescriptorPoolCreateInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t flags, maxSets, poolSizeCount;
	const VkDescriptorPoolSize *pPoolSizes;
} VkDescriptorPoolCreateInfo;

typedef struct VkDescriptorSetAllocateInfo {
	uint32_t sType;
	const void *pNext;
	VkHandle descriptorPool;
	uint32_t descriptorSetCount;
	const VkHandle *pSetLayouts;
} VkDescriptorSetAllocateInfo;

typedef struct VkDescriptorBufferInfo {
	VkHandle buffer;
	VkDeviceSize offset, range;
} VkDescriptorBufferInfo;

typedef struct VkWriteDescriptorSet {
	uint32_t sType;
	const void *pNext;
	VkHandle dstSet;
	uint32_t dstBinding, dstArrayElement, descriptorCount, descriptorType;
	const void *pImageInfo;
	const VkDescriptorBufferInfo *pBufferInfo;
	const VkHandle *pTexelBufferView;
} VkWriteDescriptorSet;

typedef struct VkCommandPoolCreateInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t flags, queueFamilyIndex;
} VkCommandPoolCreateInfo;

typedef struct VkCommandBufferAllocateInfo {
	uint32_t sType;
	const void *pNext;
	VkHandle commandPool;
	uint32_t level, commandBufferCount;
} VkCommandBufferAllocateInfo;

typedef struct VkCommandBufferBeginInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t flags;
	const void *pInheritanceInfo;
} VkCommandBufferBeginInfo;

typedef struct VkMemoryBarrier {
	uint32_t sType;
	const void *pNext;
	uint32_t srcAccessMask, dstAccessMask;
} VkMemoryBarrier;

typedef struct VkBufferCopy {
	VkDeviceSize srcOffset, dstOffset, size;
} VkBufferCopy;

typedef struct VkQueryPoolCreateInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t flags, queryType, queryCount, pipelineStatistics;
} VkQueryPoolCreateInfo;

typedef struct VkSemaphoreTypeCreateInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t semaphoreType;
	uint64_t initialValue;
} VkSemaphoreTypeCreateInfo;

typedef struct VkSemaphoreCreateInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t flags;
} VkSemaphoreCreateInfo;

typedef struct VkSemaphoreWaitInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t flags, semaphoreCount;
	const VkHandle *pSemaphores;
	const uint64_t *pValues;
} VkSemaphoreWaitInfo;

typedef struct VkTimelineSemaphoreSubmitInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t waitSemaphoreValueCount;
	const uint64_t *pWaitSemaphoreValues;
	uint32_t signalSemaphoreValueCount;
	const uint64_t *pSignalSemaphoreValues;
} VkTimelineSemaphoreSubmitInfo;

typedef struct VkSubmitInfo {
	uint32_t sType;
	const void *pNext;
	uint32_t waitSemaphoreCount;
	const VkHandle *pWaitSemaphores;
	const uint32_t *pWaitDstStageMask;
	uint32_t commandBufferCount;
	void *const *pCommandBuffers;
	uint32_t signalSemaphoreCount;
	const VkHandle *pSignalSemaphores;
} VkSubmitInfo;

#endif
