// What matvec.glsl makes, on cooperative matrices, where activations may be
// rounded to float16: the product of up to ROWS rows with a weight of a 16-bit
// type or of blocks. Its time too is that of reading the weight once.
//
// SPLIT subgroups are a team, which makes a group of OUTS channels at a time.
// The columns go round its subgroups, CHUNK of them at a turn. At a turn a
// subgroup multiplies a weight tile, OUTS channels × CHUNK columns, with the same
// columns of all rows. It loads weight tiles by chunks of weight.glsl, DEPTH tiles
// in flight, and puts them as float16 into its own corner of shared memory. All
// subgroups share the rows, a step at a time. A step is CHUNKS turns of each
// subgroup. At the end the team adds up what its subgroups have.
//
// Wants weight.glsl, WEIGHT_BINDING, and of the parameters rows, cols, outs
// (channels) and pitch (words of a channel); with NORM also eps. Rows and the
// norm's weight begin at 16-byte words. Wants these functions as well:
//
//	uint live_rows()               rows whose results may be written
//	vec4 source4(uint t, uint c)   elements c to c + 3 of row t < p.rows, c a
//	                               multiple of 4 below p.cols
//	vec4 norm_weight4(uint c)      with NORM: what these columns are multiplied
//	                               by once their squares are taken
//	uvec4 packed8(uint t, uint c)  with PACKED_ROWS, whether rows are there as
//	                               float16: elements c to c + 7 of row t
//	float squares(uint t, uint i)  with SQUARES, how many sums of a row's squares
//	                               there are: sum i

layout(local_size_x = 32, local_size_x_id = 0) in;
layout(constant_id = 1) const uint ROWS = 8;  // a multiple of TN
layout(constant_id = 2) const uint OUTS = 8;  // a multiple of TM
layout(constant_id = 3) const uint TM = 8;    // the device's matrices: TM×TK · TK×TN
layout(constant_id = 4) const uint TN = 8;
layout(constant_id = 5) const uint TK = 8;
layout(constant_id = 6) const uint SPLIT = 1;
layout(constant_id = 7) const uint CHUNK = 64; // a multiple of TK, and of 64 where WEIGHT is BLOCKS
layout(constant_id = 8) const uint DEPTH = 2;
layout(constant_id = 9) const uint CHUNKS = 2; // a multiple of DEPTH
layout(constant_id = 10) const uint WORDS = 8; // chunks of a weight tile, to a lane
layout(constant_id = 11) const uint LOADS = 2; // words of a step's rows, to an invocation
layout(constant_id = 12) const uint STAGE = 144; // words of all subgroups' corners
layout(constant_id = 13) const uint SPAN = 144;  // words of both buffers of rows
layout(constant_id = 14) const uint PARTIALS = 64; // all subgroups' sums

const uint MOST_ROWS = 16;
const bool EARLY = false; // whether what goes with the sums is loaded during the last step
const uint SUBGROUPS = 16;

layout(set = 0, binding = WEIGHT_BINDING) restrict readonly buffer Weight { uvec4 weight[]; };
#include "chunk.glsl"

// Float16, a word behind each channel and row, so that they lie in different
// banks.
shared uvec4 stage[STAGE]; // each subgroup's weight tile
shared uvec4 span[SPAN];   // a step's columns of the rows
shared float sums[PARTIALS];

// In words of 8 columns: those of a turn, those of a turn of all the team, and
// those of a step.
const uint TURN_WORDS = CHUNK / 8;
const uint ROUND_WORDS = SPLIT * TURN_WORDS;
const uint STEP_WORDS = SPLIT * CHUNKS * TURN_WORDS;
const uint TURN_PITCH = TURN_WORDS + 1;
const uint STEP_PITCH = STEP_WORDS + 1;

#include "matvec_place.glsl"
#include "half.glsl"

#ifdef NORM
#include "matvec_half_norm.glsl"
#endif

const uint TURN_CHUNKS = CHUNK / CHUNK_SIZE;

Chunk next[DEPTH * WORDS]; // of the weight, in flight

