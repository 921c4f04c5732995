// What head.comp and head_half.comp share: operands, how rows are read, and what becomes of a
// team's sums, which are logits or, with ARGMAX, the best of them.

#include "weight.glsl"

#ifdef HALF
#define SOURCE vec4
#else
#define SOURCE float
#endif

layout(push_constant) uniform Params {
	uint rows, cols, outs; // S, H, channels of this part
	uint first;
	uint dst_off, dst_stride;
	uint src_off, src_stride, src_rows;
	uint from_off, from_stride;
	uint norm_off;
	float eps;
	uint pitch;
	uint live_off;
	uint packed_off, packed_stride;
	uint squares_off, squares_stride, squares;
} p;

#ifdef ARGMAX
layout(set = 0, binding = 1) restrict writeonly buffer Dst { uint dst[]; };
#else
layout(set = 0, binding = 1) restrict writeonly buffer Dst { float dst[]; };
#endif
layout(set = 0, binding = 2) readonly buffer Src { SOURCE src[]; };
layout(set = 0, binding = 3) readonly buffer From { uint from[]; };
layout(set = 0, binding = 4) readonly buffer Norm { SOURCE norm[]; };
#define WEIGHT_BINDING 5
layout(set = 0, binding = 7) restrict readonly buffer Packed { uvec4 packed[]; };
layout(set = 0, binding = 8) readonly buffer Squares { float squares_of[]; };
#define LIVE_BINDING 6
#include "live.glsl"

#define NORM
#ifdef HALF
vec4 source4(uint t, uint c) {
	uint row = from[p.from_off + t * p.from_stride];
	return row < p.src_rows ? src[(p.src_off + row * p.src_stride + c) / 4] : vec4(0.0);
}

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
#else
const bool PACKED = false;
#endif
#ifdef DIRECT
#include "matvec_direct.glsl"
#else
#include "matvec_half.glsl"
#endif
#else
float source(uint t, uint c) {
	uint row = from[p.from_off + t * p.from_stride];
	return row < p.src_rows ? src[p.src_off + row * p.src_stride + c] : 0.0;
}

float norm_weight(uint c) { return norm[p.norm_off + c]; }

#ifdef INTEGERS
#define SQUARES p.squares
float square_sum(uint t, uint i) { return squares_of[p.squares_off + t * p.squares_stride + i]; }

#include "ready.glsl"

// With CHOSEN the rows made ready are all of src, not those that are chosen.
layout(constant_id = 39) const bool CHOSEN = false;

uint ready_row(uint t) {
	if (!CHOSEN) return t;
	uint row = from[p.from_off + t * p.from_stride];
	return row < p.src_rows ? row : NO_ROW;
}

uvec4 ready_word(uint t, uint i) { return packed[p.packed_off + t * p.packed_stride + i]; }
#endif
#include "matvec.glsl"
#endif

#ifdef ARGMAX
#define LARGEST_WIDTH 1
#include "largest.glsl"

#ifdef DIRECT
const uint BEST_ROWS = 16; // there are no more: more are left to head and argmax
#else
const uint BEST_ROWS = MOST_ROWS;
#endif

// The best of each subgroup and row so far.
shared uint best_key[SUBGROUPS * BEST_ROWS];
shared uint best_at[SUBGROUPS * BEST_ROWS];

bool chosen = false; // whether there are any

// Keeps the best of the team's logits, whose channels begin at m, and of those
// before. One subgroup of a team does it.
void take_logits(uint m, uint block) {
	if (part > 0) m = p.outs;
	for (uint r = lane; r < ROWS; r += lanes) {
		uint i = subgroup * BEST_ROWS + r;
		uint key = chosen ? best_key[i] : 0, where = chosen ? best_at[i] : 0;
		float scale = row_scale(r);
		for (uint k = 0; k < OUTS && m + k < p.outs; k++) {
			uint other = number_key(floatBitsToUint(sum_of(int(r), k) * scale));
			if (other > key) {
				key = other;
				where = p.first + m + k;
			}
		}
		best_key[i] = key;
		best_at[i] = where;
	}
	chosen = true;
}

// Stores the best of all subgroups.
void store_best() {
	barrier();
	uint r = at, t = gl_WorkGroupID.y * ROWS + r;
	if (r >= ROWS || t >= p.rows) return;
	uint key = 0, where = 0;
	for (uint s = 0; chosen && s < subgroups; s++) {
		uint k = best_key[s * BEST_ROWS + r], w = best_at[s * BEST_ROWS + r];
		if (k > key || k == key && w < where) {
			key = k;
			where = w;
		}
	}
	uint i = p.dst_off + t * p.dst_stride + 2 * gl_WorkGroupID.x;
	dst[i] = key;
	dst[i + 1] = where;
}
#else
// Stores the team's logits, whose channels begin at m.
void take_logits(uint m, uint block) {
	for (uint e = member; e < OUTS * ROWS; e += members) {
		uint k = e % OUTS, r = e / OUTS, t = block * ROWS + r;
		if (t >= alive || m + k >= p.outs) continue;
		dst[p.dst_off + t * p.dst_stride + p.first + m + k] = sum_of(int(r), k) * row_scale(r);
	}
}
#endif
