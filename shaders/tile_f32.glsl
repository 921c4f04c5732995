// The tile of matvec.glsl in float32: row by row, of each the first vectors of
// all chunks, then the second.
const uint SLOTS = QUADS; // of a chunk

shared vec4 tile[TILE];

void put_in_tile(vec4 x, uint r, uint v) { tile[(r * QUADS + v % QUADS) * tile_chunks + v / QUADS] = x; }

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
