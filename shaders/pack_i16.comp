#version 460
#extension GL_KHR_shader_subgroup_shuffle : require
#extension GL_EXT_control_flow_attributes : require
// variant: pack_i16
// variant: rmsnorm_i16 NORM=1
// metal: none, Metal has no integer dot product that would read them
// Rows made ready for products of integers (ready.glsl): row r is src[from[r]] where there is from, else src[r]. With
// NORM they are multiplied by the norm's weight, and squares[r] is the sum of the squares of what they were; whoever
// multiplies them applies the scale that follows from it. The grid is rows.

layout(local_size_x = 128, local_size_x_id = 0) in;

layout(push_constant) uniform Params {
	uint rows, cols;
	uint dst_off, dst_stride;
	uint src_off, src_stride, src_rows;
	uint from_off, from_stride;
	uint weight_off;
	uint live_off;
	uint squares_off, squares_stride;
} p;

layout(set = 0, binding = 1) restrict writeonly buffer Dst { uvec2 ready[]; };
layout(set = 0, binding = 2) readonly buffer Src { float src[]; };
layout(set = 0, binding = 3) readonly buffer From { uint from[]; };
layout(set = 0, binding = 4) readonly buffer Weight { float weight[]; };
#define LIVE_BINDING 5
#include "live.glsl"
layout(set = 0, binding = 6) restrict writeonly buffer Squares { float squares_of[]; };

void store_ready(uint i, uvec2 v) { ready[i] = v; }
#include "ready_put.glsl"

#ifdef NORM
#include "reduce.glsl"
#include "rms.glsl"
#endif

const uint BATCH = 2; // eights in flight

void main() {
	uint rows = live_rows(), span = ready_span(p.cols), all = 8 * span; // eights of columns
	for (uint r = gl_WorkGroupID.x; r < rows; r += gl_NumWorkGroups.x) {
		uint s = p.from_off == ABSENT ? r : from[p.from_off + r * p.from_stride];
		float sum = 0.0;
		for (uint v0 = 0; v0 < all; v0 += BATCH * gl_WorkGroupSize.x) {
			vec4 x[2 * BATCH];
			[[unroll]] for (uint b = 0; b < 2 * BATCH; b++) {
				uint c = 8 * (v0 + b / 2 * gl_WorkGroupSize.x + gl_LocalInvocationIndex) + b % 2 * 4;
				x[b] = vec4(0.0);
				[[unroll]] for (uint i = 0; i < 4; i++) {
					if (s < p.src_rows && c + i < p.cols) x[b][i] = src[p.src_off + s * p.src_stride + c + i];
#ifdef NORM
					sum += rms_square(x[b][i]);
					if (c + i < p.cols) x[b][i] *= weight[p.weight_off + c + i];
#endif
				}
			}
			[[unroll]] for (uint b = 0; b < BATCH; b++) {
				uint v = v0 + b * gl_WorkGroupSize.x + gl_LocalInvocationIndex;
				put_ready(x[2 * b], x[2 * b + 1], v / 4, v % 4, p.dst_off + r * p.dst_stride, span, v < all);
			}
		}
#ifdef NORM
		sum = workgroup_sum(sum);
		if (gl_LocalInvocationIndex == 0) squares_of[p.squares_off + r * p.squares_stride] = sum;
#endif
	}
}
