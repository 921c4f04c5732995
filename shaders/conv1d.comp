#version 460
// variant: conv1d_f32
// The causal depthwise convolution of each sequence, for any number of taps:
// one invocation has a channel of a sequence and goes along its rows. The grid
// is channels × sequences.

layout(local_size_x = 64, local_size_x_id = 0) in;
layout(constant_id = 17) const uint STATE_TYPE = 0; // see state.glsl
layout(constant_id = 18) const bool KEEP = false;   // sequences may keep the state after every row

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
layout(set = 0, binding = 5) restrict buffer State { uint state[]; };
#define BATCH_BINDING 6
#define BATCH_KEEP KEEP
#include "batch.glsl"
#include "state.glsl"
#include "activation.glsl"

const uint ABSENT = 0xffffffffu;

uint held;              // inputs in a state
uint from, to, x, taps; // where the channel's states, inputs and weights begin
float b;                // its bias

uint state_of(uint slot, uint c) { return p.state_off + slot * p.state_stride + c * held; }

void find_channel(Sequence s, uint c) {
	from = state_of(s.from, c);
	to = state_of(s.to, c);
	x = p.src_off + s.first * p.src_stride + c;
	taps = p.weight_off + c * p.weight_stride;
	b = p.bias_off == ABSENT ? 0.0 : bias[p.bias_off + c];
}

// Input i of the sequence, where input 0 is the state's oldest.
float input_(uint i) { return i < held ? state_at(from + i, false) : src[x + (i - held) * p.src_stride]; }

// Where keep is set, earlier inputs are as they were stored.
float convolve(uint t, bool keep) {
	float sum = b;
	for (uint j = 0; j < p.taps; j++) {
		float v = input_(t + j);
		if (keep && j < held) v = state_round(v);
		sum += weight[taps + j] * v;
	}
	return activate(p.act, sum);
}

// Stores the inputs that the row behind row t sees beside its own.
void store_state(uint to, uint t) {
	for (uint j = 0; j < held; j++) set_state(to + j, input_(t + 1 + j));
}

void main() {
	uint seqs = batch_seqs();
	held = p.taps - 1;
	for (uint q = gl_WorkGroupID.y; q < seqs; q += gl_NumWorkGroups.y) {
		Sequence s = batch_sequence(q, p.rows, p.slots);
		if (s.rows == 0) continue;
		for (uint c = gl_GlobalInvocationID.x; c < p.cols; c += gl_NumWorkGroups.x * gl_WorkGroupSize.x) {
			find_channel(s, c);
			bool keep = KEEP && s.ring_len != 0;
			for (uint t = 0; t < s.rows; t++) {
				dst[p.dst_off + (s.first + t) * p.dst_stride + c] = convolve(t, keep);
				if (keep && t + 1 < s.rows) store_state(state_of(ring_slot(s.from, s.ring, s.ring_len, t), c), t);
			}
			// In this order a state that is its own successor is read before it
			// is written.
			store_state(to, s.rows - 1);
		}
	}
}
