// gemm_f16_f16, generated from gemm_half.metal by shaders/internal/gen; DO NOT EDIT.

// dst = src · weightᵀ + bias + residual for many rows, as in gemm_half.comp, on
// simdgroup_matrix: half products, float sums. By hand because SPIRV-Cross has
// no cooperative matrices. The generator puts the names of constants, the
// members of Params and WEIGHT behind the includes, and the kernel's name for
// KERNEL.
//
// bfloat16 weights become float by a shift, in every version of the language:
// the type bfloat would want 3.1, and would keep 8 bits of an activation where
// half keeps 11.

#include <metal_stdlib>
#include <metal_simdgroup_matrix>
using namespace metal;

#define WEIGHT 1
#ifndef SPIRV_CROSS_CONSTANT_ID_0
#define SPIRV_CROSS_CONSTANT_ID_0 32u
#endif
#define SIZE SPIRV_CROSS_CONSTANT_ID_0
#ifndef SPIRV_CROSS_CONSTANT_ID_1
#define SPIRV_CROSS_CONSTANT_ID_1 8u
#endif
#define TM SPIRV_CROSS_CONSTANT_ID_1
#ifndef SPIRV_CROSS_CONSTANT_ID_2
#define SPIRV_CROSS_CONSTANT_ID_2 8u
#endif
#define TN SPIRV_CROSS_CONSTANT_ID_2
#ifndef SPIRV_CROSS_CONSTANT_ID_3
#define SPIRV_CROSS_CONSTANT_ID_3 8u
#endif
#define TK SPIRV_CROSS_CONSTANT_ID_3
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 2u
#endif
#define ROWS SPIRV_CROSS_CONSTANT_ID_4
#ifndef SPIRV_CROSS_CONSTANT_ID_5
#define SPIRV_CROSS_CONSTANT_ID_5 2u
#endif
#define COLS SPIRV_CROSS_CONSTANT_ID_5
#ifndef SPIRV_CROSS_CONSTANT_ID_6
#define SPIRV_CROSS_CONSTANT_ID_6 2u
#endif
#define DOWN SPIRV_CROSS_CONSTANT_ID_6
#ifndef SPIRV_CROSS_CONSTANT_ID_7
#define SPIRV_CROSS_CONSTANT_ID_7 32u
#endif
#define BK SPIRV_CROSS_CONSTANT_ID_7
#ifndef SPIRV_CROSS_CONSTANT_ID_8
#define SPIRV_CROSS_CONSTANT_ID_8 1u
#endif
#define BUFFERS SPIRV_CROSS_CONSTANT_ID_8
#ifndef SPIRV_CROSS_CONSTANT_ID_9
#define SPIRV_CROSS_CONSTANT_ID_9 32u
#endif
#define BM SPIRV_CROSS_CONSTANT_ID_9
#ifndef SPIRV_CROSS_CONSTANT_ID_10
#define SPIRV_CROSS_CONSTANT_ID_10 32u
#endif
#define BN SPIRV_CROSS_CONSTANT_ID_10
#ifndef SPIRV_CROSS_CONSTANT_ID_11
#define SPIRV_CROSS_CONSTANT_ID_11 512u
#endif
#define SHARED SPIRV_CROSS_CONSTANT_ID_11
#ifndef SPIRV_CROSS_CONSTANT_ID_12
#define SPIRV_CROSS_CONSTANT_ID_12 4u
#endif
#define WORDS_A SPIRV_CROSS_CONSTANT_ID_12
#ifndef SPIRV_CROSS_CONSTANT_ID_13
#define SPIRV_CROSS_CONSTANT_ID_13 4u
#endif
#define WORDS_B SPIRV_CROSS_CONSTANT_ID_13
#ifndef SPIRV_CROSS_CONSTANT_ID_14
#define SPIRV_CROSS_CONSTANT_ID_14 0u
#endif
#define WHOLE SPIRV_CROSS_CONSTANT_ID_14
#ifndef SPIRV_CROSS_CONSTANT_ID_15
#define SPIRV_CROSS_CONSTANT_ID_15 0u
#endif
#define WIDE SPIRV_CROSS_CONSTANT_ID_15
#ifndef SPIRV_CROSS_CONSTANT_ID_21
#define SPIRV_CROSS_CONSTANT_ID_21 1u
#endif
#define DEEP SPIRV_CROSS_CONSTANT_ID_21
#define PARAMS uint rows; uint outs; uint steps; uint span; uint part; uint dst_off; uint dst_stride; uint src_off; uint src_pitch; uint pitch; uint bias_off; uint residual_off; uint residual_stride; uint live_off;

