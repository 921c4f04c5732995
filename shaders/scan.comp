#version 460
// variant: scan_f32
// The selective scan of each sequence, for any number of states: one
// invocation has a channel of a sequence and goes along its rows. The first
// states of a channel are in registers, the others stay in memory. The grid is
// channels × sequences.

layout(local_size_x = 64, local_size_x_id = 0) in;
layout(constant_id = 1) const uint HELD = 16; // states in registers: all, where they are not float32
layout(constant_id = 17) const uint STATE_TYPE = 0; // see state.glsl
layout(constant_id = 18) const bool KEEP = false;   // sequences may keep the state after every row

layout(push_constant) uniform Params {
	uint rows, cols, states;
	uint dst_off, dst_stride;
	uint x_off, x_stride;
	uint dt_off, dt_stride;
	uint a_off, a_stride;
	uint b_off, b_stride;
	uint c_off, c_stride;
	uint d_off;
	uint state_off, state_stride, slots;
	uint batch_off, batch_stride, batch_records;
} p;

// dst may be x.
layout(set = 0, binding = 1) writeonly buffer Dst { float dst[]; };
layout(set = 0, binding = 2) readonly buffer X { float x[]; };
layout(set = 0, binding = 3) readonly buffer DT { float dt[]; };
layout(set = 0, binding = 4) readonly buffer A { float a[]; };
layout(set = 0, binding = 5) readonly buffer B { float b[]; };
layout(set = 0, binding = 6) readonly buffer C { float c[]; };
layout(set = 0, binding = 7) readonly buffer D { float d[]; };
layout(set = 0, binding = 8) restrict buffer State { uint state[]; };
#define BATCH_BINDING 9
#define BATCH_KEEP KEEP
#include "batch.glsl"
#include "state.glsl"
#include "softplus.glsl"
#include "decay.glsl"

uint from, to; // where the channel's states begin, before and after the pass, or a row of it
uint rates;    // and the rates of their decay
uint held;     // states in registers
float skip;    // D
float h[HELD], rate[HELD];

uint state_of(uint slot, uint ch) { return p.state_off + slot * p.state_stride + ch * p.states; }

void load_channel(Sequence s, uint ch) {
	from = state_of(s.from, ch);
	to = state_of(s.to, ch);
	rates = p.a_off + ch * p.a_stride;
	held = min(p.states, HELD);
	skip = d[p.d_off + ch];
	for (uint n = 0; n < HELD; n++) {
		h[n] = n < held ? state_at(from + n, p.states % 2 == 0) : 0.0;
		rate[n] = n < held ? a[rates + n] : 0.0;
	}
}

// States that are not in registers lie where the next row wants them.
void move_rest() {
	for (uint n = HELD; n < p.states; n++) state[to + n] = state[from + n];
}

void scan_row(uint t, uint ch) {
	float u = x[p.x_off + t * p.x_stride + ch];
	float delta = softplus(dt[p.dt_off + t * p.dt_stride + ch]);
	float y = skip * u, du = delta * u;
	uint bt = p.b_off + t * p.b_stride, ct = p.c_off + t * p.c_stride;
	for (uint n = 0; n < HELD; n++) {
		if (n < held) {
			h[n] = decay(delta * rate[n]) * h[n] + du * b[bt + n];
			y += c[ct + n] * h[n];
		}
	}
	for (uint n = HELD; n < p.states; n++) {
		float g = decay(delta * a[rates + n]) * state_at(to + n, true) + du * b[bt + n];
		set_state(to + n, g);
		y += c[ct + n] * g;
	}
	dst[p.dst_off + t * p.dst_stride + ch] = y;
}

void store_states() {
	if (STATE_TYPE != STATE_F32 && p.states % 2 == 0) {
		for (uint n = 0; n < held; n += 2) set_states(to + n, h[n], h[n + 1]);
		return;
	}
	for (uint n = 0; n < HELD; n++) {
		if (n < held) set_state(to + n, h[n]);
	}
}

// Leaves the state after every row in a slot of its own, and goes on from what is there.
void scan_kept(Sequence s, uint ch) {
	for (uint i = 0; i < s.rows; i++) {
		to = state_of(i + 1 == s.rows ? s.to : ring_slot(s.from, s.ring, s.ring_len, i), ch);
		move_rest();
		scan_row(s.first + i, ch);
		store_states();
		for (uint n = 0; n < HELD; n++) h[n] = state_round(h[n]);
		from = to;
	}
}

void main() {
	uint seqs = batch_seqs();
	for (uint q = gl_WorkGroupID.y; q < seqs; q += gl_NumWorkGroups.y) {
		Sequence s = batch_sequence(q, p.rows, p.slots);
		if (s.rows == 0) continue;
		for (uint ch = gl_GlobalInvocationID.x; ch < p.cols; ch += gl_NumWorkGroups.x * gl_WorkGroupSize.x) {
			load_channel(s, ch);
			if (KEEP && s.ring_len != 0) {
				scan_kept(s, ch);
				continue;
			}
			move_rest();
			for (uint t = s.first; t < s.first + s.rows; t++) scan_row(t, ch);
			store_states();
		}
	}
}
