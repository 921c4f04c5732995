// A weight as GPU drivers lay it out: rows of 16-byte words, read as 32-bit
// words, so that no device needs 16-bit storage. WEIGHT is the type. A row is
// read chunk by chunk: a word of CHUNK_SIZE elements, in vectors of four, with
// the scales that belong to it. chunk.glsl loads chunks.

#define F32 0
#define F16 1
#define BF16 2
#define BLOCKS 3 // any of blocks.glsl

#if WEIGHT == BLOCKS
#include "blocks.glsl"
#else

#if WEIGHT == F32
#define CHUNK_SIZE 4
#else
#define CHUNK_SIZE 8
#endif

const uint RUN = CHUNK_SIZE; // elements of a chunk whose columns follow one another

// Before a statement that is to run for each run of a chunk.
#define EACH_RUN const uint run = 0;

#define Chunk uvec4
#define Scales uint // none

Chunk no_chunk() { return uvec4(0); }

Scales scales_of(Chunk chunk, uint w) { return 0; }

// The chunks of a row of cols elements in pitch words. Zeros pad its end.
uint chunks(uint cols, uint pitch) { return pitch; }

// The first column of vector v, where vector 0 is the first of chunk w.
uint column(uint w, uint v) { return w * CHUNK_SIZE + v * 4; }

// The chunk, and its run, that begin at column c, a multiple of RUN.
uint chunk_at(uint c) { return c / CHUNK_SIZE; }
uint run_at(uint c) { return 0; }

// The q-th four elements of a run of a chunk.
vec4 weight4(Chunk chunk, Scales s, uint run, uint q) {
#if WEIGHT == F32
	return uintBitsToFloat(chunk);
#else
	uvec2 h = q == 0 ? chunk.xy : chunk.zw;
#if WEIGHT == F16
	return vec4(unpackHalf2x16(h.x), unpackHalf2x16(h.y));
#else
	return uintBitsToFloat(uvec4(h.x << 16, h.x & 0xffff0000u, h.y << 16, h.y & 0xffff0000u));
#endif
#endif
}
#endif
