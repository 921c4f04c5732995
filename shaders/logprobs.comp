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

// Words of the result.
const uint WORDS = 48;
const uint COUNT = 0;
const uint MASS = 1;
const uint BEST = 3;
const uint TOKEN = 4;
const uint LIST = 6;
const uint MOST = 20; // likeliest tokens

uint dst_at;

void put(uint word, uint value) {
	if (gl_LocalInvocationIndex == 0) dst[dst_at + word] = value;
}

uint own_greatest; // key of the invocation's tokens

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

// The likeliest tokens from a list of those that may be: how many there are, and
// more than there is room for where the list is too short.
uint take_listed(uint most) {
	uint bound = p.tokens <= ROOM ? 1 : key_reached_by(most, own_greatest);
	uint listed = list(bound, ABSENT);
	if (listed > ROOM) return listed;
	sort(listed, false);
	uint n = min(listed, most);
	for (uint i = gl_LocalInvocationIndex; i < n; i += gl_WorkGroupSize.x) {
		dst[dst_at + LIST + 2 * i] = listed_id[i];
		dst[dst_at + LIST + 2 * i + 1] = listed_key[i];
	}
	return n;
}

// The same one by one, where many are equal: each is the first behind the one
// before, by falling key and rising id.
uint take_singly(uint most) {
	uint me = gl_LocalInvocationIndex, size = gl_WorkGroupSize.x, key = greatest, id = 0, from = 0, n = 0;
	for (; n < most; n++) {
		uint best = 0, at = 0;
		for (uint i = me; i < p.tokens; i += AHEAD * size) {
			uint k[AHEAD];
			read_keys(i, size, p.tokens, k);
			[[unroll]] for (uint j = 0; j < AHEAD; j++) {
				uint t = i + j * size;
				if ((k[j] < key || k[j] == key && t >= from) && k[j] > best) {
					best = k[j];
					at = t;
				}
			}
		}
		id = largest(best, at, key);
		if (key == 0) break;
		put(LIST + 2 * n, id);
		put(LIST + 2 * n + 1, key);
		from = id + 1;
	}
	return n;
}

void tell(uint token, uint top) {
	uint most = min(top, MOST), n = 0, count = uint(-1), key = 0;
	uvec2 mass = uvec2(0);
	find_greatest();
	if (greatest == NAN_KEY) greatest = NO_KEY;
	if (greatest != NO_KEY) {
		mass = mass_of_all();
		if (token < p.tokens) key = key_at(token);
		if (most > 0) n = take_listed(most);
		if (n > most) n = take_singly(most);
		count = n;
	}
	put(COUNT, count);
	put(MASS, mass.x);
	put(MASS + 1, mass.y);
	put(BEST, greatest);
	put(TOKEN, token);
	put(TOKEN + 1, key);
	for (uint i = LIST + 2 * n + gl_LocalInvocationIndex; i < WORDS; i += gl_WorkGroupSize.x) dst[dst_at + i] = 0;
}

void main() {
	scale = 1.44269504;
	uint seqs = batch_draws();
	for (uint q = gl_WorkGroupID.x; q < seqs; q += gl_NumWorkGroups.x) {
		uint slot = batch_word(q, SEQ_SLOT);
		if (int(batch_word(q, SEQ_ROWS)) <= 0 || slot >= p.slots) continue;
		uint record = p.records_off + slot * p.records_stride, asked = records[record + WORD_LOG_PROBS];
		if (asked == 0) continue;
		logits_at = p.logits_off + q * p.logits_stride;
		dst_at = p.dst_off + slot * p.dst_stride + records[record + WORD_STEP] % p.places * WORDS;
		tell(tokens[p.tokens_off + q * p.tokens_stride], asked - 1);
	}
}
