//go:build !darwin

#include "compileonly.h"
#include "../../abi.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef void (*proc)(void);

// Of VK_KHR_pipeline_executable_properties.
enum {
	executable_features = 1000269000,
	pipeline_info = 1000269001,
	executable_properties = 1000269002,
	executable_info = 1000269003,
	executable_statistic = 1000269004,
	capture_statistics = 0x40,
	format_float = 3,
	most_statistics = 32,
	most_extensions = 16,
};

static const char executable_extension[] = "VK_KHR_pipeline_executable_properties";

typedef struct {
	uint32_t sType;
	const void *pNext;
	uint32_t on;
} ExecutableFeatures;

typedef struct {
	uint32_t sType;
	const void *pNext;
	VkHandle pipeline;
	uint32_t index;
} ExecutableInfo;

typedef struct {
	uint32_t sType;
	void *pNext;
	char name[256], description[256];
	uint32_t format;
	uint64_t value;
} ExecutableStatistic;

typedef struct {
	uint32_t sType;
	const void *pNext;
	VkHandle pipeline;
} PipelineInfo;

typedef struct {
	uint32_t sType;
	void *pNext;
	uint32_t stages;
	char name[256], description[256];
	uint32_t subgroup;
} ExecutableProperties;

typedef struct entry {
	struct entry *next;
	VkHandle pipeline;
	uint32_t subgroup, n;
	compileonly_statistic list[most_statistics];
} entry;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static entry *entries;

static proc(VKAPI *real_instance)(void *, const char *);
static proc(VKAPI *real_device)(void *, const char *);
static VkResult(VKAPI *real_open)(void *, const VkDeviceCreateInfo *, const void *, void **);

// The device's own, which are the same for every device of a driver.
static proc real_create, real_destroy, real_statistics, real_properties, real_requirements;

static VkResult VKAPI my_open(void *physical, const VkDeviceCreateInfo *info, const void *a, void **device) {
	const char *names[most_extensions];
	VkDeviceCreateInfo own = *info;
	if (own.enabledExtensionCount >= most_extensions) return VK_ERROR_INITIALIZATION_FAILED;
	for (uint32_t i = 0; i < own.enabledExtensionCount; i++) names[i] = own.ppEnabledExtensionNames[i];
	names[own.enabledExtensionCount++] = executable_extension;
	own.ppEnabledExtensionNames = names;
	ExecutableFeatures f = {executable_features, own.pNext, 1};
	own.pNext = &f;
	return real_open(physical, &own, a, device);
}

static void keep(void *device, VkHandle pipeline) {
	ExecutableStatistic s[most_statistics];
	memset(s, 0, sizeof s);
	for (int i = 0; i < most_statistics; i++) s[i].sType = executable_statistic;
	ExecutableInfo info = {executable_info, NULL, pipeline, 0};
	uint32_t n = most_statistics;
	entry *e = calloc(1, sizeof *e);
	if (!e) return;
	if (((VkResult(VKAPI *)(void *, const ExecutableInfo *, uint32_t *, ExecutableStatistic *))real_statistics)(
			device, &info, &n, s)) n = 0;
	PipelineInfo which = {pipeline_info, NULL, pipeline};
	ExecutableProperties p = {executable_properties};
	uint32_t one = 1;
	((VkResult(VKAPI *)(void *, const PipelineInfo *, uint32_t *, ExecutableProperties *))real_properties)(
		device, &which, &one, &p);
	e->pipeline = pipeline;
	e->subgroup = p.subgroup;
	e->n = n;
	for (uint32_t i = 0; i < n; i++) {
		memcpy(e->list[i].name, s[i].name, sizeof s[i].name);
		e->list[i].value = s[i].value;
		e->list[i].real = s[i].format == format_float;
	}
	pthread_mutex_lock(&lock);
	e->next = entries;
	entries = e;
	pthread_mutex_unlock(&lock);
}

static VkResult VKAPI my_create(void *device, VkHandle cache, uint32_t n, const VkComputePipelineCreateInfo *info,
                                const void *a, VkHandle *out) {
	VkComputePipelineCreateInfo own = *info;
	own.flags |= capture_statistics;
	if (n != 1) return VK_ERROR_INITIALIZATION_FAILED;
	VkResult r = ((VkResult(VKAPI *)(void *, VkHandle, uint32_t, const VkComputePipelineCreateInfo *, const void *,
	                                 VkHandle *))real_create)(device, cache, 1, &own, a, out);
	if (!r) keep(device, *out);
	return r;
}

static void VKAPI my_destroy(void *device, VkHandle pipeline, const void *a) {
	pthread_mutex_lock(&lock);
	for (entry **at = &entries; *at; at = &(*at)->next) {
		if ((*at)->pipeline != pipeline) continue;
		entry *e = *at;
		*at = e->next;
		free(e);
		break;
	}
	pthread_mutex_unlock(&lock);
	((void(VKAPI *)(void *, VkHandle, const void *))real_destroy)(device, pipeline, a);
}

// Nothing is ever submitted, so all of it is complete.

