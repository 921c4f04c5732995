#version 460
// variant: argmax_f32
// The column of each row's largest element, the lowest of equals, or −1 where
// there is none; one workgroup to a row.

layout(local_size_x = 256, local_size_x_id = 0) in;

layout(push_constant) uniform Params {
	uint rows, cols;
	uint dst_off, dst_stride;
	uint src_off, src_stride;
	uint live_off;
} p;

layout(set = 0, binding = 1) restrict writeonly buffer Dst { int dst[]; };
layout(set = 0, binding = 2) readonly buffer Src { uint src[]; };
#define LIVE_BINDING 3
#include "live.glsl"
#include "largest.glsl"

// In flight at once.
const uint AHEAD = 4;

void main() {
	uint rows = live_rows(), step = gl_WorkGroupSize.x;
	for (uint r = gl_WorkGroupID.x; r < rows; r += gl_NumWorkGroups.x) {
		uint s = p.src_off + r * p.src_stride;
		uint key = 0, at = 0;
		for (uint c0 = gl_LocalInvocationIndex; c0 < p.cols; c0 += AHEAD * step) {
			uint k[AHEAD];
			for (uint j = 0; j < AHEAD; j++) k[j] = c0 + j * step < p.cols ? number_key(src[s + c0 + j * step]) : 0;
			for (uint j = 0; j < AHEAD; j++) {
				if (k[j] > key) {
					key = k[j];
					at = c0 + j * step;
				}
			}
		}
		at = largest(key, at, key);
		if (gl_LocalInvocationIndex == 0) dst[p.dst_off + r * p.dst_stride] = token_of(at, key);
	}
}
