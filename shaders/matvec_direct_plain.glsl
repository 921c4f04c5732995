// Weights of matvec_direct.glsl that are numbers of 16 bits, and rows on their way through shared memory: a
// step at a time, by turns in two buffers.

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
		if (i < end_word * 8 / CHUNK_SIZE) next[d * WORDS + n] = load_chunk(min(c, p.outs - 1), i);
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

#ifndef STRIPS
uvec4 strip_word(uint i) { return uvec4(0); }
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
	if (STRAIGHT) return;
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

#include "times_power.glsl"

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

layout(constant_id = 43) const bool NEAR = false; // the next turn's rows are loaded before this one is multiplied

// Rows of a turn, with STRAIGHT: of each word of a set those that a lane has of each matrix.
const uint NEAR_WORDS = STRAIGHT ? SET_WORDS * ACROSS * HELD_B : 1;
uvec4 near[NEAR_WORDS];

// Starts to load those of the turn that begins at word w. Behind the last word weights are 0, and any rows will do.
void load_near(uint w) {
	uint row = lane / DIV_B % MOD_B, set = lane / SET_DIV_B % SETS, strip = min(w, end_word - TURN_WORDS) / SETS;
	[[unroll]] for (uint n = 0; n < NEAR_WORDS; n++) {
		uint v = n / (ACROSS * HELD_B), j = n / HELD_B % ACROSS, r = n % HELD_B;
		near[n] = strip_word(((strip + v) * ROWS + j * TN + row + r * STEP_B) * SETS + set);
	}
}

void fetch_near(uint w) {
	if (STRAIGHT && NEAR) load_near(w);
}

// Adds the products of the d-th turn of DEPTH, which begins at word w, with
// the rows of a turn in the buffer at word x.
void multiply_turn(uint d, uint w, uint x, uint turn) {
	uvec4 own[NEAR_WORDS];
	if (STRAIGHT) {
		if (!NEAR) load_near(w);
		[[unroll]] for (uint n = 0; n < NEAR_WORDS; n++) own[n] = near[n];
		if (NEAR) load_near(w + ROUND_WORDS);
	}
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
					uvec4 word = STRAIGHT ? own[((v + h) * ACROSS + j) * HELD_B + r] : span[x + at_word * SETS + set];
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
