// The rows of matvec_ready.glsl where the kernel makes them ready itself, unless they are HANDED: those of a step's
// columns, in a tile in shared memory that has a row's arrays of these columns. Wants
//
//	const bool HANDED
//	float source(uint t, uint c)       element c < p.cols of row t < p.rows
//	uvec4 handed_word(uint t, uint i)  with HANDED word i of row t, as the kernel before made it ready
layout(constant_id = 4) const uint TILE = 512; // words

shared uvec4 tile[TILE];

uint tile_first; // the first word of a row that the tile's arrays have

void store_ready(uint i, uvec2 v) {
	tile[i / 2][i % 2 * 2] = v.x;
	tile[i / 2][i % 2 * 2 + 1] = v.y;
}
#include "ready_put.glsl"

uint ready_row(uint t) { return t; }

uvec4 ready_word(uint t, uint i) {
	if (HANDED) return handed_word(t, i);
	return tile[t % ROWS * 9 * span + i - tile_first];
}

// A step may begin in the middle of a word, and end so.
void divide_tile_columns() { span = HANDED ? ready_span(p.cols) : step_chunks * PAIR_BLOCKS / 2 + 1; }

void divide_tile_rows() {}

// Makes the block's rows ready in the columns of a step, which begins at pair w.
void refill_tile(uint group, uint block, uint step, uint w) {
	if (HANDED || steps == 1 && blocks <= gl_NumWorkGroups.y && group > first_group) return; // they lie there
	barrier(); // others may still read the tile
	tile_first = w * PAIR_BLOCKS / 2;
	uint end = min(p.cols, end_chunk * PAIR_BLOCKS * 32);
	for (uint e = at; e < ROWS * 8 * span; e += gl_WorkGroupSize.x) {
		uint r = e / (8 * span), v = e % (8 * span), c = 64 * tile_first + 8 * v, t = block * ROWS + r;
		vec4 x[2];
		[[unroll]] for (uint i = 0; i < 8; i++) {
			x[i / 4][i % 4] = 0.0;
			if (t < p.rows && c + i < end) x[i / 4][i % 4] = source(t, c + i);
		}
		put_ready(x[0], x[1], v / 4, v % 4, r * 9 * span, span, true);
	}
	barrier();
}
