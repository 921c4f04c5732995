#version 460
// variant: gemm_f32_f16 WEIGHT=0
// variant: gemm_f16_f16 WEIGHT=1
// variant: gemm_bf16_f16 WEIGHT=2
// variant: gemm_block_f16 WEIGHT=3 PACKED=1
// metal: metal/gemm_half.metal, SPIRV-Cross has no cooperative matrices
// metal: none with PACKED, gemm_block_f32 does it
// dst = src · weightᵀ + bias + residual for many rows, on cooperative matrices:
// float16 products, float32 sums. A workgroup makes a tile of BM rows × BN
// channels, BK inputs at a time: both operands go through shared memory, the
// weights turned into float16 on the way, and the loads of the next step are
// issued before this step's products. src is packed (pack_f16.comp): rows and
// inputs are padded with zeros to whole tiles.
//
// With several parts (grid z) each sums some of the inputs into a matrix of its
// own at dst, without bias and residual; another kernel adds them up.

#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_EXT_control_flow_attributes : require
#pragma use_vulkan_memory_model

#include "gemm_half.glsl"

layout(set = 0, binding = 3) restrict readonly buffer Weight { uvec4 weight[]; };
#include "chunk.glsl"

layout(constant_id = 8) const uint BUFFERS = 1;  // of shared memory: 1 or 2
layout(constant_id = 13) const uint WORDS_B = 4; // of a tile of weights, to an invocation

// A tile has rows of BK elements and a word between them, so that the rows of a
// matrix lie in different banks.
const uint ROW_WORDS = BK / 8; // 16-byte words of float16 in a tile's row
const uint PITCH = ROW_WORDS + 1;
const uint HALF = (BM + BN) * PITCH;

#if WEIGHT == BLOCKS
const uint RUNS_B = (WORDS_B + 1) / 2; // RUN is two words of float16
Chunk next_b[RUNS_B];
#else
#define PER_WORD (8 / CHUNK_SIZE) // weight words that make one of float16
uvec4 next_b[WORDS_B * PER_WORD];
#endif

// Starts to load a step's tile of src.
void fetch_rows(uint r0, uint step) {
	uint i = gl_LocalInvocationIndex;
	[[unroll]] for (uint n = 0; n < WORDS_A; n++, i += gl_WorkGroupSize.x) {
		next_a[n] = src[p.src_off + (r0 + i / ROW_WORDS) * p.src_pitch + step * ROW_WORDS + i % ROW_WORDS];
	}
}

// Stores what fetch_rows loaded in the tile at word a.
void put_rows(uint a) {
	uint i = gl_LocalInvocationIndex;
	[[unroll]] for (uint n = 0; n < WORDS_A; n++, i += gl_WorkGroupSize.x) {
		tile[a + (i / ROW_WORDS) * PITCH + i % ROW_WORDS] = next_a[n];
	}
}

// Weights are small: none is cut to the range of float16.
uvec2 pack4(vec4 v) { return uvec2(packHalf2x16(v.xy), packHalf2x16(v.zw)); }

#if WEIGHT == BLOCKS

// The first input of run i of a step's weights. A row's superblocks hold whole
// steps.
uint input_of(uint i, uint step) { return step * BK + i % (ROW_WORDS / 2) * RUN; }

// Starts to load a step's tile of weights. Channels beyond the last repeat it:
// they are not stored.
void fetch_weights(uint c0, uint step) {
	uint i = gl_LocalInvocationIndex;
	[[unroll]] for (uint n = 0; n < RUNS_B; n++, i += gl_WorkGroupSize.x) {
		next_b[n] = load_chunk(min(c0 + i / (ROW_WORDS / 2), p.outs - 1), chunk_at(input_of(i, step)));
	}
}

// Stores what fetch_weights loaded in the tile at word b, as float16.
void put_weights(uint b, uint step) {
	uint i = gl_LocalInvocationIndex;
	[[unroll]] for (uint n = 0; n < RUNS_B; n++, i += gl_WorkGroupSize.x) {
		if (WORDS_B % 2 != 0 && i >= BN * ROW_WORDS / 2) break;
		uint c = input_of(i, step), run = run_at(c), to = b + (i / (ROW_WORDS / 2)) * PITCH + i % (ROW_WORDS / 2) * 2;
		Chunk v = next_b[n];
		Scales s = scales_of(v, chunk_at(c));
		tile[to] = uvec4(pack4(weight4(v, s, run, 0)), pack4(weight4(v, s, run, 1)));
		tile[to + 1] = uvec4(pack4(weight4(v, s, run, 2)), pack4(weight4(v, s, run, 3)));
	}
}

