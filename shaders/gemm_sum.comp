#version 460
// variant: gemm_sum_f32
// dst = Σ parts + bias + residual: what gemm.comp and gemm_half.comp leave
// where they divide the inputs. The grid is columns × rows.

layout(local_size_x = 64, local_size_x_id = 0) in;

layout(push_constant) uniform Params {
	uint rows, cols;
	uint parts, part; // how many, and elements from one to the next
	uint dst_off, dst_stride;
	uint src_off, src_stride;
	uint bias_off;
	uint residual_off, residual_stride;
	uint live_off;
} p;

// dst may be residual.
layout(set = 0, binding = 1) writeonly buffer Dst { float dst[]; };
layout(set = 0, binding = 2) readonly buffer Src { float src[]; };
layout(set = 0, binding = 3) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 4) readonly buffer Residual { float residual[]; };
#define LIVE_BINDING 5
#include "live.glsl"

void main() {
	uint rows = live_rows();
	for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y) {
		for (uint c = gl_GlobalInvocationID.x; c < p.cols; c += gl_NumWorkGroups.x * gl_WorkGroupSize.x) {
			float v = 0.0;
			for (uint i = 0; i < p.parts; i++) v += src[p.src_off + i * p.part + r * p.src_stride + c];
			if (p.bias_off != ABSENT) v += bias[p.bias_off + c];
			if (p.residual_off != ABSENT) v += residual[p.residual_off + r * p.residual_stride + c];
			dst[p.dst_off + r * p.dst_stride + c] = v;
		}
	}
}
