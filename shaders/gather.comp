#version 460
// variant: gather_u32
// Rows of 32-bit words by index: dst[to[i]] = src[from[i]]. An index that is
// in neither matrix is left alone. The grid is columns × indices.

layout(local_size_x = 64, local_size_x_id = 0) in;

layout(push_constant) uniform Params {
	uint rows, cols; // indices, columns
	uint dst_off, dst_stride, dst_rows;
	uint src_off, src_stride, src_rows;
	uint from_off, from_stride;
	uint to_off, to_stride;
	uint live_off;
} p;

// dst may be src.
layout(set = 0, binding = 1) writeonly buffer Dst { uint dst[]; };
layout(set = 0, binding = 2) readonly buffer Src { uint src[]; };
layout(set = 0, binding = 3) readonly buffer From { uint from[]; };
layout(set = 0, binding = 4) readonly buffer To { uint to[]; };
#define LIVE_BINDING 5
#include "live.glsl"

void main() {
	uint rows = live_rows();
	for (uint i = gl_WorkGroupID.y; i < rows; i += gl_NumWorkGroups.y) {
		uint s = from[p.from_off + i * p.from_stride];
		uint d = p.to_off == ABSENT ? i : to[p.to_off + i * p.to_stride];
		if (s >= p.src_rows || d >= p.dst_rows) continue;
		for (uint c = gl_GlobalInvocationID.x; c < p.cols; c += gl_NumWorkGroups.x * gl_WorkGroupSize.x) {
			dst[p.dst_off + d * p.dst_stride + c] = src[p.src_off + s * p.src_stride + c];
		}
	}
}
