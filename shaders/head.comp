#version 460
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_EXT_control_flow_attributes : require
#ifdef INTEGERS
#extension GL_EXT_integer_dot_product : require
#endif
// variant: head_f32_f32 WEIGHT=0
// variant: head_f16_f32 WEIGHT=1
// variant: head_bf16_f32 WEIGHT=2
// variant: head_block_f32 WEIGHT=3
// variant: head_argmax_f32_f32 WEIGHT=0 ARGMAX=1
// variant: head_argmax_f16_f32 WEIGHT=1 ARGMAX=1
// variant: head_argmax_bf16_f32 WEIGHT=2 ARGMAX=1
// variant: head_argmax_block_f32 WEIGHT=3 ARGMAX=1
// variant: head_block_i16 WEIGHT=3 INTEGERS=1
// variant: head_argmax_block_i16 WEIGHT=3 INTEGERS=1 ARGMAX=1
// metal: none with INTEGERS, Metal has no integer dot product
// The model's end on chosen rows: dst[i] = lm_head(norm(src[from[i]])), see
// matvec.glsl; or, with ARGMAX, of each row and workgroup the key of the largest
// logit and the channel that has it, for head_pick.comp. The weight may come in
// parts: this one has outs channels from first on. The grid is ranges of
// channels × blocks of rows.

#include "head.glsl"

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
			finish_rows(group, block);
			add_up();
			take_logits(m, block);
			team_barrier(); // others may still read the sums
		}
		m = m_after;
	}
#ifdef ARGMAX
	store_best();
#endif
}
