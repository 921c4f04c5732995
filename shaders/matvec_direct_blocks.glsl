// Weights of matvec_direct.glsl that are blocks. Rows are there as float16. Beside what stands there this wants with
// NORM:
//
//	float packed_scale(uint t, uint c)   with PACKED_SCALES, where SCALED_ROWS: what row t's columns c to c + 7 are to
//	                                     be multiplied by, beside the row's scale
//
// A lane has a chunk of each of its channels at a turn. A piece is 16 elements of it, in two words of 8 columns: with
// codes of 4 bits one of the low nibbles of 8 bytes and one of the high ones, else one behind the other. A piece fills
// SERVES matrices. CHUNK is SETS chunks. Of the rows a step's pieces lie in shared memory, as lanes read them: for each
// piece of a turn the first words of all sets and rows, then the second ones.

const uint PIECES = CHUNK_SIZE / 16;
const uint SERVES = 16 / INPUTS;

const bool BYTES = FORMAT == Q8_0;
const uint FAR = BYTES ? 8 : 32; // columns from a piece's first word to its second

// A weight is (code − ZERO) · factor · scale + rest. x is of a chunk's first run, y of its second.
const float ZERO = BYTES ? 128.0 : FORMAT == Q6_K ? 32.0 : 8.0;
struct Factors { f16vec2 factor, scale, rest; };

// Factors are small integers, and scales as they are stored but for a codebook's, so that no weight is rounded more
// than once.
Factors factors_of(Chunk chunk, uint w) {
	Factors f = Factors(f16vec2(1.0), f16vec2(1.0), f16vec2(0.0));
	f16vec2 stored = unpackFloat2x16(chunk.scales.x);
	if (BYTES) {
		f.scale = f16vec2(w / 2 % 2 == 0 ? stored.x : stored.y);
	} else if (FORMAT == Q4_0) {
		f.scale = stored;
	} else if (FORMAT == Q4_K) {
		// 2^23 + n and 1024 + n have n in their lowest bits: few devices convert integers at full speed.
		uvec4 n = scale_codes(chunk, w);
		vec4 v = uintBitsToFloat(n | 0x4b000000u) - 8388608.0;
		vec2 d = unpackHalf2x16(chunk.scales.x);
		f.factor = unpackFloat2x16(n.x | n.y << 16 | 0x64006400u) - f16vec2(1024.0);
		f.scale = f16vec2(stored.x);
		f.rest = unpackFloat2x16(packHalf2x16(d.x * ZERO * v.xy - d.y * v.zw));
	} else if (FORMAT == Q6_K) {
		f.factor = f16vec2(byte_scales(chunk, w));
		f.scale = f16vec2(unpackFloat2x16(chunk.scales.y >> w / 8 % 2 * 16).x);
	} else {
		f.scale = f16vec2(uintBitsToFloat(chunk.scales.x));
	}
	return f;
}

// Two of the codes of a word's bytes, those 16 bits apart, less ZERO. They become numbers without being moved, and
// exactly: 1024 + n has n in its lowest bits.
f16vec2 of_bytes(uint c) { return unpackFloat2x16(c & 0x00ff00ffu | 0x64006400u) - f16vec2(1024.0 + ZERO); }
f16vec2 of_low(uint c) { return unpackFloat2x16(c & 0x000f000fu | 0x64006400u) - f16vec2(1024.0 + ZERO); }
f16vec2 of_high(uint c) {
	return fma(unpackFloat2x16(c & 0x00f000f0u | 0x64006400u), f16vec2(0.0625), f16vec2(-64.0 - ZERO));
}

uint scaled(f16vec2 number, float16_t factor, float16_t scale, float16_t rest) {
	if (FORMAT == Q4_K || FORMAT == Q6_K) number *= f16vec2(factor);
	if (FORMAT == Q4_K) return packFloat2x16(fma(number, f16vec2(scale), f16vec2(rest)));
	return packFloat2x16(number * f16vec2(scale));
}

// Codebook entries of all bytes, of the low nibble and of the high one, COPIES of each in different banks.
layout(constant_id = 12) const uint STAGE = 1; // 256 · COPIES, or 1 where there is no codebook
const uint COPIES = 8;
shared uint pairs[STAGE];

bool paired = false; // whether they are there

void load_pairs() {
	if (FORMAT == CODEBOOK && !paired) {
		for (uint i = at; i < STAGE; i += gl_WorkGroupSize.x) {
			uint byte_ = i / COPIES;
			pairs[i] = packHalf2x16(vec2(codebook[byte_ & 15], codebook[byte_ >> 4]));
		}
		barrier();
	}
	paired = true;
}

