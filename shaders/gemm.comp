#version 460
// variant: gemm_f32_f32 WEIGHT=0
// variant: gemm_f16_f32 WEIGHT=1
// variant: gemm_bf16_f32 WEIGHT=2
// variant: gemm_block_f32 WEIGHT=3
// dst = src · weightᵀ + bias + residual for many rows in float32, on any
// device: a workgroup of 64 makes a tile of 32 or 64 rows × 64 channels, 16 inputs
// at a time by way of shared memory, and each invocation 4 or 8 × 8 of it. All
// loads of a step are issued without a branch between, for compilers wait for a
// load before they branch; with AHEAD while the step before is multiplied. Parts
// are as in gemm_half.comp.

#extension GL_EXT_control_flow_attributes : require

#include "weight.glsl"

layout(local_size_x = 64) in;
layout(constant_id = 1) const uint FOURS = 2;       // of rows of an invocation
layout(constant_id = 2) const bool WIDE = false;    // src suits 16-byte words, and so do the inputs
layout(constant_id = 3) const bool WIDE_DST = false; // dst, bias and residual do, and the channels
layout(constant_id = 4) const bool AHEAD = true;     // registers are enough for the next inputs beside these

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
layout(set = 0, binding = 1) writeonly buffer Dst { vec4 dst[]; };
layout(set = 0, binding = 2) readonly buffer Src { vec4 src[]; };
layout(set = 0, binding = 3) restrict readonly buffer Weight { uvec4 weight[]; };
#include "chunk.glsl"
layout(set = 0, binding = 4) readonly buffer Bias { vec4 bias[]; };
layout(set = 0, binding = 5) readonly buffer Residual { vec4 residual[]; };
#define LIVE_BINDING 6
#include "live.glsl"

const uint SIZE = 64; // channels of the tile, and invocations
const uint ROWS = 32 * FOURS;
const uint BK = 16;
const uint LOADS = ROWS * BK / 4 / SIZE; // vectors of src to an invocation
const uint ACROSS = BK / RUN;            // runs of a weight row in the tile, and chunks to an invocation
const uint PITCH = SIZE / 4 + 1;

// Inputs × rows and inputs × channels, four at a time.
shared vec4 tile_a[BK * PITCH];
shared vec4 tile_b[BK * PITCH];

vec4 next_a[LOADS]; // in flight
Chunk next_b[ACROSS];

// Starts to load inputs k0, k0 + 1, … of rows r0, r0 + 1, …. Rows beyond the last
// repeat it: they are not stored.
void fetch_rows(uint r0, uint k0, uint rows) {
	uint at = gl_LocalInvocationIndex, k = k0 + at % 4 * 4;
	[[unroll]] for (uint i = 0; i < LOADS; i++) {
		uint from = p.src_off + min(r0 + at / 4 + 16 * i, rows - 1) * p.src_stride;
		vec4 v;
		if (WIDE) {
			v = src[(from + min(k, p.cols - 4)) / 4];
		} else {
			[[unroll]] for (uint j = 0; j < 4; j++) {
				uint e = from + min(k + j, p.cols - 1);
				v[j] = src[e / 4][e % 4];
			}
		}
		[[unroll]] for (uint j = 0; j < 4; j++) next_a[i][j] = k + j < p.cols ? v[j] : 0.0;
	}
}

// Starts to load those inputs of channels c0, c0 + 1, …. Channels and chunks beyond the
// last repeat it: the rows are 0 there.
void fetch_weights(uint c0, uint k0) {
	uint at = gl_LocalInvocationIndex, last = chunks(p.cols, p.pitch) - 1;
	uint w = min(chunk_at(k0 + at % ACROSS * RUN), last);
	[[unroll]] for (uint i = 0; i < ACROSS; i++) {
		next_b[i] = load_chunk(min(c0 + at / ACROSS + SIZE / ACROSS * i, p.outs - 1), w);
	}
}

