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

#ifdef INTEGERS
#include "rms.glsl"

void store_ready(uint i, uvec2 v) { normed[i] = v; }
#include "ready_put.glsl"

// Leaves what the workgroup has made of its channels, which begin at m0, times the next norm's weight, as that norm's
// product wants it, and the sums of its squares over blocks of 32 channels. They are whole blocks.
void hand_over(uint m0, uint block) {
	barrier();
	uint eights = team_outs / 8;
	for (uint e = at; e < ROWS * eights; e += gl_WorkGroupSize.x) {
		uint r = e / eights, v = e % eights, m = m0 + 8 * v, t = block * ROWS + r;
		vec4 x[2];
		float sum = 0.0;
		[[unroll]] for (uint i = 0; i < 2; i++) {
			[[unroll]] for (uint k = 0; k < 4; k++) {
				uint c = 8 * v + 4 * i + k;
				sum += rms_square(sum_of(int(r), c));
				x[i][k] = made[r * MOST_CHANNELS + c];
			}
		}
		sum += subgroupShuffleXor(sum, 1);
		sum += subgroupShuffleXor(sum, 2);
		if (v % 4 == 0 && t < alive) squares_of[p.squares_off + t * p.squares_stride + m / 32] = sum;
		put_ready(x[0], x[1], m / 32, v % 4, p.normed_off + t * p.normed_stride, ready_span(p.outs), t < alive);
	}
}

// The workgroup is one team: what becomes of its sums waits for barriers once.
void main() {
	find_place();
	member = at;
	members = gl_WorkGroupSize.x;
	divide_channels();
	divide_columns();
	divide_rows();
	uint m0 = first_group * OUTS;
	team_outs = max(min(end_group * OUTS, p.outs), m0 + 1) - m0; // never 0: indices are divided by it
	for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y) {
		fetch_residual(m0, block, member);
		for (uint group = first_group; group < end_group; group += subgroups) {
			uint m = channels_from(group);
			clear_sums();
			for (uint step = 0; step < steps; step++) {
				uint w = first_chunk + step * step_chunks; // the step's first pair
				take_chunks(m, m, block, step, w);
				multiply(w);
			}
			own = (group + subgroup - first_group) * OUTS;
			add_up();
		}
		barrier();
		store(m0, block);
		if (p.normed_off != ABSENT) hand_over(m0, block);
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
#endif
