#version 460
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_KHR_shader_subgroup_shuffle : require
#extension GL_EXT_control_flow_attributes : require
// variant: ssm_f32_f32 WEIGHT=0
// variant: ssm_f16_f32 WEIGHT=1
// variant: ssm_bf16_f32 WEIGHT=2
// variant: ssm_block_f32 WEIGHT=3
// variant: ssm_f32_i16 WEIGHT=0 INTEGERS=1
// variant: ssm_f16_i16 WEIGHT=1 INTEGERS=1
// variant: ssm_bf16_i16 WEIGHT=2 INTEGERS=1
// variant: ssm_block_i16 WEIGHT=3 INTEGERS=1
// metal: none with INTEGERS, no kernel of Metal takes them
// The middle third of a block behind x_proj, for few rows: from x_proj.comp's
// slices the norms of dt, B and C, then dt_proj, softplus, the state's update,
// and the gate. LANES invocations share a channel; each has every fourth state.
// The norms are every workgroup's own. A workgroup has a block of ROWS rows, and
// of it the sequences that begin there, to their end: their states are under way
// early, and stay in registers through the blocks that follow. The weight may
// come in parts: this one has cols channels from first on. If asked, dst is also
// written as float16, or as integers for the product behind it. The grid is
// channels × blocks.

layout(local_size_x = 128, local_size_x_id = 0) in;
layout(constant_id = 1) const uint ROWS = 1;
layout(constant_id = 2) const uint SLICES = 1;
layout(constant_id = 3) const uint STATES = 4; // of an invocation; ROWS · STATES is at most MOST_STATES
layout(constant_id = 4) const uint TILE = 512; // ROWS rows of dt, in whole chunks, B and C fit in
layout(constant_id = 17) const uint STATE_TYPE = 0; // see state.glsl
layout(constant_id = 18) const bool KEEP = false;   // sequences may keep the state after every row

const uint MOST_ROWS = 8;

#include "ssm.glsl"

const uint MOST_SLICES = 8;
const uint MOST_STATES = 32;
const uint AHEAD = 8; // chunks of a channel in flight
const uint QUADS = CHUNK_SIZE / 4;
const uint BATCH = 4; // sums over slices in flight

// A row of the tile is dt, zeros to a whole chunk, B and C.
shared vec4 tile[TILE];
shared float scales[MOST_ROWS * 3]; // of dt, B and C of each row

uint all;         // chunks of a channel
uint outs;        // elements of dt, B and C
uint behind;      // where B begins in a row of the tile
uint width;       // vectors of such a row

// A row's invocations where the workgroup divides a block's rows among it.
uint row_team() { return gl_WorkGroupSize.x / ROWS; }

// Element i of row r of the tile.
float value(uint r, uint i) { return tile[r * width + i / 4][i % 4]; }

// Of the states, h and rate have those at j, j + LANES and so on.
Chunk next[AHEAD];
float rate[MOST_STATES], h[MOST_STATES];
float skip, shift; // D, and dt_proj's bias

// Starts to load the weight's chunks from k0 on.
void fetch_chunks(uint k0) {
	[[unroll]] for (uint u = 0; u < AHEAD; u++) {
		uint k = k0 + u * LANES + j;
		next[u] = no_chunk();
		if (mine && k < all) next[u] = load_chunk(c, k);
	}
}

void fetch_channel() {
	[[unroll]] for (uint k = 0; k < STATES; k++) {
		uint n = k * LANES + j;
		h[k] = 0.0;
		rate[k] = 0.0;
		if (mine && n < p.states) rate[k] = a[p.a_off + ch * p.a_stride + n];
	}
	skip = 0.0;
	shift = 0.0;
	if (mine) skip = d[p.d_off + ch];
	if (mine && p.bias_off != ABSENT) shift = bias[p.bias_off + ch];
}

float xs[MOST_ROWS], zs[MOST_ROWS];

void fetch_inputs(uint block) {
	[[unroll]] for (uint r = 0; r < ROWS; r++) {
		uint t = block * ROWS + r;
		xs[r] = zs[r] = 0.0;
		if (mine && t < p.rows) {
			xs[r] = x[p.x_off + t * p.x_stride + ch];
			zs[r] = z[p.z_off + t * p.z_stride + ch];
		}
	}
}

