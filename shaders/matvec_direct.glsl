// What matvec_half.glsl makes, and for more rows, where it is known how the lanes of a
// subgroup hold matrices (gpu.Lanes). A sum does not care for the order of its
// inputs: a lane takes, for those of a matrix that it holds, some that follow one
// another in a row, and both factors take the same. So weights are loaded straight
// from memory, 16 bytes to a lane, decoded in registers, and set into matrices element
// by element.
//
// SPLIT subgroups are a team, which makes a group of OUTS channels at a time. The
// columns go round its subgroups, CHUNK of them at a turn: a chunk of weight.glsl or
// more for each set of inputs, in order. The loads of DEPTH turns are in flight. All
// subgroups share the rows, a step at a time, which is CHUNKS turns of each. In shared
// memory rows lie as the lanes of one matrix read them: a word for each set of inputs,
// and that for each row. At the end the team adds up what its subgroups have.
//
// Wants what matvec_half.glsl wants.

layout(local_size_x = 32, local_size_x_id = 0) in;
layout(constant_id = 1) const uint ROWS = 8;  // a multiple of TN
layout(constant_id = 2) const uint OUTS = 8;  // a multiple of TM
layout(constant_id = 3) const uint TM = 8;    // the device's matrices: TM×TK · TK×TN
layout(constant_id = 4) const uint TN = 8;
layout(constant_id = 5) const uint TK = 8;
layout(constant_id = 6) const uint SPLIT = 1;
layout(constant_id = 7) const uint CHUNK = 64; // SETS chunks, or several times as many
layout(constant_id = 8) const uint DEPTH = 2;
layout(constant_id = 9) const uint CHUNKS = 2; // a multiple of DEPTH
layout(constant_id = 10) const uint WORDS = 8; // chunks of a turn, to a lane
layout(constant_id = 11) const uint LOADS = 2; // words of a step's rows, to an invocation
layout(constant_id = 13) const uint SPAN = 144;  // words of both buffers of rows, or of the sums
layout(constant_id = 14) const bool APART = true; // subgroups of a team have room for sums of their own
layout(constant_id = 19) const uint SETS = 1;   // into which a matrix's inputs are divided
layout(constant_id = 20) const uint INPUTS = 8; // of a set
// How lanes hold the weight's matrices, and the rows'.
layout(constant_id = 21) const uint HELD_A = 1; // channels of a lane
layout(constant_id = 22) const uint DIV_A = 1;
layout(constant_id = 23) const uint MOD_A = 8;
layout(constant_id = 24) const uint STEP_A = 1;
layout(constant_id = 25) const uint SET_DIV_A = 1;
layout(constant_id = 26) const uint ROW_STEP_A = 1;
layout(constant_id = 27) const uint PAIR_STEP_A = 2;
layout(constant_id = 28) const uint HELD_B = 1; // rows of a lane
layout(constant_id = 29) const uint DIV_B = 1;
layout(constant_id = 30) const uint MOD_B = 8;
layout(constant_id = 31) const uint STEP_B = 1;
layout(constant_id = 32) const uint SET_DIV_B = 1;
layout(constant_id = 33) const uint ROW_STEP_B = 1;
layout(constant_id = 34) const uint PAIR_STEP_B = 2;

const uint MOST_ROWS = 64;
const uint SUBGROUPS = 16;

layout(set = 0, binding = WEIGHT_BINDING) restrict readonly buffer Weight { uvec4 weight[]; };
#include "chunk.glsl"

shared uvec4 span[SPAN]; // a step's columns of the rows as float16; later sums

// In words of 8 columns: those of a turn, those of a turn of all the team, and
// those of a step.
const uint TURN_WORDS = CHUNK / 8;
const uint ROUND_WORDS = SPLIT * TURN_WORDS;
const uint STEP_WORDS = SPLIT * CHUNKS * TURN_WORDS;

#include "matvec_place.glsl"
#include "half.glsl"

#ifdef NORM
#include "matvec_half_norm.glsl"
#endif
#include "matvec_decode.glsl"

