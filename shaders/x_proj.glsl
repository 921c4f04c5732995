// What x_proj.comp and x_proj_half.comp share: operands, how rows are read, and how a team's sums
// are stored.

#include "weight.glsl"

#ifdef HALF
#define SOURCE vec4
#else
#define SOURCE float
#endif

layout(push_constant) uniform Params {
	uint rows, cols, outs; // T, D, R + 2·N or this part of them
	uint dst_off, dst_stride;
	uint src_off, src_stride;
	uint pitch;
	uint live_off;
	uint packed_off, packed_stride;
} p;

layout(set = 0, binding = 1) restrict writeonly buffer Dst { float dst[]; };
layout(set = 0, binding = 2) readonly buffer Src { SOURCE src[]; };
layout(set = 0, binding = 5) restrict readonly buffer Packed { uvec4 packed[]; };
#define WEIGHT_BINDING 3
#define LIVE_BINDING 4
#include "live.glsl"

#ifdef HALF
vec4 source4(uint t, uint c) { return src[(p.src_off + t * p.src_stride + c) / 4]; }
#ifdef DIRECT
#define STRIPS
uvec4 strip_word(uint i) { return packed[p.packed_off / 8 + i]; }
#if WEIGHT == BLOCKS
uvec4 packed8(uint t, uint c) { return packed[(p.packed_off + t * p.packed_stride + c) / 8]; }
#endif
#include "matvec_direct.glsl"
#else
#include "matvec_half.glsl"
#endif
#else
float source(uint t, uint c) { return src[p.src_off + t * p.src_stride + c]; }

#ifdef INTEGERS
layout(constant_id = 41) const bool HANDED = false; // rows are ready, by the kernel before

uvec4 handed_word(uint t, uint i) { return packed[p.packed_off + t * p.packed_stride + i]; }
#define OWN_ROWS
#endif
#include "matvec.glsl"
#endif

// Stores the sums of the team's channels, which begin at m.
void store(uint m, uint block) {
	for (uint e = member; e < OUTS * ROWS; e += members) {
		uint k = e % OUTS, r = e / OUTS, t = block * ROWS + r;
		if (t >= p.rows || m + k >= p.outs) continue;
		dst[p.dst_off + (gl_WorkGroupID.z * p.rows + t) * p.dst_stride + m + k] = sum_of(int(r), k);
	}
}
