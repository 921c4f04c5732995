#version 460
// variant: pack_f16
// variant: rmsnorm_f16 NORM=1
// Rows as gemm_half.comp wants them: float16, padded with zeros to whole words
// and, beyond the live rows, to whole tiles; with NORM normalised as in
// rmsnorm.comp. Row r is src[from[r]] where there is from, else src[r]. The
// grid is rows.

layout(local_size_x = 64, local_size_x_id = 0) in;
layout(constant_id = 1) const bool WIDE = false; // src suits 16-byte words

layout(constant_id = 2) const uint STRIP = 0;    // how dst lies: strip.glsl, of p.tile rows; 0: row behind row

layout(push_constant) uniform Params {
	uint rows, cols;
	uint tile;  // rows
	uint pitch; // 8-byte words of a row of dst
	uint src_off, src_stride, src_rows;
	uint from_off, from_stride;
	uint weight_off;
	uint live_off;
	float eps;
} p;

layout(set = 0, binding = 1) restrict writeonly buffer Dst { uvec2 dst[]; };
layout(set = 0, binding = 2) readonly buffer Src { vec4 src[]; };
layout(set = 0, binding = 3) readonly buffer From { uint from[]; };
layout(set = 0, binding = 4) readonly buffer Weight { float weight[]; };
#define LIVE_BINDING 5
#include "live.glsl"
#include "half.glsl"

uint row; // where it begins in src

#ifdef NORM
#include "reduce.glsl"
#include "rms.glsl"
#endif

vec4 src4(uint c) {
	if (WIDE && c + 4 <= p.cols) return src[(row + c) / 4];
	vec4 v = vec4(0.0);
	for (uint i = 0; i < 4 && c + i < p.cols; i++) v[i] = src[(row + c + i) / 4][(row + c + i) % 4];
	return v;
}

#ifdef NORM
float norm_scale() {
	float sum = 0.0;
	for (uint c = 4 * gl_LocalInvocationIndex; c < p.cols; c += 4 * gl_WorkGroupSize.x) {
		vec4 v = src4(c);
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
float norm_scale() { return 1.0; }

void multiply_weight(inout vec4 v, uint c) {}
#endif

// Where word w of row r lies.
uint place(uint r, uint w) {
	if (STRIP == 0) return r * p.pitch + w;
	return ((w / 2 / STRIP * p.tile + r) * STRIP + w / 2 % STRIP) * 2 + w % 2;
}

void main() {
	uint rows = live_rows(), end = (rows + p.tile - 1) / p.tile * p.tile;
	for (uint r = gl_WorkGroupID.x; r < end; r += gl_NumWorkGroups.x) {
		uint s = r >= rows ? p.src_rows : p.from_off == ABSENT ? r : from[p.from_off + r * p.from_stride];
		bool some = s < p.src_rows;
		row = p.src_off + (some ? s : 0) * p.src_stride;
		float scale = norm_scale();
		for (uint w = gl_LocalInvocationIndex; w < p.pitch; w += gl_WorkGroupSize.x) {
			vec4 v = vec4(0.0);
			if (some) {
				v = src4(4 * w) * scale;
				multiply_weight(v, 4 * w);
			}
			dst[place(r, w)] = pack_half4(v);
		}
	}
}
