#version 460
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_KHR_shader_subgroup_shuffle : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#pragma use_vulkan_memory_model
// source: ssm
// variant: ssm_f16_f16 WEIGHT=1 HALF=1
// variant: ssm_bf16_f16 WEIGHT=2 HALF=1
// variant: ssm_block_f16 WEIGHT=3 HALF=1
// metal: none, SPIRV-Cross has no cooperative matrices
// What ssm.comp makes, with dt_proj on cooperative matrices where activations may be
// rounded to float16. A block has more rows than there, since what they share is
// little: most rows of such a pass are sequences of their own, and reading and writing
// their states is most of the work. All of a block's states are loaded first, four
// to an invocation as one word. dbc, states and their strides suit 16-byte words, and
// rank is a multiple of 8.

layout(local_size_x = 128, local_size_x_id = 0) in;
layout(constant_id = 1) const uint ROWS = 8;     // of a block: a multiple of TN and of 4
layout(constant_id = 2) const uint SLICES = 1;
layout(constant_id = 3) const uint QUADS = 1;    // of states to an invocation
layout(constant_id = 4) const uint TM = 8;       // the device's matrices: TM×TK · TK×TN
layout(constant_id = 5) const uint TN = 8;
layout(constant_id = 6) const uint TK = 8;
layout(constant_id = 7) const uint CHANNELS = 32; // a quarter of the invocations: a multiple of TM
layout(constant_id = 8) const uint BK = 64;      // inputs of dt_proj at a time: a multiple of TK and 64
layout(constant_id = 9) const uint DT_WORDS = 144;  // of dt's rows, in whole steps, and a word behind each
layout(constant_id = 10) const uint SPREAD = 1;  // vectors of a row of dbc to a lane
layout(constant_id = 11) const uint LOADS = 2;   // chunks of a step of the weight to an invocation
layout(constant_id = 12) const uint PRODUCTS = 1; // matrices of a subgroup
layout(constant_id = 13) const uint BC_WORDS = 64; // of B and C of ROWS rows
layout(constant_id = 14) const uint STEP_SPAN = 288; // words of a step of the weight, and one behind each channel
layout(constant_id = 15) const uint SUMS = 288;      // of ROWS rows and CHANNELS + 4
layout(constant_id = 17) const uint STATE_TYPE = 0; // see state.glsl
layout(constant_id = 18) const bool KEEP = false;   // sequences may keep the state after every row

const uint MOST_ROWS = 32;

#include "ssm.glsl"

const uint STEP_WORDS = BK / 8;
const uint STEP_PITCH = STEP_WORDS + 1;
const uint SUM_PITCH = CHANNELS + 4;

// Float16, a word behind each row and channel, so that they lie in different banks.
shared uvec4 dt_tile[DT_WORDS];
shared uvec4 weight_tile[STEP_SPAN];
shared vec4 bc_tile[BC_WORDS]; // B and C of each row
shared float sums[SUMS];

uint dt_pitch; // words of a row of dt_tile
uint quads;    // of B, and of C

// Starts to load the weight's inputs of a step, for the channels from c0 on.
const uint STEP_CHUNKS = BK / RUN; // runs of chunks: a chunk of blocks has two
Chunk next[LOADS];

uint load_channel(uint n) { return (n * gl_WorkGroupSize.x + at) / STEP_CHUNKS; }
uint load_input(uint n, uint step) { return step * BK + (n * gl_WorkGroupSize.x + at) % STEP_CHUNKS * RUN; }

void fetch_weights(uint c0, uint step) {
	[[unroll]] for (uint n = 0; n < LOADS; n++) {
		uint m = c0 + load_channel(n), w = chunk_at(load_input(n, step));
		next[n] = no_chunk();
		if (m < p.cols && w < chunks(p.rank, p.pitch)) next[n] = load_chunk(m, w);
	}
}

uvec4 pack8(vec4 lo, vec4 hi) {
	return uvec4(packHalf2x16(lo.xy), packHalf2x16(lo.zw), packHalf2x16(hi.xy), packHalf2x16(hi.zw));
}

