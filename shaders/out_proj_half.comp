#version 460
#extension GL_KHR_shader_subgroup_arithmetic : require
#extension GL_EXT_control_flow_attributes : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#pragma use_vulkan_memory_model
// source: out_proj
// variant: out_proj_f16_f16 WEIGHT=1 HALF=1
// variant: out_proj_bf16_f16 WEIGHT=2 HALF=1
// variant: out_proj_block_f16 WEIGHT=3 HALF=1
// variant: out_proj_direct_f16_f16 WEIGHT=1 HALF=1 DIRECT=1
// variant: out_proj_direct_bf16_f16 WEIGHT=2 HALF=1 DIRECT=1
// variant: out_proj_direct_block_f16 WEIGHT=3 HALF=1 DIRECT=1
// metal: none, SPIRV-Cross has no cooperative matrices
// What out_proj.comp does, by matrix units, see matvec_half.glsl.

#include "out_proj.glsl"

vec4 gain[OUTS / 4]; // the next norm's weight

// Starts to load it for the channels from m on.
void fetch_gain(uint m) {
	[[unroll]] for (uint i = 0; i < OUTS / 4; i++) {
		bool some = p.normed_off != ABSENT && member < ROWS && m + 4 * i < p.outs;
		gain[i] = some ? next_norm[(p.next_norm_off + m) / 4 + i] : vec4(0.0);
	}
}

// Stores row r's channels from m on, times the next norm's weight, as float16, divided by
// a power of two so that the largest is below 2. It returns the power.
float store_normed(uint r, uint m) {
	vec4 v[OUTS / 4];
	float top = 0.0;
	[[unroll]] for (uint i = 0; i < OUTS / 4; i++) {
		[[unroll]] for (uint k = 0; k < 4; k++) v[i][k] = sum_of(int(r), 4 * i + k) * gain[i][k];
		vec4 size = abs(v[i]);
		top = max(top, max(max(size.x, size.y), max(size.z, size.w)));
	}
	uint exponent = clamp(floatBitsToUint(top) >> 23, 1u, 253u);
	float down = uintBitsToFloat(254u - exponent << 23);
	[[unroll]] for (uint i = 0; i < OUTS / 4; i++) v[i] *= down;
	[[unroll]] for (uint i = 0; i < OUTS / 8; i++) {
		normed[(p.normed_off + r * p.normed_stride + m) / 8 + i] =
			uvec4(packHalf2x16(v[2 * i].xy), packHalf2x16(v[2 * i].zw), packHalf2x16(v[2 * i + 1].xy),
				packHalf2x16(v[2 * i + 1].zw));
	}
	return uintBitsToFloat(exponent << 23);
}

// Stores of each row the sum of the squares of the channels from m on: with
// these the next norm begins. Where the product behind it takes float16, it gets that too.
void store_squares(uint m) {
	for (uint r = member; r < min(ROWS, alive); r += members) {
		float sum = 0.0;
		for (uint k = 0; k < OUTS && m + k < p.outs; k++) sum += rms_square(sum_of(int(r), k));
		uint to = p.squares_off + r * p.squares_stride + m / OUTS;
		if (m < p.outs) squares_of[to] = sum;
		if (m < p.outs && p.normed_off != ABSENT) squares_of[to + p.outs / OUTS] = store_normed(r, m);
	}
}

void fetch_beside(uint m) {
	fetch_residual(m, 0, member);
	fetch_gain(m);
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
		multiply_rows(m);
		if (!EARLY) fetch_beside(m);
		add_up();
		store(m, 0);
		if (p.squares_off != ABSENT) {
			team_barrier();
			store_squares(m);
		}
		barrier(); // others may still read the sums
	}
}
