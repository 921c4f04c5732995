//go:build metalfake

// The device and what it makes: buffers, libraries, functions, pipelines and
// residency sets.
#include "fake.h"
#include "_cgo_export.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 16 << 10 }; // of Apple silicon

static NSString *libraryDomain(void) { return [NSString stringWithUTF8String:"MTLLibraryErrorDomain"]; }

@implementation MTLCompileOptions
- (instancetype)init {
	self = [super init];
	fm_census("MTLCompileOptions", 1);
	fast = YES, mode = MTLMathModeFast, version = MTLLanguageVersion3_0;
	return self;
}
- (void)dealloc {
	fm_census("MTLCompileOptions", -1);
	[super dealloc];
}
- (BOOL)fastMathEnabled {
	return fast;
}
- (void)setFastMathEnabled:(BOOL)on {
	fast = on, mode = on ? MTLMathModeFast : MTLMathModeSafe;
}
- (MTLMathMode)mathMode {
	return mode;
}
- (void)setMathMode:(MTLMathMode)m {
	mode = m, fast = m == MTLMathModeFast;
}
- (MTLLanguageVersion)languageVersion {
	return version;
}
- (void)setLanguageVersion:(MTLLanguageVersion)v {
	version = v;
}
@end

@implementation MTLFunctionConstantValues
- (instancetype)init {
	self = [super init];
	fm_census("MTLFunctionConstantValues", 1);
	values = [[NSMutableDictionary alloc] init];
	return self;
}
- (void)dealloc {
	fm_census("MTLFunctionConstantValues", -1);
	[values release];
	[super dealloc];
}
- (void)setConstantValue:(const void *)value type:(MTLDataType)type atIndex:(NSUInteger)index {
	char text[64];
	switch (type) {
	case MTLDataTypeUInt: snprintf(text, sizeof text, "uint %uu", *(const uint32_t *)value); break;
	case MTLDataTypeInt: snprintf(text, sizeof text, "int %d", *(const int32_t *)value); break;
	case MTLDataTypeFloat: snprintf(text, sizeof text, "float %af", *(const float *)value); break;
	case MTLDataTypeBool: snprintf(text, sizeof text, "bool %d", *(const uint8_t *)value); break;
	default: fm_fault("setConstantValue: the fake has no type %lu", (unsigned long)type); return;
	}
	[values setObject:[NSString stringWithUTF8String:text] forKey:[NSNumber numberWithUnsignedLong:index]];
}
@end

@implementation MTLResidencySetDescriptor
- (instancetype)init {
	self = [super init];
	fm_census("MTLResidencySetDescriptor", 1);
	return self;
}
- (void)dealloc {
	fm_census("MTLResidencySetDescriptor", -1);
	[super dealloc];
}
- (NSUInteger)initialCapacity {
	return capacity;
}
- (void)setInitialCapacity:(NSUInteger)n {
	capacity = n;
}
@end

@implementation FakeBuffer
- (NSUInteger)length {
	return size;
}
- (void *)contents {
	return base;
}
- (NSUInteger)allocatedSize {
	return room;
}
- (MTLResourceOptions)resourceOptions {
	return how;
}
- (void)dealloc {
	if (map) {
		munmap(map, mapped);
		owner->allocated -= room;
	}
	if (cells) munmap(cells, room / 4 * sizeof(fm_cell));
	[owner release];
	[super dealloc];
}
@end

@implementation FakeFunction
- (NSString *)name {
	return [NSString stringWithUTF8String:entry->name];
}
@end

@implementation FakePipeline
- (NSUInteger)maxTotalThreadsPerThreadgroup {
	return most;
}
- (NSUInteger)threadExecutionWidth {
	return FM_SIMD;
}
- (NSUInteger)staticThreadgroupMemoryLength {
	return function->shared;
}
- (void)dealloc {
	[function release];
	[super dealloc];
}
@end

@interface FakeLibrary : FakeObject <MTLLibrary> {
  @public
	char *source;
	NSString *kernel;
}
@end

