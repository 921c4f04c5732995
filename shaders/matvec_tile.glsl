// The rows of matvec.glsl in float32, in a tile in shared memory: as many steps of
// the block's rows as TILE vectors hold, row by row, of each the first vectors of
// all chunks, then the second. TILE vectors hold at least one step. Wants
//
//	float source(uint t, uint c)  element c < p.cols of row t < p.rows
//	float norm_weight(uint c)     with NORM: what a column is multiplied by once
//	                              its square is taken

layout(constant_id = 4) const uint TILE = 512;
layout(constant_id = 5) const bool ALIKE = false; // with NORM: a row's sums do not depend on ROWS

const uint QUADS = CHUNK_SIZE / 4; // vectors of a chunk

shared vec4 tile[TILE];

Chunk next[MOST_CHUNKS]; // in flight
Chunk now[MOST_CHUNKS];
uint tile_steps, tile_chunks; // that the tile holds of a row
uint steps_left;              // in the tile
bool rows_stay;               // in the tile, for all groups of channels

#ifdef NORM
#include "matvec_norm.glsl"
#endif

// Lays the tile out, once the workgroup's columns are known, and its rows.
void divide_tile_columns() {
	tile_steps = TILE / (ROWS * QUADS) / step_chunks;
	tile_chunks = tile_steps * step_chunks;
}

void divide_tile_rows() { rows_stay = blocks <= gl_NumWorkGroups.y && steps <= tile_steps; }

// Starts to load a step's chunks, the first of which is w, of the channels from
// m on.
void fetch_chunks(uint m, uint w) {
	[[unroll]] for (uint i = 0; i < OUTS; i++) {
		[[unroll]] for (uint u = 0; u < AHEAD; u++) {
			uint wu = w + u * lanes + lane, mi = m + i;
			next[i * AHEAD + u] = no_chunk();
			if (wu < end_chunk && mi < p.outs) next[i * AHEAD + u] = load_chunk(mi, wu);
		}
	}
}

// Takes what was fetched for a step, and starts to load what follows it: the
// next step's chunks, else the first again for the next block, else the first of
// the next channels.
void take_chunks(uint m, uint m_after, uint block, uint step, uint w) {
	[[unroll]] for (uint i = 0; i < OUTS * AHEAD; i++) now[i] = next[i];
	bool more = step + 1 < steps;
	uint m_next = more || block + gl_NumWorkGroups.y < blocks ? m : m_after;
	uint w_next = more ? w + step_chunks : first_chunk;
	fetch_chunks(m_next, w_next);
}

void clear_sums() {
	[[unroll]] for (uint i = 0; i < OUTS * ROWS; i++) acc[i] = 0.0;
#ifdef NORM
	row_squares = 0.0;
#endif
	steps_left = 0;
}

// Fills the tile with the block's columns from chunk w on, which is the first of
// a step. A barrier must follow.
void load_rows(uint block, uint step, uint w) {
	barrier(); // others may still read the tile
	uint team = gl_WorkGroupSize.x / ROWS, r = at / team;
	uint t = block * ROWS + r, quads = min(tile_chunks, end_chunk - w) * QUADS;
	const uint BATCH = 4; // vectors in flight
	uint v0 = at % team;
	do {
		vec4 x[BATCH];
		[[unroll]] for (uint j = 0; j < BATCH; j++) {
			uint v = v0 + j * team, c = column(w, v);
			x[j] = vec4(0.0);
			[[unroll]] for (uint k = 0; k < 4; k++) {
				if (v < quads && t < p.rows && c + k < p.cols) x[j][k] = source(t, c + k);
			}
		}
#ifdef NORM
		vec4 gain[BATCH];
		[[unroll]] for (uint j = 0; j < BATCH; j++) {
			uint v = v0 + j * team, c = column(w, v);
			gain[j] = vec4(0.0);
			[[unroll]] for (uint k = 0; k < 4; k++) {
				if (v < quads && c + k < p.cols) gain[j][k] = norm_weight(c + k);
			}
		}
#endif
		[[unroll]] for (uint j = 0; j < BATCH; j++) {
			uint v = v0 + j * team;
#ifdef NORM
			[[unroll]] for (uint k = 0; k < 4; k++) {
				if (!ALIKE) row_squares += rms_square(x[j][k]);
			}
			x[j] *= gain[j];
#endif
			if (v < quads) tile[(r * QUADS + v % QUADS) * tile_chunks + v / QUADS] = x[j];
		}
		v0 += BATCH * team;
	} while (v0 < quads);
#ifdef NORM
	if (step + tile_steps >= steps) {
		if (ALIKE) find_squares(block);
		else put_squares();
	}
#endif
}

// Whether the tile lacks a step's rows.
bool tile_used_up() { return steps_left == 0; }

// Counts the steps of a tile that begins. It returns whether other rows or
// columns must be loaded for it than those that lie there.
bool begin_tile(uint group) {
	steps_left = tile_steps;
	return !rows_stay || group == first_group;
}

// Loads rows where the tile lacks a step's.
void refill_tile(uint group, uint block, uint step, uint w) {
	if (tile_used_up()) {
		if (begin_tile(group)) {
			load_rows(block, step, w);
			barrier();
		}
	}
}

// One after the other, so that every row is summed alike.
float dot_add(vec4 a, vec4 b, float sum) {
	return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

// Adds the products of chunk w, the u-th of each channel's in this step. The
// step begins at slot from of each row.
void multiply_chunks(uint u, uint w, uint from) {
	Scales scales[MOST_OUTS];
	[[unroll]] for (uint i = 0; i < OUTS; i++) scales[i] = scales_of(now[i * AHEAD + u], w);
	EACH_RUN [[unroll]] for (uint q = 0; q < RUN / 4; q++) {
		vec4 y[MOST_OUTS];
		[[unroll]] for (uint i = 0; i < OUTS; i++) y[i] = weight4(now[i * AHEAD + u], scales[i], run, q);
		[[unroll]] for (uint r = 0; r < ROWS; r++) {
			vec4 x = tile[(r * QUADS + run * (RUN / 4) + q) * tile_chunks + from + u * lanes];
			[[unroll]] for (uint i = 0; i < OUTS; i++) acc[i * ROWS + r] = dot_add(y[i], x, acc[i * ROWS + r]);
		}
	}
}

// The same for each chunk of a step. Written out for blocks: Mesa's compilers unroll no loop that has one
// inside, as EACH_RUN is, and chunks in an array with an index that is not known lie in memory.
#if WEIGHT == BLOCKS
#define AT_CHUNK(u, F) if (u < AHEAD) F(u)
#define EACH_CHUNK(F) AT_CHUNK(0, F) AT_CHUNK(1, F) AT_CHUNK(2, F) AT_CHUNK(3, F) \
	AT_CHUNK(4, F) AT_CHUNK(5, F) AT_CHUNK(6, F) AT_CHUNK(7, F)
#else
#define EACH_CHUNK(F) [[unroll]] for (uint u = 0; u < AHEAD; u++) F(u)
#endif

// Adds the products of a step, whose first chunk is w.
void multiply(uint w) {
	uint from = (tile_steps - steps_left) * step_chunks + lane; // in the tile
#define MULTIPLY(u) { \
		uint wu = w + u * lanes + lane; \
		if (wu < end_chunk) multiply_chunks(u, wu, from); \
	}
	EACH_CHUNK(MULTIPLY)
	steps_left--;
}

// There is nothing to be done for the rows behind their products.
void finish_rows(uint group, uint block) {}
