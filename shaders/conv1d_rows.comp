#version 460
// variant: conv1d_f32_rows
// The causal depthwise convolution for many rows: an invocation has a channel
// and goes along a tile of STEPS rows, which may belong to several sequences,
// with the last TAPS inputs in registers. The grid is channels × tiles.
//
// A sequence's state may be its own successor, so one workgroup must do all
// that reads or writes it: the one in whose tile the sequence begins. It goes
// on into the next tile for the rows that still see the old state, and that
// tile's workgroup leaves them out.

#extension GL_EXT_control_flow_attributes : require

layout(local_size_x = 64, local_size_x_id = 0) in;
layout(constant_id = 1) const uint TAPS = 4;
layout(constant_id = 2) const uint ACT = 1;
layout(constant_id = 3) const uint SPAN = 40; // STEPS + TAPS − 1, rounded up to whole groups
layout(constant_id = 17) const uint STATE_TYPE = 0; // see state.glsl
layout(constant_id = 18) const bool KEEP = false;   // sequences may keep the state after every row

layout(push_constant) uniform Params {
	uint rows, cols;
	uint steps;
	uint dst_off, dst_stride;
	uint src_off, src_stride;
	uint weight_off, weight_stride;
	uint bias_off;
	uint state_off, state_stride, slots;
	uint batch_off, batch_stride, batch_records;
} p;

layout(set = 0, binding = 1) restrict writeonly buffer Dst { float dst[]; };
layout(set = 0, binding = 2) restrict readonly buffer Src { float src[]; };
layout(set = 0, binding = 3) readonly buffer Weight { float weight[]; };
layout(set = 0, binding = 4) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 5) restrict buffer State { uint state[]; };
#define BATCH_BINDING 6
#define BATCH_KEEP KEEP
#include "batch.glsl"
#include "state.glsl"
#include "activation.glsl"

const uint ABSENT = 0xffffffffu;
const uint HELD = TAPS - 1;
const uint GROUP = 8; // rows whose loads are issued together

shared uint sequence_of[SPAN]; // of the tile's rows, or ABSENT
shared uint end;               // the last of them, and one

// Fills sequence_of for the rows from r0 on.
void find_sequences(uint r0) {
	for (uint i = gl_LocalInvocationIndex; i < SPAN; i += gl_WorkGroupSize.x) sequence_of[i] = ABSENT;
	if (gl_LocalInvocationIndex == 0) end = 0;
	barrier();
	uint seqs = batch_seqs(), r1 = r0 + p.steps;
	for (uint q = gl_LocalInvocationIndex; q < seqs; q += gl_WorkGroupSize.x) {
		Sequence s = batch_sequence(q, p.rows, p.slots);
		uint free = s.first + HELD, last = s.first + s.rows; // rows from free on see no state
		bool begins = s.first >= r0 && s.first < r1;
		uint from = begins ? s.first : max(r0, free), to = min(last, begins ? max(r1, free) : r1);
		if (s.rows == 0 || s.first >= r1) continue;
		for (uint r = from; r < to; r++) sequence_of[r - r0] = q;
		if (to > from) atomicMax(end, to - r0);
	}
	barrier();
}

// Input i of the sequence for channel c, where input 0 is the state's oldest.
float input_(Sequence s, uint c, uint i) {
	return i < HELD ? state_at(p.state_off + s.from * p.state_stride + c * HELD + i, false)
	                : src[p.src_off + (s.first + i - HELD) * p.src_stride + c];
}

float w[TAPS], b; // the channel's weights and bias
float x[TAPS];    // its last inputs
bool keep;        // whether they are as they are stored after every row

void load_channel(uint c) {
	[[unroll]] for (uint j = 0; j < TAPS; j++) {
		w[j] = weight[p.weight_off + c * p.weight_stride + j];
		x[j] = 0.0;
	}
	b = p.bias_off == ABSENT ? 0.0 : bias[p.bias_off + c];
}

float next[GROUP];

// Loads the inputs of a group of rows.
void load_rows(uint c, uint r0) {
	[[unroll]] for (uint i = 0; i < GROUP; i++) {
		uint r = min(r0 + i, p.rows - 1);
		next[i] = src[p.src_off + r * p.src_stride + c];
	}
}

// Stores what the row behind row i of the sequence sees beside its own input.
void store_state(Sequence s, uint c, uint slot, uint i) {
	uint to = p.state_off + slot * p.state_stride + c * HELD;
	for (uint j = 0; j < HELD; j++) set_state(to + j, input_(s, c, i + 1 + j));
}

// Begins sequence q at row r, which may lie amid it. The workgroup that has its
// first row stores the sequence's last inputs; in this order a state that is its
// own successor is read before it is written.
void begin_sequence(uint c, uint q, uint r) {
	Sequence s = batch_sequence(q, p.rows, p.slots);
	keep = s.ring_len != 0;
	[[unroll]] for (uint j = 1; j < TAPS; j++) {
		x[j] = input_(s, c, r - s.first + j - 1);
		if (KEEP && keep) x[j] = state_round(x[j]);
	}
	if (r == s.first) {
		if (KEEP && keep) {
			for (uint i = 0; i + 1 < s.rows; i++) store_state(s, c, ring_slot(s.from, s.ring, s.ring_len, i), i);
		}
		store_state(s, c, s.to, s.rows - 1);
	}
}

// Moves the channel's last inputs on to row i of the group.
void shift_in(uint i) {
	[[unroll]] for (uint j = 1; j < TAPS; j++) x[j - 1] = x[j];
	if (TAPS > 1 && KEEP && keep) x[TAPS - 2] = state_round(x[TAPS - 2]);
	x[TAPS - 1] = next[i];
}

float convolve() {
	float sum = b;
	[[unroll]] for (uint j = 0; j < TAPS; j++) sum += w[j] * x[j];
	return activate(ACT, sum);
}

void main() {
	for (uint r0 = gl_WorkGroupID.y * p.steps; r0 < p.rows; r0 += gl_NumWorkGroups.y * p.steps) {
		find_sequences(r0);
		for (uint c = gl_GlobalInvocationID.x; c < p.cols; c += gl_NumWorkGroups.x * gl_WorkGroupSize.x) {
			load_channel(c);
			keep = false;
			uint current = ABSENT;
			for (uint g = 0; g < end; g += GROUP) {
				load_rows(c, r0 + g);
				[[unroll]] for (uint i = 0; i < GROUP; i++) {
					uint q = sequence_of[g + i], r = r0 + g + i;
					if (q != current && q != ABSENT) begin_sequence(c, q, r);
					current = q;
					shift_in(i);
					if (q == ABSENT) continue;
					dst[p.dst_off + r * p.dst_stride + c] = convolve();
				}
			}
		}
		barrier(); // sequence_of may be used again
	}
}
