//go:build metalfake

// What host code can do wrong, one case each.
#import <Metal/Metal.h>
#include <stdlib.h>
#include <string.h>

#include "misuse.h"

#define TEXT(s) [NSString stringWithUTF8String:s]

// y[at] = x[at] + n.
static const char *source =
	"#include <metal_stdlib>\nusing namespace metal;\n"
	"kernel void add(constant uint& n [[buffer(0)]], const device uint* x [[buffer(1)]], device uint* y [[buffer(2)]],"
	" uint at [[thread_position_in_grid]]) { y[at] = x[at] + n; }";

static const char *wide =
	"#include <metal_stdlib>\nusing namespace metal;\nstruct W { uint4 w[1]; };\n"
	"kernel void wide(device W& y [[buffer(2)]], uint at [[thread_position_in_grid]]) { y.w[at] = uint4(at); }";

static id<MTLDevice> device;
static id<MTLCommandQueue> queue;
static id<MTLComputePipelineState> pipeline;
static id<MTLBuffer> x, y;
static id<MTLCommandBuffer> command;
static id<MTLComputeCommandEncoder> encoder;

static MTLCompileOptions *strict(void) {
	MTLCompileOptions *o = [[[MTLCompileOptions alloc] init] autorelease];
	o.mathMode = MTLMathModeSafe;
	return o;
}

static id<MTLComputePipelineState> make(const char *text, const char *name) {
	id<MTLLibrary> library = [device newLibraryWithSource:TEXT(text) options:strict() error:NULL];
	MTLFunctionConstantValues *none = [[MTLFunctionConstantValues alloc] init];
	id<MTLFunction> f = [library newFunctionWithName:TEXT(name) constantValues:none error:NULL];
	id<MTLComputePipelineState> p = [device newComputePipelineStateWithFunction:f error:NULL];
	[none release];
	[f release];
	[library release];
	return p;
}

static void begin(void) {
	NSArray *all = MTLCopyAllDevices();
	device = [[all objectAtIndex:0] retain];
	[all release];
	queue = [device newCommandQueue];
	pipeline = make(source, "add");
	x = [device newBufferWithLength:1024 options:MTLResourceStorageModeShared];
	y = [device newBufferWithLength:1024 options:MTLResourceStorageModeShared];
	memset([x contents], 0, 1024);
	command = [queue commandBuffer];
	encoder = [command computeCommandEncoderWithDispatchType:MTLDispatchTypeConcurrent];
}

static void set(id<MTLBuffer> from, id<MTLBuffer> to) {
	uint32_t n = 5;
	[encoder setComputePipelineState:pipeline];
	[encoder setBytes:&n length:sizeof n atIndex:0];
	[encoder setBuffer:from offset:0 atIndex:1];
	[encoder setBuffer:to offset:0 atIndex:2];
}

static void dispatch(int groups, int threads) {
	[encoder dispatchThreadgroups:MTLSizeMake(groups, 1, 1) threadsPerThreadgroup:MTLSizeMake(threads, 1, 1)];
}

static void finish(void) {
	[encoder endEncoding];
	[command commit];
	[command waitUntilCompleted];
}

static void end(void) {
	[y release];
	[x release];
	[pipeline release];
	[queue release];
	[device release];
}

#define CASE(name) static void name(void)

