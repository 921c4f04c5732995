//go:build cgo && (darwin || metalfake)

// Metal by hand: manual retain and release, no blocks, so that the same file is
// compiled by Apple's clang and, for tests, with GNUstep.
#import <Foundation/Foundation.h>
#import <Metal/Metal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

#if __has_feature(objc_arc)
#error this file retains and releases by itself: compile it without -fobjc-arc
#endif

// Residency sets came with macOS 15, and with its headers.
#if __MAC_OS_X_VERSION_MAX_ALLOWED >= 150000
#define RESIDENCY 1
#pragma clang diagnostic ignored "-Wunguarded-availability-new" // respondsToSelector: asks
#endif
#pragma clang diagnostic ignored "-Wdeprecated-declarations" // fastMathEnabled, which macOS 13 has alone

struct metal_device {
	id<MTLDevice> device;
	id<MTLCommandQueue> queue;
	id residency; // a residency set, or nil
	BOOL changed; // residency is to be committed
};

static void describe(metal_error *err, const char *call, NSError *e) {
	const char *text = e ? [[e localizedDescription] UTF8String] : NULL;
	snprintf(err->text, sizeof err->text, "%s%s%s", call, text ? ": " : "", text ? text : "");
	err->code = e ? [e code] : 0;
}

static void query(id<MTLDevice> device, metal_info *info) {
	memset(info, 0, sizeof *info);
	snprintf(info->name, sizeof info->name, "%s", [[device name] UTF8String]);
	info->apple = [device supportsFamily:MTLGPUFamilyApple7] && [device hasUnifiedMemory];
	info->metal3 = [device supportsFamily:MTLGPUFamilyMetal3];
	info->max_buffer = [device maxBufferLength];
	info->shared = [device maxThreadgroupMemoryLength];
	info->working_set = [device recommendedMaxWorkingSetSize];
	info->in_use = [device currentAllocatedSize];
}

int metal_list(metal_info *list, int most) {
	@autoreleasepool {
		NSArray *devices = MTLCopyAllDevices();
		int n = (int)[devices count];
		for (int i = 0; i < n && i < most; i++) query([devices objectAtIndex:i], &list[i]);
		[devices release];
		return n;
	}
}

static void make_resident(metal_device *d) {
#ifdef RESIDENCY
	if (![(id)d->device respondsToSelector:@selector(newResidencySetWithDescriptor:error:)]) return;
	MTLResidencySetDescriptor *desc = [[MTLResidencySetDescriptor alloc] init];
	id<MTLResidencySet> set = [d->device newResidencySetWithDescriptor:desc error:NULL];
	[desc release];
	if (!set) return; // it is for speed alone
	[d->queue addResidencySet:set];
	[set requestResidency];
	d->residency = set;
#endif
}

// hold and let_go tell the residency set of a buffer.
static void hold(metal_device *d, id<MTLBuffer> buffer) {
#ifdef RESIDENCY
	if (!d->residency) return;
	[(id<MTLResidencySet>)d->residency addAllocation:buffer];
	d->changed = YES;
#endif
}

static void let_go(metal_device *d, id<MTLBuffer> buffer) {
#ifdef RESIDENCY
	if (!d->residency) return;
	[(id<MTLResidencySet>)d->residency removeAllocation:buffer];
	[(id<MTLResidencySet>)d->residency commit]; // it holds the memory until then
	d->changed = NO;
#endif
}

static void settle(metal_device *d) {
#ifdef RESIDENCY
	if (d->changed) [(id<MTLResidencySet>)d->residency commit];
	d->changed = NO;
#endif
}

metal_device *metal_attach(void *device, void *queue, metal_error *err) {
	@autoreleasepool {
		metal_device *d = calloc(1, sizeof *d);
		if (!d) {
			describe(err, "calloc", nil);
			return NULL;
		}
		d->device = [(id<MTLDevice>)device retain];
		d->queue = queue ? [(id<MTLCommandQueue>)queue retain] : [d->device newCommandQueue];
		if (!d->queue) {
			describe(err, "newCommandQueue", nil);
			metal_close(d);
			return NULL;
		}
		make_resident(d);
		return d;
	}
}

metal_device *metal_open(int n, metal_error *err) {
	@autoreleasepool {
		NSArray *devices = MTLCopyAllDevices();
		metal_device *d = NULL;
		if (n >= 0 && n < (int)[devices count])
			d = metal_attach([devices objectAtIndex:n], NULL, err);
		else
			describe(err, "MTLCopyAllDevices: the device is gone", nil);
		[devices release];
		return d;
	}
}

void metal_query(metal_device *d, metal_info *info) {
	@autoreleasepool {
		query(d->device, info);
	}
}

void metal_close(metal_device *d) {
	@autoreleasepool {
#ifdef RESIDENCY
		if (d->residency) {
			[(id<MTLResidencySet>)d->residency endResidency];
			[d->queue removeResidencySet:(id<MTLResidencySet>)d->residency];
			[d->residency release];
		}
#endif
		[d->queue release];
		[d->device release];
		free(d);
	}
}

static MTLDataType type_of(const metal_constant *c) {
	switch (c->type) {
	case 'i': return MTLDataTypeInt;
	case 'f': return MTLDataTypeFloat;
	case 'b': return MTLDataTypeBool;
	}
	return MTLDataTypeUInt;
}

