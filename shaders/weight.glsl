// A weight as GPU drivers lay it out: rows of 16-byte words, read as 32-bit
// words, so that no device needs 16-bit storage. WEIGHT is the type. A row is
// read piece by piece: a word of PER_WORD elements, in vectors of four, with
// whatever belongs to it. How pieces are fetched is in piece.glsl.

#define F32 0
#define F16 1
#define BF16 2
#define BLOCKS 3 // any of blocks.glsl

#if WEIGHT == BLOCKS
#include "blocks.glsl"
#else

#if WEIGHT == F32
#define PER_WORD 4
#else
#define PER_WORD 8
#endif

const uint RUN = PER_WORD; // elements of a piece whose columns follow one another

// Before a statement that is to run for each run of a piece.
#define EACH_RUN const uint run = 0;

#define Piece uvec4
#define Scale uint // none

Piece no_piece() { return uvec4(0); }

Scale scale_of(Piece v, uint w) { return 0; }

// The pieces of a row of cols elements in pitch words; its end is padded with
// zeros.
uint pieces(uint cols, uint pitch) { return pitch; }

// The first column of a vector, counted from that of piece w.
uint column(uint w, uint v) { return w * PER_WORD + v * 4; }

// The piece and the run of it that begin at column c, a multiple of RUN.
uint piece_at(uint c) { return c / PER_WORD; }
uint run_at(uint c) { return 0; }

// The q-th four elements of a run of a piece.
vec4 weight4(Piece v, Scale s, uint run, uint q) {
#if WEIGHT == F32
	return uintBitsToFloat(v);
#else
	uvec2 h = q == 0 ? v.xy : v.zw;
#if WEIGHT == F16
	return vec4(unpackHalf2x16(h.x), unpackHalf2x16(h.y));
#else
	return uintBitsToFloat(uvec4(h.x << 16, h.x & 0xffff0000u, h.y << 16, h.y & 0xffff0000u));
#endif
#endif
}
#endif