CASE(nothing_wrong) { set(x, y), dispatch(4, 64), finish(); }
CASE(barrier) {
	set(x, y), dispatch(4, 64);
	[encoder memoryBarrierWithScope:MTLBarrierScopeBuffers];
	set(y, x), dispatch(4, 64), finish();
}
CASE(no_barrier) { set(x, y), dispatch(4, 64), set(y, x), dispatch(4, 64), finish(); }
CASE(write_after_read) { set(x, y), dispatch(4, 64), set(x, x), dispatch(4, 64), finish(); }
CASE(two_halves) {
	set(x, y), dispatch(2, 64);
	[encoder setBufferOffset:512 atIndex:1], [encoder setBufferOffset:512 atIndex:2], dispatch(2, 64), finish();
}
CASE(a_word_in_common) {
	set(x, y), dispatch(2, 64);
	[encoder setBufferOffset:508 atIndex:2], dispatch(2, 64), finish();
}
CASE(serial) {
	[encoder endEncoding];
	encoder = [command computeCommandEncoderWithDispatchType:MTLDispatchTypeSerial];
	set(x, y), dispatch(4, 64), set(y, x), dispatch(4, 64), finish();
}
CASE(barrier_of_textures) {
	set(x, y), [encoder memoryBarrierWithScope:MTLBarrierScopeTextures];
	dispatch(4, 64), finish();
}
CASE(overrun) { set(x, y), dispatch(5, 64), finish(); }
CASE(high_index) { [encoder setBuffer:x offset:0 atIndex:31], finish(); }
CASE(far_offset) { [encoder setBuffer:x offset:1024 atIndex:1], finish(); }
CASE(odd_offset) { [encoder setBuffer:x offset:6 atIndex:1], finish(); }
CASE(offset_of_nothing) { [encoder setBufferOffset:4 atIndex:7], finish(); }
CASE(unaligned_words) {
	id<MTLComputePipelineState> p = make(wide, "wide");
	[encoder setComputePipelineState:p];
	[encoder setBuffer:x offset:8 atIndex:2];
	dispatch(1, 1), finish();
	[p release];
}
CASE(many_bytes) { [encoder setBytes:[x contents] length:4097 atIndex:0], finish(); }
CASE(no_bytes) { [encoder setBytes:[x contents] length:0 atIndex:0], finish(); }
CASE(nothing_bound) {
	[encoder setComputePipelineState:pipeline];
	[encoder setBuffer:x offset:0 atIndex:1];
	[encoder setBuffer:y offset:0 atIndex:2];
	dispatch(1, 1), finish();
}
CASE(few_bytes) { set(x, y), [encoder setBytes:"ab" length:2 atIndex:0], dispatch(1, 1), finish(); }
CASE(written_bytes) {
	char bytes[1024] = "";
	set(x, y), [encoder setBytes:bytes length:sizeof bytes atIndex:2], dispatch(1, 64), finish();
}
CASE(no_pipeline) { dispatch(1, 1), finish(); }
CASE(many_threads) { set(x, y), dispatch(1, 1025), finish(); }
CASE(no_threads) { set(x, y), dispatch(1, 0), finish(); }
CASE(no_groups) { set(x, y), dispatch(0, 64), finish(); }
CASE(late_dispatch) { set(x, y), [encoder endEncoding], dispatch(4, 64), [command commit]; }
CASE(open_encoder) { set(x, y), dispatch(4, 64), [command commit], [encoder endEncoding]; }
CASE(two_encoders) {
	id<MTLComputeCommandEncoder> second = [command computeCommandEncoderWithDispatchType:MTLDispatchTypeConcurrent];
	[second endEncoding], finish();
}
CASE(forgotten_encoder) { set(x, y); }
CASE(two_commits) { finish(), [command commit]; }
CASE(wait_for_nothing) { [encoder endEncoding], [command waitUntilCompleted]; }
CASE(released_twice) { finish(), [x release], [x release], x = nil; }
CASE(used_after_release) { [x release], [encoder setBuffer:x offset:0 atIndex:1], x = nil, finish(); }
CASE(asked_after_release) { finish(), [x release], [x length], x = nil; }
CASE(released_in_flight) {
	[encoder endEncoding];
	command = [queue commandBufferWithUnretainedReferences];
	encoder = [command computeCommandEncoderWithDispatchType:MTLDispatchTypeConcurrent];
	set(x, y), dispatch(4, 64), [x release], x = nil, finish();
}
CASE(retained_in_flight) { set(x, y), dispatch(4, 64), [x release], x = nil, finish(); }
CASE(left_over) { finish(), [[x retain] self]; }
CASE(fast_math) {
	MTLCompileOptions *o = [[[MTLCompileOptions alloc] init] autorelease];
	[[device newLibraryWithSource:TEXT(source) options:o error:NULL] release], finish();
}
CASE(half_fast_math) {
	MTLCompileOptions *o = strict();
	o.mathMode = MTLMathModeRelaxed;
	[[device newLibraryWithSource:TEXT(source) options:o error:NULL] release], finish();
}
CASE(no_options) { [[device newLibraryWithSource:TEXT(source) options:nil error:NULL] release], finish(); }
CASE(no_constants) {
	id<MTLLibrary> l = [device newLibraryWithSource:TEXT(source) options:strict() error:NULL];
	[l newFunctionWithName:TEXT("add")], [l release], finish();
}
CASE(empty_buffer) { [device newBufferWithLength:0 options:MTLResourceStorageModeShared], finish(); }
CASE(untracked) { [[device newBufferWithLength:16 options:MTLResourceHazardTrackingModeUntracked] release], finish(); }
CASE(managed) { [[device newBufferWithLength:16 options:MTLResourceStorageModeManaged] release], finish(); }
static void import(int off, int length) {
	char *m = aligned_alloc(16384, 65536);
	[[device newBufferWithBytesNoCopy:m + off
	                           length:length
	                          options:MTLResourceStorageModeShared
	                      deallocator:nil] release];
	free(m), finish();
}
CASE(pages) { import(16384, 32768); }
CASE(small_pages) { import(4096, 16384); }
CASE(part_of_a_page) { import(0, 20000); }
CASE(other_device) {
	NSArray *all = MTLCopyAllDevices();
	id<MTLBuffer> z = [[all objectAtIndex:0] newBufferWithLength:16 options:MTLResourceStorageModeShared];
	[all release];
	[encoder setBuffer:z offset:0 atIndex:1], finish(), [z release];
}
static id<MTLResidencySet> residency(void) {
	MTLResidencySetDescriptor *desc = [[[MTLResidencySetDescriptor alloc] init] autorelease];
	return [[device newResidencySetWithDescriptor:desc error:NULL] autorelease];
}
CASE(resident_twice) { id<MTLResidencySet> s = residency(); [s addAllocation:x], [s addAllocation:x], finish(); }
CASE(never_resident) { [residency() removeAllocation:x], finish(); }
CASE(request_before_commit) {
	id<MTLResidencySet> s = residency();
	[s addAllocation:x], [s requestResidency], finish();
}