void fetch(uint r0, uint c0, uint k0, uint rows) {
	fetch_rows(r0, k0, rows);
	fetch_weights(c0, k0);
}

// Stores in the tiles what was loaded.
void put(uint k0) {
	uint at = gl_LocalInvocationIndex;
	[[unroll]] for (uint i = 0; i < LOADS; i++) {
		uint r = at / 4 + 16 * i;
		[[unroll]] for (uint j = 0; j < 4; j++) tile_a[(at % 4 * 4 + j) * PITCH + r / 4][r % 4] = next_a[i][j];
	}
	uint n = at % ACROSS, c = k0 + n * RUN, w = min(chunk_at(c), chunks(p.cols, p.pitch) - 1);
	[[unroll]] for (uint i = 0; i < ACROSS; i++) {
		uint to = at / ACROSS + SIZE / ACROSS * i;
		Scales scales = scales_of(next_b[i], w);
		[[unroll]] for (uint q = 0; q < RUN / 4; q++) {
			vec4 x = weight4(next_b[i], scales, run_at(c), q);
			[[unroll]] for (uint j = 0; j < 4; j++) tile_b[(n * RUN + q * 4 + j) * PITCH + to / 4][to % 4] = x[j];
		}
	}
}

vec4 sum[8 * FOURS]; // of row × 2 halves of the channels
uint down, across;   // rows and channels of the invocation: 4 of each, and 4 some 32 further

void clear_sums() {
	[[unroll]] for (uint i = 0; i < 8 * FOURS; i++) sum[i] = vec4(0.0);
}

// Adds the products of the tiles.
void multiply() {
	[[unroll]] for (uint k = 0; k < BK; k++) {
		vec4 b0 = tile_b[k * PITCH + across], b1 = tile_b[k * PITCH + 8 + across];
		[[unroll]] for (uint f = 0; f < FOURS; f++) {
			vec4 a = tile_a[k * PITCH + 8 * f + down];
			[[unroll]] for (uint i = 0; i < 4; i++) {
				sum[8 * f + 2 * i] += a[i] * b0;
				sum[8 * f + 2 * i + 1] += a[i] * b1;
			}
		}
	}
}

// Stores the sums with bias and residual.
void store(uint r0, uint c0, uint rows) {
	[[unroll]] for (uint i = 0; i < 8 * FOURS; i++) {
		uint r = r0 + i / 8 * 32 + down * 4 + i % 8 / 2, c = c0 + i % 2 * 32 + across * 4;
		if (r >= rows) continue;
		uint to = p.dst_off + gl_WorkGroupID.z * p.part + r * p.dst_stride + c;
		uint b = p.bias_off + c, s = p.residual_off + r * p.residual_stride + c;
		if (WIDE_DST) {
			if (c >= p.outs) continue;
			vec4 v = sum[i];
			if (p.bias_off != ABSENT) v += bias[b / 4];
			if (p.residual_off != ABSENT) v += residual[s / 4];
			dst[to / 4] = v;
			continue;
		}
		[[unroll]] for (uint j = 0; j < 4; j++) {
			if (c + j >= p.outs) continue;
			float v = sum[i][j];
			if (p.bias_off != ABSENT) v += bias[(b + j) / 4][(b + j) % 4];
			if (p.residual_off != ABSENT) v += residual[(s + j) / 4][(s + j) % 4];
			dst[(to + j) / 4][(to + j) % 4] = v;
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
		for (uint r0 = gl_WorkGroupID.x * ROWS; r0 < rows; r0 += gl_NumWorkGroups.x * ROWS) {
			clear_sums();
			if (AHEAD) fetch(r0, c0, first, rows);
			for (uint k0 = first; k0 < last; k0 += BK) {
				if (!AHEAD) fetch(r0, c0, k0, rows);
				barrier(); // the tiles were read
				put(k0);
				barrier();
				if (AHEAD) fetch(r0, c0, k0 + BK < last ? k0 + BK : k0, rows);
				multiply();
			}
			store(r0, c0, rows);
		}
	}
}
