// The rows of matvec.glsl as integers, which a kernel before has made ready (ready.glsl): they are read as they lie.
// With OWN_ROWS the kernel makes them so itself (matvec_ready_tile.glsl). Else wants
//
//	uint ready_row(uint t)            where row t < p.rows is among those that are ready, or NO_ROW: with NORM it is
//	                                  zeros then
//	uvec4 ready_word(uint t, uint i)  word i of the t-th that is ready
//	float square_sum(uint t, uint i)  with NORM: a part of the sum of its squares
//	SQUARES                           with NORM: how many parts there are
#include "ready.glsl"

uint span; // of a row's arrays, in words

#ifdef NORM
#include "rms.glsl"

shared float row_scales[MOST_ROWS];

float row_scale(uint r) { return row_scales[r]; }

// Finds the scales of the block's rows, one subgroup to a row. They are wanted behind the products alone, which so wait
// for nothing. A barrier must follow.
void find_scales(uint block) {
	barrier(); // others may still read them
	for (uint r = subgroup; r < ROWS; r += subgroups) {
		float sum = 0.0;
		uint t = ready_row(min(block * ROWS + r, p.rows - 1));
		for (uint i = lane; t != NO_ROW && i < SQUARES; i += lanes) sum += square_sum(t, i);
		sum = subgroupAdd(sum);
		if (lane == 0) row_scales[r] = t == NO_ROW ? 0.0 : rms_scale(sum, p.cols, p.eps);
	}
}

// Finds them where they are not those of the group before.
void finish_rows(uint group, uint block) {
	if (blocks <= gl_NumWorkGroups.y && group > first_group) return;
	find_scales(block);
	barrier();
}
#endif

#ifdef OWN_ROWS
#include "matvec_ready_tile.glsl"
#else
// There is no tile, only the span of a row's arrays.
void divide_tile_columns() { span = ready_span(p.cols); }

void divide_tile_rows() {}

void refill_tile(uint group, uint block, uint step, uint w) {}
#endif

// Nothing is loaded before it is wanted, see take_chunks.
void fetch_chunks(uint m, uint w) {}

uint row_at[MOST_ROWS]; // the block's rows, among those that are ready

void find_rows(uint block) {
	[[unroll]] for (uint r = 0; r < ROWS; r++) {
		uint t = ready_row(min(block * ROWS + r, p.rows - 1));
		row_at[r] = t == NO_ROW ? 0 : t;
	}
}

void clear_sums() {
	[[unroll]] for (uint i = 0; i < OUTS * ROWS; i++) acc[i] = 0.0;
}

// The products of block `side` of pair w with a row of those that are ready.
float multiply_side(Pair pair, PairScales s, uint w, uint side, uint row, float sum) {
	uint group = PAIR_BLOCKS == 2 ? w : w / 2;     // of 64 columns
	uint place = PAIR_BLOCKS == 2 ? side : w % 2; // of the block there
	uint word = group + 2 * place * span;
	uvec4 first = pair_codes(pair.first, side), second = pair_codes(pair.second, side);
	uvec4 h = ready_word(row, word), h2 = ready_word(row, word + span);
	uvec4 l = ready_word(row, word + 4 * span), l2 = ready_word(row, word + 5 * span);
	uvec4 both = ready_word(row, group + 8 * span);
	vec2 scale_and_sum = uintBitsToFloat(place == 0 ? both.xy : both.zw);
	int high = 0, high2 = 0, low = 0, low2 = 0;
	[[unroll]] for (uint q = 0; q < 4; q++) {
		high += dotPacked4x8EXT(int(first[q]), int(h[q]));
		low += dotPacked4x8EXT(int(first[q]), int(l[q]));
		high2 += dotPacked4x8EXT(int(second[q]), int(h2[q]));
		low2 += dotPacked4x8EXT(int(second[q]), int(l2[q]));
	}
	float product;
	if (FORMAT == Q6_K) {
		ivec2 n = s.runs[side];
		product = fma(float(high * n.x + high2 * n.y), 256.0, float(low * n.x + low2 * n.y));
	} else {
		product = float((high + high2) * 256 + (low + low2));
	}
	return fma(s.scales[side] * product, scale_and_sum.x, fma(-s.offsets[side], scale_and_sum.y, sum));
}

Pair next[MOST_CHUNKS]; // in flight

void fetch_pair(uint i, uint u, uint m, uint w) {
	uint wu = w + u * lanes + lane;
	next[i * AHEAD + u] = no_pair();
	if (wu < end_chunk && m + i < p.outs) next[i * AHEAD + u] = load_pair(m + i, wu);
}

// Whether a pair of the next step is loaded once one has been multiplied: where a lane has several of a channel, and no
// other rows' sums fill its registers.
const bool STREAM = AHEAD > 1 && ROWS == 1;

uint channel; // of those whose step it is, the first
bool more;    // steps follow, of the same

// Loads the pairs of a step, the first of which is w, of the channels from m on: it waits for them, and meanwhile other
// subgroups multiply, of which a core has the more the fewer registers each takes. With STREAM only a group's first
// step does.
void take_chunks(uint m, uint m_after, uint block, uint step, uint w) {
	find_rows(block);
	channel = m;
	more = step + 1 < steps;
	if (!STREAM || step == 0) {
		[[unroll]] for (uint i = 0; i < OUTS; i++) {
			[[unroll]] for (uint u = 0; u < AHEAD; u++) fetch_pair(i, u, m, w);
		}
	}
}

// Adds the products of a step, whose first pair is w, with the block's rows. Where a lane has no pair it multiplies
// zeros.
void multiply(uint w) {
	[[unroll]] for (uint u = 0; u < AHEAD; u++) {
		uint wu = min(w + u * lanes + lane, end_chunk - 1);
		[[unroll]] for (uint i = 0; i < OUTS; i++) {
			Pair pair = next[i * AHEAD + u];
			PairScales s = pair_scales(pair.first, wu);
			[[unroll]] for (uint r = 0; r < ROWS; r++) {
				acc[i * ROWS + r] = multiply_side(pair, s, wu, 0, row_at[r], acc[i * ROWS + r]);
				if (PAIR_BLOCKS == 2) acc[i * ROWS + r] = multiply_side(pair, s, wu, 1, row_at[r], acc[i * ROWS + r]);
			}
			if (STREAM && more) fetch_pair(i, u, channel, w + step_chunks);
		}
	}
}