static struct {
	const char *name, *want;
	void (*run)(void);
} cases[] = {
	{"nothing wrong", "", nothing_wrong},
	{"a barrier between", "", barrier},
	{"no barrier between", "reads byte 0 of buffer(1), which kernel add wrote with no memoryBarrier between",
		no_barrier},
	{"no barrier before a write", "which kernel add read with no memoryBarrier between", write_after_read},
	{"two halves of one buffer", "", two_halves},
	{"two parts with a word in common", "of buffer(2), which kernel add wrote with no memoryBarrier between",
		a_word_in_common},
	{"a serial encoder", "", serial},
	{"a barrier of textures", "memoryBarrierWithScope: 2 is not of buffers", barrier_of_textures},
	{"a grid beyond the buffer", "of buffer(1), which has 1024", overrun},
	{"a high index", "index 31, there are 31", high_index},
	{"a far offset", "offset 1024 of a buffer of 1024", far_offset},
	{"an odd offset", "offset 6, want a multiple of 4", odd_offset},
	{"an offset of nothing", "no buffer is set at 7", offset_of_nothing},
	{"words that are not aligned", "buffer(2) does not begin at a multiple of 16 bytes", unaligned_words},
	{"too many bytes", "4097 bytes, want 1 to 4096", many_bytes},
	{"no bytes", "0 bytes, want 1 to 4096", no_bytes},
	{"nothing bound", "nothing is set at buffer(0)", nothing_bound},
	{"too few bytes", "buffer(0) has 2 bytes, the argument's type 4", few_bytes},
	{"bytes that are written", "writes to buffer(2), which was set by value", written_bytes},
	{"no pipeline", "no pipeline is set", no_pipeline},
	{"too many threads", "1025 threads in a threadgroup of kernel add, want 1 to 1024", many_threads},
	{"no threads", "0 threads in a threadgroup", no_threads},
	{"no groups", "a grid of 0 × 1 × 1", no_groups},
	{"a dispatch after the end", "dispatchThreadgroups: after endEncoding", late_dispatch},
	{"a commit before the end", "commit before endEncoding", open_encoder},
	{"two encoders at once", "while another encoder is open", two_encoders},
	{"an encoder without an end", "an encoder was released before endEncoding", forgotten_encoder},
	{"two commits", "commit of what was committed", two_commits},
	{"a wait without a commit", "would wait for ever", wait_for_nothing},
	{"a release too many", "-release was sent to a MTLBuffer after its last release", released_twice},
	{"a use after release", "setBuffer:: the MTLBuffer was released", used_after_release},
	{"a question after release", "-length was sent to a MTLBuffer after its last release", asked_after_release},
	{"a release in flight", "add: the MTLBuffer was released", released_in_flight},
	{"a release in flight, retained", "", retained_in_flight},
	{"an object left over", "left over: 1 MTLBuffer", left_over},
	{"fast math", "fast math is on", fast_math},
	{"relaxed math", "fast math is on", half_fast_math},
	{"no compile options", "fast math is on", no_options},
	{"a function without its constants", "finds no function that has function constants", no_constants},
	{"an empty buffer", "0 bytes, want 1 to maxBufferLength", empty_buffer},
	{"an untracked buffer", "no untracked resources", untracked},
	{"a managed buffer", "managed storage is not of Apple silicon", managed},
	{"whole pages", "", pages},
	{"pages of another system", "want whole pages of 16384 bytes", small_pages},
	{"a part of a page", "want whole pages of 16384 bytes", part_of_a_page},
	{"another device's buffer", "of another device", other_device},
	{"resident twice", "addAllocation: of what the residency set has", resident_twice},
	{"never resident", "removeAllocation: of what the residency set has not", never_resident},
	{"residency before it is committed", "requestResidency before commit", request_before_commit},
};

int misuse_count(void) { return sizeof cases / sizeof *cases; }
const char *misuse_name(int n) { return cases[n].name; }
const char *misuse_want(int n) { return cases[n].want; }
void misuse_run(int n) {
	@autoreleasepool {
		begin();
		cases[n].run();
		end();
	}
}
