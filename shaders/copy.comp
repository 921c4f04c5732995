#version 460
#extension GL_EXT_control_flow_attributes : require
// variant: copy_u32
// Rows of 32-bit words; WIDE where all rows begin at 16-byte words and are whole
// ones. The grid is columns × rows.

layout(local_size_x = 64, local_size_x_id = 0) in;
layout(constant_id = 1) const bool WIDE = false;

layout(push_constant) uniform Params {
	uint rows, cols;
	uint dst_off, dst_stride;
	uint src_off, src_stride;
	uint live_off;
} p;

layout(set = 0, binding = 1) writeonly buffer Dst { uvec4 dst[]; };
layout(set = 0, binding = 2) readonly buffer Src { uvec4 src[]; };
#define LIVE_BINDING 3
#include "live.glsl"

const uint AT_ONCE = 4; // words of 16 bytes in flight

// Copies a row by words of 16 bytes. This invocation has every all-th from first
// on.
void copy_words(uint to, uint from, uint first, uint all) {
	uint words = p.cols / 4;
	for (uint w = first; w < words; w += AT_ONCE * all) {
		uvec4 x[AT_ONCE];
		[[unroll]] for (uint u = 0; u < AT_ONCE; u++) x[u] = src[from / 4 + min(w + u * all, words - 1)];
		[[unroll]] for (uint u = 0; u < AT_ONCE; u++) {
			if (w + u * all < words) dst[to / 4 + w + u * all] = x[u];
		}
	}
}

// Copies a row by elements.
void copy_elements(uint to, uint from, uint first, uint all) {
	for (uint c = first; c < p.cols; c += all) dst[(to + c) / 4][(to + c) % 4] = src[(from + c) / 4][(from + c) % 4];
}

void main() {
	uint rows = live_rows(), first = gl_GlobalInvocationID.x, all = gl_NumWorkGroups.x * gl_WorkGroupSize.x;
	for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y) {
		uint to = p.dst_off + r * p.dst_stride, from = p.src_off + r * p.src_stride;
		if (WIDE) copy_words(to, from, first, all);
		else copy_elements(to, from, first, all);
	}
}
