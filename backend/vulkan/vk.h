// The driver's C side: what the Go binding does unsafely (it may free a slice
// argument while the call still reads it), slowly (recording) or not at all
// (everything newer than Vulkan 1.1). Device-level calls go through a table of
// the device's own, so that a device of another loader can be attached. Every
// function that can fail returns a VkResult.

#ifndef FM_VK_H
#define FM_VK_H

#include <stdint.h>

typedef void (*fm_proc)(void);
typedef fm_proc (*fm_lookup)(void *instance, const char *name); // vkGetInstanceProcAddr

// What a device can do: bits of fm_physical.has.
enum {
	FM_FLOAT16 = 1 << 0,
	FM_INT8 = 1 << 1,
	FM_INT16 = 1 << 2,
	FM_INT64 = 1 << 3,
	FM_FLOAT64 = 1 << 4,
	FM_STORAGE16 = 1 << 5,
	FM_STORAGE8 = 1 << 6,
	FM_DOT_PRODUCT = 1 << 7,
	FM_MEMORY_MODEL = 1 << 8,
	FM_MEMORY_MODEL_DEVICE = 1 << 9,
	FM_COOPERATIVE_MATRIX = 1 << 10,
	FM_BFLOAT16 = 1 << 11,
	FM_BFLOAT16_MATRIX = 1 << 12,
	FM_SUBGROUP_SIZE = 1 << 13, // a pipeline can ask for its subgroup size
	FM_MEMORY_BUDGET = 1 << 14,
	FM_HOST_IMPORT = 1 << 15,
	FM_TIMELINE = 1 << 16,
	FM_MAINTENANCE4 = 1 << 17,
	FM_CORES_NV = 1 << 18, // the number of cores can be asked for
	FM_CORES_AMD = 1 << 19,
};

// Where a shape of cooperative matrices is offered: C[m,n] += A[m,k]·B[k,n].
typedef struct {
	uint32_t m, n, k;
	uint32_t a, b, c, r; // VkComponentTypeKHR
	uint32_t scope;      // VkScopeKHR
} fm_matrix;

// What is known of a physical device before it is opened.
typedef struct {
	char name[256], driver[256], driver_info[256];
	uint32_t api, driver_version, vendor, device, type;
	uint8_t device_uuid[16], driver_uuid[16], cache_uuid[16];
	uint32_t has;

	uint64_t max_buffer, max_allocation, max_range;
	uint32_t max_allocations, max_push, max_bindings, max_shared, max_invocations;
	uint32_t max_groups[3], max_size[3];
	uint64_t offset_align, import_align;
	float timestamp_period; // ns
	uint32_t subgroup_size, subgroup_min, subgroup_max, subgroup_ops;
	uint32_t dots;  // instructions for dot products of packed bytes
	uint32_t cores; // multiprocessors, compute units; 0 where the driver does not tell

	uint32_t heaps, types;
	uint64_t heap_size[16];
	uint32_t heap_flags[16], type_heap[32], type_flags[32];

	uint32_t family;         // the queue family to use
	uint32_t timestamp_bits; // of that family; 0: no timestamps

	uint32_t matrices;
	fm_matrix matrix[64];
} fm_physical;

// One dispatch of a plan.
typedef struct {
	uint64_t pipeline, layout, set;
	uint32_t push_at, push_size; // in the plan's block of parameters
	uint32_t groups[3];
	uint32_t barrier; // earlier dispatches must be complete
	uint32_t stamp;   // 1 + number of the timestamp to take before, or 0; before the barrier
} fm_dispatch;

// One binding of a descriptor set.
typedef struct {
	uint64_t set, buffer, offset, range;
	uint32_t binding;
} fm_binding;

typedef struct fm_device fm_device;

// fm_load opens the Vulkan loader and returns vkGetInstanceProcAddr, or NULL
// with the reason.
fm_lookup fm_load(const char **why);

// fm_instance makes an instance of Vulkan 1.3 without layers and extensions.
int32_t fm_instance(fm_lookup lookup, void **out);
// fm_physicals lists up to *n physical devices and leaves in *n how many; with a
// NULL list, how many there are.
int32_t fm_physicals(fm_lookup lookup, void *instance, uint32_t *n, void **list);

int32_t fm_query(fm_lookup lookup, void *instance, void *physical, fm_physical *out);
// fm_family makes a queue family the one to use; it fails where that computes
// nothing.
int32_t fm_family(fm_lookup lookup, void *instance, void *physical, uint32_t family, fm_physical *p);
int32_t fm_budget(fm_lookup lookup, void *instance, void *physical, uint64_t budget[16], uint64_t usage[16]);

