#version 460
// source: gemm_half
// variant: gemm_direct_f16_f16 WEIGHT=1
// variant: gemm_direct_bf16_f16 WEIGHT=2
// variant: gemm_direct_block_f16 WEIGHT=3
// metal: none, SPIRV-Cross has no cooperative matrices
// What gemm_half.comp does, where it is known which elements of a matrix a lane
// has: weights go from memory to matrices through registers alone. So does src where
// it was packed in the order of the lanes; else it goes through shared memory, where a tile
// lies in that order.
//
// What is multiplied next is in flight meanwhile. Without shared memory subgroups do not
// wait for one another, and DEEP of them may divide the inputs of the same sums, which are
// added up where they are stored. The grid is tiles, rows first, then parts (z).

#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_EXT_control_flow_attributes : require
#pragma use_vulkan_memory_model

#include "gemm_half.glsl"

layout(constant_id = 8) const uint SHARE = 1;
layout(constant_id = 13) const bool LINES_FIRST = false;
layout(constant_id = 17) const bool SPREAD_A = false;  // pair_of's spread for src
layout(constant_id = 18) const bool SPREAD_B = false;  // and for weights
layout(constant_id = 19) const bool ORDERED_A = false; // src is in the order of the lanes
#if WEIGHT == F16
layout(constant_id = 20) const bool ORDERED_B = false; // weights are, from gemm_order.comp
#else
const bool ORDERED_B = false;
#endif

#define WEIGHT_BINDING 3
#include "gemm_lines.glsl"

const uint TILE = BM * BK / 8; // words
const bool EVEN = TILE / LINES % gl_WorkGroupSize.x == 0; // all invocations have as much of a tile

uvec4 ahead_a[ROWS]; // of src in the order of the lanes, in flight: the next factors
uint src_at;         // the lane's word of the subgroup's first

// Starts to load a step's tile of src.
void fetch_rows(uint r0, uint step) {
	[[unroll]] for (uint n = 0; n < WORDS_A; n++) {
		uint i = n / LINES * gl_WorkGroupSize.x + gl_LocalInvocationIndex, w = i / LANES;
		if (!EVEN && i >= TILE / LINES) break;
		uvec2 at = place_of(i % LANES);
		uint r = r0 + w / WINDOWS * TM + n % LINES * GROUP + at.x;
		next_a[n] = src[p.src_off + r * p.src_pitch + (step * WINDOWS + w % WINDOWS) * SHARE + at.y];
	}
}

// Stores what fetch_rows loaded in the tile at word a.
void put_rows(uint a) {
	[[unroll]] for (uint n = 0; n < WORDS_A; n += LINES) {
		uint i = n / LINES * gl_WorkGroupSize.x + gl_LocalInvocationIndex, w = i / LANES;
		if (!EVEN && i >= TILE / LINES) break;
		uint to = a + (w % WINDOWS * (BM / TM) + w / WINDOWS) * LINES * LANES + i % LANES;
		[[unroll]] for (uint h = 0; h < LINES; h++) next_a[n + h] = in_order(next_a[n + h]);
		[[unroll]] for (uint q = 0; q < LINES; q++) {
			uvec4 v;
			[[unroll]] for (uint i = 0; i < 4; i++) {
				uvec2 from = pair_of(i, SPREAD_A);
				v[i] = pair(next_a[n + from.x], next_a[n + from.x + BESIDE], q, from.y);
			}
			tile[to + q * LANES] = v;
		}
	}
}

// Starts to load the word of src for the at-th matrices along the inputs, the n-th along the rows.
void fetch_ordered(uint n, uint at) { ahead_a[n] = src[src_at + n * TM * p.src_pitch + at * LANES]; }

