#version 460
#extension GL_EXT_control_flow_attributes : require
// variant: sample_f32
// A token for each sequence that draws, to the bit as package
// backend/sampling defines it, whose steps are numbered here; one workgroup to a
// sequence.
//
// A pass over the vocabulary is the dear thing: one workgroup has few loads in
// flight. So keys are not stored but made again from the logits; where the
// tokens that top-k leaves fit workgroup memory, they are listed and sorted
// there, and all later steps go along the list; and top-p lists the tokens near
// its edge. What does not fit is searched digit by digit. Either way the sums
// are of the same integers, so that the token is the same.

layout(local_size_x = 256, local_size_x_id = 0) in;
layout(constant_id = 1) const uint WIDTH = 256; // the same, for arrays
layout(constant_id = 2) const bool COUNTED = true; // whether there are counts
layout(constant_id = 3) const bool TELLS = false;  // whether log-probabilities may be asked for

layout(push_constant) uniform Params {
	uint tokens;
	uint dst_off, dst_stride;
	uint logits_off, logits_stride;
	uint records_off, records_stride, slots;
	uint counts_off, counts_stride;
	uint told_off, told_stride;
	uint places; // of a row of told
	uint batch_off, batch_stride, batch_records;
} p;

layout(set = 0, binding = 1) restrict writeonly buffer Dst { int dst[]; };
layout(set = 0, binding = 2) readonly buffer Logits { uint logits[]; };
layout(set = 0, binding = 3) readonly buffer Records { uint records[]; };
layout(set = 0, binding = 4) readonly buffer Counts { int counts[]; };
layout(set = 0, binding = 5) restrict writeonly buffer Told { uint told[]; };
#define BATCH_BINDING 6
#include "batch.glsl"
#include "record.glsl"
#include "wide.glsl"
#define LARGEST_WIDTH WIDTH
#include "largest.glsl"
#include "philox.glsl"

const uint ABSENT = 0xffffffffu;
const uint AHEAD = 8;  // loads in flight
const uint TEAM = 32;  // invocations whose tokens follow one another; the workgroup has more
const uint DIGIT = 10; // bits that a search settles at a time

#define PENALTIES
#include "score.glsl"
#include "running_sum.glsl"
#include "list.glsl"
#include "digit_search.glsl"
#include "likeliest.glsl"

// The weights from lowest on, in bands; bottom is the smallest key of them.
uvec2 add_up_bands(uint bottom) {
	uint me = gl_LocalInvocationIndex, size = gl_WorkGroupSize.x;
	const uint below_32 = 0x41ffffffu;
	uint exponent = max(min(floatBitsToUint(log_ratio(bottom)), below_32) >> 23, 9);
	bands = uintBitsToFloat((263 - exponent) << 23); // of bottom, 512 to 1023
	clear_bins(ROOM);
	for (uint i = me; i < p.tokens; i += AHEAD * size) {
		uint k[AHEAD];
		read_keys(i, size, p.tokens, k);
		[[unroll]] for (uint j = 0; j < AHEAD; j++) {
			uint v = amount(MASS, k[j]);
			if (v != 0) add_to_bin(band(k[j]), uvec2(v, 0));
		}
	}
	barrier();
	return add_up(BINS, ROOM);
}

// The weights kept, by teams: each has span tokens that follow one another.
uvec2 add_up_teams(uint teams, uint span) {
	uint team = gl_LocalInvocationIndex / TEAM, end = min((team + 1) * span, p.tokens);
	clear_bins(teams);
	uvec2 sum = uvec2(0);
	for (uint i = team * span + gl_LocalInvocationIndex % TEAM; i < end; i += AHEAD * TEAM) {
		uint k[AHEAD];
		read_keys(i, TEAM, end, k);
		[[unroll]] for (uint j = 0; j < AHEAD; j++) sum = wide_add(sum, uvec2(kept(i + j * TEAM, k[j]), 0));
	}
	add_to_bin(team, sum);
	barrier();
	return add_up(BINS, teams);
}

uint record_at;

uint record(uint word) { return records[record_at + word]; }

// The target of a draw: ⌊mass × u / 2^32⌋ is exceeded where one more is reached.
uvec2 drawn(uvec2 mass) {
	uint u = philox(record(WORD_STEP), uvec2(record(WORD_SEED_LO), record(WORD_SEED_HI)));
	return wide_add(wide_scaled(mass, u), uvec2(1, 0));
}

uint own_smallest; // of the keys above 0 of the invocation's tokens
uint listed;       // tokens
bool all_listed;   // all tokens that can be picked
uvec2 left;        // the sum of the weights that the filters leave

// 1. The token with the greatest key; the keys' extremes.
uint find_greatest() {
	penalty = uintBitsToFloat(record(WORD_PENALTY));
	inv_penalty = uintBitsToFloat(record(WORD_INV_PENALTY));
	presence = uintBitsToFloat(record(WORD_PRESENCE));
	frequency = uintBitsToFloat(record(WORD_FREQUENCY));
	penalised = COUNTED && (penalty != 1.0 || presence != 0.0 || frequency != 0.0);
	uint me = gl_LocalInvocationIndex, size = gl_WorkGroupSize.x, at = 0;
	own_greatest = 0;
	own_smallest = 0xffffffffu;
	for (uint i = me; i < p.tokens; i += AHEAD * size) {
		uint k[AHEAD];
		read_keys(i, size, p.tokens, k);
		[[unroll]] for (uint j = 0; j < AHEAD; j++) {
			if (k[j] > own_greatest) {
				own_greatest = k[j];
				at = i + j * size;
			}
			if (k[j] != 0) own_smallest = min(own_smallest, k[j]);
		}
	}
	return largest(own_greatest, at, greatest);
}