#else

// The n-th word of float16 that fetch_weights loaded.
uvec4 weight_word(uint n) {
#if WEIGHT == F32
	return uvec4(pack4(weight4(next_b[2 * n], 0, 0, 0)), pack4(weight4(next_b[2 * n + 1], 0, 0, 0)));
#elif WEIGHT == F16
	return next_b[n];
#else
	return uvec4(pack4(weight4(next_b[n], 0, 0, 0)), pack4(weight4(next_b[n], 0, 0, 1)));
#endif
}

void fetch_weights(uint c0, uint step) {
	uint i = gl_LocalInvocationIndex;
	[[unroll]] for (uint n = 0; n < WORDS_B; n++, i += gl_WorkGroupSize.x) {
		uint c = min(c0 + i / ROW_WORDS, p.outs - 1), w = (step * ROW_WORDS + i % ROW_WORDS) * PER_WORD;
		[[unroll]] for (uint m = 0; m < PER_WORD; m++) {
			next_b[n * PER_WORD + m] = WHOLE || w + m < p.pitch ? weight[c * p.pitch + w + m] : uvec4(0);
		}
	}
}

void put_weights(uint b, uint step) {
	uint i = gl_LocalInvocationIndex;
	[[unroll]] for (uint n = 0; n < WORDS_B; n++, i += gl_WorkGroupSize.x) {
		tile[b + (i / ROW_WORDS) * PITCH + i % ROW_WORDS] = weight_word(n);
	}
}
#endif

// Starts to load a step's tiles.
void fetch(uint r0, uint c0, uint step) {
	fetch_rows(r0, step);
	fetch_weights(c0, step);
}

// Stores what fetch loaded for a step, all of it as float16.
void put(uint buffer_, uint step) {
	uint a = buffer_ * HALF, b = a + BM * PITCH;
	put_rows(a);
	put_weights(b, step);
}

// Adds the products of a step's tiles for this subgroup, of which down are before
// it along the rows and across along the channels.
void multiply(uint buffer_, uint down, uint across) {
	uint a = buffer_ * HALF + down * ROWS * TM * PITCH;
	uint b = buffer_ * HALF + (BM + across * COLS * TN) * PITCH;
	[[unroll]] for (uint k = 0; k < ROW_WORDS; k += TK / 8) {
		coopmat<float16_t, gl_ScopeSubgroup, TM, TK, gl_MatrixUseA> ma[ROWS];
		[[unroll]] for (uint i = 0; i < ROWS; i++) {
			coopMatLoad(ma[i], tile, a + i * TM * PITCH + k, PITCH, gl_CooperativeMatrixLayoutRowMajor);
		}
		[[unroll]] for (uint j = 0; j < COLS; j++) {
			coopmat<float16_t, gl_ScopeSubgroup, TK, TN, gl_MatrixUseB> mb;
			coopMatLoad(mb, tile, b + j * TN * PITCH + k, PITCH, gl_CooperativeMatrixLayoutColumnMajor);
			[[unroll]] for (uint i = 0; i < ROWS; i++) {
				acc[j * ROWS + i] = coopMatMulAdd(ma[i], mb, acc[j * ROWS + i]);
			}
		}
	}
}

void main() {
	uint rows = live_rows();
	load_codebook(p.outs, gl_LocalInvocationIndex);
	uint down = gl_SubgroupID % DOWN, across = gl_SubgroupID / DOWN;
	uint first = gl_WorkGroupID.z * p.span, last = min(first + p.span, p.steps);
	for (uint c0 = gl_WorkGroupID.y * BN; c0 < p.outs; c0 += gl_NumWorkGroups.y * BN) {
		for (uint r0 = gl_WorkGroupID.x * BM; r0 < rows; r0 += gl_NumWorkGroups.x * BM) {
			clear_sums();
			fetch(r0, c0, first);
			put(0, first);
			barrier();
			for (uint step = first; step < last; step++) {
				bool more = step + 1 < last;
				uint now = BUFFERS == 1 ? 0 : (step - first) % 2, then = BUFFERS == 1 ? 0 : 1 - now;
				if (more) fetch(r0, c0, step + 1);
				multiply(now, down, across);
				if (BUFFERS == 1) barrier();
				if (more) put(then, step + 1);
				barrier();
			}
			store(r0 + down * ROWS * TM, c0 + across * COLS * TN, rows);
			barrier();
		}
	}
}
