#version 460
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_EXT_control_flow_attributes : require
#ifdef HALF
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#pragma use_vulkan_memory_model
#endif
#ifdef INTEGERS
#extension GL_EXT_integer_dot_product : require
#extension GL_KHR_shader_subgroup_shuffle : require
#endif
// variant: x_proj_f32_f32 WEIGHT=0
// variant: x_proj_f16_f32 WEIGHT=1
// variant: x_proj_bf16_f32 WEIGHT=2
// variant: x_proj_block_f32 WEIGHT=3
// variant: x_proj_f16_f16 WEIGHT=1 HALF=1
// variant: x_proj_bf16_f16 WEIGHT=2 HALF=1
// variant: x_proj_block_f16 WEIGHT=3 HALF=1
// variant: x_proj_block_i16 WEIGHT=3 INTEGERS=1
// metal: none with HALF, SPIRV-Cross has no cooperative matrices
// metal: none with INTEGERS, Metal has no integer dot product
// x_proj for few rows, see matvec.glsl. It has too few channels to fill a
// device, so its columns are cut into slices; ssm.comp adds their sums up:
// dst[slice · rows + t] has those of row t. The grid is ranges of channels × 1 ×
// slices.

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
} p;

layout(set = 0, binding = 1) restrict writeonly buffer Dst { float dst[]; };
layout(set = 0, binding = 2) readonly buffer Src { SOURCE src[]; };
#define WEIGHT_BINDING 3
#define LIVE_BINDING 4
#include "live.glsl"

#ifdef HALF
vec4 source4(uint t, uint c) { return src[(p.src_off + t * p.src_stride + c) / 4]; }
#include "matvec_half.glsl"
#else
float source(uint t, uint c) { return src[p.src_off + t * p.src_stride + c]; }
#include "matvec.glsl"
#endif

// Stores the sums of the team's channels, which begin at m.
void store(uint m, uint block) {
	for (uint e = member; e < OUTS * ROWS; e += members) {
		uint k = e % OUTS, r = e / OUTS, t = block * ROWS + r;
		if (t >= p.rows || m + k >= p.outs) continue;
		dst[p.dst_off + (gl_WorkGroupID.z * p.rows + t) * p.dst_stride + m + k] = sums[sum_at(int(r), k)];
	}
}

#ifdef HALF
void main() {
	find_place();
	load_codebook(p.outs, at);
	alive = live_rows();
	divide_columns();
	for (uint m0 = channels_of(gl_WorkGroupID.x); m0 < p.outs; m0 += channels_of(gl_NumWorkGroups.x)) {
		uint m = channels_from(m0);
		fetch_first_weights(m);
		clear_sums();
		fetch_rows(first_word);
		for (uint step = 0; step < steps; step++) {
			uint w = first_word + step * STEP_WORDS; // the step's first
			put_rows(w, step % 2);
			barrier(); // all are done with the other buffer
			fetch_rows(w + STEP_WORDS);
			multiply(m, step);
		}
		add_up();
		store(m, 0);
		barrier(); // others may still read the sums
	}
}
#else
void main() {
	find_place();
	load_codebook(p.outs, at);
	divide_channels();
	divide_columns();
	divide_rows();
	uint m = channels_from(first_group);
	fetch_chunks(m, first_chunk);
	for (uint group = first_group; group < end_group; group += subgroups) {
		uint m_after = channels_from(group + subgroups);
		for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y) {
			clear_sums();
			for (uint step = 0; step < steps; step++) {
				uint w = first_chunk + step * step_chunks; // the step's first chunk
				refill_tile(group, block, step, w);
				take_chunks(m, m_after, block, step, w);
				multiply(w);
			}
			add_up();
			store(m, block);
			team_barrier(); // others may still read the sums
		}
		m = m_after;
	}
}
#endif