// Stores what fetch_weights loaded. Weights are small: none is cut to the range of float16.
void put_weights(uint step) {
	[[unroll]] for (uint n = 0; n < LOADS; n++) {
		uint m = load_channel(n), input_ = load_input(n, step);
		if (m >= CHANNELS) break;
		uint to = m * STEP_PITCH + (input_ - step * BK) / 8;
		Scales s = scales_of(next[n], chunk_at(input_));
		[[unroll]] for (uint q = 0; q < RUN / 8; q++) {
			uint run = run_at(input_);
			weight_tile[to + q] = pack8(weight4(next[n], s, run, 2 * q), weight4(next[n], s, run, 2 * q + 1));
		}
	}
}

vec4 rate[QUADS], h[QUADS], begin[ROWS * QUADS]; // begin: the states of sequences that begin in the first block
float skip, shift;                               // D, and dt_proj's bias

// The first of this invocation's q-th four states.
uint state_of(uint q) { return 16 * q + 4 * j; }

void fetch_channel() {
	[[unroll]] for (uint q = 0; q < QUADS; q++) {
		rate[q] = vec4(0.0);
		h[q] = vec4(0.0);
		if (!mine || state_of(q) >= p.states) continue;
		[[unroll]] for (uint i = 0; i < 4; i++) rate[q][i] = a[p.a_off + ch * p.a_stride + state_of(q) + i];
	}
	skip = mine ? d[p.d_off + ch] : 0.0;
	shift = mine && p.bias_off != ABSENT ? bias[p.bias_off + ch] : 0.0;
}

void fetch_states(uint own, uint block) {
	[[unroll]] for (uint r = 0; r < ROWS; r++) {
		RowSequence s = row_sequence[r];
		uint t = block * ROWS + r;
		bool begins = mine && block == own && t == s.first && t < s.end;
		[[unroll]] for (uint q = 0; q < QUADS; q++) {
			begin[r * QUADS + q] = vec4(0.0);
			if (begins && state_of(q) < p.states) {
				begin[r * QUADS + q] = states_at(p.state_off + s.from * p.state_stride + ch * p.states + state_of(q));
			}
		}
	}
}

// A channel's four invocations have a row each of every four.
float xs[ROWS / LANES], zs[ROWS / LANES];

void fetch_inputs(uint block) {
	[[unroll]] for (uint i = 0; i < ROWS / LANES; i++) {
		uint t = block * ROWS + i * LANES + j;
		xs[i] = zs[i] = 0.0;
		if (mine && t < p.rows) {
			xs[i] = x[p.x_off + t * p.x_stride + ch];
			zs[i] = z[p.z_off + t * p.z_stride + ch];
		}
	}
}

// What the invocation that has row r holds of it.
float of_row(float v, uint r) { return subgroupShuffle(v, lane / LANES * LANES + r % LANES); }

// The sums over x_proj's slices of row t, in vectors spread over a subgroup.
vec4 outs[SPREAD];

void add_up_slices(uint t) {
	[[unroll]] for (uint i = 0; i < SPREAD; i++) {
		uint q = i * lanes + lane;
		outs[i] = vec4(0.0);
		if (q >= p.rank / 4 + 2 * quads || t >= p.rows) continue;
		[[unroll]] for (uint s = 0; s < SLICES; s++) {
			outs[i] += dbc[(p.dbc_off + (s * p.rows + t) * p.dbc_stride) / 4 + q];
		}
	}
}

// Which of dt, B and C vector q of a row belongs to.
uint part_of(uint q) { return q < p.rank / 4 ? 0 : q < p.rank / 4 + quads ? 1 : 2; }

float squares(vec4 v) { return rms_square(v.x) + rms_square(v.y) + rms_square(v.z) + rms_square(v.w); }

