// The driver's side of Metal in C, for cgo. All objects are retained by who
// makes them and go by metal_release. A function that can fail returns NULL or
// not 0 and leaves a line in err.
#ifndef METAL_HOST_H
#define METAL_HOST_H

#include <stdint.h>

typedef struct {
	char text[1024];
	long code; // of NSError, 0 where there is none
} metal_error;

typedef struct {
	char name[256];
	uint32_t apple, metal3;       // of the family Apple7 or later; Metal 3
	uint64_t max_buffer, shared;  // bytes of a buffer, of threadgroup memory
	uint64_t working_set, in_use; // recommended for all of the process; taken by it
} metal_info;

typedef struct metal_device metal_device;

typedef struct {
	void *buffer;
	uint64_t offset;
} metal_binding;

// A function constant. Its type is the first letter of uint, int, float or bool.
typedef struct {
	uint32_t id, value, type;
} metal_constant;

// One launch: its parameters go to buffer 0, its bindings to 1, 2, …
typedef struct {
	void *pipeline;
	uint32_t groups[3], threads[3];
	uint32_t bindings_at, bindings; // in the plan's list
	uint32_t params_at, params;     // in the plan's bytes
	uint32_t barrier;               // before it
} metal_dispatch;

int metal_list(metal_info *list, int most); // how many devices there are
metal_device *metal_open(int n, metal_error *err);
metal_device *metal_attach(void *device, void *queue, metal_error *err);
void metal_query(metal_device *d, metal_info *info);
void metal_close(metal_device *d);

// The threads are those that a threadgroup will have.
void *metal_pipeline(metal_device *d, const char *source, const char *name, const metal_constant *constants, int n,
	uint32_t threads, metal_error *err);

void *metal_buffer(metal_device *d, uint64_t size, void **contents, metal_error *err);
void *metal_import(metal_device *d, void *memory, uint64_t size, metal_error *err);
void metal_free(metal_device *d, void *buffer);
void metal_release(void *object);

// metal_submit encodes and commits; what it returns is the command buffer.
void *metal_submit(metal_device *d, const metal_dispatch *list, int n, const metal_binding *bindings,
	const uint8_t *params, metal_error *err);
int metal_done(void *command);                                         // complete, well or badly
int metal_wait(void *command, double *seconds, metal_error *err);      // seconds on the device
#endif