@implementation FakeLibrary
- (NSArray *)functionNames {
	return [NSArray arrayWithObject:kernel];
}
- (id<MTLFunction>)newFunctionWithName:(NSString *)name {
	fm_fault("newFunctionWithName: without constant values finds no function that has function constants");
	return nil;
}
- (id<MTLFunction>)newFunctionWithName:(NSString *)name
                        constantValues:(MTLFunctionConstantValues *)given
                                 error:(NSError **)error {
	char text[512];
	if (!given) fm_fault("newFunctionWithName:constantValues:error: wants constant values");
	if (![name isEqualToString:kernel]) {
		snprintf(text, sizeof text, "Function %s was not found in the library", [name UTF8String]);
		if (error) *error = fm_error(libraryDomain(), 5, text);
		return nil;
	}
	NSMutableString *values = [NSMutableString string];
	for (NSNumber *index in given ? given->values : nil)
		[values appendFormat:[NSString stringWithUTF8String:"%@ %@\n"], index, [given->values objectForKey:index]];
	char *failed = NULL, *path = fakemetalSpecialize(source, (char *)[values UTF8String], &failed);
	void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
	if (!library) {
		if (error) *error = fm_error(libraryDomain(), 3, failed ? failed : dlerror());
		free(failed), free(path);
		return nil;
	}
	free(path);
	FakeFunction *f = [[FakeFunction alloc] initAs:"MTLFunction"];
	f->entry = dlsym(library, "fm_entry");
	f->run = (int (*)(const fm_kernel *, fm_launch *))dlsym(library, "fm_run");
	f->shared = ((unsigned long (*)(void))dlsym(library, "fm_shared_size"))();
	return f;
}
- (void)dealloc {
	free(source);
	[kernel release];
	[super dealloc];
}
@end

@interface FakeResidencySet : FakeObject <MTLResidencySet> {
  @public
	NSMutableArray *held;
	BOOL changed;
}
@end

@implementation FakeResidencySet
- (instancetype)initAs:(const char *)what {
	self = [super initAs:what];
	held = [[NSMutableArray alloc] init];
	return self;
}
- (void)addAllocation:(id<MTLAllocation>)allocation {
	if (!fm_lives(allocation, "addAllocation:")) return;
	if ([held indexOfObjectIdenticalTo:allocation] != NSNotFound)
		fm_fault("addAllocation: of what the residency set has");
	[held addObject:allocation];
	changed = YES;
}
- (void)removeAllocation:(id<MTLAllocation>)allocation {
	if (!fm_lives(allocation, "removeAllocation:")) return;
	if ([held indexOfObjectIdenticalTo:allocation] == NSNotFound)
		fm_fault("removeAllocation: of what the residency set has not");
	[held removeObjectIdenticalTo:allocation];
	changed = YES;
}
- (void)commit {
	changed = NO;
}
- (void)requestResidency {
	if (changed) fm_fault("requestResidency before commit");
}
- (void)endResidency {
}
- (void)dealloc {
	[held release];
	[super dealloc];
}
@end

