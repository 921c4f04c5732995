#version 460
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_EXT_control_flow_attributes : require
#ifdef INTEGERS
#extension GL_EXT_integer_dot_product : require
#extension GL_KHR_shader_subgroup_shuffle : require
#endif
// variant: in_proj_conv_f32_f32 WEIGHT=0
// variant: in_proj_conv_f16_f32 WEIGHT=1
// variant: in_proj_conv_bf16_f32 WEIGHT=2
// variant: in_proj_conv_block_f32 WEIGHT=3
// variant: in_proj_conv_block_i16 WEIGHT=3 INTEGERS=1
// metal: none with INTEGERS, Metal has no integer dot product
// The first third of a block, for few rows: x, z = in_proj(norm(src)) and
// dst = act(conv1d(x)), see matvec.glsl. The convolution needs a channel's rows
// together, and one subgroup has them. The weight may come in parts: this one
// has outs channels from first on. The grid is ranges of channels.

#include "in_proj_conv.glsl"

void main() {
	find_place();
	fetch_sequences();
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
				if (tile_used_up()) {
					if (begin_tile(group)) {
						load_rows(block, step, w);
						if (step == 0) find_sequences(block * ROWS);
						barrier();
					}
				}
				if (step == 0) fetch_taps(m, block, member);
				take_chunks(m, m_after, block, step, w);
				multiply(w);
			}
			add_up();
			finish(m, block);
			team_barrier(); // others may still read the sums
		}
		m = m_after;
	}
}
