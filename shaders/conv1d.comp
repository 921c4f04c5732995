#version 460
// variant: conv1d_f32
// The causal depthwise convolution of each sequence, for any number of taps:
// one invocation has a channel of a sequence and goes along its rows. The grid
// is channels × sequences.

layout(local_size_x = 64, local_size_x_id = 0) in;

layout(push_constant) uniform Params {
	uint rows, cols, taps, act;
	uint dst_off, dst_stride;
	uint src_off, src_stride;
	uint weight_off, weight_stride;
	uint bias_off;
	uint state_off, state_stride, slots;
	uint batch_off, batch_stride, batch_records;
} p;

layout(set = 0, binding = 1) restrict writeonly buffer Dst { float dst[]; };
layout(set = 0, binding = 2) readonly buffer Src { float src[]; };
layout(set = 0, binding = 3) readonly buffer Weight { float weight[]; };
layout(set = 0, binding = 4) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 5) restrict buffer State { float state[]; };
#define BATCH_BINDING 6
#include "batch.glsl"
#include "activation.glsl"

const uint ABSENT = 0xffffffffu;

void main() {
	uint seqs = batch_seqs(), held = p.taps - 1;
	for (uint q = gl_WorkGroupID.y; q < seqs; q += gl_NumWorkGroups.y) {
		Sequence s = batch_sequence(q, p.rows, p.slots);
		if (s.rows == 0) continue;
		for (uint c = gl_GlobalInvocationID.x; c < p.cols; c += gl_NumWorkGroups.x * gl_WorkGroupSize.x) {
			uint from = p.state_off + s.from * p.state_stride + c * held;
			uint to = p.state_off + s.to * p.state_stride + c * held;
			uint x = p.src_off + s.first * p.src_stride + c, w = p.weight_off + c * p.weight_stride;
			float b = p.bias_off == ABSENT ? 0.0 : bias[p.bias_off + c];
			// Input i counts from the oldest of the state.
			for (uint t = 0; t < s.rows; t++) {
				float sum = b;
				for (uint j = 0; j < p.taps; j++) {
					uint i = t + j;
					sum += weight[w + j] * (i < held ? state[from + i] : src[x + (i - held) * p.src_stride]);
				}
				dst[p.dst_off + (s.first + t) * p.dst_stride + c] = activate(p.act, sum);
			}
			// In this order a state that is its own successor is read before it
			// is written.
			for (uint j = 0; j < held; j++) {
				uint i = s.rows + j;
				state[to + j] = i < held ? state[from + i] : src[x + (i - held) * p.src_stride];
			}
		}
	}
}
