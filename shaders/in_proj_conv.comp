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

#ifdef INTEGERS
void store_ready(uint i, uvec2 v) { for_x_proj[i] = v; }
#include "ready_put.glsl"

// Leaves the convolution of the workgroup's channels, which begin at m, as x_proj wants it. They are whole blocks
// of 32.
void hand_over(uint m, uint block) {
	barrier();
	uint eights = team_outs / 8;
	for (uint e = at; e < ROWS * eights; e += gl_WorkGroupSize.x) {
		uint r = e / eights, v = e % eights, ch = m + 8 * v, t = block * ROWS + r;
		bool some = t < alive && t < row_sequence[r].end && ch < p.channels;
		vec4 x[2];
		[[unroll]] for (uint i = 0; i < 8; i++) x[i / 4][i % 4] = some ? made[r * MOST_CHANNELS + 8 * v + i] : 0.0;
		put_ready(x[0], x[1], ch / 32, v % 4, p.ready_off + t * p.ready_stride, ready_span(p.channels), some);
	}
}

// The workgroup is one team: what becomes of its sums waits for memory, and barriers, once.
void main() {
	find_place();
	member = at;
	members = gl_WorkGroupSize.x;
	fetch_sequences();
	divide_channels();
	divide_columns();
	divide_rows();
	uint m0 = first_group * OUTS;
	team_outs = max(min(end_group * OUTS, p.outs), m0 + 1) - m0; // never 0: indices are divided by it
	for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y) {
		for (uint group = first_group; group < end_group; group += subgroups) {
			uint m = channels_from(group);
			clear_sums();
			for (uint step = 0; step < steps; step++) {
				uint w = first_chunk + step * step_chunks; // the step's first pair
				take_chunks(m, m, block, step, w);
				multiply(w);
			}
			if (group == first_group) { // what becomes of the sums wants these, and is loaded meanwhile
				find_scales(block);
				find_sequences(block * ROWS);
				barrier();
				fetch_taps(m0, block, member);
			}
			own = (group + subgroup - first_group) * OUTS;
			add_up();
		}
		barrier();
		finish(m0, block);
		if (p.ready_off != ABSENT && m0 < p.channels) hand_over(m0, block);
	}
}
#else
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
#endif
