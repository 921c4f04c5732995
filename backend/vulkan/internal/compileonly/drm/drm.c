// What GPUs that are not there have in common: devices of libdrm, memory, and requests that all
// drivers of the kernel know. With the file of a GPU this is a library to preload before Mesa's driver for it,
// which opens it as it would a card, and compiles for it. Nothing runs: what is submitted is complete, and
// memory is an empty file's.
//
// Structures and numbers are the kernel's (include/uapi/drm/drm.h) and those of libdrm 2.4.

#define _GNU_SOURCE
#include "drm.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

// What ioctls of DRM are about: the low byte of a request, where the next is DRM's letter.
enum {
	drm = 'd',
	drm_version = 0x00,
	drm_cap = 0x0c,
	drm_own_end = 0xa0,
	syncobj_create = 0xbf,
	syncobj_query = 0xcb,
};

// libdrm's devices.

typedef struct {
	uint16_t domain;
	uint8_t bus, dev, func;
} pci_place;

typedef struct {
	char **nodes; // primary, control, render
	int available, bus;
	void *place, *kind; // of a type that follows from the bus
} drm_device;

enum { primary_node = 1, render_node = 4 };

static char path[32];
static int file = -1;

static drm_device *device(void) {
	static char *nodes[3] = {path, path, path};
	static pci_place place = {0, 3, 0, 0};
	static drm_pci_kind kind;
	static char name[512] = "/soc/gpu";
	static char *none[] = {NULL}, **compatible = none;
	static drm_device d = {nodes, primary_node | render_node};
	if (!drm_gpu.read(&kind)) return NULL;
	if (file < 0) {
		file = memfd_create(drm_gpu.driver, 0);
		if (file < 0 || ftruncate(file, (off_t)1 << 42)) return NULL;
		snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	}
	d.bus = drm_gpu.bus;
	d.place = d.bus == drm_pci ? (void *)&place : name;
	d.kind = d.bus == drm_pci ? (void *)&kind : &compatible;
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

int drmGetDeviceFromDevId(dev_t id, uint32_t flags, drm_device **out) { return drmGetDevice2(-1, flags, out); }

int drmGetDevice(int fd, drm_device **out) { return drmGetDevice2(fd, 0, out); }

void drmFreeDevice(drm_device **d) { *d = NULL; }

void drmFreeDevices(drm_device **list, int n) {}

uint32_t drm_fresh(void) {
	static atomic_uint_least32_t last;
	return 1 + atomic_fetch_add(&last, 1);
}

// Memory of a handle lies in the file from one page of 64 KiB on: the handle less one says which.

enum { page_bits = 16 };

uint32_t drm_allocate(uint64_t n) {
	static atomic_uint_least64_t used;
	return 1 + atomic_fetch_add(&used, (n + (1 << page_bits) - 1) >> page_bits);
}

uint64_t drm_offset(uint32_t handle) { return (uint64_t)(handle - 1) << page_bits; }

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
	size_t n = strlen(drm_gpu.driver);
	v->major = drm_gpu.version[0];
	v->minor = drm_gpu.version[1];
	v->patch = drm_gpu.version[2];
	if (v->name && v->name_n >= n) memcpy(v->name, drm_gpu.driver, n);
	v->name_n = n;
	v->date_n = v->desc_n = 0;
	return 0;
}

static int answer(unsigned what, void *arg) {
	switch (what) {
	case drm_version:
		return version(arg);
	case drm_cap:
		((uint64_t *)arg)[1] = 1;
		return 0;
	case syncobj_create:
		((uint32_t *)arg)[0] = drm_fresh();
		return 0;
	case syncobj_query: { // every point is reached
		struct {
			uint64_t handles, points;
			uint32_t n, flags;
		} *q = arg;
		memset((void *)(uintptr_t)q->points, 0x7f, q->n * sizeof(uint64_t));
		return 0;
	}
	}
	if (what < drm_own || what > syncobj_create) return 0;
	return what < drm_own_end ? drm_gpu.answer(what - drm_own, arg) : -EINVAL;
}

int ioctl(int fd, unsigned long request, ...) {
	va_list list;
	va_start(list, request);
	void *arg = va_arg(list, void *);
	va_end(list);
	if ((request >> 8 & 0xff) != drm) return syscall(SYS_ioctl, fd, request, arg);
	int r = answer(request & 0xff, arg);
	if (!r) return 0;
	errno = -r;
	return -1;
}
