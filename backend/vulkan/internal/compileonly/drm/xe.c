// A GPU of Intel's that is not there, for drm.c: it stands for the kernel's driver xe.
//
// XE_STUB says which GPU it is, read each time that devices are asked for:
//
//	id=56a0 ip=0 revision=8 cores=ffffffff units=ffff simd=8 memory=16
//
// The id is PCI's, hexadecimal. ip is a hundred times the graphics version where the kernel tells it (from
// 2000 on), with its revision, else 0 and PCI's. cores is the mask of Xe cores, of which four make a
// slice, and units the mask of vector engines in each, of which simd says how wide they are; both hexadecimal.
// memory is the card's own in GiB, or 0 of a GPU that uses the processor's.
//
// Structures and numbers are the kernel's (include/uapi/drm/xe_drm.h of Linux 6.8 and later).

#include "drm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Requests.
enum {
	xe_query,
	xe_gem_create,
	xe_gem_offset,
	xe_vm_create,
	xe_vm_destroy,
	xe_vm_bind,
	xe_queue_create,
	xe_queue_destroy,
	xe_queue_property,
	xe_exec,
	xe_wait,
};

// What xe_query asks for.
enum { engines, regions, config, gts, hwconfig, topology };

static struct {
	unsigned id, ip, revision, cores, units, simd, memory;
} chip;

static int describe(drm_pci_kind *kind) {
	const char *s = getenv("XE_STUB");
	if (!s || sscanf(s, "id=%x ip=%u revision=%u cores=%x units=%x simd=%u memory=%u", &chip.id, &chip.ip,
	                 &chip.revision, &chip.cores, &chip.units, &chip.simd, &chip.memory) != 7) return 0;
	*kind = (drm_pci_kind){0x8086, chip.id, 0x8086, 0x1020, chip.revision};
	return 1;
}

// What the kernel knows of the GPU.

typedef struct {
	char bytes[1024];
	size_t n;
} answer;

static void add(answer *a, const void *p, size_t n) {
	memcpy(a->bytes + a->n, p, n);
	a->n += n;
}

#define ADD(a, x) add(a, &(x), sizeof(x))

static void add_engines(answer *a) {
	struct {
		uint16_t class, instance, gt, pad;
		uint64_t reserved[3];
	} list[] = {{0}, {1}, {4}}; // render, copy, compute
	uint32_t head[2] = {sizeof list / sizeof list[0]};
	ADD(a, head);
	ADD(a, list);
}

static void add_regions(answer *a) {
	struct {
		uint16_t class, instance;
		uint32_t page;
		uint64_t size, used, visible, visible_used, reserved[6];
	} list[] = {{0, 0, 4096, (uint64_t)32 << 30},
	            {1, 1, 65536, (uint64_t)chip.memory << 30, 0, (uint64_t)chip.memory << 30}};
	uint32_t head[2] = {chip.memory ? 2 : 1};
	ADD(a, head);
	add(a, list, head[0] * sizeof list[0]);
}

static void add_config(answer *a) {
	uint32_t head[2] = {5};
	uint64_t list[] = {chip.id | chip.revision << 16, chip.memory != 0, chip.memory ? 65536 : 4096, 48, 2};
	ADD(a, head);
	ADD(a, list);
}

static void add_gts(answer *a) {
	struct {
		uint16_t type, tile, gt, pad[3];
		uint32_t clock;
		uint64_t near, far;
		uint16_t major, minor, revision, pad2;
		uint64_t reserved[7];
	} gt = {.clock = 19200000, .near = 1, .major = chip.ip / 100, .minor = chip.ip % 100, .revision = chip.revision};
	uint32_t head[2] = {1};
	ADD(a, head);
	ADD(a, gt);
}

// Of the table only what compiling wants is the GPU's own: threads to a vector engine. Limits of vertices and
// the like are those of an Arc A770, whatever the GPU.
static void add_hwconfig(answer *a) {
	uint32_t all = __builtin_popcount(chip.cores), slices = (all + 3) / 4;
	uint32_t list[][3] = {
		{1, 1, slices},
		{2, 1, slices * 4},
		{3, 1, __builtin_popcount(chip.units)},
		{4, 1, 2},
		{15, 1, 8}, // threads to a vector engine
		{16, 1, 546},
		{17, 1, 336},
		{18, 1, 546},
		{19, 1, 546},
		{21, 1, 64},
		{28, 1, 768}, // KiB of the URB
	};
	ADD(a, list);
}

static void add_topology(answer *a) {
	struct {
		uint16_t gt, type;
		uint32_t bytes;
		uint64_t mask;
	} list[] = {{0, 1, 8, chip.cores}, {0, 2, 8, chip.cores}, {0, 3, 8, 0xffff},
	            {0, chip.simd == 16 ? 5 : 4, 8, chip.units}};
	ADD(a, list);
}

static int query(void *arg) {
	struct {
		uint64_t extensions;
		uint32_t what, size;
		uint64_t data;
	} *q = arg;
	static void (*const of[])(answer *) = {add_engines, add_regions, add_config, add_gts, add_hwconfig, add_topology};
	answer a = {.n = 0};
	if (q->what >= sizeof of / sizeof of[0]) return -EINVAL;
	of[q->what](&a);
	if (q->size && q->size != a.n) return -EINVAL;
	if (q->size) memcpy((void *)(uintptr_t)q->data, a.bytes, a.n);
	q->size = a.n;
	return 0;
}

static int gem_create(void *arg) {
	struct {
		uint64_t extensions, size;
		uint32_t placement, flags, vm, handle;
	} *g = arg;
	g->handle = drm_allocate(g->size);
	return 0;
}

static int gem_offset(void *arg) {
	struct {
		uint64_t extensions;
		uint32_t handle, flags;
		uint64_t offset;
	} *g = arg;
	if (!g->handle) return -EINVAL;
	g->offset = drm_offset(g->handle);
	return 0;
}

static int answer_xe(unsigned what, void *arg) {
	switch (what) {
	case xe_query:
		return query(arg);
	case xe_gem_create:
		return gem_create(arg);
	case xe_gem_offset:
		return gem_offset(arg);
	case xe_vm_create:
		((uint32_t *)arg)[3] = drm_fresh();
		return 0;
	case xe_queue_create:
		((uint32_t *)arg)[5] = drm_fresh();
		return 0;
	case xe_queue_property:
		((uint64_t *)arg)[2] = 0; // not banned
		return 0;
	}
	return what <= xe_wait ? 0 : -EINVAL;
}

const drm_stub drm_gpu = {"xe", {1, 1, 0}, drm_pci, describe, answer_xe};
