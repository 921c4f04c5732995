// Package metal runs plans on the GPUs of Macs with Apple silicon, macOS 13 or
// later. Importing it registers the driver "metal". On other systems, and
// without cgo, it registers nothing.
//
// # Order
//
// All work goes to one queue, a command buffer for each submission, or several
// where a plan takes long. Buffers are tracked by Metal, so that a command buffer
// sees what earlier ones wrote; within one, dispatches run side by side and a
// barrier stands where package gpu says so. Metal has no command buffers that
// can be kept: a plan is an array of dispatches in C memory that one call to a
// command buffer encodes anew.
//
// Upload and Download wait for the submissions that use their buffer, and for
// no others.
//
// # Plans
//
// Package gpu turns operations into dispatches. Every kernel is a library of
// its own, compiled from the Metal Shading Language at run time with fast math
// off, and kept for as long as the device is open. Constants of a kernel are
// passed both as function constants and, because the size of an array cannot
// be one, as macros before the source. Products of many rows in half precision
// are for simdgroup_matrix; where its kernel does not compile they are made in
// float32.
//
// # Memory
//
// All memory is shared with the host, so every buffer has Bytes. Weights are
// rows of 16-byte words; a matrix that lies so in an imported mapping is used
// where it is. On macOS 15 and later a residency set keeps all of it resident.
//
// # Tests
//
// On Linux the same files are compiled and run against package fakemetal:
//
//	CC=clang-16 go test -tags metalfake ./backend/metal/...
//
// docs/metal.md says what that shows and what it does not.
package metal
