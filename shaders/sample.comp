#version 460
// variant: sample_f32
// A token for each sequence that has rows, to the bit as package
// backend/sampling defines it, whose steps are numbered here; one workgroup to a
// sequence. Invocation i has the tokens i, i + size, i + 2·size, … in every
// pass, so that it alone writes and reads their keys.

layout(local_size_x = 256, local_size_x_id = 0) in;

layout(push_constant) uniform Params {
	uint tokens;
	uint dst_off, dst_stride;
	uint logits_off, logits_stride;
	uint records_off, records_stride, slots;
	uint counts_off, counts_stride;
	uint keys_off, keys_stride;
	uint batch_off, batch_stride, batch_records;
} p;

layout(set = 0, binding = 1) restrict writeonly buffer Dst { int dst[]; };
layout(set = 0, binding = 2) readonly buffer Logits { uint logits[]; };
layout(set = 0, binding = 3) readonly buffer Records { uint records[]; };
layout(set = 0, binding = 4) readonly buffer Counts { int counts[]; };
layout(set = 0, binding = 5) restrict buffer Keys { uint keys[]; };
#define BATCH_BINDING 6
#include "batch.glsl"
#include "record.glsl"
#include "wide.glsl"
#define LARGEST_WIDTH 512
#include "largest.glsl"

const uint ABSENT = 0xffffffffu;
const uint AHEAD = 4; // loads in flight

// What the sequence is about; the same in all invocations.
uint logits_at, counts_at, record_at, keys_at;
float scale;
uint greatest;     // the greatest key
uint lowest, last; // what stays: keys from lowest on, of those at lowest the ids up to last,
uint least;        // and of these the weights from least on

uint record(uint word) { return records[record_at + word]; }

// The key of a score by its bits: 0 for what is never picked.
uint score_key(uint bits) {
	const uint largest_finite = INFINITY - 1;
	if ((bits & ~SIGN) > INFINITY || bits == (SIGN | INFINITY)) return 0;
	if (bits == INFINITY) return ordered(largest_finite);
	return ordered((bits & INFINITY) == 0 ? 0 : bits);
}

float score_of(uint key) { return uintBitsToFloat((key & SIGN) != 0 ? key & ~SIGN : ~key); }

uint penalised_key(uint i, float penalty, float inv_penalty) {
	uint bits = logits[logits_at + i];
	if (penalty != 1.0 && counts[counts_at + i] > 0) {
		float s = uintBitsToFloat(bits);
		precise float y = s * (s < 0.0 ? penalty : inv_penalty);
		bits = floatBitsToUint(y);
	}
	return score_key(bits);
}

// 2^(31 − t) for t ≥ 0: sampling.Weight.
uint weight_of(float t) {
	if (!(t < 32.0)) return 0;
	uint x = uint(t * 67108864.0), n = x >> 26, f = x << 6;
	uint h = mul_high(f, 0x00072c74u);
	h = mul_high(f, 0x0053a2cfu - h);
	h = mul_high(f, 0x0273e538u - h);
	h = mul_high(f, 0x0e34b485u - h);
	h = mul_high(f, 0x3d7f5bfbu - h);
	h = mul_high(f, 0xb1721652u - h);
	uint m = 0x80000000u - ((h + 1) >> 1);
	return n == 0 ? m : (m + (1u << (n - 1))) >> n;
}

uint weight(uint key) {
	precise float d = score_of(greatest) - score_of(key);
	precise float t = d * scale;
	return weight_of(t);
}

// The weight of a token after the filters.
uint kept(uint i, uint key) {
	if (key < lowest || key == lowest && i > last) return 0;
	uint w = weight(key);
	return w < least ? 0 : w;
}

// What a search adds up, and in which order of tokens.
const uint ONES = 0;   // ones, by descending key
const uint MASS = 1;   // weights of keys from lowest on, by descending key
const uint TIES = 2;   // weights of keys at lowest, by ascending id
const uint CHOICE = 3; // weights of what is kept, by ascending id

const uint DIGIT = 10; // bits settled at a time

shared uint bin_lo[1 << DIGIT];
shared uint bin_hi[1 << DIGIT];
shared uint found;     // the digit
shared uint below_lo;  // the sum before it
shared uint below_hi;

// A token's place in the order of a search: ascending, whatever the order is.
uint place(uint mode, uint i, uint key) { return mode <= MASS ? ~key : i; }

