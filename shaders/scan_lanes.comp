#version 460
// variant: scan_f32_lanes
// The selective scan for many rows: serial in time, four lanes to a channel.
// The states stay in registers for a whole sequence: lane l has states 4·l to
// 4·l+3 of every 16. What a row needs comes by way of shared memory in tiles of
// STEPS rows, and its result leaves so: four channels to an invocation, for
// devices check every access, and a short one costs as much as a long one. The
// loads of the next tile are issued before this one is worked on, and nothing is
// written to shared memory meanwhile: compilers take no load over such a write,
// and a row by itself is little but waiting. Unless EXACT, exp(Δ·A) is the bare
// exp2 of Δ·(A·log2(e)): half the instructions of a step. With GATE the result is
// multiplied by silu(z). The grid is blocks of channels × sequences.

#extension GL_KHR_shader_subgroup_shuffle : require
#extension GL_EXT_control_flow_attributes : require

layout(local_size_x = 64, local_size_x_id = 0) in;
layout(constant_id = 1) const uint CHANNELS = 16; // a quarter of the invocations, a multiple of 4
layout(constant_id = 2) const uint STEPS = 16;    // a multiple of 4
layout(constant_id = 3) const uint QUADS = 1;     // of states to a lane: states / 16, rounded up
layout(constant_id = 4) const bool GATE = true;
layout(constant_id = 5) const uint SHARED_X = 256; // CHANNELS · STEPS
layout(constant_id = 6) const uint SHARED_B = 64;  // 4 · QUADS · STEPS
layout(constant_id = 7) const uint SHARED_Y = 96;  // PITCH / 4 · STEPS
layout(constant_id = 8) const uint LOADS = 1;      // STEPS / 16, rounded up
layout(constant_id = 9) const bool EXACT = true;   // in float32, else as a pass in float16 bears
layout(constant_id = 10) const uint LOADS_B = 1;   // SHARED_B by the invocations, rounded up
layout(constant_id = 11) const uint FOURS = 4;     // STEPS / 4
layout(constant_id = 12) const bool WIDE = false;  // dst, x, z and dt suit 16-byte words, and so do the channels
layout(constant_id = 13) const bool WIDE_B = false; // b and c do, and the states are 16 · QUADS
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
layout(set = 0, binding = 1) writeonly buffer Dst { vec4 dst[]; };
layout(set = 0, binding = 2) readonly buffer X { vec4 x[]; };
layout(set = 0, binding = 3) readonly buffer Z { vec4 z[]; };
layout(set = 0, binding = 4) readonly buffer DT { vec4 dt[]; };
layout(set = 0, binding = 5) readonly buffer A { float a[]; };
layout(set = 0, binding = 6) readonly buffer B { vec4 b[]; };
layout(set = 0, binding = 7) readonly buffer C { vec4 c[]; };
layout(set = 0, binding = 8) readonly buffer D { float d[]; };
layout(set = 0, binding = 9) restrict buffer State { uint state[]; };
#define BATCH_BINDING 10
#define BATCH_KEEP KEEP
#include "batch.glsl"
#include "state.glsl"
#include "softplus.glsl"
#include "decay.glsl"
#include "activation.glsl"

// So that rows that lanes of a channel write at once lie in banks of their own.
const uint PITCH = CHANNELS + 8;

shared vec2 tile_x[SHARED_X]; // delta, and delta · x
shared vec4 tile_b[SHARED_B];
shared vec4 tile_c[SHARED_B];
shared vec4 tile_y[SHARED_Y]; // results without D and gate, four channels to an element

vec4 next_dt[LOADS], next_x[LOADS], next_z[LOADS];
vec4 next_b[LOADS_B], next_c[LOADS_B];
vec4 this_x[LOADS], this_z[LOADS]; // of the tile that is being worked on

const uint WIDTH = 4 * QUADS; // vectors in a row of tile_b

uint first_ch; // of the four channels that this invocation loads, and stores if they are its own
bool mine;     // whether there are such channels: others are those of the block's first invocation
vec4 skip;     // D of them

// The place of the invocation's four channels in the block.
uint first_of_own() { return gl_LocalInvocationIndex % (CHANNELS / 4) * 4; }