// Puts the sums of x_proj's slices into the tile.
void add_up_slices(uint block) {
	uint team = row_team(), r = at / team, t = block * ROWS + r;
	for (uint o0 = at % team; o0 < outs; o0 += BATCH * team) {
		float part[BATCH * MOST_SLICES];
		[[unroll]] for (uint b = 0; b < BATCH; b++) {
			uint o = o0 + b * team;
			[[unroll]] for (uint s = 0; s < SLICES; s++) {
				part[b * SLICES + s] = 0.0;
				if (o < outs && t < p.rows) {
					part[b * SLICES + s] = dbc[p.dbc_off + (s * p.rows + t) * p.dbc_stride + o];
				}
			}
		}
		[[unroll]] for (uint b = 0; b < BATCH; b++) {
			uint o = o0 + b * team;
			float sum = 0.0;
			[[unroll]] for (uint s = 0; s < SLICES; s++) sum += part[b * SLICES + s];
			uint i = o < p.rank ? o : o - p.rank + behind;
			if (o < outs) tile[r * width + i / 4][i % 4] = sum;
		}
	}
	for (uint i = p.rank + at % team; i < behind; i += team) tile[r * width + i / 4][i % 4] = 0.0;
}

float begin[MOST_STATES]; // the states of sequences that begin in the first block

void fetch_states(uint own, uint block) {
	[[unroll]] for (uint r = 0; r < ROWS; r++) {
		RowSequence s = row_sequence[r];
		uint t = block * ROWS + r;
		[[unroll]] for (uint k = 0; k < STATES; k++) {
			uint n = k * LANES + j;
			begin[r * STATES + k] = 0.0;
			if (mine && n < p.states && block == own && t == s.first && t < s.end) {
				begin[r * STATES + k] = state_at(
					p.state_off + s.from * p.state_stride + ch * p.states + n, p.states % 2 == 0);
			}
		}
	}
}

// Finds the scales that the norms give dt, B and C, one subgroup to each.
void find_scales() {
	for (uint e = gl_SubgroupID; e < ROWS * 3; e += gl_NumSubgroups) {
		uint r = e / 3, part = e % 3;
		uint first = part == 0 ? 0 : behind + (part - 1) * p.states, n = part == 0 ? p.rank : p.states;
		float sum = 0.0;
		for (uint i = lane; i < n; i += lanes) sum += rms_square(value(r, first + i));
		sum = subgroupAdd(sum);
		if (lane == 0) scales[e] = p.norm != 0 ? rms_scale(sum, n, p.eps) : 1.0;
	}
}

float delta[MOST_ROWS];

// Adds to delta what chunk w of the weight, the u-th of those loaded, makes of
// dt.
void multiply_chunk(uint u, uint w) {
	Scales s = scales_of(next[u], w);
	EACH_RUN [[unroll]] for (uint q = 0; q < RUN / 4; q++) {
		vec4 y = weight4(next[u], s, run, q);
		[[unroll]] for (uint r = 0; r < ROWS; r++) {
			vec4 v = tile[r * width + column(w, run * (RUN / 4) + q) / 4];
			delta[r] = fma(y.w, v.w, fma(y.z, v.z, fma(y.y, v.y, fma(y.x, v.x, delta[r]))));
		}
	}
}

// The same for each of the chunks in flight. Written out for blocks: see matvec.glsl.
#if WEIGHT == BLOCKS
#define EACH_CHUNK(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7)
#else
#define EACH_CHUNK(F) [[unroll]] for (uint u = 0; u < AHEAD; u++) F(u)
#endif

// delta = softplus(dt_proj(dt)). The weight's chunks stay in registers where
// they fit.
void project_dt(uint block) {
	[[unroll]] for (uint r = 0; r < ROWS; r++) delta[r] = 0.0;
	for (uint k0 = 0; k0 < all; k0 += AHEAD * LANES) {
		if (all > AHEAD * LANES && (k0 > 0 || block > gl_WorkGroupID.y)) fetch_chunks(k0);
#define MULTIPLY(u) { \
			uint w = k0 + u * LANES + j; \
			if (w < all) multiply_chunk(u, w); \
		}
		EACH_CHUNK(MULTIPLY)
	}
	[[unroll]] for (uint r = 0; r < ROWS; r++) delta[r] = softplus(over_lanes(delta[r]) * scales[r * 3] + shift);
}

// Stores state n. Of 16-bit states two lanes beside each other have a word.
void store_state(uint slot, uint n, float v) {
	uint i = p.state_off + slot * p.state_stride + ch * p.states + n;
	if (STATE_TYPE == STATE_F32 || p.states % 2 == 1) {
		if (mine && n < p.states) set_state(i, v);
		return;
	}
	float next = subgroupShuffleXor(v, 1);
	if (mine && n < p.states && j % 2 == 0) set_states(i, v, next);
}

