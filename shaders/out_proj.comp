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
// variant: out_proj_f32_f32 WEIGHT=0
// variant: out_proj_f16_f32 WEIGHT=1
// variant: out_proj_bf16_f32 WEIGHT=2
// variant: out_proj_block_f32 WEIGHT=3
// variant: out_proj_f16_f16 WEIGHT=1 HALF=1
// variant: out_proj_bf16_f16 WEIGHT=2 HALF=1
// variant: out_proj_block_f16 WEIGHT=3 HALF=1
// variant: out_proj_block_i16 WEIGHT=3 INTEGERS=1
// metal: none with HALF, SPIRV-Cross has no cooperative matrices
// metal: none with INTEGERS, Metal has no integer dot product
// The last third of a block, for few rows: dst = residual + out_proj(src), see
// matvec.glsl. The grid is ranges of channels.

#include "weight.glsl"

#ifdef HALF
#define SOURCE vec4
#else
#define SOURCE float
#endif

layout(push_constant) uniform Params {
	uint rows, cols, outs; // T, D, channels of this part
	uint dst_off, dst_stride;
	uint residual_off, residual_stride;
	uint src_off, src_stride;
	uint pitch;
	uint bias_off;
	uint live_off;
	uint squares_off, squares_stride;
	uint packed_off, packed_stride;
} p;

// dst may be residual.
layout(set = 0, binding = 1) writeonly buffer Dst { float dst[]; };
layout(set = 0, binding = 2) readonly buffer Residual { float residual[]; };
layout(set = 0, binding = 3) readonly buffer Src { SOURCE src[]; };
#define WEIGHT_BINDING 4
layout(set = 0, binding = 5) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 7) restrict writeonly buffer Squares { float squares_of[]; };
layout(set = 0, binding = 8) restrict readonly buffer Packed { uvec4 packed[]; };
#define LIVE_BINDING 6
#include "live.glsl"

#ifdef HALF
layout(constant_id = 15) const bool PACKED = false; // src is there as float16 too

#define PACKED_ROWS PACKED
uvec4 packed8(uint t, uint c) { return packed[(p.packed_off + t * p.packed_stride + c) / 8]; }

vec4 source4(uint t, uint c) { return src[(p.src_off + t * p.src_stride + c) / 4]; }
#include "rms.glsl"
#include "matvec_half.glsl"
#else
float source(uint t, uint c) { return src[p.src_off + t * p.src_stride + c]; }
#include "matvec.glsl"
#endif

// An invocation has every members-th sum of a team's OUTS × ROWS, and the
// residuals of EACH of them at once.
const uint EACH = 2;

float old[EACH];

// Starts to load the residuals of the sums e0, e0 + members and so on.
void fetch_residual(uint m, uint block, uint e0) {
	[[unroll]] for (uint u = 0; u < EACH; u++) {
		uint e = e0 + u * members, k = e % OUTS, r = e / OUTS, t = block * ROWS + r;
		old[u] = 0.0;
		if (e < OUTS * ROWS && t < p.rows && m + k < p.outs) {
			old[u] = residual[p.residual_off + t * p.residual_stride + m + k];
		}
	}
}

// Stores the sums of the team's channels, which begin at m, with bias and
// residual. The first EACH residuals are there.
void store(uint m, uint block) {
	for (uint e0 = member; e0 < OUTS * ROWS; e0 += EACH * members) {
		if (OUTS * ROWS > EACH * members) fetch_residual(m, block, e0);
		[[unroll]] for (uint u = 0; u < EACH; u++) {
			uint e = e0 + u * members, k = e % OUTS, r = e / OUTS, t = block * ROWS + r;
			if (e >= OUTS * ROWS || t >= alive || m + k >= p.outs) continue;
			float y = sums[sum_at(int(r), k)];
			if (p.bias_off != ABSENT) y += bias[p.bias_off + m + k];
			y += old[u];
			dst[p.dst_off + t * p.dst_stride + m + k] = y;
			sums[sum_at(int(r), k)] = y;
		}
	}
}

#ifdef HALF
// Stores of each row the sum of the squares of the channels from m on: with
// these the next norm begins.
void store_squares(uint m) {
	for (uint r = member; r < min(ROWS, alive); r += members) {
		float sum = 0.0;
		for (uint k = 0; k < OUTS && m + k < p.outs; k++) sum += rms_square(sums[sum_at(int(r), k)]);
		if (m < p.outs) squares_of[p.squares_off + r * p.squares_stride + m / OUTS] = sum;
	}
}

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
		for (uint step = 0; step < steps; step++) {
			uint w = first_word + step * STEP_WORDS; // the step's first
			put_rows(w, step % 2);
			barrier(); // all are done with the other buffer
			fetch_rows(w + STEP_WORDS);
			multiply(m, step);
		}
		fetch_residual(m, 0, member);
		add_up();
		store(m, 0);
		if (p.squares_off != ABSENT) {
			team_barrier();
			store_squares(m);
		}
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
