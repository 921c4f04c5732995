#version 460
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#pragma use_vulkan_memory_model
// source: head
// variant: head_f16_f16 WEIGHT=1 HALF=1
// variant: head_bf16_f16 WEIGHT=2 HALF=1
// variant: head_block_f16 WEIGHT=3 HALF=1
// variant: head_direct_f16_f16 WEIGHT=1 HALF=1 DIRECT=1
// variant: head_direct_bf16_f16 WEIGHT=2 HALF=1 DIRECT=1
// variant: head_argmax_f16_f16 WEIGHT=1 HALF=1 ARGMAX=1
// variant: head_argmax_bf16_f16 WEIGHT=2 HALF=1 ARGMAX=1
// variant: head_argmax_block_f16 WEIGHT=3 HALF=1 ARGMAX=1
// variant: head_argmax_direct_f16_f16 WEIGHT=1 HALF=1 ARGMAX=1 DIRECT=1
// variant: head_argmax_direct_bf16_f16 WEIGHT=2 HALF=1 ARGMAX=1 DIRECT=1
// variant: head_direct_block_f16 WEIGHT=3 HALF=1 DIRECT=1
// variant: head_argmax_direct_block_f16 WEIGHT=3 HALF=1 ARGMAX=1 DIRECT=1
// metal: none, SPIRV-Cross has no cooperative matrices
// What head.comp does, by matrix units, see matvec_half.glsl.

#include "head.glsl"

void fetch_beside(uint m) {} // nothing

void main() {
	find_place();
	load_codebook(p.outs, at);
	alive = live_rows();
	divide_columns();
	bool first = true;
	for (uint m0 = channels_of(gl_WorkGroupID.x); m0 < p.outs; m0 += channels_of(gl_NumWorkGroups.x)) {
		uint m = channels_from(m0);
		fetch_first_weights(m);
		if (first && !PACKED) {
			find_scales();
			barrier();
		}
		first = false;
		clear_sums();
		fetch_rows(first_word);
		multiply_rows(m);
		add_up();
		take_logits(m, 0);
		barrier(); // others may still read the sums
	}
#ifdef ARGMAX
	store_best();
#endif
}
