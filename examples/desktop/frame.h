// A frame: what the device does for one picture of the window, recorded and
// submitted by one call. It is C because the Go binding frees the C copies of
// slices and structs when the collector runs, be it in the middle of the call,
// and because a call from Go to C for every command would cost more than the
// commands.

#ifndef FRAME_H
#define FRAME_H

#define VK_NO_PROTOTYPES
#include <vulkan/vulkan.h>

typedef struct {
	uint32_t row, channels, width, columns, dark; // as in states.comp
} states_push;

typedef struct {
	uint32_t width, height, cols, cell_width, cell_height, left, top, right, bottom; // as in page.comp
	uint32_t layers, states, columns, red, blue, dark;
} page_push;

typedef struct {
	VkCommandBuffer command;
	VkQueue queue;
	VkFence fence;                 // signalled when all is done
	VkSemaphore acquired, drawn;   // of the swapchain's image
	VkImage image;
	VkPipelineLayout layout;       // of both pipelines
	VkPipeline states, page;
	uint32_t layers;               // 0: no states to draw
	states_push states_push;
	VkDescriptorSet page_set;
	page_push page_push;
	VkBuffer canvas, shot;         // shot: where a copy for the host goes, or NULL
	VkQueryPool clock;             // of two timestamps, or NULL
} frame;

// frame_load finds the functions of a device.
VkResult frame_load(PFN_vkGetInstanceProcAddr lookup, VkInstance instance, VkDevice device);
// frame_record records f; layer_sets are the descriptor sets of the layers.
VkResult frame_record(const frame *f, const VkDescriptorSet *layer_sets);
// frame_submit submits what was recorded, and frame_present shows the image. The
// caller has the queue to itself.
VkResult frame_submit(const frame *f);
VkResult frame_present(const frame *f, VkSwapchainKHR chain, uint32_t index);
// frame_took gives the device's timestamps of the frame's begin, when all before
// it was complete, and of its end.
VkResult frame_took(VkDevice device, const frame *f, uint64_t stamps[2]);

#endif
