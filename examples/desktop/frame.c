#include "frame.h"

#define FUNCTIONS(F) \
	F(vkBeginCommandBuffer) F(vkEndCommandBuffer) F(vkCmdPipelineBarrier) F(vkCmdBindPipeline) \
	F(vkCmdBindDescriptorSets) F(vkCmdPushConstants) F(vkCmdDispatch) F(vkCmdCopyBuffer) \
	F(vkCmdCopyBufferToImage) F(vkQueueSubmit) F(vkQueuePresentKHR) \
	F(vkCmdResetQueryPool) F(vkCmdWriteTimestamp) F(vkGetQueryPoolResults)

#define F(name) static PFN_##name name;
FUNCTIONS(F)
#undef F

VkResult frame_load(PFN_vkGetInstanceProcAddr lookup, VkInstance instance, VkDevice device) {
	PFN_vkGetDeviceProcAddr get = (PFN_vkGetDeviceProcAddr)lookup(instance, "vkGetDeviceProcAddr");
	if (!get) return VK_ERROR_INITIALIZATION_FAILED;
#define F(name) \
	if (!(name = (PFN_##name)get(device, #name))) return VK_ERROR_EXTENSION_NOT_PRESENT;
	FUNCTIONS(F)
#undef F
	return VK_SUCCESS;
}

enum {
	compute = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
	transfer = VK_PIPELINE_STAGE_TRANSFER_BIT,
	shader_write = VK_ACCESS_SHADER_WRITE_BIT,
	shader_read = VK_ACCESS_SHADER_READ_BIT,
	transfer_write = VK_ACCESS_TRANSFER_WRITE_BIT,
	transfer_read = VK_ACCESS_TRANSFER_READ_BIT,
};

static void barrier(VkCommandBuffer c, VkPipelineStageFlags from, VkAccessFlags wrote, VkPipelineStageFlags to,
	VkAccessFlags access) {
	VkMemoryBarrier m = {VK_STRUCTURE_TYPE_MEMORY_BARRIER, NULL, wrote, access};
	vkCmdPipelineBarrier(c, from, to, 0, 1, &m, 0, NULL, 0, NULL);
}

// turn changes the layout of the swapchain's image.
static void turn(const frame *f, VkImageLayout from, VkImageLayout to, VkPipelineStageFlags before, VkAccessFlags wrote,
                 VkPipelineStageFlags after, VkAccessFlags access) {
	VkImageMemoryBarrier m = {VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER, NULL, wrote, access, from, to,
	                          VK_QUEUE_FAMILY_IGNORED, VK_QUEUE_FAMILY_IGNORED, f->image,
	                          {VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1}};
	vkCmdPipelineBarrier(f->command, before, after, 0, 0, NULL, 0, NULL, 1, &m);
}

static void run(const frame *f, VkPipeline p, VkDescriptorSet set, const void *push, uint32_t size,
	uint32_t x, uint32_t y) {
	vkCmdBindPipeline(f->command, VK_PIPELINE_BIND_POINT_COMPUTE, p);
	vkCmdBindDescriptorSets(f->command, VK_PIPELINE_BIND_POINT_COMPUTE, f->layout, 0, 1, &set, 0, NULL);
	vkCmdPushConstants(f->command, f->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, size, push);
	vkCmdDispatch(f->command, x, y, 1);
}

VkResult frame_record(const frame *f, const VkDescriptorSet *layer_sets) {
	const page_push *page = &f->page_push;
	VkCommandBufferBeginInfo begin = {VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO, NULL,
		VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT, NULL};
	VkResult r = vkBeginCommandBuffer(f->command, &begin);
	if (r) return r;

	// What the model has submitted so far comes first, and is seen. What it submits
	// later waits for these shaders: the backend's submissions begin so.
	barrier(f->command, compute | transfer, shader_write | transfer_write, compute, shader_read | shader_write);
	if (f->clock) {
		vkCmdResetQueryPool(f->command, f->clock, 0, 2);
		vkCmdWriteTimestamp(f->command, compute, f->clock, 0);
	}
	uint32_t cells = f->states_push.width * f->states_push.columns;
	for (uint32_t i = 0; i < f->layers; i++)
		run(f, f->states, layer_sets[i], &f->states_push, sizeof f->states_push, (cells + 63) / 64, 1);
	barrier(f->command, compute, shader_write, compute, shader_read);
	run(f, f->page, f->page_set, page, sizeof *page, (page->width + 15) / 16, (page->height + 15) / 16);
	barrier(f->command, compute, shader_write, transfer, transfer_read);

	turn(f, VK_IMAGE_LAYOUT_UNDEFINED, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, transfer, 0, transfer, transfer_write);
	VkBufferImageCopy all = {0, 0, 0, {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1}, {0, 0, 0}, {page->width, page->height, 1}};
	vkCmdCopyBufferToImage(f->command, f->canvas, f->image, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &all);
	turn(f, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, VK_IMAGE_LAYOUT_PRESENT_SRC_KHR, transfer, transfer_write,
	     VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, 0);
	if (f->shot) {
		VkBufferCopy copy = {0, 0, 4 * (VkDeviceSize)page->width * page->height};
		vkCmdCopyBuffer(f->command, f->canvas, f->shot, 1, &copy);
		barrier(f->command, transfer, transfer_write, VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT);
	}
	if (f->clock) vkCmdWriteTimestamp(f->command, transfer, f->clock, 1);
	return vkEndCommandBuffer(f->command);
}

VkResult frame_took(VkDevice device, const frame *f, uint64_t stamps[2]) {
	return vkGetQueryPoolResults(device, f->clock, 0, 2, 2 * sizeof *stamps, stamps, sizeof *stamps,
		VK_QUERY_RESULT_64_BIT);
}

VkResult frame_submit(const frame *f) {
	VkPipelineStageFlags stage = transfer; // the image is not needed before the copy
	VkSubmitInfo info = {VK_STRUCTURE_TYPE_SUBMIT_INFO, NULL, 1, &f->acquired, &stage, 1, &f->command, 1, &f->drawn};
	return vkQueueSubmit(f->queue, 1, &info, f->fence);
}

VkResult frame_present(const frame *f, VkSwapchainKHR chain, uint32_t index) {
	VkPresentInfoKHR info = {VK_STRUCTURE_TYPE_PRESENT_INFO_KHR, NULL, 1, &f->drawn, 1, &chain, &index, NULL};
	return vkQueuePresentKHR(f->queue, &info);
}
