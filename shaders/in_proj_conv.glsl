// What in_proj_conv.comp and in_proj_conv_half.comp share: operands, how rows are read and normed,
// and what becomes of a team's sums: x, its convolution with the sequence's state, and z.

#include "weight.glsl"

#ifdef HALF
#define SOURCE vec4
#else
#define SOURCE float
#endif

layout(push_constant) uniform Params {
	uint rows, cols, outs; // T, H, channels of this part
	uint first, channels;  // D
	uint dst_off, dst_stride;
	uint z_off, z_stride;
	uint src_off, src_stride;
	uint norm_off;
	float eps;
	uint pitch;
	uint bias_off;
	uint conv_off, conv_stride, taps;
	uint conv_bias_off;
	uint state_off, state_stride, slots;
	uint batch_off, batch_stride, batch_records;
	uint squares_off, squares_stride, squares; // 0: src's squares are yet to be summed
	uint packed_off, packed_stride;
	uint ready_off, ready_stride;
} p;

layout(set = 0, binding = 1) restrict writeonly buffer Dst { float dst[]; };
layout(set = 0, binding = 2) restrict writeonly buffer Z { float z[]; };
layout(set = 0, binding = 3) readonly buffer Src { SOURCE src[]; };
layout(set = 0, binding = 4) readonly buffer Norm { SOURCE norm[]; };
#define WEIGHT_BINDING 5
layout(set = 0, binding = 6) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 7) readonly buffer Conv { float conv[]; };
layout(set = 0, binding = 8) readonly buffer ConvBias { float conv_bias[]; };
layout(set = 0, binding = 9) restrict buffer State { uint state[]; };
layout(set = 0, binding = 11) readonly buffer Squares { float squares_of[]; };
layout(set = 0, binding = 12) restrict readonly buffer Packed { uvec4 packed[]; };
#ifdef HALF
layout(set = 0, binding = 13) restrict writeonly buffer Ready { uint for_x_proj[]; };
#else
layout(set = 0, binding = 13) restrict writeonly buffer Ready { uvec2 for_x_proj[]; };
#endif
#define BATCH_BINDING 10
layout(constant_id = 18) const bool KEEP = false;   // sequences may keep the state after every row
#define BATCH_KEEP KEEP
#include "batch.glsl"
layout(constant_id = 17) const uint STATE_TYPE = 0; // see state.glsl
#include "state.glsl"
layout(constant_id = 37) const uint ACT = 1;
#include "activation.glsl"

const uint ABSENT = 0xffffffffu;
const uint MOST_HELD = 3; // taps − 1

uint live_rows() { return min(p.rows, uint(max(batch[p.batch_off + BATCH_ROWS], 0))); }

#ifdef INTEGERS
const uint MOST_CHANNELS = 128; // of a workgroup, which is one team
#define WHOLE_TEAM MOST_CHANNELS
uint team_outs;
#define TEAM_OUTS team_outs
#else
#define TEAM_OUTS OUTS
#endif

#define NORM
#define HISTORY 3
#ifdef HALF
vec4 source4(uint t, uint c) { return src[(p.src_off + t * p.src_stride + c) / 4]; }

vec4 norm_weight4(uint c) { return norm[(p.norm_off + c) / 4]; }

#ifdef DIRECT
#if WEIGHT == BLOCKS
const bool PACKED = true;
#else
layout(constant_id = 15) const bool PACKED = false; // the norm's rows are there as float16
#endif

#define PACKED_ROWS PACKED
uvec4 packed8(uint t, uint c) { return packed[(p.packed_off + t * p.packed_stride + c) / 8]; }
#define STRIPS
uvec4 strip_word(uint i) { return packed[p.packed_off / 8 + i]; }

// Or the rows before the norm are, times its weight, and each group of so many columns
// divided by a power of two that lies behind the squares; 0 if not.
layout(constant_id = 36) const uint GROUP = 0;
const bool SCALED = GROUP > 0;

#define SCALED_ROWS SCALED
#define PACKED_SCALES
float packed_scale(uint t, uint c) {
	return squares_of[p.squares_off + t * p.squares_stride + p.squares + c / max(GROUP, 1)];
}
#else
const bool PACKED = false, SCALED = false;
#endif

