//go:build !windows && !darwin

#include "vk.h"

#include <dlfcn.h>

fm_lookup fm_load(const char **why) {
	// The name of the run-time package; libvulkan.so comes with development
	// packages alone.
	void *lib = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!lib) {
		*why = dlerror();
		return 0;
	}
	fm_lookup lookup = (fm_lookup)dlsym(lib, "vkGetInstanceProcAddr");
	if (!lookup) *why = "libvulkan.so.1 has no vkGetInstanceProcAddr";
	return lookup;
}