uint amount(uint mode, uint i, uint key) {
	switch (mode) {
	case ONES: return 1;
	case MASS: return key < lowest ? 0 : weight(key);
	case TIES: return key == lowest ? weight(key) : 0;
	}
	return kept(i, key);
}

void add_to_bin(uint bin, uint v) {
	uint old = atomicAdd(bin_lo[bin], v);
	if (old + v < old) atomicAdd(bin_hi[bin], 1);
}

uvec2 bin(uint i) { return uvec2(bin_lo[i], bin_hi[i]); }

// The first of the bins at which the running sum, beginning with below, reaches
// target, left in found with the sum before it.
void find(uint bins, uvec2 below, uvec2 target) {
	uint me = gl_LocalInvocationIndex, size = gl_WorkGroupSize.x;
	uint each = (bins + size - 1) / size, from = min(me * each, bins), to = min(from + each, bins);
	uvec2 sum = uvec2(0);
	for (uint i = from; i < to; i++) sum = wide_add(sum, bin(i));
	pair_x[me] = sum.x;
	pair_y[me] = sum.y;
	barrier();
	for (uint n = 1; n < size; n *= 2) {
		uvec2 left = me >= n ? uvec2(pair_x[me - n], pair_y[me - n]) : uvec2(0);
		barrier();
		sum = wide_add(sum, left);
		pair_x[me] = sum.x;
		pair_y[me] = sum.y;
		barrier();
	}
	uvec2 before = wide_add(below, me > 0 ? uvec2(pair_x[me - 1], pair_y[me - 1]) : uvec2(0));
	if (wide_less(before, target) && !wide_less(wide_add(below, sum), target)) {
		for (uint i = from; i < to; i++) {
			uvec2 after = wide_add(before, bin(i));
			if (!wide_less(after, target)) {
				found = i;
				below_lo = before.x;
				below_hi = before.y;
				break;
			}
			before = after;
		}
	}
	barrier();
}

// The place at which the running sum in the order of mode reaches target, which
// is above 0 and at most the sum of all; below becomes the sum before that
// place. It settles the bits of places, from the highest digit on.
uint search(uint mode, uvec2 target, out uvec2 below) {
	uint me = gl_LocalInvocationIndex, size = gl_WorkGroupSize.x;
	uint bits = mode <= MASS ? 32 : uint(findMSB(p.tokens - 1) + 1);
	uint prefix = 0, shift = bits;
	below = uvec2(0);
	while (shift > 0) {
		uint n = min(shift, DIGIT), above = shift;
		shift -= n;
		for (uint i = me; i < 1u << n; i += size) {
			bin_lo[i] = 0;
			bin_hi[i] = 0;
		}
		barrier();
		// Of ids only those with the prefix, from a multiple of the workgroup's
		// size on.
		uint first = 0, end = p.tokens;
		if (mode > MASS && above < 32) {
			first = prefix << above & ~(size - 1);
			end = min(end, (prefix + 1) << above);
		}
		for (uint i0 = first + me; i0 < end; i0 += AHEAD * size) {
			uint k[AHEAD];
			for (uint j = 0; j < AHEAD; j++) k[j] = i0 + j * size < end ? keys[keys_at + i0 + j * size] : 0;
			for (uint j = 0; j < AHEAD; j++) {
				uint i = i0 + j * size, at = place(mode, i, k[j]);
				if (i >= end || above < 32 && at >> above != prefix) continue;
				uint v = amount(mode, i, k[j]);
				if (v != 0) add_to_bin(at >> shift & ((1u << n) - 1), v);
			}
		}
		barrier();
		find(1u << n, below, target);
		prefix = prefix << n | found;
		below = uvec2(below_lo, below_hi);
		barrier();
	}
	return prefix;
}

// The sum of the weights that are kept.
uvec2 total() {
	uint me = gl_LocalInvocationIndex, size = gl_WorkGroupSize.x;
	uvec2 sum = uvec2(0);
	for (uint i0 = me; i0 < p.tokens; i0 += AHEAD * size) {
		uint k[AHEAD];
		for (uint j = 0; j < AHEAD; j++) k[j] = i0 + j * size < p.tokens ? keys[keys_at + i0 + j * size] : 0;
		for (uint j = 0; j < AHEAD; j++) sum = wide_add(sum, uvec2(kept(i0 + j * size, k[j]), 0));
	}
	pair_x[me] = sum.x;
	pair_y[me] = sum.y;
	barrier();
	for (uint n = size / 2; n > 0; n /= 2) {
		if (me < n) {
			sum = wide_add(sum, uvec2(pair_x[me + n], pair_y[me + n]));
			pair_x[me] = sum.x;
			pair_y[me] = sum.y;
		}
		barrier();
	}
	uvec2 all = uvec2(pair_x[0], pair_y[0]);
	barrier();
	return all;
}

