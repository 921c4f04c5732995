// Operands of an operation on two matrices, element by element. The grid is
// columns × rows.

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

float a_at(uint r, uint c) { return a[p.a_off + r * p.a_stride + c]; }

float b_at(uint r, uint c) { return b[p.b_off + r * p.b_stride + c]; }

void store(uint r, uint c, float v) { dst[p.dst_off + r * p.dst_stride + c] = v; }

// An invocation's first column, and how far its next one is.
uint first_column() { return gl_GlobalInvocationID.x; }
uint column_step() { return gl_NumWorkGroups.x * gl_WorkGroupSize.x; }
