#include "vk.h"

#include <windows.h>

fm_lookup fm_load(const char **why) {
	HMODULE lib = LoadLibraryA("vulkan-1.dll");
	if (!lib) {
		*why = "vulkan-1.dll was not found";
		return 0;
	}
	fm_lookup lookup = (fm_lookup)(void *)GetProcAddress(lib, "vkGetInstanceProcAddr");
	if (!lookup) *why = "vulkan-1.dll has no vkGetInstanceProcAddr";
	return lookup;
}