// The first word of Philox4x32-10 of the record's step and seed.
uint uniform_word() {
	uvec4 c = uvec4(record(WORD_STEP), 0, 0, 0);
	uvec2 k = uvec2(record(WORD_SEED_LO), record(WORD_SEED_HI));
	for (uint round = 0; round < 10; round++) {
		uint ahi, alo, bhi, blo;
		umulExtended(0xd2511f53u, c.x, ahi, alo);
		umulExtended(0xcd9e8d57u, c.z, bhi, blo);
		c = uvec4(bhi ^ c.y ^ k.x, blo, ahi ^ c.w ^ k.y, alo);
		k += uvec2(0x9e3779b9u, 0xbb67ae85u);
	}
	return c.x;
}

// How many tokens have a key.
uint live_tokens(uint mine) {
	uint me = gl_LocalInvocationIndex;
	pair_x[me] = mine;
	barrier();
	for (uint n = gl_WorkGroupSize.x / 2; n > 0; n /= 2) {
		if (me < n) pair_x[me] += pair_x[me + n];
		barrier();
	}
	uint all = pair_x[0];
	barrier();
	return all;
}

uint draw() {
	uint me = gl_LocalInvocationIndex, size = gl_WorkGroupSize.x;

	// 1. Keys.
	float penalty = counts_at == ABSENT ? 1.0 : uintBitsToFloat(record(WORD_PENALTY));
	float inv_penalty = uintBitsToFloat(record(WORD_INV_PENALTY));
	uint key = 0, at = 0, live = 0;
	for (uint i0 = me; i0 < p.tokens; i0 += AHEAD * size) {
		uint k[AHEAD];
		for (uint j = 0; j < AHEAD; j++) k[j] = i0 + j * size < p.tokens ? penalised_key(i0 + j * size, penalty, inv_penalty) : 0;
		for (uint j = 0; j < AHEAD; j++) {
			uint i = i0 + j * size;
			if (i < p.tokens) keys[keys_at + i] = k[j];
			if (k[j] != 0) live++;
			if (k[j] > key) {
				key = k[j];
				at = i;
			}
		}
	}
	uint best = largest(key, at, greatest);
	scale = uintBitsToFloat(record(WORD_SCALE));
	if (greatest == 0 || scale == 0.0) return best;
	live = live_tokens(live);

	// 2. Top-k.
	uvec2 below;
	lowest = 1;
	last = p.tokens;
	least = 0;
	uint top_k = record(WORD_TOP_K);
	if (top_k > 0 && top_k < live) lowest = ~search(ONES, uvec2(top_k, 0), below);

	// 3. and 4. Weights, and top-p.
	uvec2 mass = total();
	uint fraction = record(WORD_TOP_P_FRACTION);
	if (fraction != 0) {
		uvec2 target = wide_scaled(mass, fraction);
		if (mass.x * fraction != 0) target = wide_add(target, uvec2(1, 0));
		lowest = ~search(MASS, target, below);
		// What is left of the target for those at the lowest key.
		target = uvec2(target.x - below.x, target.y - below.y - (target.x < below.x ? 1 : 0));
		last = search(TIES, target, below);
	}

	// 5. Min-p.
	least = record(WORD_MIN_WEIGHT);
	if (fraction != 0 || least != 0) mass = total();

	// 6. The pick.
	uvec2 r = wide_scaled(mass, uniform_word());
	return search(CHOICE, wide_add(r, uvec2(1, 0)), below);
}

void main() {
	uint seqs = batch_seqs();
	for (uint q = gl_WorkGroupID.x; q < seqs; q += gl_NumWorkGroups.x) {
		uint slot = batch_word(q, SEQ_SLOT);
		if (batch_word(q, SEQ_ROWS) == 0 || slot >= p.slots) continue;
		logits_at = p.logits_off + q * p.logits_stride;
		record_at = p.records_off + slot * p.records_stride;
		counts_at = p.counts_off == ABSENT ? ABSENT : p.counts_off + slot * p.counts_stride;
		keys_at = p.keys_off + q * p.keys_stride;
		uint id = draw();
		if (gl_LocalInvocationIndex == 0) dst[p.dst_off + q * p.dst_stride] = int(id);
	}
}
