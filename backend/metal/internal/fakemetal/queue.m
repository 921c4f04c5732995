//go:build metalfake

// Queues, command buffers and compute encoders. What is encoded is kept as a
// list and run when the command buffer is committed, or later.
#include "fake.h"
#include "try.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long dispatches, barriers;
unsigned long fm_dispatches(void) { return dispatches; }
unsigned long fm_barriers(void) { return barriers; }

// Serial numbers of dispatches, and the names of the latest.
static unsigned serial;
static const char *names[1 << 16];
static const char *name_of(unsigned n) { return names[n & 0xffff]; }

typedef struct {
	FakeBuffer *buffer;
	NSUInteger offset;
	void *bytes;
	NSUInteger length;
} slot;

typedef struct {
	FakePipeline *pipeline;
	slot slots[FM_BUFFERS];
	MTLSize groups, threads;
	BOOL barrier; // before it
} command;

@class FakeCommandBuffer;

@interface FakeEncoder : FakeObject <MTLComputeCommandEncoder> {
  @public
	FakeCommandBuffer *owner; // not retained
	BOOL concurrent, ended, barrier;
	FakePipeline *pipeline;
	slot slots[FM_BUFFERS];
	command *list;
	NSUInteger count, room;
	NSMutableArray *values; // of setBytes
}
@end

@interface FakeCommandBuffer : FakeObject <MTLCommandBuffer> {
  @public
	FakeQueue *queue;
	NSMutableArray *encoders, *kept; // kept: retained references, or nil
	MTLCommandBufferStatus state;
	NSError *failure;
	CFTimeInterval began, ended;
}
- (void)run;
@end

@implementation FakeEncoder
- (BOOL)open:(const char *)call {
	if (ended) fm_fault("%s after endEncoding", call);
	return !ended;
}
- (void)keep:(id)object {
	if (object && owner->kept) [owner->kept addObject:object];
}
- (void)setComputePipelineState:(id<MTLComputePipelineState>)state {
	if (![self open:"setComputePipelineState:"] || !fm_lives(state, "setComputePipelineState:")) return;
	if (!state) fm_fault("setComputePipelineState: nil");
	pipeline = (FakePipeline *)state;
	[self keep:state];
}
- (BOOL)index:(NSUInteger)index of:(const char *)call {
	if (index >= FM_BUFFERS) fm_fault("%s index %lu, there are %d", call, (unsigned long)index, FM_BUFFERS);
	return index < FM_BUFFERS && [self open:call];
}
- (void)setBytes:(const void *)bytes length:(NSUInteger)length atIndex:(NSUInteger)index {
	if (![self index:index of:"setBytes:"]) return;
	if (length == 0 || length > 4096) {
		fm_fault("setBytes: %lu bytes, want 1 to 4096", (unsigned long)length);
		return;
	}
	NSMutableData *copy = [NSMutableData dataWithBytes:bytes length:length];
	[values addObject:copy];
	slots[index] = (slot){.bytes = [copy mutableBytes], .length = length};
}
- (BOOL)offset:(NSUInteger)offset in:(FakeBuffer *)b of:(const char *)call {
	if (b && offset >= b->size)
		fm_fault("%s offset %lu of a buffer of %lu", call, (unsigned long)offset, (unsigned long)b->size);
	else if (offset % 4)
		fm_fault("%s offset %lu, want a multiple of 4", call, (unsigned long)offset);
	else
		return YES;
	return NO;
}
- (void)setBuffer:(id<MTLBuffer>)buffer offset:(NSUInteger)offset atIndex:(NSUInteger)index {
	if (![self index:index of:"setBuffer:"] || !fm_lives(buffer, "setBuffer:")) return;
	if (![self offset:offset in:(FakeBuffer *)buffer of:"setBuffer:"]) return;
	if (buffer && ((FakeBuffer *)buffer)->owner != owner->queue->owner) fm_fault("setBuffer: of another device");
	slots[index] = (slot){.buffer = (FakeBuffer *)buffer, .offset = offset};
	[self keep:buffer];
}
- (void)setBufferOffset:(NSUInteger)offset atIndex:(NSUInteger)index {
	if (![self index:index of:"setBufferOffset:"]) return;
	if (!slots[index].buffer) {
		fm_fault("setBufferOffset: no buffer is set at %lu", (unsigned long)index);
		return;
	}
	if ([self offset:offset in:slots[index].buffer of:"setBufferOffset:"]) slots[index].offset = offset;
}
- (void)dispatchThreadgroups:(MTLSize)groups threadsPerThreadgroup:(MTLSize)threads {
	if (![self open:"dispatchThreadgroups:"]) return;
	if (!pipeline) {
		fm_fault("dispatchThreadgroups: no pipeline is set");
		return;
	}
	NSUInteger n = threads.width * threads.height * threads.depth;
	if (n == 0 || n > pipeline->most) {
		fm_fault("dispatchThreadgroups: %lu threads in a threadgroup of kernel %s, want 1 to %u",
			(unsigned long)n, pipeline->function->entry->name, pipeline->most);
		return;
	}
	if (!groups.width || !groups.height || !groups.depth || (groups.width | groups.height | groups.depth) >> 32) {
		fm_fault("dispatchThreadgroups: a grid of %lu × %lu × %lu",
			(unsigned long)groups.width, (unsigned long)groups.height, (unsigned long)groups.depth);
		return;
	}
	if (count == room) list = realloc(list, (room = room * 2 + 16) * sizeof *list);
	command *c = &list[count++];
	c->pipeline = pipeline, c->groups = groups, c->threads = threads;
	c->barrier = barrier || !concurrent;
	memcpy(c->slots, slots, sizeof slots);
	barrier = NO;
}
- (void)memoryBarrierWithScope:(MTLBarrierScope)scope {
	if (![self open:"memoryBarrierWithScope:"]) return;
	if (!(scope & MTLBarrierScopeBuffers))
		fm_fault("memoryBarrierWithScope: %lu is not of buffers", (unsigned long)scope);
	else barrier = YES;
}
- (void)endEncoding {
	[self open:"endEncoding"];
	ended = YES;
}
- (void)dealloc {
	if (!ended) fm_fault("an encoder was released before endEncoding");
	free(list);
	[values release];
	[super dealloc];
}
@end