// Brings dt, B and C to a mean square of 1, each by itself.
void normalise() {
	if (p.norm == 0) return;
	vec3 sum = vec3(0.0);
	[[unroll]] for (uint i = 0; i < SPREAD; i++) sum[part_of(i * lanes + lane)] += squares(outs[i]);
	vec3 scale = vec3(rms_scale(subgroupAdd(sum.x), p.rank, p.eps), rms_scale(subgroupAdd(sum.y), p.states, p.eps),
		rms_scale(subgroupAdd(sum.z), p.states, p.eps));
	[[unroll]] for (uint i = 0; i < SPREAD; i++) outs[i] *= scale[part_of(i * lanes + lane)];
}

// Stores row r of a block: dt as float16, with zeros to a whole step, B and C as they are.
void put_row(uint r) {
	[[unroll]] for (uint i = 0; i < SPREAD; i++) {
		uint q = i * lanes + lane, word = r * dt_pitch + q / 2;
		if (q >= p.rank / 4) {
			if (q < p.rank / 4 + 2 * quads) bc_tile[r * 2 * quads + q - p.rank / 4] = outs[i];
		} else if (q % 2 == 0) {
			dt_tile[word].xy = pack_half4(outs[i]);
		} else {
			dt_tile[word].zw = pack_half4(outs[i]);
		}
	}
	for (uint w = p.rank / 8 + lane; w < dt_pitch; w += lanes) dt_tile[r * dt_pitch + w] = uvec4(0);
}

void put_rows(uint block) {
	for (uint r = gl_SubgroupID; r < ROWS; r += gl_NumSubgroups) {
		add_up_slices(block * ROWS + r);
		normalise();
		put_row(r);
	}
}

const uint DOWN = CHANNELS / TM, ACROSS = ROWS / TN; // matrices

coopmat<float, gl_ScopeSubgroup, TM, TN, gl_MatrixUseAccumulator> acc[PRODUCTS];

// Adds the products of a step's inputs.
void multiply(uint step) {
	[[unroll]] for (uint i = 0; i < PRODUCTS; i++) {
		uint f = i * gl_NumSubgroups + gl_SubgroupID;
		if (f >= DOWN * ACROSS) break;
		[[unroll]] for (uint k = 0; k < STEP_WORDS; k += TK / 8) {
			coopmat<float16_t, gl_ScopeSubgroup, TM, TK, gl_MatrixUseA> ma;
			coopMatLoad(ma, weight_tile, f % DOWN * TM * STEP_PITCH + k, STEP_PITCH,
				gl_CooperativeMatrixLayoutRowMajor);
			coopmat<float16_t, gl_ScopeSubgroup, TK, TN, gl_MatrixUseB> mb;
			coopMatLoad(mb, dt_tile, f / DOWN * TN * dt_pitch + step * STEP_WORDS + k, dt_pitch,
				gl_CooperativeMatrixLayoutColumnMajor);
			acc[i] = coopMatMulAdd(ma, mb, acc[i]);
		}
	}
}

// Leaves dt_proj's sums of the block's rows in sums.
void project_dt(uint c0) {
	uint steps = dt_pitch / STEP_WORDS;
	[[unroll]] for (uint i = 0; i < PRODUCTS; i++) {
		acc[i] = coopmat<float, gl_ScopeSubgroup, TM, TN, gl_MatrixUseAccumulator>(0.0);
	}
	for (uint step = 0; step < steps; step++) {
		put_weights(step);
		barrier();
		if (step + 1 < steps) fetch_weights(c0, step + 1);
		multiply(step);
		barrier();
	}
	[[unroll]] for (uint i = 0; i < PRODUCTS; i++) {
		uint f = i * gl_NumSubgroups + gl_SubgroupID;
		if (f >= DOWN * ACROSS) break;
		coopMatStore(acc[i], sums, f / DOWN * TN * SUM_PITCH + f % DOWN * TM, SUM_PITCH,
			gl_CooperativeMatrixLayoutColumnMajor);
	}
	barrier();
}

void store_states(RowSequence s, uint r, uint t) {
	uint to = p.state_off + slot_after(s, r, t) * p.state_stride + ch * p.states;
	[[unroll]] for (uint q = 0; q < QUADS; q++) {
		if (mine && state_of(q) < p.states) set_states(to + state_of(q), h[q]);
	}
}