uint pair_of(uint byte_) { return pairs[byte_ * COPIES + lane % COPIES]; }

struct Piece { uvec4 first, second; };

// Piece v of a chunk as float16, of each word's four the second and third in one another's place; or with a codebook
// the elements of both words by turns.
Piece weights_of(Chunk chunk, Factors f, uint v) {
	Piece x;
	[[unroll]] for (uint i = 0; i < 2; i++) {
		[[unroll]] for (uint odd = 0; odd < 2; odd++) {
			uint e = 2 * i + odd;
			if (FORMAT == CODEBOOK) {
				uint c = chunk.code[2 * v + odd] >> 16 * i;
				uvec2 two = uvec2(pair_of(c & 0xffu), pair_of(c >> 8 & 0xffu));
				[[unroll]] for (uint k = 0; k < 2; k++) {
					uint y = packFloat2x16(unpackFloat2x16(two[k]) * f.scale);
					if (odd == 0) x.first[2 * i + k] = y;
					else x.second[2 * i + k] = y;
				}
				continue;
			}
			f16vec2 near, far;
			if (BYTES) {
				near = of_bytes((chunk.code[i] ^ 0x80808080u) >> 8 * odd);
				far = of_bytes((chunk.code[2 + i] ^ 0x80808080u) >> 8 * odd);
			} else if (FORMAT == Q6_K) {
				near = of_bytes(codes4(chunk, 0, 2 * v + i) >> 8 * odd);
				far = of_bytes(codes4(chunk, 1, 2 * v + i) >> 8 * odd);
			} else {
				uint c = chunk.code[2 * v + i] >> 8 * odd;
				near = of_low(c);
				far = of_high(c);
			}
			x.first[e] = scaled(near, f.factor.x, f.scale.x, f.rest.x);
			x.second[e] = scaled(far, f.factor.y, f.scale.y, f.rest.y);
		}
	}
	return x;
}

uvec4 swapped(uvec4 v) {
	uvec2 even = v.xz & 0xffffu | v.yw << 16, odd = v.xz >> 16 | v.yw & 0xffff0000u;
	return uvec4(even.x, odd.x, even.y, odd.y);
}

// A piece of a row in the order of the weight's.
Piece in_order(Piece x) {
	if (FORMAT != CODEBOOK) return Piece(swapped(x.first), swapped(x.second));
	uvec4 even = x.first & 0xffffu | x.second << 16, odd = x.first >> 16 | x.second & 0xffff0000u;
	return Piece(uvec4(even.x, odd.x, even.y, odd.y), uvec4(even.z, odd.z, even.w, odd.w));
}

Piece ahead[LOADS]; // of the rows, in flight
#ifdef PACKED_SCALES
vec2 power[LOADS]; // of two, that their words are to be multiplied by
#endif

const uint RUN_WORDS = ROWS * SETS; // words of a piece's first half
const uint STEP_PIECES = SPLIT * CHUNKS * PIECES * RUN_WORDS;

// The row, and the first column, of piece e of a step that begins at word w.
uvec2 place_in_step(uint e, uint w) {
	uint v = e / RUN_WORDS;
	uint chunk = w / (CHUNK_SIZE / 8) + v / PIECES * SETS + e % SETS;
	return uvec2(e / SETS % ROWS, column(chunk, 0) + v % PIECES * 8);
}

// Starts to load the rows' columns of the step that begins at word w. Columns beyond the last are those of weights that
// are 0, and rows of sums that nobody stores: they have what others have.
void fetch_rows(uint w) {
	[[unroll]] for (uint n = 0; n < LOADS; n++) {
		uvec2 x = place_in_step(n * gl_WorkGroupSize.x + at, w);
		uint t = min(x.x, p.rows - 1), c = min(x.y, p.cols - 8), c2 = min(x.y + FAR, p.cols - 8);
		ahead[n] = Piece(packed8(t, c), packed8(t, c2));
#ifdef PACKED_SCALES
		if (SCALED_ROWS) power[n] = vec2(packed_scale(t, c), packed_scale(t, c2));
#endif
	}
}

#include "times_power.glsl"

void fetch_near(uint w) {}

// Stores what fetch_rows loaded in one of the two buffers.
void put_rows(uint w, uint buffer_) {
	[[unroll]] for (uint n = 0; n < LOADS; n++) {
		uint e = n * gl_WorkGroupSize.x + at;
		if (e >= STEP_PIECES) continue;
		Piece x = ahead[n];
#ifdef PACKED_SCALES
		if (SCALED_ROWS) {
			float row = power_of_scale(min(place_in_step(e, w).x, p.rows - 1));
			x.first = times_power(x.first, power[n].x * row);
			x.second = times_power(x.second, power[n].y * row);
		}
#endif
		x = in_order(x);
		uint to = 2 * (buffer_ * STEP_PIECES + e) - e % RUN_WORDS;
		span[to] = x.first;
		span[to + RUN_WORDS] = x.second;
	}
}