void *metal_pipeline(metal_device *d, const char *source, const char *name, const metal_constant *constants, int n,
	uint32_t threads, metal_error *err) {
	@autoreleasepool {
		NSError *e = nil;
		MTLCompileOptions *options = [[MTLCompileOptions alloc] init];
		options.languageVersion = MTLLanguageVersion3_0;
		options.fastMathEnabled = NO;
#ifdef RESIDENCY
		if ([options respondsToSelector:@selector(setMathMode:)]) options.mathMode = MTLMathModeSafe;
#endif
		NSString *text = [NSString stringWithUTF8String:source];
		id<MTLLibrary> library = [d->device newLibraryWithSource:text options:options error:&e];
		[options release];
		if (!library) {
			describe(err, "newLibraryWithSource", e);
			return NULL;
		}
		MTLFunctionConstantValues *values = [[MTLFunctionConstantValues alloc] init];
		for (int i = 0; i < n; i++)
			[values setConstantValue:&constants[i].value type:type_of(&constants[i]) atIndex:constants[i].id];
		id<MTLFunction> function = [library newFunctionWithName:[NSString stringWithUTF8String:name]
		                                         constantValues:values
		                                                  error:&e];
		[values release];
		[library release];
		if (!function) {
			describe(err, "newFunctionWithName", e);
			return NULL;
		}
		id<MTLComputePipelineState> pipeline = [d->device newComputePipelineStateWithFunction:function error:&e];
		[function release];
		if (!pipeline) {
			describe(err, "newComputePipelineStateWithFunction", e);
			return NULL;
		}
		unsigned long most = [pipeline maxTotalThreadsPerThreadgroup];
		unsigned long shared = [pipeline staticThreadgroupMemoryLength], room = [d->device maxThreadgroupMemoryLength];
		if (most < threads || shared > room) {
			err->code = 0;
			snprintf(err->text, sizeof err->text,
				"takes %lu threads and %lu bytes of threadgroup memory to a group, %u and at most %lu are wanted",
				most, shared, threads, room);
			[pipeline release];
			return NULL;
		}
		return pipeline;
	}
}

void *metal_buffer(metal_device *d, uint64_t size, void **contents, metal_error *err) {
	@autoreleasepool {
		id<MTLBuffer> b = [d->device newBufferWithLength:size options:MTLResourceStorageModeShared];
		if (!b) {
			describe(err, "newBufferWithLength", nil);
			return NULL;
		}
		*contents = [b contents];
		hold(d, b);
		return b;
	}
}

void *metal_import(metal_device *d, void *memory, uint64_t size, metal_error *err) {
	@autoreleasepool {
		id<MTLBuffer> b = [d->device newBufferWithBytesNoCopy:memory
		                                               length:size
		                                              options:MTLResourceStorageModeShared
		                                          deallocator:nil];
		if (!b) {
			describe(err, "newBufferWithBytesNoCopy", nil);
			return NULL;
		}
		hold(d, b);
		return b;
	}
}

void metal_free(metal_device *d, void *buffer) {
	@autoreleasepool {
		let_go(d, (id<MTLBuffer>)buffer);
		[(id)buffer release];
	}
}

void metal_release(void *object) {
	@autoreleasepool {
		[(id)object release];
	}
}

enum { BINDINGS = 30 };

void *metal_submit(metal_device *d, const metal_dispatch *list, int n, const metal_binding *bindings,
	const uint8_t *params, metal_error *err) {
	@autoreleasepool {
		settle(d);
		// The plan keeps what it names for as long as it runs.
		id<MTLCommandBuffer> command = [d->queue commandBufferWithUnretainedReferences];
		id<MTLComputeCommandEncoder> encoder =
			[command computeCommandEncoderWithDispatchType:MTLDispatchTypeConcurrent];
		if (!command || !encoder) {
			describe(err, command ? "computeCommandEncoder" : "commandBuffer", nil);
			return NULL;
		}
		void *pipeline = NULL;
		metal_binding set[BINDINGS + 1] = {{NULL, 0}};
		for (int i = 0; i < n; i++) {
			const metal_dispatch *x = &list[i];
			if (x->barrier) [encoder memoryBarrierWithScope:MTLBarrierScopeBuffers];
			if (x->pipeline != pipeline) [encoder setComputePipelineState:(id<MTLComputePipelineState>)x->pipeline];
			pipeline = x->pipeline;
			if (x->params) [encoder setBytes:params + x->params_at length:x->params atIndex:0];
			for (uint32_t k = 0; k < x->bindings && k < BINDINGS; k++) {
				const metal_binding *b = &bindings[x->bindings_at + k];
				metal_binding *was = &set[k + 1];
				if (was->buffer != b->buffer)
					[encoder setBuffer:(id<MTLBuffer>)b->buffer offset:b->offset atIndex:k + 1];
				else if (was->offset != b->offset)
					[encoder setBufferOffset:b->offset atIndex:k + 1];
				*was = *b;
			}
			[encoder dispatchThreadgroups:MTLSizeMake(x->groups[0], x->groups[1], x->groups[2])
				threadsPerThreadgroup:MTLSizeMake(x->threads[0], x->threads[1], x->threads[2])];
		}
		[encoder endEncoding];
		[command commit];
		return [(id)command retain];
	}
}

int metal_done(void *command) {
	@autoreleasepool {
		return [(id<MTLCommandBuffer>)command status] >= MTLCommandBufferStatusCompleted;
	}
}

int metal_wait(void *command, double *seconds, metal_error *err) {
	@autoreleasepool {
		id<MTLCommandBuffer> c = (id<MTLCommandBuffer>)command;
		[c waitUntilCompleted];
		*seconds = [c GPUEndTime] - [c GPUStartTime];
		if ([c status] != MTLCommandBufferStatusError) return 0;
		describe(err, "command buffer", [c error]);
		return 1;
	}
}