#define SQUARES p.squares
float squares(uint t, uint i) { return squares_of[p.squares_off + t * p.squares_stride + i]; }
#ifdef DIRECT
#include "matvec_direct.glsl"
#else
#include "matvec_half.glsl"
#endif
#else
float source(uint t, uint c) { return src[p.src_off + t * p.src_stride + c]; }

float norm_weight(uint c) { return norm[p.norm_off + c]; }

#define SQUARES p.squares
float square_sum(uint t, uint i) { return squares_of[p.squares_off + t * p.squares_stride + i]; }

uint ready_row(uint t) { return t; }

uvec4 ready_word(uint t, uint i) { return packed[p.packed_off + t * p.packed_stride + i]; }
#include "matvec.glsl"
#endif
#include "rowseq.glsl"

#ifdef INTEGERS
// What x_proj is to have as integers, of each row the workgroup's channels.
shared float made[MOST_ROWS * MOST_CHANNELS];

void finish_barrier() { barrier(); }
#else
void finish_barrier() { team_barrier(); }
#endif

// An invocation has every members-th of a team's TEAM_OUTS × ROWS sums, and what the
// convolution of so many of them wants at once.
#if defined(DIRECT)
layout(constant_id = 35) const uint EACH = 4;
#elif defined(HALF)
const uint EACH = 4;
#else
const uint EACH = 1;
#endif

float tap[EACH * (MOST_HELD + 1)];
float tap_bias[EACH];
float past[EACH * MOST_HELD]; // inputs of passes before, where the window reaches them

// Starts to load it for the sums e0, e0 + members and so on.
void fetch_taps(uint m, uint block, uint e0) {
	uint held = p.taps - 1;
	[[unroll]] for (uint u = 0; u < EACH; u++) {
		uint e = e0 + u * members, k = e % TEAM_OUTS, r = min(e / TEAM_OUTS, ROWS - 1);
		uint t = block * ROWS + r, ch = p.first + m + k;
		RowSequence s = row_sequence[r];
		bool some = e < TEAM_OUTS * ROWS && m + k < p.outs && ch < p.channels && t < s.end;
		tap_bias[u] = 0.0;
		if (some && p.conv_bias_off != ABSENT) tap_bias[u] = conv_bias[p.conv_bias_off + ch];
		[[unroll]] for (uint j = 0; j <= MOST_HELD; j++) {
			tap[u * (MOST_HELD + 1) + j] = 0.0;
			if (some && j <= held) tap[u * (MOST_HELD + 1) + j] = conv[p.conv_off + ch * p.conv_stride + j];
		}
		[[unroll]] for (uint i = 0; i < MOST_HELD; i++) {
			past[u * MOST_HELD + i] = 0.0;
			if (some && i < held && t - s.first < held) {
				past[u * MOST_HELD + i] = state_at(
					p.state_off + s.from * p.state_stride + ch * held + i, false);
			}
		}
	}
}

// Whether fetch_taps loads what all sums want at once.
bool taps_fit() { return TEAM_OUTS * ROWS <= EACH * members; }

// Input i of the window of the invocation's u-th sum, of channel m + k, where
// input 0 is the oldest of the sequence's state. block is the last row's.
float window(RowSequence s, uint block, uint u, uint i, uint held, uint k) {
	if (i >= held) return sum_of(int(s.first + i - held) - int(block * ROWS), k);
	float x = past[u * MOST_HELD];
	[[unroll]] for (uint j = 1; j < MOST_HELD; j++) {
		if (i == j) x = past[u * MOST_HELD + j];
	}
	return x;
}

// Makes in_proj's outputs of the sums: x, which stays there, and z, which is
// stored.
void finish_projection(uint m, uint block) {
	for (uint e = member; e < TEAM_OUTS * ROWS; e += members) {
		uint k = e % TEAM_OUTS, r = e / TEAM_OUTS, t = block * ROWS + r;
		if (m + k >= p.outs) continue;
		float x = sum_of(int(r), k) * row_scale(r);
		uint ch = p.first + m + k;
		if (p.bias_off != ABSENT) x += bias[p.bias_off + ch];
		set_sum(int(r), k, x);
		if (ch >= p.channels && t < alive) z[p.z_off + t * p.z_stride + ch - p.channels] = x;
	}
}

#ifdef DIRECT
layout(constant_id = 44) const uint STRIP = 0; // how x_proj's rows lie, where they are handed over: strip.glsl; else 0
layout(constant_id = 45) const uint STRIP_ROWS = 1;
#include "strip.glsl"

