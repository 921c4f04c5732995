#version 460
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_EXT_control_flow_attributes : require
#ifdef INTEGERS
#extension GL_EXT_integer_dot_product : require
#extension GL_KHR_shader_subgroup_shuffle : require
#endif
// variant: x_proj_f32_f32 WEIGHT=0
// variant: x_proj_f16_f32 WEIGHT=1
// variant: x_proj_bf16_f32 WEIGHT=2
// variant: x_proj_block_f32 WEIGHT=3
// variant: x_proj_block_i16 WEIGHT=3 INTEGERS=1
// metal: none with INTEGERS, Metal has no integer dot product
// x_proj for few rows, see matvec.glsl. It has too few channels to fill a
// device, so its columns are cut into slices; ssm.comp adds their sums up:
// dst[slice · rows + t] has those of row t. The grid is ranges of channels × 1 ×
// slices.

#include "x_proj.glsl"

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
#ifdef INTEGERS
				take_chunks(m, m_after, block, step, w); // in flight while rows are made ready
				refill_tile(group, block, step, w);
#else
				refill_tile(group, block, step, w);
				take_chunks(m, m_after, block, step, w);
#endif
				multiply(w);
			}
			add_up();
			store(m, block);
			team_barrier(); // others may still read the sums
		}
		m = m_after;
	}
}