// Takes the invocation's states to row t, which is row r of the block, and
// returns its share of the row's result.
float update_states(RowSequence s, uint r, uint t) {
	float du = delta[r] * xs[r] * scales[r * 3 + 1], y = 0.0;
	bool keep = row_keeps(r), stores = keep || t + 1 == s.end;
	uint slot = slot_after(s, r, t);
	[[unroll]] for (uint k = 0; k < STATES; k++) {
		uint n = k * LANES + j;
		if (t == s.first) h[k] = begin[r * STATES + k];
		if (n < p.states) {
			h[k] = fma(decay(delta[r] * rate[k]), h[k], du * value(r, behind + n));
			y = fma(value(r, behind + p.states + n), h[k], y);
		}
		if (stores) store_state(slot, n, h[k]);
		if (keep) h[k] = state_round(h[k]);
	}
	return y;
}

#ifdef INTEGERS
const uint MOST_CHANNELS = 256 / LANES; // of a workgroup

shared float made[MOST_ROWS * MOST_CHANNELS]; // what is to be had as integers: of each row the workgroup's channels

void store(uint r, uint t, float y) {
	if (mine && j == 0) dst[p.dst_off + t * p.dst_stride + ch] = y;
	if (j == 0) made[r * MOST_CHANNELS + at / LANES] = y;
}
#else
void store(uint r, uint t, float y) {
	if (mine && j == 0) dst[p.dst_off + t * p.dst_stride + ch] = y;
	if (p.packed_off != ABSENT) {
		uint pair = pack_half4(vec4(y, subgroupShuffleXor(y, LANES), 0.0, 0.0)).x;
		if (mine && j == 0 && ch % 2 == 0) packed[packed_at(t, ch)] = pair;
	}
}
#endif

// The recurrence over the block's rows, in time order, and the gate.
void scan(uint own, uint block) {
	[[unroll]] for (uint r = 0; r < ROWS; r++) {
		RowSequence s = row_sequence[r];
		uint t = block * ROWS + r;
		if (t >= live || t >= s.end || s.first / ROWS != own) continue;
		float y = update_states(s, r, t);
		store(r, t, (over_lanes(y) * scales[r * 3 + 2] + skip * xs[r]) * silu(zs[r]));
	}
}

#ifdef INTEGERS
void store_ready(uint i, uvec2 v) {
	packed[2 * i] = v.x;
	packed[2 * i + 1] = v.y;
}
#include "ready_put.glsl"

// Leaves the block's results as integers. The workgroup has whole blocks of 32 channels, from c0 on.
void hand_over(uint own, uint block, uint c0) {
	barrier();
	uint eights = gl_WorkGroupSize.x / LANES / 8;
	for (uint e = at; e < ROWS * eights; e += gl_WorkGroupSize.x) {
		uint r = e / eights, v = e % eights, t = block * ROWS + r;
		RowSequence s = row_sequence[r];
		bool some = t < live && t < s.end && s.first / ROWS == own && c0 + 8 * v < p.cols;
		vec4 y[2];
		[[unroll]] for (uint i = 0; i < 8; i++) y[i / 4][i % 4] = some ? made[r * MOST_CHANNELS + 8 * v + i] : 0.0;
		put_ready(y[0], y[1], (c0 + 8 * v) / 32, v % 4, p.packed_off + t * p.packed_stride, ready_span(p.cols), some);
	}
}
#endif

void lay_out_tile() {
	outs = p.rank + 2 * p.states;
	all = chunks(p.rank, p.pitch);
	behind = all * CHUNK_SIZE;
	width = (behind + 2 * p.states + 3) / 4;
}

void main() {
	find_place();
	load_codebook(p.cols, at);
	fetch_sequences();
	live = min(p.rows, uint(max(batch[p.batch_off + BATCH_ROWS], 0)));
	lay_out_tile();
	uint group = gl_WorkGroupSize.x / LANES; // channels at a time
	for (uint c0 = gl_WorkGroupID.x * group; c0 < p.cols; c0 += gl_NumWorkGroups.x * group) {
		c = c0 + at / LANES;
		ch = p.first + c;
		mine = c < p.cols;
		fetch_chunks(0);
		fetch_channel();
		for (uint own = gl_WorkGroupID.y; own * ROWS < p.rows; own += gl_NumWorkGroups.y) {
			for (uint block = own; block * ROWS < p.rows; block++) {
				fetch_inputs(block);
				barrier(); // others may still read the tile
				add_up_slices(block);
				find_sequences(block * ROWS);
				barrier();
				fetch_states(own, block);
				find_scales();
				barrier();
				project_dt(block);
				scan(own, block);
#ifdef INTEGERS
				hand_over(own, block, c0);
#endif
				if (ends(own, block)) break;
			}
		}
	}
}