// Whether the i-th vector of this invocation is in the tile, and its row there.
bool in_tile(uint i) { return STEPS % 16 == 0 || gl_LocalInvocationIndex / (CHANNELS / 4) + 16 * i < STEPS; }
uint row_of(uint i) { return gl_LocalInvocationIndex / (CHANNELS / 4) + 16 * i; }

// Loads four elements from element at on, of which some are beyond the end. Those are any number.
#define LOAD4(buf, at, some) \
	vec4(buf[(at) / 4][(at) % 4], buf[((at) + min(1u, (some) - 1)) / 4][((at) + min(1u, (some) - 1)) % 4], \
		buf[((at) + min(2u, (some) - 1)) / 4][((at) + min(2u, (some) - 1)) % 4], \
		buf[((at) + min(3u, (some) - 1)) / 4][((at) + min(3u, (some) - 1)) % 4])

// Starts to load rows t, t + 1, … of s. Beyond its last row is that row again, with a dt whose
// delta is 0: that leaves the states as they are. Beyond the last channel are others.
void fetch(Sequence s, uint t) {
	uint last = s.rows - 1, some = min(p.cols - first_ch, 4);
	[[unroll]] for (uint i = 0; i < LOADS; i++) {
		uint n = t + row_of(i), r = s.first + min(n, last);
		uint dt_at = p.dt_off + r * p.dt_stride + first_ch, x_at = p.x_off + r * p.x_stride + first_ch;
		if (WIDE) {
			next_dt[i] = dt[dt_at / 4];
			next_x[i] = x[x_at / 4];
		} else {
			next_dt[i] = LOAD4(dt, dt_at, some);
			next_x[i] = LOAD4(x, x_at, some);
		}
		if (n > last) next_dt[i] = vec4(-1e30);
		if (GATE) {
			uint z_at = p.z_off + r * p.z_stride + first_ch;
			if (WIDE) next_z[i] = z[z_at / 4];
			else next_z[i] = LOAD4(z, z_at, some);
		}
	}
	[[unroll]] for (uint i = 0; i < LOADS_B; i++) {
		uint e = gl_LocalInvocationIndex + i * gl_WorkGroupSize.x;
		uint r = s.first + min(t + e / WIDTH, last), n = e % WIDTH * 4; // the first of four states
		if (WIDE_B) {
			next_b[i] = b[(p.b_off + r * p.b_stride + n) / 4];
			next_c[i] = c[(p.c_off + r * p.c_stride + n) / 4];
			continue;
		}
		uint from = min(n, (p.states - 1) / 4 * 4), left = p.states - from;
		uint b_at = p.b_off + r * p.b_stride + from, c_at = p.c_off + r * p.c_stride + from;
		next_b[i] = LOAD4(b, b_at, left);
		next_c[i] = LOAD4(c, c_at, left);
		[[unroll]] for (uint k = 0; k < 4; k++) {
			if (n + k >= p.states) next_b[i][k] = next_c[i][k] = 0.0;
		}
	}
}

// Stores what fetch loaded in the tile.
void put() {
	[[unroll]] for (uint i = 0; i < LOADS; i++) {
		if (!in_tile(i)) break;
		uint to = row_of(i) * CHANNELS + first_of_own();
		vec4 delta = vec4(softplus(next_dt[i].x), softplus(next_dt[i].y), softplus(next_dt[i].z),
			softplus(next_dt[i].w));
		vec4 du = delta * next_x[i];
		[[unroll]] for (uint k = 0; k < 4; k++) tile_x[to + k] = vec2(delta[k], du[k]);
	}
	[[unroll]] for (uint i = 0; i < LOADS_B; i++) {
		uint e = gl_LocalInvocationIndex + i * gl_WorkGroupSize.x;
		if (e >= SHARED_B) break;
		tile_b[e] = next_b[i];
		tile_c[e] = next_c[i];
	}
}

// What finish wants of the tile that is worked on next.
void keep_own() {
	[[unroll]] for (uint i = 0; i < LOADS; i++) {
		this_x[i] = next_x[i];
		this_z[i] = next_z[i];
	}
}

