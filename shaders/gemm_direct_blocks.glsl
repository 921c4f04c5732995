// Weights of gemm_direct.comp that are blocks. Of 64 inputs a lane has pieces of eight
// bytes of codes, beside what scales them: eight inputs each, or with codes of 4
// bits eight in the low nibbles and in the high ones those 32 inputs further on.
// These are words of two windows: PIECES windows of low nibbles come before those of
// high ones. Where more lanes share a channel than there are pieces, the later
// lanes have the high ones. A step's pieces are loaded while the step before is multiplied.

layout(set = 0, binding = WEIGHT_BINDING) restrict readonly buffer Weight { uvec2 weight[]; };

const bool BYTES = FORMAT == Q8_0;
const uint HALVES = BYTES ? 8 : 4;                                 // chunks' halves, of 64 inputs
const uint PIECES = HALVES / SHARE > 0 ? HALVES / SHARE : 1; // of them to a lane
const uint SPANS = BK / 64;

Chunk held[SPANS * PIECES * COLS * LINES], ahead[SPANS * PIECES * COLS * LINES]; // half the codes of a chunk

void load_codebook() {
	if (FORMAT == CODEBOOK) {
		uint i = gl_LocalInvocationIndex;
		if (i < 16) codebook[i] = uintBitsToFloat(weight[p.outs * p.pitch * 2 + i / 2][i % 2]);
		barrier();
	}
}

// Of each four the second and third change places where codes 16 bits apart become
// numbers without being moved, and exactly: 1024 + n has n in its lowest bits.
const bool SWAPPED = FORMAT == Q4_0 || FORMAT == Q8_0;

uint scaled(uint codes, f16vec2 scale) {
	f16vec2 less = f16vec2(1024.0 + (BYTES ? 128.0 : zero_point()));
	return packFloat2x16((unpackFloat2x16(codes & 0x00ff00ffu | 0x64006400u) - less) * scale);
}

uvec4 in_order(uvec4 v) {
	if (!SWAPPED) return v;
	uvec2 first = v.xz & 0xffffu | v.yw << 16, second = v.xz >> 16 | v.yw & 0xffff0000u;
	return uvec4(first.x, second.x, first.y, second.y);
}

// The half chunk of 64 inputs that piece n of a lane is.
uint half_of(uint n) { return (n * SHARE + place.y) % HALVES; }

// Loads piece n of 64 inputs, the s-th of a row that begins at word row.
Chunk load_piece(uint row, uint s, uint n) {
	Chunk chunk = no_chunk();
	uint half_ = half_of(n), block = s / 4;
	if (BYTES) {
		block = row + block * 17;
		chunk.code.xy = weight[2 * (block + 1 + s % 4 * 4) + half_];
		chunk.scales.x = weight[2 * block + s % 4 / 2][s % 2];
	} else if (FORMAT == Q6_K) {
		uint at = row + block * 13 + block / 8 + 1;
		chunk.code.xy = weight[2 * (at + 1 + s % 4 * 2) + half_];
		chunk.high = weight[2 * (at + 9 + s % 4) + half_ / 2];
		chunk.scales.x = weight[2 * at + s % 4 / 2][s % 2];
		chunk.scales.y = weight[2 * (row + block / 8 * 105) + block / 2 % 4 / 2][block / 2 % 2];
	} else {
		block = row + block * 9;
		chunk.code.xy = weight[2 * (block + 1 + s % 4 * 2) + half_];
		if (FORMAT == Q4_K) {
			chunk.scales = uvec4(weight[2 * block], weight[2 * block + 1]);
		} else {
			chunk.scales.x = weight[2 * block + s % 4 / 2][s % 2];
		}
	}
	return chunk;
}

uint at_step; // the step whose pieces are held

void begin_step(uint next) {
	[[unroll]] for (uint n = 0; n < SPANS * PIECES; n++) {
		[[unroll]] for (uint i = 0; i < COLS * LINES; i++) {
			ahead[n * COLS * LINES + i] = load_piece(line_at[i], next * SPANS + n / PIECES, n % PIECES);
		}
	}
}

void end_step() {
	[[unroll]] for (uint i = 0; i < SPANS * PIECES * COLS * LINES; i++) held[i] = ahead[i];
	at_step += DEEP;
}

void fetch_weights(uint step) {
	begin_step(step);
	end_step();
	at_step = step;
}

void end_window(uint d, uint next) {}

// Blocks are never in the order of the lanes.
uint matrix_at;
void fetch_matrix(uint j, uint at) {}

uvec4 ordered_word(uint j) { return uvec4(0); }

// The lane's word of its channel i in window d, as float16.
uvec4 weight_word(uint d, uint i) {
	const uint OF_64 = 8 / SHARE; // windows of 64 inputs
	uint n = d % OF_64 % PIECES, span = d / OF_64, half_ = half_of(n);
	uint run = SHARE > HALVES ? place.y / HALVES : d % OF_64 / PIECES;
	Chunk chunk = held[(span * PIECES + n) * COLS * LINES + i];
	uint w = (at_step * SPANS + span) * (BYTES ? 4 : 2) + half_ / 2;
	Scales s = scales_of(chunk, w);
	if (SWAPPED) {
		f16vec2 scale = f16vec2(run == 0 ? s.scales.x : s.scales.y);
		uvec2 c = uvec2(codes4(chunk, run, 0), codes4(chunk, run, 1));
		if (BYTES) c ^= 0x80808080u;
		return uvec4(scaled(c.x, scale), scaled(c.x >> 8, scale), scaled(c.y, scale), scaled(c.y >> 8, scale));
	}
	chunk.high >>= half_ % 2 * 4;
	return uvec4(pack4(weight4(chunk, s, run, 0)), pack4(weight4(chunk, s, run, 1)));
}
