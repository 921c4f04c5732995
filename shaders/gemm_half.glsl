// What gemm_half.comp and gemm_direct.comp share: operands, the sums of a subgroup,
// and how they are stored. A workgroup makes a tile of BM rows × BN channels. A
// subgroup makes ROWS × COLS matrices of it; DOWN subgroups are along the rows.

#include "weight.glsl"

layout(local_size_x = 32, local_size_x_id = 0) in;
layout(constant_id = 1) const uint TM = 8; // the device's matrices: TM×TK · TK×TN
layout(constant_id = 2) const uint TN = 8;
layout(constant_id = 3) const uint TK = 8;
layout(constant_id = 4) const uint ROWS = 2; // matrices of a subgroup, along the rows
layout(constant_id = 5) const uint COLS = 2; // and along the channels
layout(constant_id = 6) const uint DOWN = 2; // subgroups of a workgroup, along the rows
layout(constant_id = 7) const uint BK = 32;  // inputs at a time
layout(constant_id = 9) const uint BM = 32;  // ROWS · TM · DOWN
layout(constant_id = 10) const uint BN = 32;
layout(constant_id = 11) const uint SHARED = 512;  // 16-byte words
layout(constant_id = 12) const uint WORDS_A = 4;   // of a tile of src, to an invocation
layout(constant_id = 21) const uint DEEP = 1;      // subgroups that divide the inputs of the same sums
layout(constant_id = 14) const bool WHOLE = false; // inputs are a multiple of BK
layout(constant_id = 15) const bool WIDE = false;  // dst, bias and residual suit 16-byte words

layout(push_constant) uniform Params {
	uint rows, outs;
	uint steps, span; // of BK inputs: all, and those of one part
	uint part;        // elements from one part's matrix to the next
	uint dst_off, dst_stride;
	uint src_off, src_pitch; // 16-byte words
	uint pitch;              // 16-byte words of a weight row
	uint bias_off;
	uint residual_off, residual_stride;
	uint live_off;
} p;

// dst may be residual.
layout(set = 0, binding = 1) writeonly buffer Dst { vec4 dst[]; };
layout(set = 0, binding = 2) readonly buffer Src { uvec4 src[]; };
layout(set = 0, binding = 4) readonly buffer Bias { vec4 bias[]; };
layout(set = 0, binding = 5) readonly buffer Residual { vec4 residual[]; };
#define LIVE_BINDING 6
#include "live.glsl"

shared uvec4 tile[SHARED];

uvec4 next_a[WORDS_A]; // of src, in flight

coopmat<float, gl_ScopeSubgroup, TM, TN, gl_MatrixUseAccumulator> acc[ROWS * COLS];

void clear_sums() {
	[[unroll]] for (uint i = 0; i < ROWS * COLS; i++) {
		acc[i] = coopmat<float, gl_ScopeSubgroup, TM, TN, gl_MatrixUseAccumulator>(0.0);
	}
}

// The sums of a subgroup go out by way of its own part of shared memory, TM rows
// at a time: STAGE_WIDTH sums, and a word behind each row.
const uint STAGE_WIDTH = COLS * TN;
const uint STAGE_WORDS = STAGE_WIDTH / 4;
const uint STAGE_PITCH = STAGE_WORDS + 1;
const uint TEAM = DOWN * (BN / (COLS * TN)); // subgroups with sums of their own

// What DEEP subgroups have at word at of their parts.
vec4 staged(uint at) {
	vec4 v = uintBitsToFloat(tile[at]);
	[[unroll]] for (uint i = 1; i < DEEP; i++) v += uintBitsToFloat(tile[at + i * TEAM * TM * STAGE_PITCH]);
	return v;
}

// The first element that an invocation stores, and how many there are to the next.
uint store_first() { return gl_SubgroupID / TEAM * gl_SubgroupSize + gl_SubgroupInvocationID; }
uint store_step() { return DEEP * gl_SubgroupSize; }

// Stores what is at word stage, whose first row and channel are r0 and c0, in
// part d of dst, with bias and residual.
void store_wide(uint stage, uint d, uint r0, uint c0, uint rows) {
	for (uint e = store_first(); e < TM * STAGE_WORDS; e += store_step()) {
		uint r = r0 + e / STAGE_WORDS, c = c0 + e % STAGE_WORDS * 4;
		if (r >= rows || c >= p.outs) continue;
		vec4 v = staged(stage + e / STAGE_WORDS * STAGE_PITCH + e % STAGE_WORDS);
		if (p.bias_off != ABSENT) v += bias[(p.bias_off + c) / 4];
		if (p.residual_off != ABSENT) v += residual[(p.residual_off + r * p.residual_stride + c) / 4];
		dst[(d + r * p.dst_stride + c) / 4] = v;
	}
}

// The same where rows do not suit 16-byte words.
void store_narrow(uint stage, uint d, uint r0, uint c0, uint rows) {
	for (uint e = store_first(); e < TM * STAGE_WIDTH; e += store_step()) {
		uint r = r0 + e / STAGE_WIDTH, at = e % STAGE_WIDTH, c = c0 + at;
		if (r >= rows || c >= p.outs) continue;
		float v = staged(stage + e / STAGE_WIDTH * STAGE_PITCH + at / 4)[at % 4];
		if (p.bias_off != ABSENT) {
			uint b = p.bias_off + c;
			v += bias[b / 4][b % 4];
		}
		if (p.residual_off != ABSENT) {
			uint s = p.residual_off + r * p.residual_stride + c;
			v += residual[s / 4][s % 4];
		}
		uint o = d + r * p.dst_stride + c;
		dst[o / 4][o % 4] = v;
	}
}

// Waits for those who share what is staged: a subgroup for itself, or DEEP of them.
void meet() {
	if (DEEP > 1) {
		barrier();
	} else {
		subgroupMemoryBarrierShared();
		subgroupBarrier();
	}
}

// Stores the sums of a subgroup, whose first row and channel are r0 and c0.
void store(uint r0, uint c0, uint rows) {
	uint own = gl_SubgroupID * TM * STAGE_PITCH, stage = gl_SubgroupID % TEAM * TM * STAGE_PITCH;
	uint d = p.dst_off + gl_WorkGroupID.z * p.part;
	[[unroll]] for (uint i = 0; i < ROWS; i++) {
		[[unroll]] for (uint j = 0; j < COLS; j++) {
			coopMatStore(acc[j * ROWS + i], tile, own + j * TN / 4, STAGE_PITCH, gl_CooperativeMatrixLayoutRowMajor);
		}
		meet();
		if (WIDE) {
			store_wide(stage, d, r0 + i * TM, c0, rows);
		} else {
			store_narrow(stage, d, r0 + i * TM, c0, rows);
		}
		meet();
	}
}