const uint TURN_CHUNKS = CHUNK / CHUNK_SIZE;
// In words of float16: those of a chunk, those that a lane has of a channel at a
// turn, and those that its set of a matrix takes, or of several matrices.
const uint CHUNK_WORDS = CHUNK_SIZE / 8;
const uint SET_CHUNKS = TURN_CHUNKS / SETS;
const uint SET_WORDS = SET_CHUNKS * CHUNK_WORDS;
const uint PANEL = INPUTS > 8 ? INPUTS / 8 : 1;
const uint SERVES = 8 * PANEL / INPUTS; // matrices

Chunk next[DEPTH * WORDS]; // of the weight, in flight

// The channel and the chunk of it that a lane has as the n-th of a turn.
uvec2 place_in_turn(uint n) {
	uint u = n % SET_CHUNKS, r = n / SET_CHUNKS % HELD_A, i = n / SET_CHUNKS / HELD_A;
	return uvec2(i * TM + lane / DIV_A % MOD_A + r * STEP_A, lane / SET_DIV_A % SETS * SET_CHUNKS + u);
}

// The row, and the word of its columns, that lie at word e of a buffer whose step
// begins at word w.
uvec2 place_in_step(uint e, uint w) {
	uint set = e % SETS, t = e / SETS % ROWS, v = e / SETS / ROWS, turn = v / SET_WORDS;
	v %= SET_WORDS;
	uint chunk = w * 8 / CHUNK_SIZE + turn * TURN_CHUNKS + set * SET_CHUNKS + v / CHUNK_WORDS;
	return uvec2(t, column(chunk, v % CHUNK_WORDS * 2) / 8);
}

// Starts to load a turn's weights: of the channels from m on, the columns from word
// w on. It is the d-th of DEPTH.
void fetch_weight(uint d, uint m, uint w) {
	[[unroll]] for (uint n = 0; n < WORDS; n++) {
		uvec2 e = place_in_turn(n);
		uint c = m + e.x, i = w * 8 / CHUNK_SIZE + e.y;
		next[d * WORDS + n] = no_chunk();
		if (i < end_word * 8 / CHUNK_SIZE && c < p.outs) next[d * WORDS + n] = load_chunk(c, i);
	}
}

// Starts to load the first turns' weights of the channels from m on.
void fetch_first_weights(uint m) {
	[[unroll]] for (uint d = 0; d < DEPTH; d++) fetch_weight(d, m, own_word + d * ROUND_WORDS);
}

#ifndef PACKED_ROWS
#define PACKED_ROWS false
uvec4 packed8(uint t, uint c) { return uvec4(0); }
#endif

#ifndef NORM
#define SCALED_ROWS false
float power_of_scale(uint r) { return 1.0; }
#endif
#ifndef PACKED_SCALES
float packed_scale(uint t, uint c) { return 1.0; }
#endif

vec4 ahead[LOADS * 2]; // of the rows, in flight
uvec4 ready[LOADS];    // of rows that are there as float16
float power[LOADS];    // of two, that these are to be multiplied by
#ifdef NORM
vec4 gain[LOADS * 2];
#endif

// Starts to load the rows' columns of the step that begins at word w.
void fetch_rows(uint w) {
	if (PACKED_ROWS) {
		[[unroll]] for (uint n = 0; n < LOADS; n++) {
			uvec2 x = place_in_step(n * gl_WorkGroupSize.x + at, w);
			bool some = x.x < p.rows && x.y < end_word && 8 * x.y < p.cols;
			ready[n] = some ? packed8(x.x, 8 * x.y) : uvec4(0);
			power[n] = SCALED_ROWS && some ? packed_scale(x.x, 8 * x.y) : 1.0;
		}
		return;
	}
	[[unroll]] for (uint n = 0; n < LOADS * 2; n++) {
		uvec2 x = place_in_step(n / 2 * gl_WorkGroupSize.x + at, w);
		uint t = x.x, i = x.y, c = 8 * i + n % 2 * 4;
		bool some = t < p.rows && i < end_word && c < p.cols;
		ahead[n] = some ? source4(t, c) : vec4(0.0);
#ifdef NORM
		gain[n] = some ? norm_weight4(c) : vec4(0.0);
#endif
	}
}

