// Package fakemetal stands in for Apple's Metal on a machine that has none, so
// that the host code and the kernels of backend/metal can be compiled and run
// there as they are. It is for tests: everything in it needs the build tag
// metalfake, clang and GNUstep's Foundation (make deps installs them), and
// nothing of it is in a build without the tag.
//
// # What it is made of
//
// include/Metal/Metal.h declares what the driver uses of Metal, with the names,
// types and values of Apple's headers; a test compares them with a table of
// published ones. The .m files implement it. A library is compiled by clang:
// translate.go turns the Metal Shading Language into C++ for kernel/metal_stdlib,
// and kernel/runtime.c runs the threads as fibers. Compiled kernels are kept in
// the user's cache folder.
//
// # What it catches
//
// In host code: misuse that Metal's validation layer would report (bad indices,
// offsets, sizes, threadgroups; encoders that are not ended; buffers that are
// not bound), objects used after their release, objects that are left over,
// fast math left on, and in a concurrent encoder a dispatch that touches what an
// earlier one wrote without a memoryBarrier between. The last is found by the
// words that kernels really touch, so that two dispatches on the halves of one
// matrix do not conflict.
//
// In kernels: memory outside the arguments, threadgroup memory that nobody
// wrote, races within a threadgroup and between threadgroups, barriers and
// simdgroup operations that not all threads reach, matrices of a simdgroup that
// have no value or for which its lanes name different places.
//
// What it cannot show is whether Apple's compiler takes a kernel and how fast
// anything runs; docs/metal.md has the list.
package fakemetal
