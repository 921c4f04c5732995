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
// variant: head_f32_f32 WEIGHT=0
// variant: head_f16_f32 WEIGHT=1
// variant: head_bf16_f32 WEIGHT=2
// variant: head_block_f32 WEIGHT=3
// variant: head_argmax_f32_f32 WEIGHT=0 ARGMAX=1
// variant: head_argmax_f16_f32 WEIGHT=1 ARGMAX=1
// variant: head_argmax_bf16_f32 WEIGHT=2 ARGMAX=1
// variant: head_argmax_block_f32 WEIGHT=3 ARGMAX=1
// variant: head_f16_f16 WEIGHT=1 HALF=1
// variant: head_bf16_f16 WEIGHT=2 HALF=1
// variant: head_block_f16 WEIGHT=3 HALF=1
// variant: head_argmax_f16_f16 WEIGHT=1 HALF=1 ARGMAX=1
// variant: head_argmax_bf16_f16 WEIGHT=2 HALF=1 ARGMAX=1
// variant: head_argmax_block_f16 WEIGHT=3 HALF=1 ARGMAX=1
// variant: head_block_i16 WEIGHT=3 INTEGERS=1
// variant: head_argmax_block_i16 WEIGHT=3 INTEGERS=1 ARGMAX=1
// metal: none with HALF, SPIRV-Cross has no cooperative matrices
// metal: none with INTEGERS, Metal has no integer dot product
// The model's end on chosen rows: dst[i] = lm_head(norm(src[from[i]])), see
// matvec.glsl; or, with ARGMAX, of each row and workgroup the key of the largest
// logit and the channel that has it, for head_pick.comp. The weight may come in
// parts: this one has outs channels from first on. The grid is ranges of
// channels × blocks of rows.

#include "weight.glsl"

#ifdef HALF
#define SOURCE vec4
#else
#define SOURCE float
#endif

layout(push_constant) uniform Params {
	uint rows, cols, outs; // S, H, channels of this part
	uint first;
	uint dst_off, dst_stride;
	uint src_off, src_stride, src_rows;
	uint from_off, from_stride;
	uint norm_off;
	float eps;
	uint pitch;
	uint live_off;
} p;

#ifdef ARGMAX
layout(set = 0, binding = 1) restrict writeonly buffer Dst { uint dst[]; };
#else
layout(set = 0, binding = 1) restrict writeonly buffer Dst { float dst[]; };
#endif
layout(set = 0, binding = 2) readonly buffer Src { SOURCE src[]; };
layout(set = 0, binding = 3) readonly buffer From { uint from[]; };
layout(set = 0, binding = 4) readonly buffer Norm { SOURCE norm[]; };
#define WEIGHT_BINDING 5
#define LIVE_BINDING 6
#include "live.glsl"

#define NORM
#ifdef HALF
vec4 source4(uint t, uint c) {
	uint row = from[p.from_off + t * p.from_stride];
	return row < p.src_rows ? src[(p.src_off + row * p.src_stride + c) / 4] : vec4(0.0);
}

vec4 norm_weight4(uint c) { return norm[(p.norm_off + c) / 4]; }
#include "matvec_half.glsl"
#else
float source(uint t, uint c) {
	uint row = from[p.from_off + t * p.from_stride];
	return row < p.src_rows ? src[p.src_off + row * p.src_stride + c] : 0.0;
}

float norm_weight(uint c) { return norm[p.norm_off + c]; }
#include "matvec.glsl"
#endif

#ifdef ARGMAX
#define LARGEST_WIDTH 1
#include "largest.glsl"

// The best of each subgroup and row so far.
shared uint best_key[SUBGROUPS * MOST_ROWS];
shared uint best_at[SUBGROUPS * MOST_ROWS];

bool chosen = false; // whether there are any

// Keeps the best of the team's logits, whose channels begin at m, and of those
// before. One subgroup of a team does it.
void take_logits(uint m, uint block) {
	if (part > 0) m = p.outs;
	for (uint r = lane; r < ROWS; r += lanes) {
		uint i = subgroup * MOST_ROWS + r;
		uint key = chosen ? best_key[i] : 0, where = chosen ? best_at[i] : 0;
		float scale = row_scale(r);
		for (uint k = 0; k < OUTS && m + k < p.outs; k++) {
			uint other = number_key(floatBitsToUint(sums[sum_at(int(r), k)] * scale));
			if (other > key) {
				key = other;
				where = p.first + m + k;
			}
		}
		best_key[i] = key;
		best_at[i] = where;
	}
	chosen = true;
}

// Stores the best of all subgroups.
void store_best() {
	barrier();
	uint r = at, t = gl_WorkGroupID.y * ROWS + r;
	if (r >= ROWS || t >= p.rows) return;
	uint key = 0, where = 0;
	for (uint s = 0; chosen && s < subgroups; s++) {
		uint k = best_key[s * MOST_ROWS + r], w = best_at[s * MOST_ROWS + r];
		if (k > key || k == key && w < where) {
			key = k;
			where = w;
		}
	}
	uint i = p.dst_off + t * p.dst_stride + 2 * gl_WorkGroupID.x;
	dst[i] = key;
	dst[i + 1] = where;
}
#else
// Stores the team's logits, whose channels begin at m.
void take_logits(uint m, uint block) {
	for (uint e = member; e < OUTS * ROWS; e += members) {
		uint k = e % OUTS, r = e / OUTS, t = block * ROWS + r;
		if (t >= alive || m + k >= p.outs) continue;
		dst[p.dst_off + t * p.dst_stride + p.first + m + k] = sums[sum_at(int(r), k)] * row_scale(r);
	}
}
#endif

#ifdef HALF
void main() {
	find_place();
	load_codebook(p.outs, at);
	alive = live_rows();
	divide_columns();
	bool first = true;
	for (uint m0 = channels_of(gl_WorkGroupID.x); m0 < p.outs; m0 += channels_of(gl_NumWorkGroups.x)) {
		uint m = channels_from(m0);
		fetch_first_weights(m);
		if (first) {
			find_scales();
			barrier();
		}
		first = false;
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
		take_logits(m, 0);
		barrier(); // others may still read the sums
	}
#ifdef ARGMAX
	store_best();
#endif
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
			take_logits(m, block);
			team_barrier(); // others may still read the sums
		}
		m = m_after;
	}
#ifdef ARGMAX
	store_best();
#endif
}
#endif
