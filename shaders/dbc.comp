#version 460
// variant: dbc_f32
// variant: dbc_f16 HALF=1
// What stands between x_proj and dt_proj: the parts of x_proj's product are
// added up, and dt, B and C brought to a mean square of 1, each by itself. dt
// goes to dt_proj's input (with HALF packed as by pack_f16.comp), B and C stay
// float32. One workgroup to a row; the grid is rows.

layout(local_size_x = 64, local_size_x_id = 0) in;

layout(push_constant) uniform Params {
	uint rows, rank, states;
	uint norm; // 0: plain Mamba, which has none here
	uint parts, part; // how many, and elements from one to the next
	uint src_off, src_stride;
	uint tile;             // rows
	uint dt_off, dt_pitch; // elements, with HALF 8-byte words
	uint bc_off, bc_stride; // B, then C
	uint live_off;
	float eps;
} p;

layout(set = 0, binding = 1) readonly buffer Src { float src[]; };
#ifdef HALF
layout(set = 0, binding = 2) restrict writeonly buffer DT { uvec2 dt[]; };
#include "half.glsl"
#else
layout(set = 0, binding = 2) restrict writeonly buffer DT { float dt[]; };
#endif
layout(set = 0, binding = 3) restrict writeonly buffer BC { float bc[]; };
#define LIVE_BINDING 4
#include "live.glsl"
#include "reduce.glsl"
#include "rms.glsl"

shared float row[2048]; // rank + 2·states fit

// Adds up the parts of row r; a row that is not live is zeros.
void add_up(uint r, uint rows) {
	for (uint i = gl_LocalInvocationIndex; i < p.rank + 2 * p.states; i += gl_WorkGroupSize.x) {
		float v = 0.0;
		for (uint n = 0; n < p.parts && r < rows; n++) v += src[p.src_off + n * p.part + r * p.src_stride + i];
		row[i] = v;
	}
	barrier();
}

// The scale of the norm of the row, of count elements from one on.
float norm_scale(uint from, uint count) {
	if (p.norm == 0) return 1.0;
	float sum = 0.0;
	for (uint i = gl_LocalInvocationIndex; i < count; i += gl_WorkGroupSize.x) sum += rms_square(row[from + i]);
	return rms_scale(workgroup_sum(sum), count, p.eps);
}

#ifdef HALF
void store_dt(uint r, float scale) {
	for (uint w = gl_LocalInvocationIndex; w < p.dt_pitch; w += gl_WorkGroupSize.x) {
		vec4 v = vec4(0.0);
		for (uint i = 0; i < 4 && 4 * w + i < p.rank; i++) v[i] = row[4 * w + i] * scale;
		dt[p.dt_off + r * p.dt_pitch + w] = pack_half4(v);
	}
}

// dt_proj's input is whole tiles of rows.
uint stored_rows(uint rows) { return (rows + p.tile - 1) / p.tile * p.tile; }
#else
void store_dt(uint r, float scale) {
	for (uint i = gl_LocalInvocationIndex; i < p.rank; i += gl_WorkGroupSize.x) {
		dt[p.dt_off + r * p.dt_pitch + i] = row[i] * scale;
	}
}

uint stored_rows(uint rows) { return rows; }
#endif

void store_bc(uint r, float scale_b, float scale_c) {
	for (uint i = gl_LocalInvocationIndex; i < 2 * p.states; i += gl_WorkGroupSize.x) {
		bc[p.bc_off + r * p.bc_stride + i] = row[p.rank + i] * (i < p.states ? scale_b : scale_c);
	}
}

void main() {
	uint rows = live_rows(), end = stored_rows(rows);
	for (uint r = gl_WorkGroupID.x; r < end; r += gl_NumWorkGroups.x) {
		add_up(r, rows);
		float scale_dt = norm_scale(0, p.rank);
		float scale_b = norm_scale(p.rank, p.states), scale_c = norm_scale(p.rank + p.states, p.states);
		store_dt(r, scale_dt);
		if (r < rows) store_bc(r, scale_b, scale_c);
		barrier(); // row may be used again
	}
}