// Adds the products of a step's window d. What of src is in shared memory is at word a; else
// the window is window and the one behind it next; then is the next step.
void multiply(uint a, uint d, uint window, uint next, uint then) {
	uvec4 words[COLS * LINES];
	if (!ORDERED_B) {
		[[unroll]] for (uint i = 0; i < COLS * LINES; i++) {
			words[i] = weight_word(d, i);
			if (ORDERED_A) words[i] = in_order(words[i]);
		}
		if (ORDERED_A) end_window(d, then);
	}
	[[unroll]] for (uint q = 0; q < LINES; q++) {
		uint follows = (q + 1 < LINES ? window : next) * LINES + (q + 1) % LINES;
		coopmat<float16_t, gl_ScopeSubgroup, TK, TN, gl_MatrixUseB> mb[COLS];
		[[unroll]] for (uint j = 0; j < COLS; j++) {
			uvec4 word = ordered_word(j);
			if (ORDERED_B) fetch_matrix(j, follows);
			[[unroll]] for (uint i = 0; i < 4; i++) {
				uvec2 from = pair_of(i, SPREAD_B);
				uint at = j * LINES + from.x;
				f16vec2 v = unpackFloat2x16(ORDERED_B ? word[i] : pair(words[at], words[at + BESIDE], q, from.y));
				mb[j][2 * i] = v.x;
				mb[j][2 * i + 1] = v.y;
			}
		}
		[[unroll]] for (uint n = 0; n < ROWS; n++) {
			coopmat<float16_t, gl_ScopeSubgroup, TM, TK, gl_MatrixUseA> ma;
			uvec4 word = ORDERED_A ? ahead_a[n] : tile[a + (n * LINES + q) * LANES + lane];
			if (ORDERED_A) fetch_ordered(n, follows);
			[[unroll]] for (uint i = 0; i < 4; i++) {
				f16vec2 v = unpackFloat2x16(word[i]);
				ma[2 * i] = v.x;
				ma[2 * i + 1] = v.y;
			}
			[[unroll]] for (uint j = 0; j < COLS; j++) {
				acc[j * ROWS + n] = coopMatMulAdd(ma, mb[j], acc[j * ROWS + n]);
			}
		}
	}
}

// Multiplies the steps from first on, every DEEP-th, with src as it lies in memory.
void multiply_ordered(uint first, uint end) {
	[[unroll]] for (uint n = 0; n < ROWS; n++) fetch_ordered(n, first * WINDOWS * LINES);
	for (uint step = first; step < end; step += DEEP) {
		uint next = min(step + DEEP, end - 1);
		begin_step(next);
		[[unroll]] for (uint d = 0; d < WINDOWS; d++) {
			uint window = step * WINDOWS + d;
			multiply(0, d, window, d + 1 < WINDOWS ? window + 1 : next * WINDOWS, next);
		}
		end_step();
	}
}

// The same with src through shared memory, from row r0 on.
void multiply_shared(uint r0, uint down, uint first, uint end) {
	fetch_rows(r0, first);
	put_rows(0);
	fetch_rows(r0, min(first + 1, end - 1));
	barrier();
	uint now = 0;
	for (uint step = first; step < end; step++) {
		put_rows(TILE - now);
		fetch_rows(r0, min(step + 2, end - 1));
		uint next = min(step + 1, end - 1);
		begin_step(next);
		[[unroll]] for (uint d = 0; d < WINDOWS; d++) {
			multiply(now + (d * (BM / TM) + down * ROWS) * LINES * LANES, d, 0, 0, next);
			end_window(d, next);
		}
		end_step();
		now = TILE - now;
		barrier();
	}
}

void main() {
	uint rows = live_rows();
	load_codebook();
	lane = gl_SubgroupInvocationID;
	place = place_of(lane);
	uint down = gl_SubgroupID % DOWN, across = gl_SubgroupID % TEAM / DOWN, deep = gl_SubgroupID / TEAM;
	uint first = gl_WorkGroupID.z * p.span, end = min(first + p.span, p.steps);
	uint down_tiles = (rows + BM - 1) / BM, tiles = down_tiles * ((p.outs + BN - 1) / BN);
	for (uint t = gl_WorkGroupID.x; t < tiles; t += gl_NumWorkGroups.x) {
		uint r0 = t % down_tiles * BM + down * ROWS * TM, c0 = t / down_tiles * BN + across * COLS * TN;
		clear_sums();
		find_lines(c0);
		matrix_at = c0 * p.pitch + lane;
		fetch_weights(min(first + deep, end - 1));
		if (ORDERED_A) {
			src_at = p.src_off + r0 * p.src_pitch + lane;
			multiply_ordered(first + deep, end);
		} else {
			multiply_shared(t % down_tiles * BM, down, first, end);
		}
		store(r0, c0, rows);
		if (!ORDERED_A) barrier();
	}
}
