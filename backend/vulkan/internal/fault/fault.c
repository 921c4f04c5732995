//go:build !darwin

#include "fault.h"
#include "../../abi.h"

#include <string.h>

typedef void (*proc)(void);

// The calls that can be made to fail, with their parameters and arguments.
#define CALLS(F) \
	F(vkAllocateMemory, (void *d, const VkMemoryAllocateInfo *i, const void *a, VkHandle *o), (d, i, a, o)) \
	F(vkMapMemory, (void *d, VkHandle m, VkDeviceSize o, VkDeviceSize s, uint32_t f, void **p), (d, m, o, s, f, p)) \
	F(vkCreateBuffer, (void *d, const VkBufferCreateInfo *i, const void *a, VkHandle *o), (d, i, a, o)) \
	F(vkBindBufferMemory, (void *d, VkHandle b, VkHandle m, VkDeviceSize o), (d, b, m, o)) \
	F(vkCreateShaderModule, (void *d, const VkShaderModuleCreateInfo *i, const void *a, VkHandle *o), (d, i, a, o)) \
	F(vkCreateComputePipelines, \
		(void *d, VkHandle c, uint32_t n, const VkComputePipelineCreateInfo *i, const void *a, VkHandle *o), \
		(d, c, n, i, a, o)) \
	F(vkCreatePipelineLayout, \
		(void *d, const VkPipelineLayoutCreateInfo *i, const void *a, VkHandle *o), (d, i, a, o)) \
	F(vkCreatePipelineCache, (void *d, const VkPipelineCacheCreateInfo *i, const void *a, VkHandle *o), (d, i, a, o)) \
	F(vkCreateDescriptorPool, \
		(void *d, const VkDescriptorPoolCreateInfo *i, const void *a, VkHandle *o), (d, i, a, o)) \
	F(vkAllocateDescriptorSets, (void *d, const VkDescriptorSetAllocateInfo *i, VkHandle *o), (d, i, o)) \
	F(vkCreateCommandPool, (void *d, const VkCommandPoolCreateInfo *i, const void *a, VkHandle *o), (d, i, a, o)) \
	F(vkAllocateCommandBuffers, (void *d, const VkCommandBufferAllocateInfo *i, void **o), (d, i, o)) \
	F(vkEndCommandBuffer, (void *c), (c)) \
	F(vkCreateSemaphore, (void *d, const VkSemaphoreCreateInfo *i, const void *a, VkHandle *o), (d, i, a, o)) \
	F(vkCreateQueryPool, (void *d, const VkQueryPoolCreateInfo *i, const void *a, VkHandle *o), (d, i, a, o)) \
	F(vkWaitSemaphores, (void *d, const VkSemaphoreWaitInfo *i, uint64_t ns), (d, i, ns)) \
	F(vkQueueSubmit, (void *q, uint32_t n, const VkSubmitInfo *i, VkHandle f), (queue = q, n, i, f))

enum {
#define F(name, params, args) at_##name,
	CALLS(F)
#undef F
	calls,
	device_lost = -4,
};

static struct call {
	const char *call;
	proc real;
	int result, skip; // result 0: do not fail
} table[calls] = {
#define F(name, params, args) {#name},
	CALLS(F)
#undef F
};

static void *queue; // the last that was submitted to
static VkResult(VKAPI *wait_idle)(void *);

// fails reports whether a call is to fail now. A device that is lost runs
// nothing any more: what was submitted is let end.
static int fails(struct call *c) {
	if (!c->result || c->skip-- > 0) return 0;
	if (c->result == device_lost && queue) wait_idle(queue);
	return 1;
}

#define F(name, params, args) \
	static VkResult VKAPI my_##name params { \
		struct call *self = &table[at_##name]; \
		if (fails(self)) return self->result; \
		return ((VkResult(VKAPI *) params)self->real) args; \
	}
CALLS(F)
#undef F

static proc mine[calls] = {
#define F(name, params, args) (proc)my_##name,
	CALLS(F)
#undef F
};

static proc(VKAPI *real_instance)(void *, const char *);
static proc(VKAPI *real_device)(void *, const char *);

static struct call *find(const char *name) {
	for (int i = 0; i < calls; i++)
		if (!strcmp(table[i].call, name)) return &table[i];
	return 0;
}

static proc VKAPI device_lookup(void *device, const char *name) {
	proc p = real_device(device, name);
	struct call *c = find(name);
	if (!c || !p) return p;
	if (c == &table[at_vkQueueSubmit]) {
		queue = 0;
		wait_idle = (VkResult(VKAPI *)(void *))real_device(device, "vkQueueWaitIdle");
	}
	c->real = p;
	return mine[c - table];
}

static proc VKAPI instance_lookup(void *instance, const char *name) {
	proc p = real_instance(instance, name);
	if (strcmp(name, "vkGetDeviceProcAddr") || !p) return p;
	real_device = (proc(VKAPI *)(void *, const char *))p;
	return (proc)device_lookup;
}

void *fault_through(void *real) {
	real_instance = (proc(VKAPI *)(void *, const char *))real;
	return (void *)instance_lookup;
}

int fault_fail(const char *call, int result, int skip) {
	struct call *c = find(call);
	if (!c) return 0;
	c->result = result;
	c->skip = skip;
	return 1;
}

void fault_heal(void) {
	for (int i = 0; i < calls; i++) table[i].result = 0;
}
