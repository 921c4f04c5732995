// What ssm.comp and ssm_half.comp share: operands, an invocation's place, and where sequences end. Wants
// ROWS, the rows of a block, MOST_ROWS, STATE_TYPE and KEEP.

#include "weight.glsl"

layout(push_constant) uniform Params {
	uint rows, cols; // T, channels of this part
	uint first;
	uint rank, states; // R, N
	uint norm;         // whether dt, B and C are normalised
	float eps;
	uint dst_off, dst_stride;
	uint x_off, x_stride;
	uint z_off, z_stride;
	uint dbc_off, dbc_stride;
	uint pitch;
	uint bias_off;
	uint a_off, a_stride;
	uint d_off;
	uint state_off, state_stride, slots;
	uint batch_off, batch_stride, batch_records;
	uint packed_off, packed_stride;
} p;

layout(set = 0, binding = 1) restrict writeonly buffer Dst { float dst[]; };
layout(set = 0, binding = 2) readonly buffer X { float x[]; };
layout(set = 0, binding = 3) readonly buffer Z { float z[]; };
#ifdef HALF
layout(set = 0, binding = 4) restrict readonly buffer DBC { vec4 dbc[]; };
#else
layout(set = 0, binding = 4) restrict readonly buffer DBC { float dbc[]; };
#endif
layout(set = 0, binding = 5) restrict readonly buffer Weight { uvec4 weight[]; };
#include "chunk.glsl"
layout(set = 0, binding = 6) readonly buffer Bias { float bias[]; };
layout(set = 0, binding = 7) readonly buffer A { float a[]; };
layout(set = 0, binding = 8) readonly buffer D { float d[]; };
#ifdef HALF
#define STATE_WIDE
layout(set = 0, binding = 9) restrict buffer State { uvec4 state[]; };
#else
layout(set = 0, binding = 9) restrict buffer State { uint state[]; };
#endif
#define BATCH_BINDING 10
#define BATCH_KEEP KEEP
#include "batch.glsl"
#include "state.glsl"
layout(set = 0, binding = 11) restrict writeonly buffer Packed { uint packed[]; };
#include "half.glsl"
#include "activation.glsl"
#include "softplus.glsl"
#include "decay.glsl"
#include "rms.glsl"

const uint ABSENT = 0xffffffffu;
layout(constant_id = 42) const uint STRIP = 0;      // how packed lies: strip.glsl; 0: row behind row
layout(constant_id = 43) const uint STRIP_ROWS = 1; // of packed
#include "strip.glsl"

// Where a pair of float16 of row t lies in packed, whose first channel is ch.
uint packed_at(uint t, uint ch) {
	return STRIP > 0 ? p.packed_off / 2 + strip_pair(t, ch) : (p.packed_off + t * p.packed_stride + ch) / 2;
}
const uint LANES = 4;

uint lane, lanes; // this invocation in its subgroup
uint at;          // this invocation, counted subgroup by subgroup
uint j;           // this invocation among those of its channel
uint live;        // live rows

// The invocation's channel.
uint c, ch; // in this part of the weight, and in all
bool mine;  // whether there is such a channel

#include "rowseq.glsl"

float over_lanes(float v) {
	v += subgroupShuffleXor(v, 1);
	return v + subgroupShuffleXor(v, 2);
}

void find_place() {
	lanes = gl_WorkGroupSize.x / gl_NumSubgroups;
	lane = gl_SubgroupInvocationID;
	at = gl_SubgroupID * lanes + lane;
	j = at % LANES;
}

// Whether no sequence that begins in block own goes on behind this block.
bool ends(uint own, uint block) {
	RowSequence last = row_sequence[ROWS - 1];
	return last.end <= (block + 1) * ROWS || last.first / ROWS != own;
}
