#version 460
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#pragma use_vulkan_memory_model
// source: x_proj
// variant: x_proj_f16_f16 WEIGHT=1 HALF=1
// variant: x_proj_bf16_f16 WEIGHT=2 HALF=1
// variant: x_proj_block_f16 WEIGHT=3 HALF=1
// variant: x_proj_direct_f16_f16 WEIGHT=1 HALF=1 DIRECT=1
// variant: x_proj_direct_bf16_f16 WEIGHT=2 HALF=1 DIRECT=1
// variant: x_proj_direct_block_f16 WEIGHT=3 HALF=1 DIRECT=1
// metal: none, SPIRV-Cross has no cooperative matrices
// What x_proj.comp does, by matrix units, see matvec_half.glsl.

#include "x_proj.glsl"

void fetch_beside(uint m) {} // nothing

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
		multiply_rows(m);
		add_up();
		store(m, 0);
		barrier(); // others may still read the sums
	}
}
