#version 460
#extension GL_EXT_control_flow_attributes : require
// variant: matmul_f32_f32 WEIGHT=0
// variant: matmul_f16_f32 WEIGHT=1
// variant: matmul_bf16_f32 WEIGHT=2
// variant: matmul_block_f32 WEIGHT=3
// dst = src · weightᵀ + bias for any shape on any device: LANES invocations
// share an output channel and add their sums in shared memory; each has ROWS
// rows in flight. The grid is channels × rows.

#include "weight.glsl"

layout(local_size_x = 64, local_size_x_id = 0) in;

layout(push_constant) uniform Params {
	uint rows, cols, outs; // T, K, M
	uint dst_off, dst_stride;
	uint src_off, src_stride;
	uint pitch; // 16-byte words of a weight row
	uint bias_off;
	uint live_off;
} p;

layout(set = 0, binding = 1) restrict writeonly buffer Dst { float dst[]; };
layout(set = 0, binding = 2) readonly buffer Src { float src[]; };
layout(set = 0, binding = 3) restrict readonly buffer Weight { uvec4 weight[]; };
#include "chunk.glsl"
layout(set = 0, binding = 4) readonly buffer Bias { float bias[]; };
#define LIVE_BINDING 5
#include "live.glsl"

const uint LANES = 16;
const uint ROWS = 4;

shared vec4 partial[256];

vec4 src4(uint row, uint c) {
	uint i = p.src_off + row * p.src_stride + c;
	if (c + 4 <= p.cols) return vec4(src[i], src[i + 1], src[i + 2], src[i + 3]);
	vec4 x = vec4(0.0);
	for (uint j = 0; c + j < p.cols; j++) x[j] = src[i + j];
	return x;
}

uint lane; // this invocation among those of its channel
uint all;  // chunks of a channel
vec4 sum;  // of ROWS rows, this lane's share

// Adds the products of channel m with n rows from r0 on.
void multiply(uint m, uint r0, uint n) {
	for (uint w = lane; w < all; w += LANES) {
		Chunk y = load_chunk(m, w);
		Scales scales = scales_of(y, w);
		EACH_RUN for (uint q = 0; q < RUN / 4; q++) {
			vec4 v = weight4(y, scales, run, q);
			for (uint i = 0; i < n; i++) sum[i] += dot(v, src4(r0 + i, column(w, run * (RUN / 4) + q)));
		}
	}
}

// Leaves the sum over a channel's lanes in partial, at its first lane.
void add_up() {
	partial[gl_LocalInvocationIndex] = sum;
	barrier();
	for (uint n = LANES / 2; n > 0; n /= 2) {
		if (lane < n) partial[gl_LocalInvocationIndex] += partial[gl_LocalInvocationIndex + n];
		barrier();
	}
}

// Stores the sums of channel m with rows from r0 on, one row to a lane.
void store(uint m, uint r0, uint rows) {
	if (lane < ROWS && r0 + lane < rows && m < p.outs) {
		float b = p.bias_off == ABSENT ? 0.0 : bias[p.bias_off + m];
		dst[p.dst_off + (r0 + lane) * p.dst_stride + m] = partial[gl_LocalInvocationIndex - lane][lane] + b;
	}
}

void main() {
	uint rows = live_rows(), channels = gl_WorkGroupSize.x / LANES;
	lane = gl_LocalInvocationIndex % LANES;
	all = chunks(p.cols, p.pitch);
	load_codebook(p.outs, gl_LocalInvocationIndex);
	for (uint m0 = gl_WorkGroupID.x * channels; m0 < p.outs; m0 += gl_NumWorkGroups.x * channels) {
		uint m = m0 + gl_LocalInvocationIndex / LANES;
		for (uint r0 = gl_WorkGroupID.y * ROWS; r0 < rows; r0 += gl_NumWorkGroups.y * ROWS) {
			sum = vec4(0.0);
			if (m < p.outs) multiply(m, r0, min(ROWS, rows - r0));
			add_up();
			store(m, r0, rows);
			barrier(); // partial may be used again
		}
	}
}