// Takes the invocation's states to row t, which is row r of the block, and returns its share
// of the row's result.
float update_states(RowSequence s, uint r, uint t, float delta, float x_) {
	float y = 0.0;
	[[unroll]] for (uint q = 0; q < QUADS; q++) {
		if (t == s.first) h[q] = begin[r * QUADS + q];
		if (state_of(q) < p.states) {
			vec4 b = bc_tile[r * 2 * quads + 4 * q + j], c_ = bc_tile[(r * 2 + 1) * quads + 4 * q + j];
			vec4 keep = vec4(decay(delta * rate[q].x), decay(delta * rate[q].y), decay(delta * rate[q].z),
				decay(delta * rate[q].w));
			h[q] = fma(keep, h[q], delta * x_ * b);
			y = fma(c_.w, h[q].w, fma(c_.z, h[q].z, fma(c_.y, h[q].y, fma(c_.x, h[q].x, y))));
		}
	}
	if (row_keeps(r) || t + 1 == s.end) store_states(s, r, t);
	if (row_keeps(r)) {
		[[unroll]] for (uint q = 0; q < QUADS; q++) {
			[[unroll]] for (uint i = 0; i < 4; i++) h[q][i] = state_round(h[q][i]);
		}
	}
	return y;
}

// Whether row r of the block, row t, is this workgroup's.
bool takes(RowSequence s, uint t, uint own) { return t < live && t < s.end && s.first / ROWS == own; }

// The recurrence over the block's rows, in time order, and the gate.
void scan(uint own, uint block) {
	float deltas[ROWS / LANES], ys[ROWS / LANES];
	[[unroll]] for (uint i = 0; i < ROWS / LANES; i++) {
		deltas[i] = softplus(sums[(i * LANES + j) * SUM_PITCH + at / LANES] + shift);
		ys[i] = 0.0;
	}
	[[unroll]] for (uint r = 0; r < ROWS; r++) {
		RowSequence s = row_sequence[r];
		uint t = block * ROWS + r;
		float delta = of_row(deltas[r / LANES], r), x_ = of_row(xs[r / LANES], r);
		float y = takes(s, t, own) ? update_states(s, r, t, delta, x_) : 0.0;
		y = over_lanes(y);
		if (j == r % LANES) ys[r / LANES] = y;
	}
	[[unroll]] for (uint i = 0; i < ROWS / LANES; i++) {
		uint r = i * LANES + j, t = block * ROWS + r;
		float y = (ys[i] + skip * xs[i]) * silu(zs[i]);
		bool stores = mine && takes(row_sequence[r], t, own);
		if (stores) dst[p.dst_off + t * p.dst_stride + ch] = y;
		if (p.packed_off != ABSENT) {
			uint pair = pack_half4(vec4(y, subgroupShuffleXor(y, LANES), 0.0, 0.0)).x;
			if (stores && ch % 2 == 0) packed[packed_at(t, ch)] = pair;
		}
	}
}

void main() {
	find_place();
	load_codebook(p.cols, at);
	fetch_sequences();
	live = min(p.rows, uint(max(batch[p.batch_off + BATCH_ROWS], 0)));
	dt_pitch = (p.rank + BK - 1) / BK * STEP_WORDS + 1;
	quads = p.states / 4;
	for (uint c0 = gl_WorkGroupID.x * CHANNELS; c0 < p.cols; c0 += gl_NumWorkGroups.x * CHANNELS) {
		c = c0 + at / LANES;
		ch = p.first + c;
		mine = c < p.cols;
		fetch_channel();
		for (uint own = gl_WorkGroupID.y; own * ROWS < p.rows; own += gl_NumWorkGroups.y) {
			for (uint block = own; block * ROWS < p.rows; block++) {
				fetch_weights(c0, 0);
				fetch_inputs(block);
				barrier(); // others may still read the tiles
				find_sequences(block * ROWS);
				barrier();
				fetch_states(own, block);
				put_rows(block);
				project_dt(c0);
				scan(own, block);
				if (ends(own, block)) break;
			}
		}
	}
}
