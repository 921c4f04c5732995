// A GPU of Apple's that is not there, for drm.c: it stands for the kernel's driver asahi, which Linux has on
// Macs with an M1 or M2.
//
// AGX_STUB says which GPU it is, read each time that devices are asked for:
//
//	chip=8103 generation=13 variant=G dies=1 clusters=1 cores=8 clock=1278
//
// The chip is Apple's number of it, hexadecimal, generation and variant are the GPU's, such as G13G. cores are
// those of one cluster, of which there are so many in all dies together, and the clock is in MHz.
//
// Structures and numbers are the kernel's (include/uapi/drm/asahi_drm.h of Linux 6.16 and later).

#include "drm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Requests.
enum {
	agx_params,
	agx_time,
	agx_vm_create,
	agx_vm_destroy,
	agx_vm_bind,
	agx_gem_create,
	agx_gem_offset,
	agx_gem_bind_object,
	agx_queue_create,
	agx_queue_destroy,
	agx_submit,
};

enum { most_clusters = 64 };

static struct {
	unsigned chip, generation, dies, clusters, cores, clock;
	char variant;
} chip;

static int describe(drm_pci_kind *kind) {
	const char *s = getenv("AGX_STUB");
	return s && sscanf(s, "chip=%x generation=%u variant=%c dies=%u clusters=%u cores=%u clock=%u", &chip.chip,
	                   &chip.generation, &chip.variant, &chip.dies, &chip.clusters, &chip.cores, &chip.clock) == 7 &&
	       chip.clusters <= most_clusters;
}

static int params(void *arg) {
	struct {
		uint32_t group, pad;
		uint64_t data, size;
	} *q = arg;
	struct {
		uint64_t features;
		uint32_t generation, variant, revision, chip, dies, clusters, cores, clock;
		uint64_t masks[most_clusters], start, end, kernel;
		uint32_t commands, attachments;
		uint64_t timestamps;
	} p = {
		.features = 1, // loads of what is not mapped are zero
		.generation = chip.generation,
		.variant = chip.variant,
		.revision = 0x10, // B0
		.chip = chip.chip,
		.dies = chip.dies,
		.clusters = chip.clusters,
		.cores = chip.cores,
		.clock = chip.clock * 1000,
		.start = 1 << 14,
		.end = (uint64_t)1 << 39,
		.kernel = 1 << 29,
		.commands = 64,
		.attachments = 16,
		.timestamps = 1000000000,
	};
	if (q->group) return -EINVAL;
	for (unsigned i = 0; i < chip.clusters; i++) p.masks[i] = ((uint64_t)1 << chip.cores) - 1;
	memcpy((void *)(uintptr_t)q->data, &p, q->size < sizeof p ? q->size : sizeof p);
	return 0;
}

static int gem_create(void *arg) {
	struct {
		uint64_t size;
		uint32_t flags, vm, handle, pad;
	} *g = arg;
	g->handle = drm_allocate(g->size);
	return 0;
}

static int gem_offset(void *arg) {
	struct {
		uint32_t handle, flags;
		uint64_t offset;
	} *g = arg;
	if (!g->handle) return -EINVAL;
	g->offset = drm_offset(g->handle);
	return 0;
}

static int answer_agx(unsigned what, void *arg) {
	switch (what) {
	case agx_params:
		return params(arg);
	case agx_gem_create:
		return gem_create(arg);
	case agx_gem_offset:
		return gem_offset(arg);
	case agx_vm_create:
		((uint32_t *)arg)[4] = drm_fresh();
		return 0;
	case agx_gem_bind_object:
		((uint32_t *)arg)[8] = drm_fresh();
		return 0;
	case agx_queue_create:
		((uint32_t *)arg)[3] = drm_fresh();
		return 0;
	}
	return what <= agx_submit ? 0 : -EINVAL;
}

const drm_stub drm_gpu = {"asahi", {1, 0, 0}, drm_platform, describe, answer_agx};