// fm_features returns the chain of feature structs of a device with what p->has,
// for VkDeviceCreateInfo.pNext: free() frees it whole.
void *fm_features(const fm_physical *p);
// fm_open creates the device and a queue of p->family with what p->has.
int32_t fm_open(fm_lookup lookup, void *instance, void *physical, const fm_physical *p, fm_device **out);
// fm_attach uses a device and queue that exist. fm_close leaves them alone.
int32_t fm_attach(fm_lookup lookup, void *instance, void *device, void *queue, fm_device **out);
void fm_close(fm_device *d);
const char *fm_missing(void); // the function that the last fm_query, fm_open or fm_attach did not find

int32_t fm_memory(fm_device *d, uint64_t size, uint32_t type, void *import, uint64_t *memory);
void fm_free_memory(fm_device *d, uint64_t memory);
int32_t fm_map(fm_device *d, uint64_t memory, uint64_t size, void **at);
int32_t fm_import_types(fm_device *d, void *host, uint32_t *types);
int32_t fm_buffer(fm_device *d, uint64_t size, int imported, uint64_t *buffer, uint64_t *need, uint64_t *align,
                  uint32_t *types);
int32_t fm_bind(fm_device *d, uint64_t buffer, uint64_t memory, uint64_t offset);
void fm_free_buffer(fm_device *d, uint64_t buffer);

int32_t fm_layout(fm_device *d, uint32_t bindings, uint32_t push, uint64_t *set_layout, uint64_t *layout);
void fm_free_layout(fm_device *d, uint64_t set_layout, uint64_t layout);
int32_t fm_cache(fm_device *d, const void *data, uint64_t size, uint64_t *cache);
int32_t fm_cache_data(fm_device *d, uint64_t cache, void *data, uint64_t *size);
void fm_free_cache(fm_device *d, uint64_t cache);
int32_t fm_pipeline(fm_device *d, uint64_t cache, uint64_t layout, const void *code, uint64_t size, uint32_t constants,
                    const uint32_t *ids, const uint32_t *values, uint32_t subgroup, uint64_t *pipeline);
void fm_free_pipeline(fm_device *d, uint64_t pipeline);

int32_t fm_sets(fm_device *d, uint32_t sets, uint32_t bindings, const uint64_t *set_layouts, uint64_t *pool,
                uint64_t *out);
void fm_free_sets(fm_device *d, uint64_t pool);
void fm_write_sets(fm_device *d, uint32_t n, const fm_binding *b);

int32_t fm_commands(fm_device *d, uint32_t family, uint32_t n, uint64_t *pool, void **commands);
void fm_free_commands(fm_device *d, uint64_t pool);
// fm_record records a part of a plan: everything submitted earlier is complete
// before it, and the host sees what it wrote once its ticket is reached. With a
// query pool it first resets its stamps, takes them as the dispatches ask,
// and last, if not 0, takes stamp last − 1.
int32_t fm_record(fm_device *d, void *command, uint32_t n, const fm_dispatch *list, const void *push,
                  uint64_t queries, uint32_t reset, uint32_t last);
// fm_begin to fm_end record transfers, ordered as fm_record's plans are.
int32_t fm_begin(fm_device *d, void *command);
void fm_copy(fm_device *d, void *command, uint64_t src, uint64_t src_at, uint64_t dst, uint64_t dst_at, uint64_t size);
void fm_zero(fm_device *d, void *command, uint64_t buffer, uint64_t at, uint64_t size);
void fm_order(fm_device *d, void *command); // transfers before, transfers after
int32_t fm_end(fm_device *d, void *command);

int32_t fm_timeline(fm_device *d, uint64_t *semaphore);
void fm_free_timeline(fm_device *d, uint64_t semaphore);
// fm_submit signals value of the semaphore once all so far is complete; without
// a semaphore (0) nothing.
int32_t fm_submit(fm_device *d, uint32_t n, void *const *commands, uint64_t semaphore, uint64_t value);
int32_t fm_reached(fm_device *d, uint64_t semaphore, uint64_t *value);
int32_t fm_wait(fm_device *d, uint64_t semaphore, uint64_t value, uint64_t ns);

int32_t fm_queries(fm_device *d, uint32_t n, uint64_t *pool);
int32_t fm_stamps(fm_device *d, uint64_t pool, uint32_t n, uint64_t *out);
void fm_free_queries(fm_device *d, uint64_t pool);

#endif