// The channel and the chunk of it that a lane has as the n-th of a weight tile.
// Lanes next to one another have words of a channel that are, and blocks of
// channels that are: these are stored as several words, and so in different banks.
uvec2 place_in_tile(uint n) {
	uint e = n * lanes + lane;
#if WEIGHT == BLOCKS
	return uvec2(e % OUTS, e / OUTS);
#else
	return uvec2(e / TURN_CHUNKS, e % TURN_CHUNKS);
#endif
}

// Starts to load a weight tile: of the channels from m on, the columns from word
// w on. It is the d-th of DEPTH.
void fetch_weight(uint d, uint m, uint w) {
	[[unroll]] for (uint n = 0; n < WORDS; n++) {
		uvec2 e = place_in_tile(n);
		uint c = m + e.x, i = w * 8 / CHUNK_SIZE + e.y;
		next[d * WORDS + n] = no_chunk();
		if (i < end_word * 8 / CHUNK_SIZE && c < p.outs) next[d * WORDS + n] = load_chunk(c, i);
	}
}

#include "matvec_decode.glsl"

// Stores in this subgroup's corner what fetch_weight loaded from word w on.
void put_weight(uint d, uint w) {
	[[unroll]] for (uint n = 0; n < WORDS; n++) {
		uvec2 e = place_in_tile(n);
		uint to = (subgroup * OUTS + e.x) * TURN_PITCH;
		Chunk chunk = next[d * WORDS + n];
#if WEIGHT == F16
		stage[to + e.y] = chunk;
#else
		Scales s = scales_of(chunk, w * 8 / CHUNK_SIZE + e.y);
		[[unroll]] for (uint run = 0; run < CHUNK_SIZE / RUN; run++) {
			[[unroll]] for (uint q = 0; q < RUN / 8; q++) {
				stage[to + column(e.y, run * (RUN / 4) + 2 * q) / 8] = weight8(chunk, s, run, q);
			}
		}
#endif
	}
}

// Starts to load the first weight tiles of the channels from m on.
void fetch_first_weights(uint m) {
	[[unroll]] for (uint d = 0; d < DEPTH; d++) fetch_weight(d, m, own_word + d * ROUND_WORDS);
}

#ifndef PACKED_ROWS
#define PACKED_ROWS false
uvec4 packed8(uint t, uint c) { return uvec4(0); }
#endif

vec4 ahead[LOADS * 2]; // of the rows, in flight
uvec4 ready[LOADS];    // of rows that are there as float16
#ifdef NORM
vec4 gain[LOADS * 2];
#endif

// Starts to load the rows' columns of the step that begins at word w.
void fetch_rows(uint w) {
	if (PACKED_ROWS) {
		[[unroll]] for (uint n = 0; n < LOADS; n++) {
			uint e = n * gl_WorkGroupSize.x + at, t = e / STEP_WORDS, i = w + e % STEP_WORDS;
			ready[n] = t < p.rows && i < end_word ? packed8(t, 8 * i) : uvec4(0);
		}
		return;
	}
	[[unroll]] for (uint n = 0; n < LOADS * 2; n++) {
		uint e = n / 2 * gl_WorkGroupSize.x + at, t = e / STEP_WORDS, i = w + e % STEP_WORDS, c = 8 * i + n % 2 * 4;
		bool some = t < p.rows && i < end_word && c < p.cols;
		ahead[n] = some ? source4(t, c) : vec4(0.0);
#ifdef NORM
		gain[n] = some ? norm_weight4(c) : vec4(0.0);
#endif
	}
}

// Stores what fetch_rows loaded in one of the two buffers, as float16.
void put_rows(uint w, uint buffer_) {
	[[unroll]] for (uint n = 0; n < LOADS; n++) {
		uint e = n * gl_WorkGroupSize.x + at, t = e / STEP_WORDS, i = e % STEP_WORDS;
		if (t >= ROWS) continue;
		if (PACKED_ROWS) {
			span[(buffer_ * ROWS + t) * STEP_PITCH + i] = in_order(ready[n]);
			continue;
		}
		[[unroll]] for (uint h = 0; h < 2; h++) {
			uint c = 8 * (w + i) + 4 * h;
#ifdef NORM
			ahead[2 * n + h] *= gain[2 * n + h] * scales[t];
#endif
			[[unroll]] for (uint k = 1; k < 4; k++) {
				if (c + k >= p.cols) ahead[2 * n + h][k] = 0.0;
			}
		}
		uvec4 packed_ = uvec4(pack_half4(ahead[2 * n]), pack_half4(ahead[2 * n + 1]));
		span[(buffer_ * ROWS + t) * STEP_PITCH + i] = in_order(packed_);
	}
}