struct Params {
	PARAMS
};

#define F32 0
#define F16 1
#define BF16 2
#define ABSENT 0xffffffffu // the offset of an operand that is not there

static_assert(TM == 8 && TN == 8 && TK == 8, "simdgroup matrices are 8 × 8");

#if WEIGHT == F32
#define PER_WORD 2 // weight words that make one of half
#else
#define PER_WORD 1
#endif

#define ROW_WORDS (BK / 8)      // 16-byte words of half in a tile's row
#define PITCH (ROW_WORDS + 1)   // a word between rows, so that they lie in different banks
#define ROW (PITCH * 8)      // the same in halves
#define BOTH ((BM + BN) * PITCH)
#define STAGE (COLS * 8 + 4) // floats of a row of sums on its way out

#define UNROLL _Pragma("clang loop unroll(full)")

// Next holds what a thread has loaded of the next step's tiles.
struct Next {
	uint4 a[WORDS_A];
	uint4 b[WORDS_B * PER_WORD];
};

// fetch starts the loads of a step's tiles.
static void fetch(thread Next& next, constant Params& p, const device uint4* src, const device uint4* weight,
	uint r0, uint c0, uint step, uint at)
{
	uint i = at;
	UNROLL for (uint n = 0; n < WORDS_A; n++, i += SIZE)
		next.a[n] = src[p.src_off + (r0 + i / ROW_WORDS) * p.src_pitch + step * ROW_WORDS + i % ROW_WORDS];
	i = at;
	UNROLL for (uint n = 0; n < WORDS_B; n++, i += SIZE) {
		// Channels beyond the last repeat it: they are not stored.
		uint c = min(c0 + i / ROW_WORDS, p.outs - 1u), w = (step * ROW_WORDS + i % ROW_WORDS) * PER_WORD;
		UNROLL for (uint m = 0; m < PER_WORD; m++)
			next.b[n * PER_WORD + m] = WHOLE || w + m < p.pitch ? weight[c * p.pitch + w + m] : uint4(0);
	}
}

// Weights are small: none is cut to the range of half.
static uint2 pack4(float4 v) { return as_type<uint2>(half4(v)); }

#if WEIGHT == BF16
static float4 widen(uint2 h) {
	return as_type<float4>(uint4(h.x << 16, h.x & 0xffff0000u, h.y << 16, h.y & 0xffff0000u));
}
#endif

// put stores what fetch loaded, all of it as half.
static void put(threadgroup uint4* tile, thread const Next& next, uint at)
{
	uint i = at;
	UNROLL for (uint n = 0; n < WORDS_A; n++, i += SIZE) tile[i / ROW_WORDS * PITCH + i % ROW_WORDS] = next.a[n];
	i = at;
	UNROLL for (uint n = 0; n < WORDS_B; n++, i += SIZE) {
#if WEIGHT == F32
		uint4 h = uint4(pack4(as_type<float4>(next.b[2 * n])), pack4(as_type<float4>(next.b[2 * n + 1])));
#elif WEIGHT == F16
		uint4 h = next.b[n];
#else
		uint4 h = uint4(pack4(widen(next.b[n].xy)), pack4(widen(next.b[n].zw)));
#endif
		tile[(BM + i / ROW_WORDS) * PITCH + i % ROW_WORDS] = h;
	}
}

// multiply adds the products of a step's tiles: a's rows by b's channels.
static void multiply(thread simdgroup_float8x8* acc, const threadgroup half* a, const threadgroup half* b)
{
	UNROLL for (uint k = 0; k < BK; k += 8) {
		simdgroup_half8x8 ma[ROWS];
		UNROLL for (uint i = 0; i < ROWS; i++) simdgroup_load(ma[i], a + i * 8 * ROW + k, ROW);
		UNROLL for (uint j = 0; j < COLS; j++) {
			simdgroup_half8x8 mb;
			simdgroup_load(mb, b + j * 8 * ROW + k, ROW, ulong2(0), true);
			UNROLL for (uint i = 0; i < ROWS; i++)
				simdgroup_multiply_accumulate(acc[j * ROWS + i], ma[i], mb, acc[j * ROWS + i]);
		}
	}
}

