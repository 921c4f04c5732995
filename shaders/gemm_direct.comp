#version 460
// source: gemm_half
// variant: gemm_direct_f16_f16 WEIGHT=1
// variant: gemm_direct_bf16_f16 WEIGHT=2
// variant: gemm_direct_block_f16 WEIGHT=3
// metal: none, SPIRV-Cross has no cooperative matrices
// What gemm_half.comp does, where it is known which elements of a matrix a lane
// has: weights go from memory to matrices through registers alone, and only src
// through shared memory.
//
// A lane has eight elements of a matrix of either operand. SHARE lanes share a
// line, which is a row of src or a channel; so a lane has EACH elements of each of
// LINES lines. In which order inputs are summed does not matter, so for these
// the lane may take any inputs, if those of src are the same as those of the
// weights. It takes eight that follow one another, a 16-byte word of each line:
// they serve LINES matrices. A window is the inputs of SHARE such words.
//
// A tile of src lies in shared memory matrix by matrix, a word to a lane. The words
// of the next step are in flight meanwhile, as are its weights.

#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_EXT_control_flow_attributes : require
#pragma use_vulkan_memory_model

#include "gemm_half.glsl"

layout(constant_id = 8) const uint SHARE = 1;
layout(constant_id = 13) const bool LINES_FIRST = false; // lanes that follow one another have lines that do
layout(constant_id = 17) const bool SPREAD_A = false;    // the elements that follow a pair are another line's: src
layout(constant_id = 18) const bool SPREAD_B = false;    // the same of weights

const uint EACH = TK / SHARE;
const uint LINES = 8 / EACH;
const uint LANES = TM / LINES * SHARE; // of a subgroup
const uint WINDOW = 8 * SHARE;
const uint WINDOWS = BK / WINDOW; // of a step
const uint TILE = BM * BK / 8;    // words
const bool EVEN = TILE / LINES % gl_WorkGroupSize.x == 0; // all invocations have as much of a tile

uint lane;
uvec2 place;               // of the lane: its first line in a matrix, and its word of a window
uint line_at[COLS * LINES]; // where the lane's channels begin, in words

// The place of lane i.
uvec2 place_of(uint i) {
	return LINES_FIRST ? uvec2(i % (LANES / SHARE), i / (LANES / SHARE)) : uvec2(i / SHARE, i % SHARE);
}

// Where pair i of a lane's elements of a matrix is from: the line, and the pair of
// its elements. Where a line has but one, the other is of the next line.
uvec2 pair_of(uint i, bool spread) {
	if (EACH == 1) return uvec2(2 * i, 0);
	return spread ? uvec2(i % LINES, i / LINES) : uvec2(i / (EACH / 2), i % (EACH / 2));
}

// Pair at of the q-th matrix's elements of a line's word, or those of two lines.
uint pair(uvec4 line, uvec4 next, uint q, uint at) {
	if (EACH > 1) return line[q * EACH / 2 + at];
	return line[q / 2] >> q % 2 * 16 & 0xffffu | next[q / 2] >> q % 2 * 16 << 16;
}
const uint BESIDE = EACH == 1 ? 1 : 0; // from a line to that next one

// Weights are small: none is cut to the range of float16.
uvec2 pack4(vec4 v) { return uvec2(packHalf2x16(v.xy), packHalf2x16(v.zw)); }

#if WEIGHT == BLOCKS
#include "gemm_direct_blocks.glsl"
#else
#include "gemm_direct_plain.glsl"
#endif

// Finds the lane's channels, those of the subgroup's matrices, which begin at c0.
// Channels beyond the last repeat it: they are not stored.
void find_lines(uint c0) {
	[[unroll]] for (uint i = 0; i < COLS * LINES; i++) {
		uint c = c0 + i / LINES * TN + i % LINES * (TN / LINES) + place.x;
		line_at[i] = min(c, p.outs - 1) * p.pitch;
	}
}

// Starts to load a step's tile of src.
void fetch_rows(uint r0, uint step) {
	[[unroll]] for (uint n = 0; n < WORDS_A; n++) {
		uint i = n / LINES * gl_WorkGroupSize.x + gl_LocalInvocationIndex, w = i / LANES;
		if (!EVEN && i >= TILE / LINES) break;
		uvec2 at = place_of(i % LANES);
		uint r = r0 + w / WINDOWS * TM + n % LINES * (TM / LINES) + at.x;
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

// Adds the products of window d, whose src is at word a.
void multiply(uint a, uint d) {
	uvec4 words[COLS * LINES];
	[[unroll]] for (uint i = 0; i < COLS * LINES; i++) words[i] = weight_word(d, i);
	[[unroll]] for (uint q = 0; q < LINES; q++) {
		coopmat<float16_t, gl_ScopeSubgroup, TK, TN, gl_MatrixUseB> mb[COLS];
		[[unroll]] for (uint j = 0; j < COLS; j++) {
			[[unroll]] for (uint i = 0; i < 4; i++) {
				uvec2 from = pair_of(i, SPREAD_B);
				uint at = j * LINES + from.x;
				f16vec2 v = unpackFloat2x16(pair(words[at], words[at + BESIDE], q, from.y));
				mb[j][2 * i] = v.x;
				mb[j][2 * i + 1] = v.y;
			}
		}
		[[unroll]] for (uint n = 0; n < ROWS; n++) {
			coopmat<float16_t, gl_ScopeSubgroup, TM, TK, gl_MatrixUseA> ma;
			uvec4 word = tile[a + (n * LINES + q) * LANES + lane];
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

void main() {
	uint rows = live_rows();
	load_codebook();
	lane = gl_SubgroupInvocationID;
	place = place_of(lane);
	uint down = gl_SubgroupID % DOWN, across = gl_SubgroupID / DOWN;
	uint first = gl_WorkGroupID.z * p.span, end = min(first + p.span, p.steps);
	for (uint y = gl_WorkGroupID.y * BN; y < p.outs; y += gl_NumWorkGroups.y * BN) {
		uint c0 = y + across * COLS * TN;
		find_lines(c0);
		for (uint r0 = gl_WorkGroupID.x * BM; r0 < rows; r0 += gl_NumWorkGroups.x * BM) {
			clear_sums();
			fetch_rows(r0, first);
			fetch_weights(first);
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
					multiply(now + (d * (BM / TM) + down * ROWS) * LINES * LANES, d);
					end_window(d, next);
				}
				end_step();
				now = TILE - now;
				barrier();
			}
			store(r0 + down * ROWS * TM, c0, rows);
		}
	}
}