// run_command runs one dispatch; false leaves text.
static BOOL run_command(command *c, unsigned since, char *text, size_t room) {
	static fm_launch launch;
	memset(&launch, 0, sizeof launch);
	if (!fm_lives(c->pipeline, "a dispatch"))
		return snprintf(text, room, "a pipeline was released before its dispatch ran"), NO;
	FakeFunction *f = c->pipeline->function;
	for (int i = 0; i < FM_BUFFERS; i++) {
		slot *s = &c->slots[i];
		if (s->bytes) {
			launch.buffers[i] = (fm_memory){s->bytes, s->length, NULL};
		} else if (s->buffer) {
			// A buffer that stays set from an earlier dispatch may be gone.
			BOOL wanted = NO;
			for (unsigned k = 0; k < f->entry->count; k++) wanted |= f->entry->arguments[k].index == (unsigned)i;
			if (!wanted) continue;
			if (!fm_lives(s->buffer, f->entry->name))
				return snprintf(text, room, "a buffer was released before its dispatch ran"), NO;
			FakeBuffer *b = s->buffer;
			launch.buffers[i] = (fm_memory){b->base + s->offset, b->size - s->offset, b->cells + s->offset / 4};
		}
	}
	NSUInteger g[3] = {c->groups.width, c->groups.height, c->groups.depth};
	NSUInteger t[3] = {c->threads.width, c->threads.height, c->threads.depth};
	for (int i = 0; i < 3; i++) launch.groups[i] = g[i], launch.threads[i] = t[i];
	launch.order = fm_fake.order, launch.seed = fm_fake.seed + serial;
	launch.serial = serial, launch.since = since, launch.name = name_of, launch.stacks = fm_stacks();
	if (f->run(f->entry, &launch)) {
		snprintf(text, room, "%s", launch.fault);
		fm_fault("%s", launch.fault);
		return NO;
	}
	return YES;
}

static double clock_now; // of the device: as much as its dispatches take