Chunk next[DEPTH * WORDS]; // of the weight, in flight
Chunk now[WORDS];

// Starts to load a turn's weights: of the channels from m on, the columns from word w on. It is the d-th of DEPTH.
void fetch_weight(uint d, uint m, uint w) {
	uint i = w / (CHUNK_SIZE / 8) + lane / SET_DIV_A % SETS;
	[[unroll]] for (uint n = 0; n < WORDS; n++) {
		uint c = m + n / HELD_A * TM + lane / DIV_A % MOD_A + n % HELD_A * STEP_A;
		next[d * WORDS + n] = no_chunk();
		if (i < end_word / (CHUNK_SIZE / 8)) next[d * WORDS + n] = load_chunk(min(c, p.outs - 1), i);
	}
}

// Starts to load the first turns' weights of the channels from m on.
void fetch_first_weights(uint m) {
	load_pairs();
	[[unroll]] for (uint d = 0; d < DEPTH; d++) fetch_weight(d, m, own_word + d * ROUND_WORDS);
}

// Element i of a piece.
float16_t element(Piece x, uint i) { return half_of(i < 8 ? x.first : x.second, i % 8); }

Factors factors[WORDS]; // of a turn's chunks

// Adds the products of piece v of a turn's chunks, with rows whose pieces begin at word x of span.
void multiply_piece(uint v, uint x) {
	coopmat<float16_t, gl_ScopeSubgroup, TM, TK, gl_MatrixUseA> ma[DOWN * SERVES];
	[[unroll]] for (uint n = 0; n < WORDS; n++) {
		Piece y = weights_of(now[n], factors[n], v);
		[[unroll]] for (uint e = 0; e < 16; e++) {
			uint k = e % INPUTS;
			ma[n / HELD_A * SERVES + e / INPUTS][n % HELD_A * ROW_STEP_A + k / 2 * PAIR_STEP_A + k % 2] = element(y, e);
		}
	}
	[[unroll]] for (uint j = 0; j < ACROSS; j++) {
		coopmat<float16_t, gl_ScopeSubgroup, TK, TN, gl_MatrixUseB> mb[SERVES];
		[[unroll]] for (uint r = 0; r < HELD_B; r++) {
			uint to = x + 2 * v * RUN_WORDS + (j * TN + r * STEP_B) * SETS;
			Piece y = Piece(span[to], span[to + RUN_WORDS]);
			[[unroll]] for (uint e = 0; e < 16; e++) {
				uint k = e % INPUTS;
				mb[e / INPUTS][r * ROW_STEP_B + k / 2 * PAIR_STEP_B + k % 2] = element(y, e);
			}
		}
		[[unroll]] for (uint i = 0; i < DOWN * SERVES; i++) {
			acc[i / SERVES * ACROSS + j] = coopMatMulAdd(ma[i], mb[i % SERVES], acc[i / SERVES * ACROSS + j]);
		}
	}
}

// Adds the products of the t-th of the subgroup's turns in a step, and starts the loads of the one that is DEPTH turns
// further.
void multiply_turn(uint m, uint step, uint t) {
	uint w = own_word + step * STEP_WORDS + t * ROUND_WORDS, own = w / (CHUNK_SIZE / 8) + lane / SET_DIV_A % SETS;
	uint x = 2 * (step % 2 * STEP_PIECES + (t * SPLIT + part) * PIECES * RUN_WORDS);
	x += lane / DIV_B % MOD_B * SETS + lane / SET_DIV_B % SETS;
	[[unroll]] for (uint n = 0; n < WORDS; n++) now[n] = next[n];
	[[unroll]] for (uint n = WORDS; n < DEPTH * WORDS; n++) next[n - WORDS] = next[n];
	fetch_weight(DEPTH - 1, m, w + DEPTH * ROUND_WORDS);
	[[unroll]] for (uint n = 0; n < WORDS; n++) factors[n] = factors_of(now[n], own);
	multiply_piece(0, x);
	if (PIECES > 1) multiply_piece(1, x);
}

// Adds the products of a step with the channels from m on. Pieces are written out, not looped over, since some
// compilers unroll no loop that has loops inside, and matrices in an array want indices that are known. Turns are
// looped over, for the kernels of a layer share a core's cache of instructions.
void multiply(uint m, uint step) {
	[[dont_unroll]] for (uint t = 0; t < CHUNKS; t++) multiply_turn(m, step, t);
}