// store writes the sums of a simdgroup, whose first row and channel are r0 and
// c0, by way of its own part of threadgroup memory.
static void store(thread simdgroup_float8x8* acc, threadgroup float* stage, constant Params& p, device float* dst,
	const device float* bias, const device float* residual, uint r0, uint c0, uint rows, uint lane)
{
	const uint width = WIDE ? 4 : 1, across = COLS * 8 / width;
	UNROLL for (uint i = 0; i < ROWS; i++) {
		UNROLL for (uint j = 0; j < COLS; j++) simdgroup_store(acc[j * ROWS + i], stage + j * 8, STAGE);
		simdgroup_barrier(mem_flags::mem_threadgroup);
		for (uint e = lane; e < 8 * across; e += 32) {
			uint r = r0 + i * 8 + e / across, at = e % across * width, c = c0 + at;
			if (r >= rows || c >= p.outs) continue;
			const threadgroup float* sum = stage + e / across * STAGE + at;
			device float* to = dst + p.dst_off + r * p.dst_stride + c;
			const device float* b = bias + p.bias_off + c;
			const device float* more = residual + p.residual_off + r * p.residual_stride + c;
#if WIDE
			float4 v = *(const threadgroup float4*)sum;
			if (p.bias_off != ABSENT) v += *(const device float4*)b;
			if (p.residual_off != ABSENT) v += *(const device float4*)more;
			*(device float4*)to = v;
#else
			float v = *sum;
			if (p.bias_off != ABSENT) v += *b;
			if (p.residual_off != ABSENT) v += *more;
			*to = v;
#endif
		}
		simdgroup_barrier(mem_flags::mem_threadgroup);
	}
}

// dst may be residual.
kernel void gemm_f16_f16(constant Params& p [[buffer(0)]], device float* dst [[buffer(1)]],
	const device uint4* src [[buffer(2)]], const device uint4* weight [[buffer(3)]],
	const device float* bias [[buffer(4)]], const device float* residual [[buffer(5)]],
	const device int* live [[buffer(6)]],
	uint3 group [[threadgroup_position_in_grid]], uint3 groups [[threadgroups_per_grid]],
	uint at [[thread_index_in_threadgroup]], uint lane [[thread_index_in_simdgroup]],
	uint own [[simdgroup_index_in_threadgroup]])
{
	threadgroup uint4 tile[SHARED];
	threadgroup half* halves = (threadgroup half*)tile;
	threadgroup float* stage = (threadgroup float*)tile + own * 8 * STAGE;

	uint rows = p.live_off == ABSENT ? p.rows : min(p.rows, uint(max(live[p.live_off], 0)));
	uint down = own % DOWN * ROWS * 8, across = own / DOWN * COLS * 8;
	uint first = group.z * p.span, last = min(first + p.span, p.steps);
	device float* part = dst + group.z * p.part;
	for (uint c0 = group.y * BN; c0 < p.outs; c0 += groups.y * BN) {
		for (uint r0 = group.x * BM; r0 < rows; r0 += groups.x * BM) {
			simdgroup_float8x8 acc[ROWS * COLS];
			UNROLL for (uint i = 0; i < ROWS * COLS; i++) acc[i] = make_filled_simdgroup_matrix<float, 8>(0.0f);
			Next next;
			fetch(next, p, src, weight, r0, c0, first, at);
			put(tile, next, at);
			threadgroup_barrier(mem_flags::mem_threadgroup);
			for (uint step = first; step < last; step++) {
				bool more = step + 1 < last;
				uint now = BUFFERS == 1 ? 0 : (step - first) % 2, then = BUFFERS == 1 ? 0 : 1 - now;
				if (more) fetch(next, p, src, weight, r0, c0, step + 1, at);
				multiply(acc, halves + now * BOTH * 8 + down * ROW, halves + now * BOTH * 8 + (BM + across) * ROW);
				if (BUFFERS == 1) threadgroup_barrier(mem_flags::mem_threadgroup);
				if (more) put(tile + then * BOTH, next, at);
				threadgroup_barrier(mem_flags::mem_threadgroup);
			}
			store(acc, stage, p, part, bias, residual, r0 + down, c0 + across, rows, lane);
			threadgroup_barrier(mem_flags::mem_threadgroup);
		}
	}
}
