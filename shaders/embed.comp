#version 460
#extension GL_EXT_control_flow_attributes : require
// variant: embed_f32_f32 WEIGHT=0
// variant: embed_f16_f32 WEIGHT=1
// variant: embed_bf16_f32 WEIGHT=2
// variant: embed_block_f32 WEIGHT=3
// Rows of a table by token id. The table may come in parts: this one has ids
// first … first + count − 1, and rows with other ids are left to the others.
// The grid is chunks of a row × rows.

#include "weight.glsl"

layout(local_size_x = 64, local_size_x_id = 0) in;

layout(push_constant) uniform Params {
	uint rows, cols;
	uint dst_off, dst_stride;
	uint pitch; // 16-byte words of a table row
	uint first, count;
	uint ids_off, ids_stride;
	uint last_off, last_stride, last_rows;
	uint live_off;
} p;

layout(set = 0, binding = 1) writeonly buffer Dst { float dst[]; };
layout(set = 0, binding = 2) restrict readonly buffer Table { uvec4 weight[]; };
#include "chunk.glsl"
layout(set = 0, binding = 3) readonly buffer Ids { int ids[]; };
layout(set = 0, binding = 4) readonly buffer Last { int last[]; };
#define LIVE_BINDING 5
#include "live.glsl"

// Stores chunk w of a row of the table in row r of dst.
void store_chunk(uint r, uint row, uint w) {
	Chunk chunk = load_chunk(row, w);
	Scales scales = scales_of(chunk, w);
	EACH_RUN for (uint q = 0; q < RUN / 4; q++) {
		vec4 v = weight4(chunk, scales, run, q);
		uint c = column(w, run * (RUN / 4) + q);
		for (uint i = 0; i < 4; i++) {
			if (c + i < p.cols) dst[p.dst_off + r * p.dst_stride + c + i] = v[i];
		}
	}
}

void main() {
	uint rows = live_rows(), all = chunks(p.cols, p.pitch);
	load_codebook(p.count, gl_LocalInvocationIndex);
	for (uint r = gl_WorkGroupID.y; r < rows; r += gl_NumWorkGroups.y) {
		int id = ids[p.ids_off + r * p.ids_stride];
		if (id < 0) {
			uint slot = uint(-(id + 1)); // the id is this slot's last token
			if (p.last_off == ABSENT || slot >= p.last_rows) continue;
			id = last[p.last_off + slot * p.last_stride];
		}
		uint row = uint(id) - p.first;
		if (row >= p.count) continue;
		for (uint w = gl_GlobalInvocationID.x; w < all; w += gl_NumWorkGroups.x * gl_WorkGroupSize.x) {
			store_chunk(r, row, w);
		}
	}
}
