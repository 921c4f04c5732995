#version 460
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_KHR_shader_subgroup_shuffle : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#pragma use_vulkan_memory_model
// source: in_proj_conv
// variant: in_proj_conv_f16_f16 WEIGHT=1 HALF=1
// variant: in_proj_conv_bf16_f16 WEIGHT=2 HALF=1
// variant: in_proj_conv_block_f16 WEIGHT=3 HALF=1
// variant: in_proj_conv_direct_f16_f16 WEIGHT=1 HALF=1 DIRECT=1
// variant: in_proj_conv_direct_bf16_f16 WEIGHT=2 HALF=1 DIRECT=1
// variant: in_proj_conv_direct_block_f16 WEIGHT=3 HALF=1 DIRECT=1
// metal: none, SPIRV-Cross has no cooperative matrices
// What in_proj_conv.comp does, by matrix units, see matvec_half.glsl.

#include "in_proj_conv.glsl"

void fetch_beside(uint m) {} // taps would take registers of what is being multiplied

void main() {
	find_place();
	load_codebook(p.outs, at);
	alive = live_rows();
	fetch_sequences();
	divide_columns();
	bool first = true;
	for (uint m0 = channels_of(gl_WorkGroupID.x); m0 < p.outs; m0 += channels_of(gl_NumWorkGroups.x)) {
		uint m = channels_from(m0);
		fetch_first_weights(m);
		fetch_rows(first_word);
		if (first) {
			find_sequences(0);
			if (!PACKED || SCALED) find_scales();
			barrier();
		}
		first = false;
		clear_sums();
		multiply_rows(m);
		fetch_taps(m, 0, member);
		add_up();
		finish(m, 0);
		barrier(); // others may still read the sums
	}
}
