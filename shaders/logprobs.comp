#version 460
#extension GL_EXT_control_flow_attributes : require
// variant: logprobs_f32
// What log-probabilities are told from, for each sequence that draws and asks for
// them, to the bit as package backend/sampling lays it out; one workgroup to a
// sequence.

layout(local_size_x = 256, local_size_x_id = 0) in;
layout(constant_id = 1) const uint WIDTH = 256; // the same, for arrays

layout(push_constant) uniform Params {
	uint tokens; // of the vocabulary
	uint dst_off, dst_stride;
	uint places; // of a row of dst
	uint tokens_off, tokens_stride;
	uint logits_off, logits_stride;
	uint records_off, records_stride, slots;
	uint batch_off, batch_stride, batch_records;
} p;

layout(set = 0, binding = 1) restrict writeonly buffer Dst { uint dst[]; };
layout(set = 0, binding = 2) readonly buffer Tokens { uint tokens[]; };
layout(set = 0, binding = 3) readonly buffer Logits { uint logits[]; };
layout(set = 0, binding = 4) readonly buffer Records { uint records[]; };
#define BATCH_BINDING 5
#include "batch.glsl"
#include "record.glsl"
#include "wide.glsl"
#define LARGEST_WIDTH WIDTH
#include "largest.glsl"

const uint ABSENT = 0xffffffffu;
const uint AHEAD = 8;  // loads in flight
const uint DIGIT = 10; // of the room for a list

#include "score.glsl"
#include "running_sum.glsl"
#include "list.glsl"
#define told dst
#include "likeliest.glsl"

uint find_greatest() {
	uint me = gl_LocalInvocationIndex, size = gl_WorkGroupSize.x, at = 0;
	own_greatest = 0;
	for (uint i = me; i < p.tokens; i += AHEAD * size) {
		uint k[AHEAD];
		read_keys(i, size, p.tokens, k);
		[[unroll]] for (uint j = 0; j < AHEAD; j++) {
			if (k[j] > own_greatest) {
				own_greatest = k[j];
				at = i + j * size;
			}
		}
	}
	return largest(own_greatest, at, greatest);
}

uvec2 mass_of_all() {
	uint me = gl_LocalInvocationIndex, size = gl_WorkGroupSize.x;
	uvec2 sum = uvec2(0);
	clear_bins(1);
	for (uint i = me; i < p.tokens; i += AHEAD * size) {
		uint k[AHEAD];
		read_keys(i, size, p.tokens, k);
		[[unroll]] for (uint j = 0; j < AHEAD; j++) {
			if (k[j] != 0) sum = wide_add(sum, uvec2(weight(k[j]), 0));
		}
	}
	add_to_bin(0, sum);
	barrier();
	uvec2 all = uvec2(bin_lo[0], bin_hi[0]);
	barrier(); // the bins may be used again
	return all;
}

void tell_of(uint token, uint top) {
	uint n = 0, count = uint(-1), key = 0;
	uvec2 total = uvec2(0);
	find_greatest();
	if (greatest == NAN_KEY) greatest = NO_KEY;
	if (greatest != NO_KEY) {
		total = mass_of_all();
		if (token < p.tokens) key = key_at(token);
		n = take_likeliest(min(top, MOST));
		count = n;
	}
	tell(count, total, token, key, n, 0);
}

void main() {
	scale = 1.44269504;
	lowest = 1; // nothing is filtered
	last = p.tokens;
	least = 0;
	uint seqs = batch_draws();
	for (uint q = gl_WorkGroupID.x; q < seqs; q += gl_NumWorkGroups.x) {
		uint slot = batch_word(q, SEQ_SLOT);
		if (int(batch_word(q, SEQ_ROWS)) <= 0 || slot >= p.slots) continue;
		uint record = p.records_off + slot * p.records_stride, asked = records[record + WORD_LOG_PROBS];
		if (asked == 0) continue;
		logits_at = p.logits_off + q * p.logits_stride;
		told_at = p.dst_off + slot * p.dst_stride + records[record + WORD_STEP] % p.places * WORDS;
		tell_of(tokens[p.tokens_off + q * p.tokens_stride], asked - 1);
	}
}