// Eight numbers below 2, times a power of two that leaves them in float16's range.
uvec4 times_power(uvec4 word, float power_) {
	float16_t f = float16_t(min(power_, 16384.0));
	[[unroll]] for (uint i = 0; i < 4; i++) word[i] = packFloat2x16(unpackFloat2x16(word[i]) * f);
	return word;
}

// Stores what fetch_rows loaded in one of the two buffers, as float16.
void put_rows(uint w, uint buffer_) {
	[[unroll]] for (uint n = 0; n < LOADS; n++) {
		uint e = n * gl_WorkGroupSize.x + at, to = buffer_ * ROWS * STEP_WORDS + e;
		if (e >= ROWS * STEP_WORDS) continue;
		uvec2 x = place_in_step(e, w);
		if (PACKED_ROWS) {
			uvec4 word = ready[n];
			if (SCALED_ROWS) word = times_power(word, power[n] * power_of_scale(x.x));
			span[to] = in_order(word);
			continue;
		}
		uint t = x.x;
		[[unroll]] for (uint h = 0; h < 2; h++) {
			uint c = 8 * x.y + 4 * h;
#ifdef NORM
			ahead[2 * n + h] *= gain[2 * n + h] * scales[t];
#endif
			[[unroll]] for (uint k = 1; k < 4; k++) {
				if (c + k >= p.cols) ahead[2 * n + h][k] = 0.0;
			}
		}
		uvec4 packed_ = uvec4(pack_half4(ahead[2 * n]), pack_half4(ahead[2 * n + 1]));
		span[to] = in_order(packed_);
	}
}

const uint DOWN = OUTS / TM, ACROSS = ROWS / TN; // matrices

coopmat<float, gl_ScopeSubgroup, TM, TN, gl_MatrixUseAccumulator> acc[DOWN * ACROSS];

void clear_sums() {
	[[unroll]] for (uint i = 0; i < DOWN * ACROSS; i++) {
		acc[i] = coopmat<float, gl_ScopeSubgroup, TM, TN, gl_MatrixUseAccumulator>(0.0);
	}
}

float16_t half_of(uvec4 word, uint i) { return unpackFloat2x16(word[i / 2])[i % 2]; }

// Adds the products of the d-th turn of DEPTH, which begins at word w, with
// the rows of a turn in the buffer at word x.
void multiply_turn(uint d, uint w, uint x, uint turn) {
	Scales s[WORDS];
	[[unroll]] for (uint n = 0; n < WORDS; n++) {
		s[n] = scales_of(next[d * WORDS + n], w * 8 / CHUNK_SIZE + place_in_turn(n).y);
	}
	uint row = lane / DIV_B % MOD_B, set = lane / SET_DIV_B % SETS;
	[[unroll]] for (uint v = 0; v < SET_WORDS; v += PANEL) {
		coopmat<float16_t, gl_ScopeSubgroup, TM, TK, gl_MatrixUseA> ma[DOWN * SERVES];
		[[unroll]] for (uint e = 0; e < DOWN * HELD_A; e++) {
			uint i = e / HELD_A, r = e % HELD_A;
			[[unroll]] for (uint h = 0; h < PANEL; h++) {
				uint n = e * SET_CHUNKS + (v + h) / CHUNK_WORDS, in_chunk = (v + h) % CHUNK_WORDS;
				uvec4 word = weight8(next[d * WORDS + n], s[n], in_chunk / (RUN / 8), in_chunk % (RUN / 8));
				[[unroll]] for (uint j = 0; j < 8; j++) {
					uint f = (h * 8 + j) / INPUTS, k = (h * 8 + j) % INPUTS;
					ma[i * SERVES + f][r * ROW_STEP_A + k / 2 * PAIR_STEP_A + k % 2] = half_of(word, j);
				}
			}
		}
		[[unroll]] for (uint j = 0; j < ACROSS; j++) {
			coopmat<float16_t, gl_ScopeSubgroup, TK, TN, gl_MatrixUseB> mb[SERVES];
			[[unroll]] for (uint r = 0; r < HELD_B; r++) {
				[[unroll]] for (uint h = 0; h < PANEL; h++) {
					uint at_word = (turn * SET_WORDS + v + h) * ROWS + j * TN + row + r * STEP_B;
					uvec4 word = span[x + at_word * SETS + set];
					[[unroll]] for (uint e = 0; e < 8; e++) {
						uint f = (h * 8 + e) / INPUTS, k = (h * 8 + e) % INPUTS;
						mb[f][r * ROW_STEP_B + k / 2 * PAIR_STEP_B + k % 2] = half_of(word, e);
					}
				}
			}
			[[unroll]] for (uint f = 0; f < SERVES; f++) {
				[[unroll]] for (uint i = 0; i < DOWN; i++) {
					acc[i * ACROSS + j] = coopMatMulAdd(ma[i * SERVES + f], mb[f], acc[i * ACROSS + j]);
				}
			}
		}
	}
}

