// A GPU of NVIDIA's that is not there, for drm.c: it stands for the kernel's driver nouveau.
//
// NVK_STUB says which GPU it is, read each time that devices are asked for:
//
//	chipset=172 id=2206 clusters=6 pairs=34 graphics=c7 copy=c7 memory=10
//
// chipset is nouveau's number of the chip and the id PCI's; pairs are those of multiprocessors (TPCs) in all
// clusters (GPCs) together. graphics and copy are the first bytes of the classes that the chip's engines are of, as
// c7 of c797 and c7c0. All but clusters, pairs and memory, which is in GiB, are hexadecimal.
//
// Structures and numbers are the kernel's (include/uapi/drm/nouveau_drm.h of Linux 6.6 and later, and nvif's).

#include "drm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

// Requests.
enum {
	nv_param = 0x00,
	nv_channel_create = 0x02,
	nv_channel_destroy = 0x03,
	nv_nvif = 0x07,
	nv_vm_init = 0x10,
	nv_vm_bind = 0x11,
	nv_exec = 0x12,
	nv_gem_create = 0x40,
	nv_gem_pushbuf = 0x41,
	nv_gem_prepare = 0x42,
	nv_gem_finish = 0x43,
};

// What nv_param asks for.
enum {
	vendor = 3,
	device = 4,
	bus = 5,
	units = 13,
	now = 14,
	most_pushes = 17,
	window = 18,
	used = 19,
	tiles = 20,
};

// What nv_nvif does.
enum { nvif_classes = 1, nvif_new = 2, nvif_del = 3, nvif_method = 4 };

static struct {
	unsigned chipset, id, clusters, pairs, graphics, copy, memory;
} chip;

static int describe(drm_pci_kind *kind) {
	const char *s = getenv("NVK_STUB");
	if (!s || sscanf(s, "chipset=%x id=%x clusters=%u pairs=%u graphics=%x copy=%x memory=%u", &chip.chipset, &chip.id,
	                 &chip.clusters, &chip.pairs, &chip.graphics, &chip.copy, &chip.memory) != 7) return 0;
	*kind = (drm_pci_kind){0x10de, chip.id, 0x10de, 0, 0xa1};
	return 1;
}

static int param(void *arg) {
	struct {
		uint64_t param, value;
	} *p = arg;
	switch (p->param) {
	case vendor:
		p->value = 0x10de;
		return 0;
	case device:
		p->value = chip.id;
		return 0;
	case bus:
		p->value = 2; // PCI Express
		return 0;
	case units:
		p->value = chip.clusters | chip.pairs << 8;
		return 0;
	case now:
		p->value = drm_fresh();
		return 0;
	case most_pushes:
		p->value = 512;
		return 0;
	case window:
		p->value = (uint64_t)256 << 20;
		return 0;
	case used:
		p->value = 1 << 20;
		return 0;
	case tiles:
		p->value = 1;
		return 0;
	}
	return -EINVAL;
}

static int nvif(void *arg) {
	struct {
		uint8_t version, type, pad[4], owner, route;
		uint64_t token, object;
		union {
			struct {
				uint8_t version, n, pad[6];
				struct {
					int32_t class;
					int16_t least, most;
				} list[5];
			} classes;
			struct {
				uint8_t version, method, pad[6];
				struct {
					uint8_t version, platform;
					uint16_t chipset;
					uint8_t revision, family, pad[2];
					uint64_t size, ours;
					char chip[16], name[64];
				} info;
			} method;
		};
	} *q = arg;
	switch (q->type) {
	case nvif_classes: {
		// Graphics, computing, copies, flat images, and data of the stream of commands.
		int all[] = {chip.graphics << 8 | 0x97, chip.graphics << 8 | 0xc0, chip.copy << 8 | 0xb5, 0x902d,
		             chip.chipset >= 0x1a0 ? 0xcd40 : 0xa140};
		for (int i = 0; i < 5 && i < q->classes.n; i++) q->classes.list[i].class = all[i];
		q->classes.n = 5;
		return 0;
	}
	case nvif_new:
	case nvif_del:
		return 0;
	case nvif_method:
		if (q->method.method) return -EINVAL;
		q->method.info.platform = 3; // PCI Express
		q->method.info.chipset = chip.chipset;
		q->method.info.size = q->method.info.ours = (uint64_t)chip.memory << 30;
		return 0;
	}
	return -EINVAL;
}

typedef struct {
	uint32_t handle, domain;
	uint64_t size, offset, map;
} gem;

static int answer_nouveau(unsigned what, void *arg) {
	gem *g = arg;
	switch (what) {
	case nv_param:
		return param(arg);
	case nv_channel_create:
		((uint32_t *)arg)[2] = drm_fresh();
		return 0;
	case nv_nvif:
		return nvif(arg);
	case nv_gem_create:
		g->handle = drm_allocate(g->size);
		g->map = drm_offset(g->handle);
		return 0;
	case nv_channel_destroy:
	case nv_vm_init:
	case nv_vm_bind:
	case nv_exec:
	case nv_gem_pushbuf:
	case nv_gem_prepare:
	case nv_gem_finish:
		return 0;
	}
	return -EINVAL;
}

const drm_stub drm_gpu = {"nouveau", {1, 4, 1}, drm_pci, describe, answer_nouveau};
