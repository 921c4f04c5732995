#version 460
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_EXT_control_flow_attributes : require
#ifdef INTEGERS
#extension GL_EXT_integer_dot_product : require
#extension GL_KHR_shader_subgroup_shuffle : require
#endif
// variant: out_proj_f32_f32 WEIGHT=0
// variant: out_proj_f16_f32 WEIGHT=1
// variant: out_proj_bf16_f32 WEIGHT=2
// variant: out_proj_block_f32 WEIGHT=3
// variant: out_proj_block_i16 WEIGHT=3 INTEGERS=1
// metal: none with INTEGERS, Metal has no integer dot product
// The last third of a block, for few rows: dst = residual + out_proj(src), see
// matvec.glsl. The grid is ranges of channels.

#include "out_proj.glsl"

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
				if (step == 0) fetch_residual(m, block, member);
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
