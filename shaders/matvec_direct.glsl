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
// and that for each row. With STRAIGHT they lie so in memory (strip.glsl), and every subgroup
// reads them there: none waits for another. At the end the team adds up what its subgroups have.
//
// Weights of 16 bits are matvec_direct_plain.glsl's, blocks matvec_direct_blocks.glsl's.
//
// Wants what matvec_half.glsl wants, and fetch_beside(uint m), which starts to load what
// goes with the sums of the channels from m on: where EARLY, during the last step.

layout(local_size_x = 32, local_size_x_id = 0) in;
layout(constant_id = 1) const uint ROWS = 8;  // a multiple of TN
layout(constant_id = 2) const uint OUTS = 8;  // a multiple of TM
layout(constant_id = 3) const uint TM = 8;    // the device's matrices: TM×TK · TK×TN
layout(constant_id = 4) const uint TN = 8;
layout(constant_id = 5) const uint TK = 8;
layout(constant_id = 6) const uint SPLIT = 1;
layout(constant_id = 7) const uint CHUNK = 64; // SETS chunks, or several times as many
layout(constant_id = 8) const uint DEPTH = 2;
layout(constant_id = 9) const uint CHUNKS = 2; // a multiple of DEPTH, if weights are no blocks
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

layout(constant_id = 42) const bool STRAIGHT = false; // rows lie in memory as lanes read them

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
const uint DOWN = OUTS / TM, ACROSS = ROWS / TN; // matrices

coopmat<float, gl_ScopeSubgroup, TM, TN, gl_MatrixUseAccumulator> acc[DOWN * ACROSS];

void clear_sums() {
	[[unroll]] for (uint i = 0; i < DOWN * ACROSS; i++) {
		acc[i] = coopmat<float, gl_ScopeSubgroup, TM, TN, gl_MatrixUseAccumulator>(0.0);
	}
}

float16_t half_of(uvec4 word, uint i) { return unpackFloat2x16(word[i / 2])[i % 2]; }

const bool EARLY = WEIGHT == BLOCKS; // whether what goes with the sums is loaded during the last step

#if WEIGHT == BLOCKS
#include "matvec_direct_blocks.glsl"
#else
#include "matvec_direct_plain.glsl"
#endif

void fetch_beside(uint m);

// Adds the products of all steps with the channels from m on. The rows of the first are on their way.
void multiply_rows(uint m) {
	if (STRAIGHT) {
		fetch_near(own_word);
		for (uint step = 0; step < steps; step++) {
			if (EARLY && step + 1 == steps) fetch_beside(m);
			multiply(m, step);
		}
		return;
	}
	for (uint step = 0; step < steps; step++) {
		uint w = first_word + step * STEP_WORDS; // the step's first
		put_rows(w, step % 2);
		barrier(); // all are done with the other buffer
		fetch_rows(w + STEP_WORDS);
		if (EARLY && step + 1 == steps) fetch_beside(m);
		multiply(m, step);
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
