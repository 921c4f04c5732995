// A GPU of Intel's that is not there: a library to preload before Mesa's driver for them, which opens
// it as it would a card, and compiles for it. It stands for the kernel's driver xe. Nothing runs: what is
// submitted is complete, and memory is an empty file's.
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
// Structures and numbers are the kernel's (include/uapi/drm/xe_drm.h and drm.h of Linux 6.8 and later)
// and those of libdrm 2.4.

#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

// What ioctls of DRM are about: the low byte of a request, where the next is DRM's letter.
enum {
	drm = 'd',
	drm_version = 0x00,
	drm_cap = 0x0c,
	syncobj_create = 0xbf,
	syncobj_query = 0xcb,
	xe_query = 0x40,
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

static int read_chip(void) {
	const char *s = getenv("XE_STUB");
	return s && sscanf(s, "id=%x ip=%u revision=%u cores=%x units=%x simd=%u memory=%u", &chip.id, &chip.ip,
	                   &chip.revision, &chip.cores, &chip.units, &chip.simd, &chip.memory) == 7;
}

// libdrm's devices.

typedef struct {
	uint16_t domain;
	uint8_t bus, dev, func;
} pci_place;

typedef struct {
	uint16_t vendor, device, subvendor, subdevice;
	uint8_t revision;
} pci_kind;

typedef struct {
	char **nodes; // primary, control, render
	int available, bus;
	pci_place *place;
	pci_kind *kind;
} drm_device;

enum { primary_node = 1, render_node = 4, no_device = 0 };

static char path[32];
static int file = -1;

static drm_device *device(void) {
	static char *nodes[3] = {path, path, path};
	static pci_place place = {0, 3, 0, 0};
	static pci_kind kind = {0x8086, 0, 0x8086, 0x1020, 0};
	static drm_device d = {nodes, primary_node | render_node, 0, &place, &kind};
	if (!read_chip()) return NULL;
	if (file < 0) {
		file = memfd_create("xe", 0);
		if (file < 0 || ftruncate(file, (off_t)1 << 42)) return NULL;
		snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	}
	kind.device = chip.id;
	kind.revision = chip.revision;
	return &d;
}

int drmGetDevices2(uint32_t flags, drm_device **list, int most) {
	drm_device *d = device();
	if (!d) return 0;
	if (list && most > 0) list[0] = d;
	return 1;
}

int drmGetDevices(drm_device **list, int most) { return drmGetDevices2(0, list, most); }

int drmGetDevice2(int fd, uint32_t flags, drm_device **out) {
	*out = device();
	return *out ? 0 : -ENODEV;
}

int drmGetDevice(int fd, drm_device **out) { return drmGetDevice2(fd, 0, out); }

void drmFreeDevice(drm_device **d) { *d = NULL; }

void drmFreeDevices(drm_device **list, int n) {}

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

// Memory of a handle lies in the file from one page of 64 KiB on: the handle less one says which.

enum { page_bits = 16 };

static int gem_create(void *arg) {
	struct {
		uint64_t extensions, size;
		uint32_t placement, flags, vm, handle;
	} *g = arg;
	static atomic_uint_least64_t used;
	uint64_t pages = (g->size + (1 << page_bits) - 1) >> page_bits;
	g->handle = 1 + atomic_fetch_add(&used, pages);
	return 0;
}

static int gem_offset(void *arg) {
	struct {
		uint64_t extensions;
		uint32_t handle, flags;
		uint64_t offset;
	} *g = arg;
	if (!g->handle) return -EINVAL;
	g->offset = (uint64_t)(g->handle - 1) << page_bits;
	return 0;
}

static int version(void *arg) {
	struct {
		int major, minor, patch;
		size_t name_n;
		char *name;
		size_t date_n;
		char *date;
		size_t desc_n;
		char *desc;
	} *v = arg;
	v->major = 1;
	v->minor = 1;
	if (v->name && v->name_n >= 2) memcpy(v->name, "xe", 2);
	v->name_n = 2;
	v->date_n = v->desc_n = 0;
	return 0;
}

static uint32_t fresh(void) {
	static atomic_uint_least32_t last;
	return 1 + atomic_fetch_add(&last, 1);
}

static int answer_drm(unsigned what, void *arg) {
	switch (what) {
	case drm_version:
		return version(arg);
	case drm_cap:
		((uint64_t *)arg)[1] = 1;
		return 0;
	case syncobj_create:
		((uint32_t *)arg)[0] = fresh();
		return 0;
	case syncobj_query: { // every point is reached
		struct {
			uint64_t handles, points;
			uint32_t n, flags;
		} *q = arg;
		memset((void *)(uintptr_t)q->points, 0x7f, q->n * sizeof(uint64_t));
		return 0;
	}
	case xe_query:
		return query(arg);
	case xe_gem_create:
		return gem_create(arg);
	case xe_gem_offset:
		return gem_offset(arg);
	case xe_vm_create:
		((uint32_t *)arg)[3] = fresh();
		return 0;
	case xe_queue_create:
		((uint32_t *)arg)[5] = fresh();
		return 0;
	case xe_queue_property:
		((uint64_t *)arg)[2] = 0; // not banned
		return 0;
	}
	return what <= xe_wait || what >= syncobj_create ? 0 : -EINVAL;
}

int ioctl(int fd, unsigned long request, ...) {
	va_list list;
	va_start(list, request);
	void *arg = va_arg(list, void *);
	va_end(list);
	if ((request >> 8 & 0xff) != drm) return syscall(SYS_ioctl, fd, request, arg);
	int r = answer_drm(request & 0xff, arg);
	if (!r) return 0;
	errno = -r;
	return -1;
}
