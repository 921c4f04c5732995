// A lane's channels, for gemm_direct.comp and gemm_order.comp. Wants TN, TK, BK, COLS, matrices of the lane, SHARE,
// LINES_FIRST, SPREAD_B, pair_of's spread, p.outs and p.pitch, the words of a row, and WEIGHT_BINDING.

const uint LINES = 8 * SHARE / TK;
const uint GROUP = TN / LINES;
#include "lane_order.glsl"
const uint WINDOW = 8 * SHARE;
const uint WINDOWS = BK / WINDOW; // of a step

uint lane;
uvec2 place;                // of the lane
uint line_at[COLS * LINES]; // where the lane's channels begin, in words

// Finds the lane's channels, those of the matrices that begin at c0.
// Channels beyond the last repeat it: they are not stored.
void find_lines(uint c0) {
	[[unroll]] for (uint i = 0; i < COLS * LINES; i++) {
		uint c = c0 + i / LINES * TN + i % LINES * GROUP + place.x;
		line_at[i] = min(c, p.outs - 1) * p.pitch;
	}
}

// Weights are small: none is cut to the range of float16.
uvec2 pack4(vec4 v) { return uvec2(packHalf2x16(v.xy), packHalf2x16(v.zw)); }

#if WEIGHT == BLOCKS
#include "gemm_direct_blocks.glsl"
#else
#include "gemm_direct_plain.glsl"
#endif
