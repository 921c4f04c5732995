// What the fake device and a compiled kernel share: one dispatch, the memory
// it may touch, and what is known of every word of that memory.
#ifndef FM_LAUNCH_H
#define FM_LAUNCH_H

enum { FM_BUFFERS = 31, FM_SIMD = 32, FM_MOST_THREADS = 1024, FM_SHARED = 32768 };
enum { FM_STACK = 64 << 10, FM_GUARD = 64 << 10 };

enum fm_order { FM_FORWARD, FM_REVERSE, FM_RANDOM };

// Who touched a 32-bit word last. In device memory, wrote and read are serial
// numbers of dispatches; in threadgroup memory, of threadgroups. The moments
// wrote_at and read_at count barriers, see runtime.c. The readers since may be
// several: then reader is one of them, and spread how far they lie apart.
typedef struct {
	unsigned wrote, writer, wrote_at, atomic; // atomic: the write was
	unsigned read, reader, read_at, spread;
	unsigned before; // the last dispatch but this that read it
} fm_cell;

// What is bound to one index: memory from the binding's offset to the buffer's
// end. Bytes that were passed by value have no cells.
typedef struct {
	char *base;
	unsigned long size;
	fm_cell *cells;
} fm_memory;

typedef struct {
	fm_memory buffers[FM_BUFFERS];
	unsigned groups[3], threads[3];
	unsigned order;  // fm_order
	unsigned seed;   // of FM_RANDOM
	unsigned serial; // of this dispatch
	unsigned since;  // of the last dispatch before the last barrier: later ones are not ordered
	const char *(*name)(unsigned serial);
	char *stacks; // of FM_MOST_THREADS fibers: FM_GUARD bytes that are not there, then FM_STACK
	char fault[512];
} fm_launch;

// One argument that a kernel takes by index.
typedef struct {
	unsigned index, least, align; // bytes that must be there, bytes that the address is a multiple of
} fm_argument;

typedef struct {
	const char *name;
	void (*body)(void); // one thread
	unsigned count;
	fm_argument arguments[FM_BUFFERS];
} fm_kernel;

#endif
