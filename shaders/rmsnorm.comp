#version 460
// variant: rmsnorm_f32
// dst = src / sqrt(mean(src²) + eps) · weight, one workgroup to a row.

layout(local_size_x = 64, local_size_x_id = 0) in;

layout(push_constant) uniform Params {
	uint rows, cols;
	uint dst_off, dst_stride;
	uint src_off, src_stride;
	uint weight_off;
	uint live_off;
	float eps;
} p;

// dst may be src.
layout(set = 0, binding = 1) writeonly buffer Dst { float dst[]; };
layout(set = 0, binding = 2) readonly buffer Src { float src[]; };
layout(set = 0, binding = 3) readonly buffer Weight { float weight[]; };
#define LIVE_BINDING 4
#include "live.glsl"
#include "reduce.glsl"

// The row's sum of (src · unit)².
float squares(uint s, float unit) {
	float sum = 0.0;
	for (uint c = gl_LocalInvocationIndex; c < p.cols; c += gl_WorkGroupSize.x) {
		float x = src[s + c] * unit;
		sum += x * x;
	}
	return workgroup_sum(sum);
}

void main() {
	uint rows = live_rows();
	for (uint r = gl_WorkGroupID.x; r < rows; r += gl_NumWorkGroups.x) {
		uint s = p.src_off + r * p.src_stride, d = p.dst_off + r * p.dst_stride;
		// Where the squares leave float32's range, they are taken of the row in
		// other units, in which they do not. The square of the larger must not
		// leave it either: compilers may multiply in another order.
		float unit = 1.0, sum = squares(s, unit);
		if (!(sum < 1e38) || sum < 1e-30) {
			unit = sum < 1.0 ? 1152921504606846976.0 : 8.271806125530277e-25; // 2^60, 2^-80
			sum = squares(s, unit);
		}
		float scale = unit / sqrt(sum / float(p.cols) + p.eps * unit * unit);
		for (uint c = gl_LocalInvocationIndex; c < p.cols; c += gl_WorkGroupSize.x) {
			float w = p.weight_off == ABSENT ? 1.0 : weight[p.weight_off + c];
			dst[d + c] = src[s + c] * scale * w;
		}
	}
}
