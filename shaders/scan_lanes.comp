#version 460
// variant: scan_f32_lanes
// The selective scan for many rows: serial in time, four lanes to a channel.
// The states stay in registers for a whole sequence: lane l has states 4·l to
// 4·l+3 of every 16. dt, x, B and C come in tiles of STEPS rows by way of
// shared memory; the loads of the next tile are issued before this one is
// worked on. Unless EXACT, exp(Δ·A) is the bare exp2 of Δ·(A·log2(e)): half the
// instructions of a step. With GATE the result is multiplied by silu(z). The
// grid is blocks of channels × sequences.

#extension GL_KHR_shader_subgroup_shuffle : require
#extension GL_EXT_control_flow_attributes : require

layout(local_size_x = 64, local_size_x_id = 0) in;
layout(constant_id = 1) const uint CHANNELS = 16; // a quarter of the invocations
layout(constant_id = 2) const uint STEPS = 16;    // a multiple of 4
layout(constant_id = 3) const uint QUADS = 1;     // of states to a lane: states / 16, rounded up
layout(constant_id = 4) const bool GATE = true;
layout(constant_id = 5) const uint SHARED_X = 256; // CHANNELS · STEPS
layout(constant_id = 6) const uint SHARED_B = 64;  // 4 · QUADS · STEPS
layout(constant_id = 7) const uint LOADS = 4;      // STEPS / 4
layout(constant_id = 8) const uint LOADS_B = 4;    // 16 · QUADS · STEPS by the invocations, rounded up
layout(constant_id = 9) const bool EXACT = true;   // in float32, else as a pass in float16 bears
layout(constant_id = 17) const uint STATE_TYPE = 0; // see state.glsl
layout(constant_id = 18) const bool KEEP = false;   // sequences may keep the state after every row

