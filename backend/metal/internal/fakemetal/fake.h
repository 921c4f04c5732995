// What the parts of the fake share, and what Go calls.
#ifndef FM_FAKE_H
#define FM_FAKE_H

#include "kernel/launch.h"

// How the device behaves. Go sets it before a device is made.
typedef struct {
	unsigned order, seed;         // of threads, see launch.h
	int lazy;                     // run what is committed only when somebody waits
	int apple, metal3;            // families
	int residency;                // the system has residency sets
	unsigned devices;             // how many there are
	unsigned threads;             // most of a threadgroup
	unsigned long buffer, memory; // the largest buffer, the recommended working set
	int fail_buffer;              // 1 lets the next newBuffer… fail, 2 the one after
	int fail_commands;            // the same for command buffers
	int broken;                   // every command buffer ends in an error
	double seconds;               // that a dispatch takes
	int no_matrices;              // the compiler knows no simdgroup_matrix
} fm_settings;

extern fm_settings fm_fake;

// fm_fault records what a program did wrong.
void fm_fault(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *fm_take_faults(void);        // malloc'd lines, or NULL
char *fm_left_over(void);          // malloc'd "2 MTLBuffer, …", or NULL
unsigned long fm_dispatches(void); // how many have run
unsigned long fm_barriers(void);   // how many were between them

// fm_program makes the objects of a program that uses Metal itself.
void fm_program(void **device, void **queue);
void fm_release(void *object);

#ifdef __OBJC__
#import <Metal/Metal.h>

// The base of all objects: it counts those that live, and stays behind as a
// ghost that reports what is sent to it.
@interface FakeObject : NSObject {
  @public
	const char *kind;
}
- (instancetype)initAs:(const char *)what;
@end

// fm_lives reports whether an object was not released, with a fault if it was.
BOOL fm_lives(id object, const char *where);

// fm_census counts objects that live.
void fm_census(const char *kind, int by);

void fm_lock(void);
void fm_unlock(void);
NSError *fm_error(NSString *domain, NSInteger code, const char *text);

@class FakeDevice;

@interface FakeBuffer : FakeObject <MTLBuffer> {
  @public
	FakeDevice *owner;
	char *base;
	NSUInteger size, room;
	fm_cell *cells;
	void *map; // NULL where the memory is the program's
	size_t mapped;
	MTLResourceOptions how;
}
@end

@interface FakeFunction : FakeObject <MTLFunction> {
  @public
	const fm_kernel *entry;
	int (*run)(const fm_kernel *, fm_launch *);
	unsigned long shared;
}
@end

@interface FakePipeline : FakeObject <MTLComputePipelineState> {
  @public
	FakeFunction *function;
	unsigned most;
}
@end

@interface FakeQueue : FakeObject <MTLCommandQueue> {
  @public
	FakeDevice *owner;
	NSMutableArray *waiting; // committed and not run
	NSMutableArray *sets;
}
@end

@interface FakeDevice : FakeObject <MTLDevice> {
  @public
	NSUInteger allocated;
}
@end
#endif
#endif