// Adds the products of a step with the channels from m on. After each turn the loads of
// the one that is DEPTH turns further start.
void multiply(uint m, uint step) {
	for (uint c = 0; c < CHUNKS; c += DEPTH) {
		[[unroll]] for (uint d = 0; d < DEPTH; d++) {
			uint w = own_word + step * STEP_WORDS + (c + d) * ROUND_WORDS;
			multiply_turn(d, w, step % 2 * ROWS * STEP_WORDS, (c + d) * SPLIT + part);
			fetch_weight(d, m, w + DEPTH * ROUND_WORDS);
		}
	}
}

// Where the sum of the team's channel i and row r is, as a component of span's words.
uint sum_at(int r, uint i) { return ((APART ? subgroup - part : subgroup / SPLIT) * ROWS + uint(r)) * OUTS + i; }

float sum_of(int r, uint i) {
	uint e = sum_at(r, i);
	return uintBitsToFloat(span[e / 4][e % 4]);
}

void set_sum(int r, uint i, float x) {
	uint e = sum_at(r, i);
	span[e / 4][e % 4] = floatBitsToUint(x);
}

// Stores this subgroup's sums at component to of span's words.
void store_sums(uint to) {
	[[unroll]] for (uint i = 0; i < DOWN; i++) {
		[[unroll]] for (uint j = 0; j < ACROSS; j++) {
			coopMatStore(acc[i * ACROSS + j], span, (to + j * TN * OUTS + i * TM) / 4, OUTS / 4,
				gl_CooperativeMatrixLayoutColumnMajor);
		}
	}
}

// Adds to this subgroup's sums those at component from.
void load_sums(uint from) {
	[[unroll]] for (uint i = 0; i < DOWN; i++) {
		[[unroll]] for (uint j = 0; j < ACROSS; j++) {
			coopmat<float, gl_ScopeSubgroup, TM, TN, gl_MatrixUseAccumulator> before;
			coopMatLoad(before, span, (from + j * TN * OUTS + i * TM) / 4, OUTS / 4,
				gl_CooperativeMatrixLayoutColumnMajor);
			acc[i * ACROSS + j] += before;
		}
	}
}

// Leaves the sum of what the team's subgroups have where sum_of finds it: all at once,
// or one after another.
void add_up() {
	barrier(); // all are done with the rows
	if (!APART) {
		for (uint turn = 0; turn < SPLIT; turn++) {
			if (part == turn) {
				if (turn > 0) load_sums(subgroup / SPLIT * ROWS * OUTS);
				store_sums(subgroup / SPLIT * ROWS * OUTS);
			}
			barrier();
		}
		return;
	}
	store_sums(subgroup * ROWS * OUTS);
	barrier();
	if (SPLIT > 1) {
		for (uint e = member; e < OUTS * ROWS; e += members) {
			float sum = 0.0;
			[[unroll]] for (uint i = 0; i < SPLIT; i++) {
				uint x = (subgroup - part + i) * ROWS * OUTS + e;
				sum += uintBitsToFloat(span[x / 4][x % 4]);
			}
			set_sum(int(e / OUTS), e % OUTS, sum);
		}
		barrier();
	}
}
