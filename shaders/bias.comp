#version 460
// variant: bias_f32
// The logits that tokens are drawn from: with the biases of each sequence that
// draws, and −Inf where its mask does not allow a token, to the bit as package
// backend/sampling defines it. The grid is ranges of tokens × sequences.

layout(local_size_x = 256, local_size_x_id = 0) in;

layout(push_constant) uniform Params {
	uint cols;
	uint in_place; // dst is logits
	uint dst_off, dst_stride;
	uint logits_off, logits_stride;
	uint records_off, records_stride, slots;
	uint biases_off, biases_stride, pairs;
	uint allowed_off, allowed_stride;
	uint batch_off, batch_stride, batch_records;
} p;

layout(set = 0, binding = 1) writeonly buffer Dst { uint dst[]; };
layout(set = 0, binding = 2) readonly buffer Logits { uint logits[]; };
layout(set = 0, binding = 3) readonly buffer Records { uint records[]; };
layout(set = 0, binding = 4) readonly buffer Biases { uint biases[]; };
layout(set = 0, binding = 5) readonly buffer Allowed { uint allowed[]; };
#define BATCH_BINDING 6
#include "batch.glsl"
#include "record.glsl"

const uint ABSENT = 0xffffffffu;
const uint SIGN = 0x80000000u;
const uint INFINITY = 0x7f800000u;
const uint BANNED = SIGN | INFINITY;

const uint RANGE = 1024;     // tokens of a workgroup
shared uint bias_of[RANGE];  // bits; 0 where there is none

// The biases of the range of tokens from first on.
void fetch_biases(uint slot, uint count, uint first) {
	for (uint i = gl_LocalInvocationIndex; i < RANGE; i += gl_WorkGroupSize.x) bias_of[i] = 0;
	barrier();
	for (uint i = gl_LocalInvocationIndex; i < count; i += gl_WorkGroupSize.x) {
		uint at = p.biases_off + slot * p.biases_stride + 2 * i, place = biases[at] - first;
		if (biases[at] < p.cols && place < RANGE) bias_of[place] = biases[at + 1];
	}
	barrier();
}

uint biased(uint bits, uint bias) {
	if ((bits & ~SIGN) > INFINITY) return bits;
	if (bias == BANNED) return BANNED;
	if ((bits & INFINITY) == INFINITY || (bias & ~SIGN) == 0) return bits;
	return floatBitsToUint(uintBitsToFloat(bits) + uintBitsToFloat(bias));
}

void bias_range(uint seq, uint slot, uint first, uint count, bool masked) {
	if (count > 0) fetch_biases(slot, count, first);
	for (uint i = gl_LocalInvocationIndex; i < RANGE && first + i < p.cols; i += gl_WorkGroupSize.x) {
		uint id = first + i, bits = logits[p.logits_off + seq * p.logits_stride + id], bias = 0;
		if (count > 0) bias = bias_of[i];
		if (masked && (allowed[p.allowed_off + slot * p.allowed_stride + id / 32] >> id % 32 & 1) == 0) bias = BANNED;
		if (p.in_place == 0 || bias != 0) dst[p.dst_off + seq * p.dst_stride + id] = biased(bits, bias);
	}
	barrier(); // the biases may be fetched again
}

void main() {
	uint seqs = batch_draws();
	for (uint q = gl_WorkGroupID.y; q < seqs; q += gl_NumWorkGroups.y) {
		uint slot = batch_word(q, SEQ_SLOT);
		if (int(batch_word(q, SEQ_ROWS)) <= 0 || slot >= p.slots) continue;
		uint record = p.records_off + slot * p.records_stride;
		uint count = min(uint(max(int(records[record + WORD_BIASES]), 0)), p.pairs);
		bool masked = p.allowed_off != ABSENT && records[record + WORD_MASKED] != 0;
		if (p.in_place != 0 && count == 0 && !masked) continue;
		for (uint first = gl_WorkGroupID.x * RANGE; first < p.cols; first += gl_NumWorkGroups.x * RANGE) {
			bias_range(q, slot, first, count, masked);
		}
	}
}
