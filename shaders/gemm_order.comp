#version 460
// variant: gemm_order_f16_f16 WEIGHT=1
// variant: gemm_order_bf16_f16 WEIGHT=2
// variant: gemm_order_block_f16 WEIGHT=3
// metal: none, what reads it is not there either
// Weights as float16 in the order of the lanes (lane_order.glsl), matrix after matrix
// of TN channels with all inputs: what gemm_direct.comp reads where there are so many rows that weights had
// better be turned into float16 once. LANES invocations take a matrix's step at a
// time. The grid is steps × matrices.

#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_EXT_control_flow_attributes : require

#include "weight.glsl"

layout(local_size_x = 32, local_size_x_id = 0) in;
layout(constant_id = 2) const uint TN = 8;
layout(constant_id = 3) const uint TK = 8;
layout(constant_id = 7) const uint BK = 32;        // inputs at a time
layout(constant_id = 8) const uint SHARE = 1;
layout(constant_id = 13) const bool LINES_FIRST = false;
layout(constant_id = 14) const bool WHOLE = false;    // inputs are a multiple of BK
layout(constant_id = 18) const bool SPREAD_B = false; // pair_of's
const uint COLS = 1;
const bool ORDERED_A = false, ORDERED_B = false;
const uint DEEP = 1;

layout(push_constant) uniform Params {
	uint outs;
	uint steps;    // of BK inputs
	uint matrices; // of dst
	uint pitch;    // 16-byte words of a weight row
	uint dst_off;
} p;

layout(set = 0, binding = 1) restrict writeonly buffer Dst { uvec4 dst[]; };

#define WEIGHT_BINDING 2
#include "gemm_lines.glsl"

void main() {
	load_codebook();
	lane = gl_LocalInvocationIndex % LANES;
	place = place_of(lane);
	uint beside = gl_WorkGroupSize.x / LANES, own = gl_LocalInvocationIndex / LANES;
	for (uint m = gl_WorkGroupID.y * beside + own; m < p.matrices; m += gl_NumWorkGroups.y * beside) {
		find_lines(m * TN);
		for (uint step = gl_WorkGroupID.x; step < p.steps; step += gl_NumWorkGroups.x) {
			fetch_weights(step);
			[[unroll]] for (uint d = 0; d < WINDOWS; d++) {
				uvec4 words[LINES];
				[[unroll]] for (uint h = 0; h < LINES; h++) words[h] = in_order(weight_word(d, h));
				uint to = ((m * p.steps + step) * WINDOWS + d) * LINES * LANES + lane;
				[[unroll]] for (uint q = 0; q < LINES; q++) {
					uvec4 v;
					[[unroll]] for (uint i = 0; i < 4; i++) {
						uvec2 from = pair_of(i, SPREAD_B);
						v[i] = pair(words[from.x], words[from.x + BESIDE], q, from.y);
					}
					dst[p.dst_off + to + q * LANES] = v;
				}
			}
		}
	}
}
