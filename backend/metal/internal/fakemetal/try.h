// Runs one kernel without a device: for tests of kernels alone.
#ifndef FM_TRY_H
#define FM_TRY_H
#include "kernel/launch.h"

// fm_stacks are the stacks of all fibers, NULL if there is no memory.
char *fm_stacks(void);

// fm_try returns 0, or leaves what is wrong in fault.
int fm_try(const char *path, void **data, unsigned long *sizes, int n, const unsigned *groups, const unsigned *threads,
	unsigned order, unsigned seed, char *fault, unsigned long room);
#endif
