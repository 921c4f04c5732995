#version 460
// variant: copy_u32
// Rows of 32-bit words. The grid is columns × rows.

layout(local_size_x = 64, local_size_x_id = 0) in;

layout(push_constant) uniform Params {
	uint rows, cols;
	uint dst_off, dst_stride;
	uint src_off, src_stride;
	uint live_off;
} p;

layout(set = 0, binding = 1) writeonly buffer Dst { uint dst[]; };
layout(set = 0, binding = 2) readonly buffer Src { uint src[]; };
#define LIVE_BINDING 3
#include "live.glsl"

void main() {
	uint rows = live_rows();
	for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y) {
		for (uint c = gl_GlobalInvocationID.x; c < p.cols; c += gl_NumWorkGroups.x * gl_WorkGroupSize.x) {
			dst[p.dst_off + r * p.dst_stride + c] = src[p.src_off + r * p.src_stride + c];
		}
	}
}