@implementation FakeCommandBuffer
- (void)run {
	char text[600] = "";
	BOOL good = YES;
	began = clock_now;
	if (fm_fake.broken) {
		snprintf(text, sizeof text, "Caused GPU Hang Error (the fake was told to)");
		good = NO;
	}
	for (FakeEncoder *e in encoders) {
		unsigned since = serial; // encoders are ordered by tracking
		for (NSUInteger i = 0; i < e->count && good; i++) {
			command *c = &e->list[i];
			if (c->barrier) since = serial, barriers += i > 0;
			serial++, dispatches++, clock_now += fm_fake.seconds;
			names[serial & 0xffff] = c->pipeline->function->entry->name;
			good = run_command(c, since, text, sizeof text);
		}
	}
	ended = clock_now;
	if (!good)
		failure = [fm_error([NSString stringWithUTF8String:"MTLCommandBufferErrorDomain"],
			MTLCommandBufferErrorInternal, text) retain];
	state = good ? MTLCommandBufferStatusCompleted : MTLCommandBufferStatusError;
}
- (id<MTLComputeCommandEncoder>)computeCommandEncoderWithDispatchType:(MTLDispatchType)type {
	if (state != MTLCommandBufferStatusNotEnqueued) fm_fault("computeCommandEncoder… after commit");
	for (FakeEncoder *e in encoders)
		if (!e->ended) fm_fault("computeCommandEncoder… while another encoder is open");
	FakeEncoder *e = [[[FakeEncoder alloc] initAs:"MTLComputeCommandEncoder"] autorelease];
	e->owner = self;
	e->concurrent = type == MTLDispatchTypeConcurrent;
	e->values = [[NSMutableArray alloc] init];
	[encoders addObject:e];
	return e;
}
- (MTLCommandBufferStatus)status {
	fm_lock();
	MTLCommandBufferStatus s = state;
	// Who asks again and again is heard.
	if (s == MTLCommandBufferStatusCommitted && [queue->waiting count] > 0) {
		FakeCommandBuffer *c = [[queue->waiting objectAtIndex:0] retain];
		[queue->waiting removeObjectAtIndex:0];
		[c run];
		[c release];
	}
	fm_unlock();
	return s;
}
- (NSError *)error {
	return failure;
}
- (CFTimeInterval)GPUStartTime {
	return began;
}
- (CFTimeInterval)GPUEndTime {
	return ended;
}
// drain runs what was committed up to last, or all.
static void drain(FakeQueue *q, FakeCommandBuffer *last) {
	while ([q->waiting count] > 0) {
		FakeCommandBuffer *c = [[q->waiting objectAtIndex:0] retain];
		[q->waiting removeObjectAtIndex:0];
		[c run];
		BOOL stop = c == last;
		[c release];
		if (stop) return;
	}
}
- (void)commit {
	fm_lock();
	if (state != MTLCommandBufferStatusNotEnqueued) fm_fault("commit of what was committed");
	for (FakeEncoder *e in encoders)
		if (!e->ended) fm_fault("commit before endEncoding");
	state = MTLCommandBufferStatusCommitted;
	[queue->waiting addObject:self];
	if (!fm_fake.lazy) drain(queue, nil);
	fm_unlock();
}
- (void)waitUntilCompleted {
	fm_lock();
	if (state == MTLCommandBufferStatusNotEnqueued) fm_fault("waitUntilCompleted before commit would wait for ever");
	else if (state == MTLCommandBufferStatusCommitted) drain(queue, self);
	fm_unlock();
}
- (void)dealloc {
	[encoders release];
	[kept release];
	[failure release];
	[queue release];
	[super dealloc];
}
@end

@implementation FakeQueue
- (id<MTLDevice>)device {
	return owner;
}
- (id<MTLCommandBuffer>)make:(BOOL)retained {
	if (fm_fake.fail_commands > 0 && --fm_fake.fail_commands == 0) return nil;
	FakeCommandBuffer *c = [[[FakeCommandBuffer alloc] initAs:"MTLCommandBuffer"] autorelease];
	c->queue = [self retain];
	c->encoders = [[NSMutableArray alloc] init];
	c->kept = retained ? [[NSMutableArray alloc] init] : nil;
	return c;
}
- (id<MTLCommandBuffer>)commandBuffer {
	return [self make:YES];
}
- (id<MTLCommandBuffer>)commandBufferWithUnretainedReferences {
	return [self make:NO];
}
- (void)addResidencySet:(id<MTLResidencySet>)set {
	if (fm_lives(set, "addResidencySet:")) [sets addObject:set];
}
- (void)removeResidencySet:(id<MTLResidencySet>)set {
	if (!fm_lives(set, "removeResidencySet:")) return;
	if ([sets indexOfObjectIdenticalTo:set] == NSNotFound) fm_fault("removeResidencySet: of what the queue has not");
	[sets removeObjectIdenticalTo:set];
}
- (void)dealloc {
	[waiting release];
	[sets release];
	[owner release];
	[super dealloc];
}
@end
