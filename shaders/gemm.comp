#version 460
// variant: gemm_f32_f32 WEIGHT=0
// variant: gemm_f16_f32 WEIGHT=1
// variant: gemm_bf16_f32 WEIGHT=2
// variant: gemm_block_f32 WEIGHT=3
// dst = src · weightᵀ + bias + residual for many rows in float32, on any
// device: a workgroup of 64 makes a tile of 64 rows × 64 channels, 16 inputs at
// a time by way of shared memory, and each invocation 8 × 8 of it. Parts are as
// in gemm_half.comp.

#include "weight.glsl"

layout(local_size_x = 64) in;

layout(push_constant) uniform Params {
	uint rows, cols, outs; // T, K, M
	uint span;             // inputs of one part, a multiple of 16
	uint part;             // elements from one part's matrix to the next
	uint dst_off, dst_stride;
	uint src_off, src_stride;
	uint pitch; // 16-byte words of a weight row
	uint bias_off;
	uint residual_off, residual_stride;
	uint live_off;
} p;

// dst may be residual.
layout(set = 0, binding = 1) writeonly buffer Dst { float dst[]; };
layout(set = 0, binding = 2) readonly buffer Src { float src[]; };
layout(set = 0, binding = 3) restrict readonly buffer Weight { uvec4 weight[]; };
#include "chunk.glsl"
layout(set = 0, binding = 4) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 5) readonly buffer Residual { float residual[]; };
#define LIVE_BINDING 6
#include "live.glsl"

const uint SIZE = 64; // of the tile, and invocations
const uint BK = 16;
const uint ACROSS = BK / RUN; // runs of a weight row in the tile
const uint PITCH = SIZE / 4 + 1;

// Inputs × rows and inputs × channels, four at a time.
shared vec4 tile_a[BK * PITCH];
shared vec4 tile_b[BK * PITCH];

void load_rows(uint r0, uint k0, uint rows) {
	uint at = gl_LocalInvocationIndex, k = at % BK;
	for (uint i = at / BK; i < SIZE; i += SIZE / BK) {
		bool there = r0 + i < rows && k0 + k < p.cols;
		tile_a[k * PITCH + i / 4][i % 4] = there ? src[p.src_off + (r0 + i) * p.src_stride + k0 + k] : 0.0;
	}
}

// Channels beyond the last repeat it: they are not stored.
void load_weights(uint c0, uint k0) {
	uint at = gl_LocalInvocationIndex;
	uint n = at % ACROSS, c = k0 + n * RUN, w = chunk_at(c), all = chunks(p.cols, p.pitch);
	for (uint i = at / ACROSS; i < SIZE; i += SIZE / ACROSS) {
		Chunk v = no_chunk();
		if (w < all) v = load_chunk(min(c0 + i, p.outs - 1), w);
		Scales scales = scales_of(v, w);
		for (uint q = 0; q < RUN / 4; q++) {
			vec4 x = weight4(v, scales, run_at(c), q);
			for (uint j = 0; j < 4; j++) tile_b[(n * RUN + q * 4 + j) * PITCH + i / 4][i % 4] = x[j];
		}
	}
}

vec4 sum[16];      // of row × 2 halves of the channels
uint down, across; // rows and channels of the invocation: 4 of each, and 4 half a tile further

void clear_sums() {
	for (uint i = 0; i < 16; i++) sum[i] = vec4(0.0);
}

// Adds the products of the tiles.
void multiply() {
	for (uint k = 0; k < BK; k++) {
		vec4 a0 = tile_a[k * PITCH + down], a1 = tile_a[k * PITCH + 8 + down];
		vec4 b0 = tile_b[k * PITCH + across], b1 = tile_b[k * PITCH + 8 + across];
		for (uint i = 0; i < 4; i++) {
			sum[2 * i] += a0[i] * b0;
			sum[2 * i + 1] += a0[i] * b1;
			sum[2 * i + 8] += a1[i] * b0;
			sum[2 * i + 9] += a1[i] * b1;
		}
	}
}

// Stores the sums with bias and residual.
void store(uint r0, uint c0, uint rows) {
	for (uint i = 0; i < 8; i++) {
		uint r = r0 + i / 4 * 32 + down * 4 + i % 4;
		if (r >= rows) continue;
		for (uint j = 0; j < 8; j++) {
			uint c = c0 + j / 4 * 32 + across * 4 + j % 4;
			if (c >= p.outs) continue;
			float v = sum[2 * i + j / 4][j % 4];
			if (p.bias_off != ABSENT) v += bias[p.bias_off + c];
			if (p.residual_off != ABSENT) v += residual[p.residual_off + r * p.residual_stride + c];
			dst[p.dst_off + gl_WorkGroupID.z * p.part + r * p.dst_stride + c] = v;
		}
	}
}

void main() {
	uint rows = live_rows();
	load_codebook(p.outs, gl_LocalInvocationIndex);
	uint first = gl_WorkGroupID.z * p.span, last = min(first + p.span, p.cols);
	down = gl_LocalInvocationIndex / 8;
	across = gl_LocalInvocationIndex % 8;
	for (uint c0 = gl_WorkGroupID.y * SIZE; c0 < p.outs; c0 += gl_NumWorkGroups.y * SIZE) {
		for (uint r0 = gl_WorkGroupID.x * SIZE; r0 < rows; r0 += gl_NumWorkGroups.x * SIZE) {
			clear_sums();
			for (uint k0 = first; k0 < last; k0 += BK) {
				load_rows(r0, k0, rows);
				load_weights(c0, k0);
				barrier();
				multiply();
				barrier();
			}
			store(r0, c0, rows);
		}
	}
}
