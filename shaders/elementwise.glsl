// dst = OP(a, b), element by element. The grid is columns × rows.

layout(local_size_x = 64, local_size_x_id = 0) in;

layout(push_constant) uniform Params {
	uint rows, cols;
	uint dst_off, dst_stride;
	uint a_off, a_stride;
	uint b_off, b_stride;
	uint live_off;
} p;

// dst may be a or b, so none of them is restrict.
layout(set = 0, binding = 1) writeonly buffer Dst { float dst[]; };
layout(set = 0, binding = 2) readonly buffer A { float a[]; };
layout(set = 0, binding = 3) readonly buffer B { float b[]; };
#define LIVE_BINDING 4
#include "live.glsl"

void main() {
	uint rows = live_rows();
	for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y) {
		for (uint c = gl_GlobalInvocationID.x; c < p.cols; c += gl_NumWorkGroups.x * gl_WorkGroupSize.x) {
			dst[p.dst_off + r * p.dst_stride + c] =
				OP(a[p.a_off + r * p.a_stride + c], b[p.b_off + r * p.b_stride + c]);
		}
	}
}
