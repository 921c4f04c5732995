#version 460
// variant: pack_f16
// variant: rmsnorm_f16 NORM=1
// Rows as gemm_half.comp wants them: float16, padded with zeros to whole words
// and, beyond the live rows, to whole tiles; with NORM normalised as in
// rmsnorm.comp. Row r is src[from[r]] where there is from, else src[r]. With the
// constants of a matrix they are in the order of its lanes (lane_order.glsl), for gemm_direct.comp.
// A workgroup makes the LINES rows that share words; the grid is such rows.

#extension GL_EXT_control_flow_attributes : require

layout(local_size_x = 64, local_size_x_id = 0) in;
layout(constant_id = 1) const bool WIDE = false; // src suits 16-byte words
layout(constant_id = 2) const uint TM = 1;       // rows of a matrix
layout(constant_id = 3) const uint LINES = 1;
layout(constant_id = 4) const uint SHARE = 1;
layout(constant_id = 5) const bool LINES_FIRST = false;
layout(constant_id = 6) const bool SPREAD = false;
layout(constant_id = 7) const uint STRIP = 0; // words of a row that lie together, of p.tile rows; 0: as above
const uint GROUP = TM / LINES;
#include "lane_order.glsl"

layout(push_constant) uniform Params {
	uint rows, cols;
	uint tile;  // rows
	uint pitch; // 16-byte words of a row of dst
	uint src_off, src_stride, src_rows;
	uint from_off, from_stride;
	uint weight_off;
	uint live_off;
	float eps;
} p;

layout(set = 0, binding = 1) restrict writeonly buffer Dst { uvec4 dst[]; };
layout(set = 0, binding = 2) readonly buffer Src { vec4 src[]; };
layout(set = 0, binding = 3) readonly buffer From { uint from[]; };
layout(set = 0, binding = 4) readonly buffer Weight { float weight[]; };
#define LIVE_BINDING 5
#include "live.glsl"
#include "half.glsl"

#ifdef NORM
#include "reduce.glsl"
#include "rms.glsl"
#endif

// Four elements of the row that begins at row, from column c on.
vec4 src4(uint row, uint c) {
	if (WIDE && c + 4 <= p.cols) return src[(row + c) / 4];
	vec4 v = vec4(0.0);
	for (uint i = 0; i < 4 && c + i < p.cols; i++) v[i] = src[(row + c + i) / 4][(row + c + i) % 4];
	return v;
}

#ifdef NORM
float norm_scale(uint row) {
	float sum = 0.0;
	for (uint c = 4 * gl_LocalInvocationIndex; c < p.cols; c += 4 * gl_WorkGroupSize.x) {
		vec4 v = src4(row, c);
		for (uint i = 0; i < 4; i++) sum += rms_square(v[i]);
	}
	return rms_scale(workgroup_sum(sum), p.cols, p.eps);
}

void multiply_weight(inout vec4 v, uint c) {
	if (p.weight_off != ABSENT) {
		for (uint i = 0; i < 4 && c + i < p.cols; i++) v[i] *= weight[p.weight_off + c + i];
	}
}
#else
float norm_scale(uint row) { return 1.0; }

void multiply_weight(inout vec4 v, uint c) {}
#endif

// Four elements of the result.
uvec2 packed4(uint row, float scale, uint c) {
	vec4 v = src4(row, c) * scale;
	multiply_weight(v, c);
	return pack_half4(v);
}

void main() {
	uint rows = live_rows(), end = (rows + p.tile - 1) / p.tile * p.tile;
	for (uint g = gl_WorkGroupID.x; g < end / LINES; g += gl_NumWorkGroups.x) {
		uint first = g / GROUP * TM + g % GROUP;
		uint row[8];
		float scale[8];
		bool some[8];
		[[unroll]] for (uint h = 0; h < LINES; h++) {
			uint r = first + h * GROUP;
			uint s = r >= rows ? p.src_rows : p.from_off == ABSENT ? r : from[p.from_off + r * p.from_stride];
			some[h] = s < p.src_rows;
			row[h] = p.src_off + (some[h] ? s : 0) * p.src_stride;
			scale[h] = norm_scale(row[h]);
		}
		for (uint w = gl_LocalInvocationIndex; w < p.pitch; w += gl_WorkGroupSize.x) {
			uvec4 words[8];
			[[unroll]] for (uint h = 0; h < LINES; h++) {
				words[h] = uvec4(0);
				if (some[h]) words[h] = uvec4(packed4(row[h], scale[h], 8 * w), packed4(row[h], scale[h], 8 * w + 4));
			}
			uint to = g / GROUP * TM * p.pitch + w / SHARE * LINES * LANES + lane_of(uvec2(g % GROUP, w % SHARE));
			if (STRIP > 0) to = (w / STRIP * p.tile + g) * STRIP + w % STRIP;
			[[unroll]] for (uint q = 0; q < LINES; q++) {
				uvec4 v;
				[[unroll]] for (uint i = 0; i < 4; i++) {
					uvec2 at = pair_of(i, SPREAD);
					v[i] = pair(words[at.x], words[at.x + BESIDE], q, at.y);
				}
				dst[to + q * LANES] = v;
			}
		}
	}
}
