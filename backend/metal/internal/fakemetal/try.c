//go:build metalfake

#include "try.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

char *fm_stacks(void) {
	static char *stacks;
	if (stacks) return stacks;
	unsigned long each = FM_STACK + FM_GUARD;
	char *s = mmap(NULL, FM_MOST_THREADS * each, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (s == MAP_FAILED) return NULL;
	for (int i = 0; i < FM_MOST_THREADS; i++) mprotect(s + i * each, FM_GUARD, PROT_NONE);
	return stacks = s;
}

static const char *self(unsigned serial) { return serial == 1 ? "itself" : "another"; }

int fm_try(const char *path, void **data, unsigned long *sizes, int n, const unsigned *groups, const unsigned *threads,
	unsigned order, unsigned seed, char *fault, unsigned long room) {
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		snprintf(fault, room, "%s", dlerror());
		return 1;
	}
	int (*run)(const fm_kernel *, fm_launch *) = (int (*)(const fm_kernel *, fm_launch *))dlsym(library, "fm_run");
	fm_launch *l = calloc(1, sizeof *l);
	for (int i = 0; i < n; i++)
		if (data[i]) l->buffers[i] = (fm_memory){data[i], sizes[i], calloc(sizes[i] / 4 + 2, sizeof(fm_cell))};
	for (int i = 0; i < 3; i++) l->groups[i] = groups[i], l->threads[i] = threads[i];
	l->order = order, l->seed = seed, l->serial = 1, l->name = self, l->stacks = fm_stacks();
	int failed = run(dlsym(library, "fm_entry"), l);
	snprintf(fault, room, "%s", l->fault);
	for (int i = 0; i < n; i++) free(l->buffers[i].cells);
	free(l);
	return failed;
}