@implementation FakeDevice
- (NSString *)name {
	return [NSString stringWithUTF8String:fm_fake.apple ? "Fake M1" : "Fake Radeon"];
}
- (uint64_t)registryID {
	return 1;
}
- (BOOL)hasUnifiedMemory {
	return fm_fake.apple;
}
- (NSUInteger)maxBufferLength {
	return fm_fake.buffer;
}
- (NSUInteger)maxThreadgroupMemoryLength {
	return FM_SHARED;
}
- (NSUInteger)currentAllocatedSize {
	return allocated;
}
- (uint64_t)recommendedMaxWorkingSetSize {
	return fm_fake.memory;
}
- (BOOL)supportsFamily:(MTLGPUFamily)family {
	if (family == MTLGPUFamilyMetal3) return fm_fake.metal3;
	return fm_fake.apple && family >= 1001 && family <= MTLGPUFamilyApple7;
}
- (BOOL)respondsToSelector:(SEL)s {
	return (fm_fake.residency || s != @selector(newResidencySetWithDescriptor:error:)) && [super respondsToSelector:s];
}
- (id<MTLCommandQueue>)newCommandQueue {
	FakeQueue *q = [[FakeQueue alloc] initAs:"MTLCommandQueue"];
	q->owner = [self retain];
	q->waiting = [[NSMutableArray alloc] init];
	q->sets = [[NSMutableArray alloc] init];
	return q;
}
- (BOOL)takes:(MTLResourceOptions)options as:(const char *)call {
	if (fm_fake.fail_buffer > 0 && --fm_fake.fail_buffer == 0) return NO;
	// The fake runs command buffers one after another, as tracking does: it
	// cannot tell whether fences are right.
	if (options & MTLResourceHazardTrackingModeUntracked) fm_fault("%s: the fake has no untracked resources", call);
	if (options & MTLResourceStorageModeManaged) fm_fault("%s: managed storage is not of Apple silicon", call);
	return YES;
}
- (FakeBuffer *)buffer:(NSUInteger)length options:(MTLResourceOptions)options {
	FakeBuffer *b = [[FakeBuffer alloc] initAs:"MTLBuffer"];
	b->owner = [self retain];
	b->size = length, b->how = options;
	b->room = (length + PAGE - 1) / PAGE * PAGE;
	b->cells = mmap(NULL, b->room / 4 * sizeof(fm_cell), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return b;
}
- (id<MTLBuffer>)newBufferWithLength:(NSUInteger)length options:(MTLResourceOptions)options {
	if (length == 0 || length > fm_fake.buffer) {
		fm_fault("newBufferWithLength: %lu bytes, want 1 to maxBufferLength, %lu",
			(unsigned long)length, fm_fake.buffer);
		return nil;
	}
	if (![self takes:options as:"newBufferWithLength:"]) return nil;
	fm_lock();
	FakeBuffer *b = [self buffer:length options:options];
	// No memory follows, so that what runs beyond the end is not another's; and
	// what is new has no value.
	b->mapped = b->room + PAGE;
	b->map = mmap(NULL, b->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	mprotect((char *)b->map + b->room, PAGE, PROT_NONE);
	b->base = b->map;
	memset(b->base, 0xa5, length);
	allocated += b->room;
	fm_unlock();
	return b;
}
- (id<MTLBuffer>)newBufferWithBytesNoCopy:(void *)pointer
								   length:(NSUInteger)length
								  options:(MTLResourceOptions)options
							  deallocator:(void *)deallocator {
	if (deallocator) fm_fault("newBufferWithBytesNoCopy: the fake takes no deallocator");
	if ((uintptr_t)pointer % PAGE || length % PAGE || length == 0 || length > fm_fake.buffer) {
		fm_fault("newBufferWithBytesNoCopy: %lu bytes at %p,"
			" want whole pages of %d bytes, at most maxBufferLength, %lu",
			(unsigned long)length, pointer, PAGE, fm_fake.buffer);
		return nil;
	}
	if (![self takes:options as:"newBufferWithBytesNoCopy:"]) return nil;
	FakeBuffer *b = [self buffer:length options:options];
	b->base = pointer;
	return b;
}
- (id<MTLLibrary>)newLibraryWithSource:(NSString *)source options:(MTLCompileOptions *)options error:(NSError **)error {
	if (!options || options.fastMathEnabled || options.mathMode != MTLMathModeSafe)
		fm_fault("newLibraryWithSource: fast math is on: exp, NaN and infinities are not what the kernels count on");
	if (fm_fake.no_matrices && strstr([source UTF8String], "simdgroup_matrix")) {
		if (error)
			*error = fm_error(libraryDomain(), 3, "unknown type name 'simdgroup_half8x8' (the fake was told to)");
		return nil;
	}
	char *failed = NULL, *name = fakemetalCheck((char *)[source UTF8String], &failed);
	if (!name) {
		if (error) *error = fm_error(libraryDomain(), 3, failed);
		free(failed);
		return nil;
	}
	FakeLibrary *l = [[FakeLibrary alloc] initAs:"MTLLibrary"];
	l->source = strdup([source UTF8String]);
	l->kernel = [[NSString alloc] initWithUTF8String:name];
	free(name);
	return l;
}
- (id<MTLComputePipelineState>)newComputePipelineStateWithFunction:(id<MTLFunction>)f error:(NSError **)error {
	if (!fm_lives(f, "newComputePipelineStateWithFunction:")) return nil;
	FakePipeline *p = [[FakePipeline alloc] initAs:"MTLComputePipelineState"];
	p->function = [(FakeFunction *)f retain];
	p->most = fm_fake.threads;
	return p;
}
- (id<MTLResidencySet>)newResidencySetWithDescriptor:(MTLResidencySetDescriptor *)desc error:(NSError **)error {
	return [[FakeResidencySet alloc] initAs:"MTLResidencySet"];
}
@end

NSArray *MTLCopyAllDevices(void) {
	NSMutableArray *list = [[NSMutableArray alloc] init];
	for (unsigned i = 0; i < fm_fake.devices; i++) {
		FakeDevice *d = [[FakeDevice alloc] initAs:"MTLDevice"];
		[list addObject:d];
		[d release];
	}
	return list;
}

void fm_program(void **device, void **queue) {
	@autoreleasepool {
		FakeDevice *d = [[FakeDevice alloc] initAs:"MTLDevice"];
		*device = d;
		*queue = [d newCommandQueue];
	}
}

void fm_release(void *object) {
	@autoreleasepool {
		[(id)object release];
	}
}
