#ifndef FM_DRM_H
#define FM_DRM_H

#include <stddef.h>
#include <stdint.h>

// What a GPU that is not there has of its own, for drm.c, which answers the rest of what Mesa asks libdrm and
// the kernel. Each library defines these.

// Buses of libdrm.
enum { drm_pci, drm_platform = 2 };

// Where the kernel's drivers begin to number their requests.
enum { drm_own = 0x40 };

typedef struct {
	uint16_t vendor, device, subvendor, subdevice;
	uint8_t revision;
} drm_pci_kind;

typedef struct {
	const char *driver; // as the kernel calls it
	int version[3];
	int bus;
	// read takes the GPU's description from the environment, and on PCI says what it is. It returns 0 where
	// there is none.
	int (*read)(drm_pci_kind *kind);
	// answer does what a request of the driver asks, counted from drm_own, and returns 0 or -errno.
	int (*answer)(unsigned what, void *arg);
} drm_stub;

extern const drm_stub drm_gpu;

// drm_fresh is a number that no other call returned.
uint32_t drm_fresh(void);

// drm_allocate makes a handle of n bytes, and drm_offset says where mmap finds its memory, or 0.
uint32_t drm_allocate(uint64_t n);
uint64_t drm_offset(uint32_t handle);

#endif