void keep_all() {
	lowest = 1;
	last = p.tokens;
	least = 0;
}

// 2. Top-k; 0 keeps all. The list has more tokens than are kept.
void keep_top_k(uint top_k) {
	uint size = gl_WorkGroupSize.x, bound = 0;
	listed = 0;
	if (p.tokens <= ROOM) bound = 1;
	else if (top_k > 0 && top_k <= min(size, ROOM / 2)) bound = key_reached_by(top_k, own_greatest);
	if (bound > 0) listed = list(bound, ABSENT);
	all_listed = bound > 0 && listed <= ROOM;
	if (all_listed) {
		sort(listed, false);
		if (top_k > 0 && top_k < listed) lowest = listed_key[top_k - 1];
	} else if (top_k > 0) {
		uvec2 below;
		lowest = ~search(ONES, uvec2(top_k, 0), below);
	}
}

// The smallest key that is kept.
uint smallest_key() {
	uint key = lowest;
	if (lowest == 1) {
		largest(~own_smallest, 0, key);
		key = ~key;
	}
	return key;
}

// 3. and 4. Weights, and top-p: of the mass, fraction / 2^32.
void keep_top_p(uint fraction) {
	uvec2 mass;
	if (all_listed) {
		mass = add_up(LISTED, listed);
	} else {
		mass = add_up_bands(smallest_key());
	}
	uvec2 target = wide_scaled(mass, fraction), below = uvec2(0);
	if (mass.x * fraction != 0) target = wide_add(target, uvec2(1, 0));
	if (!all_listed) { // only the band at the edge
		listed = list(lowest, reach(BINS, ROOM, target, below));
		if (listed <= ROOM) {
			sort(listed, false);
			add_up(LISTED, listed);
		}
	}
	if (listed <= ROOM) {
		uint edge = reach(LISTED, listed, target, below);
		lowest = listed_key[edge];
		last = listed_id[edge];
	} else {
		for (uint mode = MASS; mode <= TIES; mode++) {
			uint edge = search(mode, target, below);
			if (mode == MASS) lowest = ~edge;
			else last = edge;
			// What is left of the target for those at the lowest key.
			target = uvec2(target.x - below.x, target.y - below.y - (target.x < below.x ? 1 : 0));
		}
	}
}

// 6. The pick from a list of all.
uint pick_listed() {
	uvec2 below = uvec2(0);
	sort(listed, true);
	left = add_up(LISTED, listed);
	uvec2 target = drawn(left);
	return listed_id[reach(LISTED, listed, target, below)];
}

// 6. The pick without one: of a team's tokens, then of a token.
uint pick() {
	uvec2 below = uvec2(0);
	uint size = gl_WorkGroupSize.x, teams = size / TEAM, span = (p.tokens + teams - 1) / teams;
	left = add_up_teams(teams, span);
	uvec2 target = drawn(left);
	origin = span * reach(BINS, teams, target, below);
	uint tokens = min(span, p.tokens - origin);
	add_up(TOKENS, tokens);
	return origin + reach(TOKENS, tokens, target, below);
}

// What is told of a token that nothing was drawn for, or that had to be.
void tell_certain(int id, uint top) {
	if (id < 0) greatest = NO_KEY;
	uint n = id < 0 ? 0 : min(top, 1);
	if (n > 0) {
		put(LIST, uint(id));
		put(LIST + 1, greatest);
	}
	tell(id < 0 ? uint(-1) : n, uvec2(id < 0 ? 0 : SIGN, 0), uint(id), greatest, n, 0);
}

// A token, and where it is asked for what is told of it; asked is 0, or 1 more than the likeliest tokens
// that are told beside it.
int sample_token(uint asked) {
	uint best = find_greatest();
	scale = uintBitsToFloat(record(WORD_SCALE));
	if (token_of(best, greatest) < 0 || scale == 0.0) {
		int id = token_of(best, greatest);
		if (TELLS && asked != 0) tell_certain(id, asked - 1);
		return id;
	}
	keep_all();
	keep_top_k(record(WORD_TOP_K));
	uint fraction = record(WORD_TOP_P_FRACTION);
	if (fraction != 0) keep_top_p(fraction);
	least = record(WORD_MIN_WEIGHT); // 5. min-p
	uint n = 0;
	if (TELLS && asked != 0) {
		uint most = min(asked - 1, MOST);
		n = all_listed ? take_sorted(listed, most) : take_likeliest(most);
	}
	uint id = all_listed ? pick_listed() : pick();
	if (TELLS && asked != 0) tell(n, left, id, key_at(id), n, record(WORD_SCALE));
	return int(id);
}

void main() {
	uint seqs = batch_draws();
	for (uint q = gl_WorkGroupID.x; q < seqs; q += gl_NumWorkGroups.x) {
		uint slot = batch_word(q, SEQ_SLOT);
		if (int(batch_word(q, SEQ_ROWS)) <= 0 || slot >= p.slots) continue;
		logits_at = p.logits_off + q * p.logits_stride;
		record_at = p.records_off + slot * p.records_stride;
		counts_at = p.counts_off + slot * p.counts_stride;
		uint asked = 0;
		if (TELLS) {
			asked = record(WORD_FILTERED);
			told_at = p.told_off + slot * p.told_stride + record(WORD_STEP) % p.places * WORDS;
		}
		int id = sample_token(asked);
		if (gl_LocalInvocationIndex == 0) dst[p.dst_off + q * p.dst_stride] = id;
	}
}
