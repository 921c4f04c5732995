#version 460
// variant: head_pick_u32
// The channel of each row's largest logit, or −1 where there is none, from what head.comp found of ranges
// of channels: pairs of key and channel. One workgroup to a row.

layout(local_size_x = 64, local_size_x_id = 0) in;

layout(push_constant) uniform Params {
	uint rows, pairs;
	uint dst_off, dst_stride;
	uint src_off, src_stride;
	uint live_off;
} p;

layout(set = 0, binding = 1) restrict writeonly buffer Dst { int dst[]; };
layout(set = 0, binding = 2) restrict readonly buffer Src { uint src[]; };
#define LIVE_BINDING 3
#include "live.glsl"
#include "largest.glsl"

void main() {
	uint rows = live_rows();
	for (uint r = gl_WorkGroupID.x; r < rows; r += gl_NumWorkGroups.x) {
		uint key = 0, at = 0;
		for (uint i = gl_LocalInvocationIndex; i < p.pairs; i += gl_WorkGroupSize.x) {
			uint k = src[p.src_off + r * p.src_stride + 2 * i], a = src[p.src_off + r * p.src_stride + 2 * i + 1];
			if (k > key || k == key && a < at) {
				key = k;
				at = a;
			}
		}
		uint greatest;
		at = largest(key, at, greatest);
		if (gl_LocalInvocationIndex == 0) dst[p.dst_off + r * p.dst_stride] = token_of(at, greatest);
	}
}