layout(push_constant) uniform Params {
	uint rows, cols, states;
	uint dst_off, dst_stride;
	uint x_off, x_stride;
	uint z_off, z_stride;
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
layout(set = 0, binding = 3) readonly buffer Z { float z[]; };
layout(set = 0, binding = 4) readonly buffer DT { float dt[]; };
layout(set = 0, binding = 5) readonly buffer A { float a[]; };
layout(set = 0, binding = 6) readonly buffer B { float b[]; };
layout(set = 0, binding = 7) readonly buffer C { float c[]; };
layout(set = 0, binding = 8) readonly buffer D { float d[]; };
layout(set = 0, binding = 9) restrict buffer State { uint state[]; };
#define BATCH_BINDING 10
#define BATCH_KEEP KEEP
#include "batch.glsl"
#include "state.glsl"
#include "softplus.glsl"
#include "decay.glsl"
#include "activation.glsl"

shared vec2 tile_x[SHARED_X]; // delta and x
shared vec4 tile_b[SHARED_B];
shared vec4 tile_c[SHARED_B];

float next_dt[LOADS], next_x[LOADS], next_z[LOADS];
float next_b[LOADS_B], next_c[LOADS_B];

const uint WIDTH = 16 * QUADS; // states in a row of tile_b

// Starts to load rows t, t + 1, … of s, for channels from c0 on.
void fetch(Sequence s, uint t, uint c0) {
	uint at = gl_LocalInvocationIndex;
	uint ch = c0 + at % CHANNELS;
	[[unroll]] for (uint i = 0; i < LOADS; i++) {
		uint n = t + 4 * i + at / CHANNELS, r = s.first + n;
		bool there = n < s.rows && ch < p.cols;
		next_dt[i] = there ? dt[p.dt_off + r * p.dt_stride + ch] : 0.0;
		next_x[i] = there ? x[p.x_off + r * p.x_stride + ch] : 0.0;
	}
	if (GATE) {
		uint lane = at % 4;
		ch = c0 + at / 4;
		[[unroll]] for (uint i = 0; i < LOADS; i++) {
			uint n = t + 4 * i + lane;
			next_z[i] = n < s.rows && ch < p.cols ? z[p.z_off + (s.first + n) * p.z_stride + ch] : 0.0;
		}
	}
	[[unroll]] for (uint i = 0; i < LOADS_B; i++) {
		uint e = at + i * gl_WorkGroupSize.x, n = t + e / WIDTH, state_ = e % WIDTH, r = s.first + n;
		bool there = n < s.rows && e < STEPS * WIDTH && state_ < p.states;
		next_b[i] = there ? b[p.b_off + r * p.b_stride + state_] : 0.0;
		next_c[i] = there ? c[p.c_off + r * p.c_stride + state_] : 0.0;
	}
}

// Stores what fetch loaded in the tile. Rows beyond the last have a delta and an
// x of 0, which leaves the states as they are.
void put(Sequence s, uint t) {
	uint at = gl_LocalInvocationIndex;
	[[unroll]] for (uint i = 0; i < LOADS; i++) {
		uint n = 4 * i + at / CHANNELS;
		tile_x[n * CHANNELS + at % CHANNELS] = vec2(t + n < s.rows ? softplus(next_dt[i]) : 0.0, next_x[i]);
	}
	[[unroll]] for (uint i = 0; i < LOADS_B; i++) {
		uint e = at + i * gl_WorkGroupSize.x;
		if (e >= STEPS * WIDTH) break;
		tile_b[e / 4][e % 4] = next_b[i];
		tile_c[e / 4][e % 4] = next_c[i];
	}
}

float gate[LOADS]; // z of the rows that this lane stores

void take_gates() {
	[[unroll]] for (uint i = 0; i < LOADS; i++) gate[i] = GATE ? next_z[i] : 0.0;
}

uint lane, own; // this invocation in its channel, and the channel in the workgroup
uint ch;        // the channel
bool there;     // whether there is such a channel
vec4 h[QUADS], rate[QUADS];
float skip; // D

// The state of the q-th vector's component i.
uint state_of(uint q, uint i) { return 16 * q + 4 * lane + i; }

void load_channel(Sequence s, uint c0) {
	lane = gl_LocalInvocationIndex % 4;
	own = gl_LocalInvocationIndex / 4;
	ch = c0 + own;
	there = ch < p.cols;
	uint from = p.state_off + s.from * p.state_stride + ch * p.states;
	bool pairs = p.states % 2 == 0;
	[[unroll]] for (uint q = 0; q < QUADS; q++) {
		[[unroll]] for (uint i = 0; i < 4; i++) {
			uint n = state_of(q, i);
			bool held = there && n < p.states;
			h[q][i] = held ? state_at(from + n, pairs) : 0.0;
			rate[q][i] = held ? a[p.a_off + ch * p.a_stride + n] : 0.0;
			// Finite, so that a delta of 0 makes it 0.
			if (!EXACT) rate[q][i] = max(rate[q][i] * 1.4426950408889634, -3e38);
		}
	}
	skip = there ? d[p.d_off + ch] : 0.0;
}

vec4 decay4(vec4 v) {
	if (!EXACT) return exp2(v);
	return vec4(decay(v.x), decay(v.y), decay(v.z), decay(v.w));
}

float share[4]; // of the results of four rows, this lane's

// Takes this lane's states to row n of the tile, the i-th of four.
void update_states(uint n, uint i) {
	vec2 dx = tile_x[n * CHANNELS + own];
	float du = dx.x * dx.y;
	share[i] = 0.0;
	[[unroll]] for (uint q = 0; q < QUADS; q++) {
		uint at = n * 4 * QUADS + 4 * q + lane;
		h[q] = fma(decay4(dx.x * rate[q]), h[q], du * tile_b[at]);
		vec4 v = tile_c[at];
		share[i] = fma(h[q].x, v.x, fma(h[q].y, v.y, fma(h[q].z, v.z, fma(h[q].w, v.w, share[i]))));
	}
}

// Adds up four rows over a channel's lanes. Lane l returns row l.
float over_lanes() {
	bool upper = lane >= 2, odd = lane % 2 == 1;
	float even_row = upper ? share[2] : share[0], odd_row = upper ? share[3] : share[1];
	even_row += subgroupShuffleXor(upper ? share[0] : share[2], 2);
	odd_row += subgroupShuffleXor(upper ? share[1] : share[3], 2);
	float sum = odd ? odd_row : even_row;
	return sum + subgroupShuffleXor(odd ? even_row : odd_row, 1);
}

// The g-th four rows of the tile, which begins at row t of the sequence. Each
// lane stores one of them.
void scan_rows(Sequence s, uint t, uint g) {
	[[unroll]] for (uint i = 0; i < 4; i++) update_states(4 * g + i, i);
	float sum = over_lanes();
	uint n = t + 4 * g + lane;
	sum += skip * tile_x[(4 * g + lane) * CHANNELS + own].y;
	if (GATE) sum *= silu(gate[g]);
	if (there && n < s.rows) dst[p.dst_off + (s.first + n) * p.dst_stride + ch] = sum;
}

void store_states(uint slot) {
	uint to = p.state_off + slot * p.state_stride + ch * p.states;
	bool pairs = STATE_TYPE != STATE_F32 && p.states % 2 == 0;
	[[unroll]] for (uint q = 0; q < QUADS; q++) {
		[[unroll]] for (uint i = 0; i < 4; i++) {
			uint n = state_of(q, i);
			if (!there || n >= p.states) continue;
			if (!pairs) set_state(to + n, h[q][i]);
			else if (i % 2 == 0) set_states(to + n, h[q][i], h[q][i + 1]);
		}
	}
}

// Row n of the tile, row t of the sequence, whose state is kept.
void scan_kept(Sequence s, uint t, uint n) {
	update_states(n, 0);
	float sum = share[0] + subgroupShuffleXor(share[0], 2);
	sum += subgroupShuffleXor(sum, 1);
	sum += skip * tile_x[n * CHANNELS + own].y;
	if (GATE && there) sum *= silu(z[p.z_off + (s.first + t) * p.z_stride + ch]);
	if (there && lane == 0) dst[p.dst_off + (s.first + t) * p.dst_stride + ch] = sum;
	store_states(t + 1 == s.rows ? s.to : ring_slot(s.from, s.ring, s.ring_len, t));
	[[unroll]] for (uint q = 0; q < QUADS; q++) {
		[[unroll]] for (uint i = 0; i < 4; i++) h[q][i] = state_round(h[q][i]);
	}
}

void scan(Sequence s, uint c0) {
	load_channel(s, c0);
	fetch(s, 0, c0);
	for (uint t = 0; t < s.rows; t += STEPS) {
		barrier(); // others may still read the tile
		put(s, t);
		take_gates();
		barrier();
		if (t + STEPS < s.rows) fetch(s, t + STEPS, c0);
		if (KEEP && s.ring_len != 0) {
			for (uint n = 0; n < STEPS && t + n < s.rows; n++) scan_kept(s, t + n, n);
			continue;
		}
		[[unroll]] for (uint g = 0; g < LOADS; g++) scan_rows(s, t, g);
	}
	if (!KEEP || s.ring_len == 0) store_states(s.to);
	barrier(); // the tile may be used again
}

void main() {
	uint seqs = batch_seqs();
	for (uint q = gl_WorkGroupID.y; q < seqs; q += gl_NumWorkGroups.y) {
		Sequence s = batch_sequence(q, p.rows, p.slots);
		if (s.rows == 0) continue;
		for (uint c0 = gl_WorkGroupID.x * CHANNELS; c0 < p.cols; c0 += gl_NumWorkGroups.x * CHANNELS) scan(s, c0);
	}
}