// Stores the results of the tile that was worked on, which begins at row t of the sequence.
void finish(Sequence s, uint t) {
	[[unroll]] for (uint i = 0; i < LOADS; i++) {
		uint n = t + row_of(i), to = p.dst_off + (s.first + n) * p.dst_stride + first_ch;
		if (!in_tile(i)) break;
		if (KEEP && n >= s.rows) break; // there are no results where rows are taken one by one
		vec4 v = tile_y[(row_of(i) * PITCH + first_of_own()) / 4] + skip * this_x[i];
		if (GATE) v *= vec4(silu(this_z[i].x), silu(this_z[i].y), silu(this_z[i].z), silu(this_z[i].w));
		if (n >= s.rows || !mine) continue;
		if (WIDE) {
			dst[to / 4] = v;
		} else {
			for (uint k = 0; k < min(p.cols - first_ch, 4); k++) dst[(to + k) / 4][(to + k) % 4] = v[k];
		}
	}
}

uint lane, own; // this invocation in its channel, and the channel in the workgroup
uint ch;        // the channel
bool there;     // whether there is such a channel
vec4 h[QUADS], rate[QUADS];

// The state of the q-th vector's component i.
uint state_of(uint q, uint i) { return 16 * q + 4 * lane + i; }

void load_channel(Sequence s, uint c0) {
	lane = gl_LocalInvocationIndex % 4;
	own = gl_LocalInvocationIndex / 4;
	ch = c0 + own;
	there = ch < p.cols;
	uint from = p.state_off + s.from * p.state_stride + ch * p.states;
	bool pairs = p.states % 2 == 0;
	mine = c0 + first_of_own() < p.cols;
	first_ch = mine ? c0 + first_of_own() : c0;
	[[unroll]] for (uint k = 0; k < 4; k++) skip[k] = d[p.d_off + min(first_ch + k, p.cols - 1)];
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
}

vec4 decay4(vec4 v) {
	if (!EXACT) return exp2(v);
	return vec4(decay(v.x), decay(v.y), decay(v.z), decay(v.w));
}

float share[4]; // of the results of four rows, this lane's

// Takes this lane's states to row n of the tile, the i-th of four.
void update_states(uint n, uint i) {
	vec2 dx = tile_x[n * CHANNELS + own];
	share[i] = 0.0;
	[[unroll]] for (uint q = 0; q < QUADS; q++) {
		uint at = n * WIDTH + 4 * q + lane;
		h[q] = fma(decay4(dx.x * rate[q]), h[q], dx.y * tile_b[at]);
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

float sums[FOURS]; // of every four rows, this lane's

void put_sum(uint n, float sum) { tile_y[(n * PITCH + own) / 4][own % 4] = sum; }

void scan_rows() {
	[[unroll]] for (uint g = 0; g < FOURS; g++) {
		[[unroll]] for (uint i = 0; i < 4; i++) update_states(4 * g + i, i);
		sums[g] = over_lanes();
	}
	[[unroll]] for (uint g = 0; g < FOURS; g++) put_sum(4 * g + lane, sums[g]);
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
	if (lane == 0) put_sum(n, sum);
	store_states(t + 1 == s.rows ? s.to : ring_slot(s.from, s.ring, s.ring_len, t));
	[[unroll]] for (uint q = 0; q < QUADS; q++) {
		[[unroll]] for (uint i = 0; i < 4; i++) h[q][i] = state_round(h[q][i]);
	}
}

void scan(Sequence s, uint c0) {
	load_channel(s, c0);
	fetch(s, 0);
	for (uint t = 0; t < s.rows; t += STEPS) {
		barrier(); // others may still read the tile
		put();
		if (t > 0) finish(s, t - STEPS);
		keep_own();
		barrier();
		fetch(s, t + STEPS);
		if (KEEP && s.ring_len != 0) {
			for (uint n = 0; n < STEPS && t + n < s.rows; n++) scan_kept(s, t + n, n);
		} else {
			scan_rows();
		}
	}
	barrier();
	finish(s, (s.rows - 1) / STEPS * STEPS);
	if (!KEEP || s.ring_len == 0) store_states(s.to);
	barrier(); // the tiles may be used again
}

void main() {
	uint seqs = batch_seqs();
	for (uint q = gl_WorkGroupID.y; q < seqs; q += gl_NumWorkGroups.y) {
		Sequence s = batch_sequence(q, p.rows, p.slots);
		if (s.rows == 0) continue;
		for (uint c0 = gl_WorkGroupID.x * CHANNELS; c0 < p.cols; c0 += gl_NumWorkGroups.x * CHANNELS) scan(s, c0);
	}
}