const uint DOWN = OUTS / TM, ACROSS = ROWS / TN; // matrices

coopmat<float, gl_ScopeSubgroup, TM, TN, gl_MatrixUseAccumulator> acc[DOWN * ACROSS];

void clear_sums() {
	[[unroll]] for (uint i = 0; i < DOWN * ACROSS; i++) {
		acc[i] = coopmat<float, gl_ScopeSubgroup, TM, TN, gl_MatrixUseAccumulator>(0.0);
	}
}

// Adds the products of the weight tile in the corner with the rows' columns that
// begin at word x of span.
void multiply_tile(uint x) {
	[[unroll]] for (uint k = 0; k < TURN_WORDS; k += TK / 8) {
		coopmat<float16_t, gl_ScopeSubgroup, TK, TN, gl_MatrixUseB> mb[ACROSS];
		[[unroll]] for (uint j = 0; j < ACROSS; j++) {
			coopMatLoad(mb[j], span, x + j * TN * STEP_PITCH + k, STEP_PITCH, gl_CooperativeMatrixLayoutColumnMajor);
		}
		[[unroll]] for (uint i = 0; i < DOWN; i++) {
			coopmat<float16_t, gl_ScopeSubgroup, TM, TK, gl_MatrixUseA> ma;
			coopMatLoad(ma, stage, (subgroup * OUTS + i * TM) * TURN_PITCH + k, TURN_PITCH,
				gl_CooperativeMatrixLayoutRowMajor);
			[[unroll]] for (uint j = 0; j < ACROSS; j++) {
				acc[i * ACROSS + j] = coopMatMulAdd(ma, mb[j], acc[i * ACROSS + j]);
			}
		}
	}
}

// Adds the products of a step with the channels from m on. Each turn puts one
// weight tile into the corner and starts to load the one that is DEPTH turns
// further.
void multiply(uint m, uint step) {
	for (uint c = 0; c < CHUNKS; c += DEPTH) {
		[[unroll]] for (uint d = 0; d < DEPTH; d++) {
			uint w = own_word + step * STEP_WORDS + (c + d) * ROUND_WORDS;
			put_weight(d, w);
			fetch_weight(d, m, w + DEPTH * ROUND_WORDS);
			subgroupBarrier();
			multiply_tile(step % 2 * ROWS * STEP_PITCH + (c + d) * ROUND_WORDS + part * TURN_WORDS);
			subgroupBarrier();
		}
	}
}

// Adds the products of all steps with the channels from m on. The rows of the first are on their way.
void multiply_rows(uint m) {
	for (uint step = 0; step < steps; step++) {
		uint w = first_word + step * STEP_WORDS; // the step's first
		put_rows(w, step % 2);
		barrier(); // all are done with the other buffer
		fetch_rows(w + STEP_WORDS);
		multiply(m, step);
	}
}

// Where the sum of the team's channel i and row r is.
uint sum_at(int r, uint i) { return ((subgroup - part) * ROWS + uint(r)) * OUTS + i; }

float sum_of(int r, uint i) { return sums[sum_at(r, i)]; }

void set_sum(int r, uint i, float x) { sums[sum_at(r, i)] = x; }

// Leaves in sums what the team's subgroups have.
void add_up() {
	[[unroll]] for (uint i = 0; i < DOWN; i++) {
		[[unroll]] for (uint j = 0; j < ACROSS; j++) {
			coopMatStore(acc[i * ACROSS + j], sums, (subgroup * ROWS + j * TN) * OUTS + i * TM, OUTS,
				gl_CooperativeMatrixLayoutColumnMajor);
		}
	}
	barrier();
	if (SPLIT > 1) {
		for (uint e = member; e < OUTS * ROWS; e += members) {
			float sum = 0.0;
			[[unroll]] for (uint i = 0; i < SPLIT; i++) sum += sums[(subgroup - part + i) * ROWS * OUTS + e];
			sums[(subgroup - part) * ROWS * OUTS + e] = sum;
		}
		barrier();
	}
}