static VkResult VKAPI my_semaphore(void *d, const VkSemaphoreCreateInfo *i, const void *a, VkHandle *out) {
	*out = 1;
	return VK_SUCCESS;
}

static void VKAPI my_semaphore_end(void *d, VkHandle s, const void *a) {}

static VkResult VKAPI my_counter(void *d, VkHandle s, uint64_t *value) {
	*value = ~(uint64_t)0;
	return VK_SUCCESS;
}

static VkResult VKAPI my_wait(void *d, const VkSemaphoreWaitInfo *i, uint64_t ns) { return VK_SUCCESS; }

// Memory is the host's: such a device has none, of no type.

static void VKAPI my_memory(void *physical, VkPhysicalDeviceMemoryProperties *m) {
	memset(m, 0, sizeof *m);
	m->memoryHeapCount = m->memoryTypeCount = 1;
	m->memoryHeaps[0].size = (VkDeviceSize)16 << 30;
	m->memoryHeaps[0].flags = 1;
	m->memoryTypes[0].propertyFlags = 7; // the device's own, mapped, coherent
}

static void VKAPI my_requirements(void *d, VkHandle b, VkMemoryRequirements *m) {
	((void(VKAPI *)(void *, VkHandle, VkMemoryRequirements *))real_requirements)(d, b, m);
	m->memoryTypeBits = 1;
}

static VkResult VKAPI my_allocate(void *d, const VkMemoryAllocateInfo *i, const void *a, VkHandle *out) {
	void *p = calloc(1, i->allocationSize);
	*out = (VkHandle)(uintptr_t)p;
	return p ? VK_SUCCESS : VK_ERROR_OUT_OF_HOST_MEMORY;
}

static void VKAPI my_free(void *d, VkHandle m, const void *a) { free((void *)(uintptr_t)m); }

static VkResult VKAPI my_map(void *d, VkHandle m, VkDeviceSize at, VkDeviceSize n, uint32_t f, void **p) {
	*p = (char *)(uintptr_t)m + at;
	return VK_SUCCESS;
}

static VkResult VKAPI my_bind(void *d, VkHandle b, VkHandle m, VkDeviceSize at) { return VK_SUCCESS; }

static VkResult VKAPI my_submit(void *q, uint32_t n, const VkSubmitInfo *i, VkHandle f) { return VK_SUCCESS; }

static const struct {
	const char *name;
	proc mine, *real;
} table[] = {
	{"vkCreateComputePipelines", (proc)my_create, &real_create},
	{"vkDestroyPipeline", (proc)my_destroy, &real_destroy},
	{"vkCreateSemaphore", (proc)my_semaphore},
	{"vkDestroySemaphore", (proc)my_semaphore_end},
	{"vkGetSemaphoreCounterValue", (proc)my_counter},
	{"vkWaitSemaphores", (proc)my_wait},
	{"vkQueueSubmit", (proc)my_submit},
	{"vkGetBufferMemoryRequirements", (proc)my_requirements, &real_requirements},
	{"vkAllocateMemory", (proc)my_allocate},
	{"vkFreeMemory", (proc)my_free},
	{"vkMapMemory", (proc)my_map},
	{"vkBindBufferMemory", (proc)my_bind},
};

static proc VKAPI device_lookup(void *device, const char *name) {
	proc p = real_device(device, name);
	real_statistics = real_device(device, "vkGetPipelineExecutableStatisticsKHR");
	real_properties = real_device(device, "vkGetPipelineExecutablePropertiesKHR");
	for (unsigned i = 0; p && i < sizeof table / sizeof table[0]; i++) {
		if (strcmp(table[i].name, name)) continue;
		if (table[i].real) *table[i].real = p;
		return table[i].mine;
	}
	return p;
}

static proc VKAPI instance_lookup(void *instance, const char *name) {
	proc p = real_instance(instance, name);
	if (p && !strcmp(name, "vkGetDeviceProcAddr")) {
		real_device = (proc(VKAPI *)(void *, const char *))p;
		return (proc)device_lookup;
	}
	if (p && !strcmp(name, "vkGetPhysicalDeviceMemoryProperties")) return (proc)my_memory;
	if (p && !strcmp(name, "vkCreateDevice")) {
		real_open = (VkResult(VKAPI *)(void *, const VkDeviceCreateInfo *, const void *, void **))p;
		return (proc)my_open;
	}
	return p;
}

void *compileonly_through(void *real) {
	real_instance = (proc(VKAPI *)(void *, const char *))real;
	return (void *)instance_lookup;
}

uint32_t compileonly_of(uint64_t pipeline, compileonly_statistic *out, uint32_t most, uint32_t *subgroup) {
	uint32_t n = 0;
	*subgroup = 0;
	pthread_mutex_lock(&lock);
	for (entry *e = entries; e; e = e->next) {
		if (e->pipeline != pipeline) continue;
		n = e->n < most ? e->n : most;
		*subgroup = e->subgroup;
		memcpy(out, e->list, n * sizeof *out);
	}
	pthread_mutex_unlock(&lock);
	return n;
}
