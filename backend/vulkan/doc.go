// Package vulkan runs plans on GPUs through Vulkan 1.2 or later: AMD, Intel,
// NVIDIA, and drivers that run on the processor, for tests. Importing it
// registers the driver "vulkan"; "vulkan:1" is the second device of the list,
// which begins with the best. Without cgo, and on macOS, it registers nothing.
//
// # Order
//
// All work goes to one queue. Every command buffer begins with a barrier
// against everything submitted before, so submissions take effect in order
// without waiting for the host. Transfers are recorded ahead and travel with
// the next submission. A ticket is a value of the device's one timeline
// semaphore.
//
// # Plans
//
// Package gpu turns operations into dispatches, for what target.go says of
// the device. Compile puts a barrier before a dispatch where gpu.HazardTracker says
// so and records the whole, which every Submit replays. A plan that may take
// long is several command buffers (pace.go). Before the first plan the device is asked
// how lanes of a subgroup hold cooperative matrices (lanes.go).
//
// # Memory
//
// A buffer is a VkBuffer in a block of device memory that several share.
// Readback buffers, and on a device that shares the host's memory all of them,
// are mapped for as long as they live. Weights are rows of 16-byte words, in as
// many parts as the device's limit on one binding asks for; kernels read them
// as 32-bit words, so no device needs 16-bit storage. Where the device shares
// the host's memory and the driver allows it, a checkpoint's mapping is imported
// and weights that lie in it as kernels want them are not copied.
//
// # A program's own device
//
// Attach makes a backend of a VkDevice and a queue that the program has opened,
// and owns nothing of them; RequiredFeatures, RequiredExtensions and OptionalFeatures say what
// to create the device with, and NewSetup fills VkDeviceCreateInfo. Handles.Slice
// bounds what a frame waits for, and Locate finds the VkBuffer behind a tensor.
// Devices of either kind may be open at once.
//
// # The binding
//
// github.com/goki/vulkan gives the types and the numbers. All calls go through
// vk.c and tables of our own. The binding has one function table, which is the
// process's: a program that draws fills it from its own instance, and what it
// enabled there would be gone from a table that is filled from another. And the
// binding may free the C copy of a slice while the call still reads it.
package vulkan
