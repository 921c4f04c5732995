// What out_proj.comp and out_proj_half.comp share: operands, how rows are read, and how a team's
// sums are stored with bias and residual.

#include "weight.glsl"

#ifdef HALF
#define SOURCE vec4
#else
#define SOURCE float
#endif

layout(push_constant) uniform Params {
	uint rows, cols, outs; // T, D, channels of this part
	uint dst_off, dst_stride;
	uint residual_off, residual_stride;
	uint src_off, src_stride;
	uint pitch;
	uint bias_off;
	uint live_off;
	uint squares_off, squares_stride;
	uint packed_off, packed_stride;
	uint next_norm_off;
	uint normed_off, normed_stride;
} p;

// dst may be residual.
layout(set = 0, binding = 1) writeonly buffer Dst { float dst[]; };
layout(set = 0, binding = 2) readonly buffer Residual { float residual[]; };
layout(set = 0, binding = 3) readonly buffer Src { SOURCE src[]; };
#define WEIGHT_BINDING 4
layout(set = 0, binding = 5) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 7) restrict writeonly buffer Squares { float squares_of[]; };
layout(set = 0, binding = 8) restrict readonly buffer Packed { uvec4 packed[]; };
layout(set = 0, binding = 9) restrict readonly buffer NextNorm { vec4 next_norm[]; };
#ifdef INTEGERS
layout(set = 0, binding = 10) restrict writeonly buffer Normed { uvec2 normed[]; };
#else
layout(set = 0, binding = 10) restrict writeonly buffer Normed { uvec4 normed[]; };
#endif
#define LIVE_BINDING 6
#include "live.glsl"

#ifdef INTEGERS
const uint MOST_CHANNELS = 128; // of a workgroup, which is one team
#define WHOLE_TEAM MOST_CHANNELS
uint team_outs;
#define TEAM_OUTS team_outs
#else
#define TEAM_OUTS OUTS
#endif

#ifdef HALF
#if defined(DIRECT) && WEIGHT == BLOCKS
const bool PACKED = true;
#else
layout(constant_id = 15) const bool PACKED = false; // src is there as float16 too
#endif

#define PACKED_ROWS PACKED
uvec4 packed8(uint t, uint c) { return packed[(p.packed_off + t * p.packed_stride + c) / 8]; }
#define STRIPS
uvec4 strip_word(uint i) { return packed[p.packed_off / 8 + i]; }

vec4 source4(uint t, uint c) { return src[(p.src_off + t * p.src_stride + c) / 4]; }
#include "rms.glsl"
#ifdef DIRECT
#include "matvec_direct.glsl"
#else
#include "matvec_half.glsl"
#endif
#else
float source(uint t, uint c) { return src[p.src_off + t * p.src_stride + c]; }

uint ready_row(uint t) { return t; }

uvec4 ready_word(uint t, uint i) { return packed[p.packed_off + t * p.packed_stride + i]; }
#include "matvec.glsl"
#endif

// An invocation has every members-th sum of a team's TEAM_OUTS × ROWS, and the
// residuals of EACH of them at once.
const uint EACH = 2;

float old[EACH];
#ifdef INTEGERS
float gain[EACH]; // of the next norm, where its rows are handed over
shared float made[MOST_ROWS * MOST_CHANNELS]; // these, of each row the workgroup's channels
#endif

// Starts to load the residuals, and what else is wanted behind them, of the sums e0, e0 + members and so on.
void fetch_residual(uint m, uint block, uint e0) {
	[[unroll]] for (uint u = 0; u < EACH; u++) {
		uint e = e0 + u * members, k = e % TEAM_OUTS, r = e / TEAM_OUTS, t = block * ROWS + r;
		old[u] = 0.0;
		if (e < TEAM_OUTS * ROWS && t < p.rows && m + k < p.outs) {
			old[u] = residual[p.residual_off + t * p.residual_stride + m + k];
		}
#ifdef INTEGERS
		gain[u] = 0.0;
		if (p.normed_off != ABSENT && e < TEAM_OUTS * ROWS && m + k < p.outs) {
			gain[u] = next_norm[(p.next_norm_off + m + k) / 4][(m + k) % 4];
		}
#endif
	}
}

// Stores the sums of the team's channels, which begin at m, with bias and
// residual. The first EACH residuals are there.
void store(uint m, uint block) {
	for (uint e0 = member; e0 < TEAM_OUTS * ROWS; e0 += EACH * members) {
		if (TEAM_OUTS * ROWS > EACH * members) fetch_residual(m, block, e0);
		[[unroll]] for (uint u = 0; u < EACH; u++) {
			uint e = e0 + u * members, k = e % TEAM_OUTS, r = e / TEAM_OUTS, t = block * ROWS + r;
			if (e >= TEAM_OUTS * ROWS || t >= alive || m + k >= p.outs) continue;
			float y = sum_of(int(r), k);
			if (p.bias_off != ABSENT) y += bias[p.bias_off + m + k];
			y += old[u];
			dst[p.dst_off + t * p.dst_stride + m + k] = y;
			set_sum(int(r), k, y);
#ifdef INTEGERS
			made[r * MOST_CHANNELS + k] = y * gain[u];
#endif
		}
	}
}