// Stores row t's channel ch, which is y where some, as float16 for x_proj. All invocations call it. Of neighbours the
// first has an even channel.
void hand_to_x_proj(uint t, uint ch, float y, bool some) {
	uint pair = pack_half4(vec4(y, subgroupShuffleXor(y, 1), 0.0, 0.0)).x;
	if (some && ch % 2 == 0) for_x_proj[p.ready_off / 2 + strip_pair(t, ch)] = pair;
}
#else
const uint STRIP = 0;
void hand_to_x_proj(uint t, uint ch, float y, bool some) {}
#endif

// The result of the convolution of row r of the block, row t of all, for the team's channel k.
float convolved(RowSequence s, uint block, uint u, uint r, uint t, uint k) {
	uint held = p.taps - 1;
	float sum = tap_bias[u];
	[[unroll]] for (uint j = 0; j <= MOST_HELD; j++) {
		if (j > held) continue;
		float x = window(s, block, u, t - s.first + j, held, k);
		if (j < held && row_keeps(r)) x = state_round(x);
		sum += tap[u * (MOST_HELD + 1) + j] * x;
	}
	return activate(ACT, sum);
}

// Stores the convolution of x.
void convolve(uint m, uint block) {
	for (uint e0 = member; e0 < TEAM_OUTS * ROWS; e0 += EACH * members) {
		if (!taps_fit()) fetch_taps(m, block, e0);
		[[unroll]] for (uint u = 0; u < EACH; u++) {
			uint e = e0 + u * members, k = e % TEAM_OUTS, r = min(e / TEAM_OUTS, ROWS - 1), t = block * ROWS + r;
			uint ch = p.first + m + k;
			RowSequence s = row_sequence[r];
			bool some = e < TEAM_OUTS * ROWS && m + k < p.outs && ch < p.channels && t < alive && t < s.end;
			float y = 0.0;
			if (some) {
				y = convolved(s, block, u, r, t, k);
				dst[p.dst_off + t * p.dst_stride + ch] = y;
#ifdef INTEGERS
				made[r * MOST_CHANNELS + k] = y;
#endif
			}
			if (STRIP > 0 && p.first + m < p.channels) hand_to_x_proj(t, ch, y, some);
		}
	}
}

// Stores the last inputs of the sequences that end in the block, and of rows that keep them.
void store_states(uint m, uint block) {
	uint held = p.taps - 1;
	for (uint e0 = member; e0 < TEAM_OUTS * ROWS; e0 += EACH * members) {
		if (!taps_fit()) fetch_taps(m, block, e0);
		[[unroll]] for (uint u = 0; u < EACH; u++) {
			uint e = e0 + u * members, k = e % TEAM_OUTS, r = e / TEAM_OUTS, t = block * ROWS + r, ch = p.first + m + k;
			if (e >= TEAM_OUTS * ROWS || m + k >= p.outs || ch >= p.channels || t >= alive) continue;
			RowSequence s = row_sequence[r];
			if (t + 1 != s.end && !row_keeps(r)) continue;
			uint slot = slot_after(s, r, t);
			[[unroll]] for (uint j = 0; j < MOST_HELD; j++) {
				if (j < held) {
					set_state(p.state_off + slot * p.state_stride + ch * held + j,
						window(s, block, u, t + 1 - s.first + j, held, k));
				}
			}
		}
	}
}

// Moves the block's last rows before it, where the next block's windows begin.
// In this order no row is overwritten before it has moved.
void keep_history() {
	for (uint e0 = 0; e0 < HISTORY * TEAM_OUTS; e0 += members) {
		uint e = e0 + member, k = e % TEAM_OUTS;
		int r = int(e / TEAM_OUTS) - HISTORY;
		finish_barrier();
		float x = e < HISTORY * TEAM_OUTS ? sum_of(r + int(ROWS), k) : 0.0;
		finish_barrier();
		if (e < HISTORY * TEAM_OUTS) set_sum(r, k, x);
	}
}

// What the team makes of its sums, whose channels begin at m.
void finish(uint m, uint block) {
	finish_projection(m, block);
	finish_barrier();
	convolve(m, block);
	finish_barrier(); // a state may be its own successor: all have read it before it changes
	store_states(m, block);
	if (p.rows > ROWS) keep_history();
}
