#version 460
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_EXT_control_flow_attributes : require
// variant: in_proj_conv_f32_f32 WEIGHT=0
// variant: in_proj_conv_f16_f32 WEIGHT=1
// variant: in_proj_conv_bf16_f32 WEIGHT=2
// The first third of a block, for few rows: x, z = in_proj(norm(src)) and
// dst = act(conv1d(x)), see matvec.glsl. The convolution needs a channel's rows
// together, and one subgroup has them. The weight may come in parts: this one
// has outs channels from first on. The grid is ranges of channels.

#include "weight.glsl"

layout(push_constant) uniform Params {
	uint rows, cols, outs; // T, H, channels of this part
	uint first, channels;  // D
	uint dst_off, dst_stride;
	uint z_off, z_stride;
	uint src_off, src_stride;
	uint norm_off;
	float eps;
	uint pitch;
	uint bias_off;
	uint conv_off, conv_stride, taps;
	uint conv_bias_off;
	uint state_off, state_stride, slots;
	uint batch_off, batch_stride, batch_records;
	uint act;
} p;

layout(set = 0, binding = 1) restrict writeonly buffer Dst { float dst[]; };
layout(set = 0, binding = 2) restrict writeonly buffer Z { float z[]; };
layout(set = 0, binding = 3) readonly buffer Src { float src[]; };
layout(set = 0, binding = 4) readonly buffer Norm { float norm[]; };
#define WEIGHT_BINDING 5
layout(set = 0, binding = 6) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 7) readonly buffer Conv { float conv[]; };
layout(set = 0, binding = 8) readonly buffer ConvBias { float conv_bias[]; };
layout(set = 0, binding = 9) restrict buffer State { float state[]; };
#define BATCH_BINDING 10
#include "batch.glsl"
#include "activation.glsl"

const uint ABSENT = 0xffffffffu;
const uint MOST_HELD = 3; // taps − 1

uint live_rows() { return min(p.rows, uint(max(batch[p.batch_off + BATCH_ROWS], 0))); }

#define NORM
#define HISTORY 3
#include "matvec.glsl"
#include "rowseq.glsl"

float source(uint t, uint c) { return src[p.src_off + t * p.src_stride + c]; }

float norm_weight(uint c) { return norm[p.norm_off + c]; }

void prepare(uint block) { find_sequences(block * ROWS, at); }

// What a sum's way from here takes.
struct Taps {
	float in_bias, bias;
	float weight[MOST_HELD + 1];
	float state[MOST_HELD]; // of the row's sequence
};

// Those of sum e of OUTS · ROWS.
Taps taps(uint m, uint block, uint e) {
	Taps s;
	s.in_bias = s.bias = 0.0;
	uint k = e % OUTS, r = e / OUTS, ch = p.first + m + k, held = p.taps - 1;
	bool used = e < OUTS * ROWS && m + k < p.outs, conved = used && ch < p.channels;
	if (used && p.bias_off != ABSENT) s.in_bias = bias[p.bias_off + ch];
	if (conved && p.conv_bias_off != ABSENT) s.bias = conv_bias[p.conv_bias_off + ch];
	RowSequence q = row_sequence[min(r, ROWS - 1)];
	[[unroll]] for (uint j = 0; j <= MOST_HELD; j++) {
		s.weight[j] = 0.0;
		if (conved && j <= held) s.weight[j] = conv[p.conv_off + ch * p.conv_stride + j];
	}
	[[unroll]] for (uint j = 0; j < MOST_HELD; j++) {
		s.state[j] = 0.0;
		if (conved && j < held && q.end > q.first) s.state[j] = state[p.state_off + q.from * p.state_stride + ch * held + j];
	}
	return s;
}

Taps expected; // the first that this lane needs

void expect(uint m, uint block) { expected = taps(m, block, lane); }

// Input i of a sequence, where input 0 is the oldest of its state.
float window(Taps s, uint first, uint block, uint i, uint held, uint k) {
	if (i >= held) return sums[sum_at(int(first + i - held) - int(block * ROWS), k)];
	return i == 0 ? s.state[0] : i == 1 ? s.state[1] : s.state[2];
}

void finish(uint m, uint block) {
	uint held = p.taps - 1;

	for (uint e = lane; e < OUTS * ROWS; e += lanes) {
		uint k = e % OUTS, r = e / OUTS, t = block * ROWS + r, ch = p.first + m + k;
		if (m + k >= p.outs) continue;
		float x = sums[sum_at(int(r), k)] * row_scale(r) + (e < lanes ? expected : taps(m, block, e)).in_bias;
		sums[sum_at(int(r), k)] = x;
		if (ch >= p.channels && t < alive) z[p.z_off + t * p.z_stride + ch - p.channels] = x;
	}
	subgroupBarrier();

	for (uint e = lane; e < OUTS * ROWS; e += lanes) {
		uint k = e % OUTS, r = e / OUTS, t = block * ROWS + r, ch = p.first + m + k;
		RowSequence q = row_sequence[r];
		if (t >= alive || t >= q.end || m + k >= p.outs || ch >= p.channels) continue;
		Taps s = e < lanes ? expected : taps(m, block, e);
		float sum = s.bias;
		[[unroll]] for (uint j = 0; j <= MOST_HELD; j++) {
			if (j <= held) sum += s.weight[j] * window(s, q.first, block, t - q.first + j, held, k);
		}
		dst[p.dst_off + t * p.dst_stride + ch] = activate(p.act, sum);
	}

	// A state may be its own successor: all have read it before it changes.
	subgroupBarrier();
	for (uint e = lane; e < OUTS * ROWS; e += lanes) {
		uint k = e % OUTS, r = e / OUTS, t = block * ROWS + r, ch = p.first + m + k;
		RowSequence q = row_sequence[r];
		if (t >= alive || t + 1 != q.end || m + k >= p.outs || ch >= p.channels) continue;
		Taps s = e < lanes ? expected : taps(m, block, e);
		[[unroll]] for (uint j = 0; j < MOST_HELD; j++) {
			if (j < held) {
				state[p.state_off + q.to * p.state_stride + ch * held + j] = window(s, q.first, block, t + 1 - q.first + j, held, k);
			}
		}
	}

	// The next block's windows begin in this one. In this order no row is
	// overwritten before it has moved.
	if (p.rows <= ROWS) return;
	for (uint e0 = 0; e0 < HISTORY * OUTS; e0 += lanes) {
		uint e = e0 + lane, k = e % OUTS;
		int r = int(e / OUTS) - HISTORY;
		subgroupBarrier();
		float x = e < HISTORY * OUTS ? sums[sum_at(r + int(ROWS), k)] : 0.0;
		subgroupBarrier();
		if (e < HISTORY * OUTS) sums[sum_at(r, k)] = x;
	}
}

void conclude() {}
