#version 460
#extension GL_EXT_control_flow_attributes : require
// variant: sample_f32
// A token for each sequence that has rows, to the bit as package
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

layout(push_constant) uniform Params {
	uint tokens;
	uint dst_off, dst_stride;
	uint logits_off, logits_stride;
	uint records_off, records_stride, slots;
	uint counts_off, counts_stride;
	uint batch_off, batch_stride, batch_records;
} p;

layout(set = 0, binding = 1) restrict writeonly buffer Dst { int dst[]; };
layout(set = 0, binding = 2) readonly buffer Logits { uint logits[]; };
layout(set = 0, binding = 3) readonly buffer Records { uint records[]; };
layout(set = 0, binding = 4) readonly buffer Counts { int counts[]; };
#define BATCH_BINDING 5
#include "batch.glsl"
#include "record.glsl"
#include "wide.glsl"
#define LARGEST_WIDTH WIDTH
#include "largest.glsl"

const uint ABSENT = 0xffffffffu;
const uint AHEAD = 8;  // loads in flight
const uint TEAM = 32;  // invocations whose tokens follow one another; the workgroup has more
const uint DIGIT = 10; // bits that a search settles at a time

// What the sequence is about; the same in all invocations.
uint logits_at, counts_at, record_at;
bool penalised;
float penalty, inv_penalty, scale;
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

uint penalised_key(uint bits, int count) {
	if (count > 0) {
		float s = uintBitsToFloat(bits);
		precise float y = s * (s < 0.0 ? penalty : inv_penalty);
		bits = floatBitsToUint(y);
	}
	return score_key(bits);
}

uint key_at(uint i) { return penalised_key(logits[logits_at + i], penalised ? counts[counts_at + i] : 0); }

// The keys of the tokens i < end, i + step, …, AHEAD of them; 0 from end on.
void read(uint i, uint step, uint end, out uint k[AHEAD]) {
	int n[AHEAD];
	[[unroll]] for (uint j = 0; j < AHEAD; j++) {
		k[j] = logits[logits_at + min(i + j * step, end - 1)];
		n[j] = 0;
	}
	if (penalised) {
		[[unroll]] for (uint j = 0; j < AHEAD; j++) n[j] = counts[counts_at + min(i + j * step, end - 1)];
	}
	[[unroll]] for (uint j = 0; j < AHEAD; j++) k[j] = i + j * step < end ? penalised_key(k[j], n[j]) : 0;
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

float log_ratio(uint key) {
	precise float d = score_of(greatest) - score_of(key);
	precise float t = d * scale;
	return t;
}

uint weight(uint key) { return weight_of(log_ratio(key)); }

// The weight of a token after the filters.
uint kept(uint i, uint key) {
	if (key < lowest || key == lowest && i > last) return 0;
	uint w = weight(key);
	return w < least ? 0 : w;
}

// A power of two of bins, or a list of tokens.
const uint ROOM = 1 << DIGIT;
shared uint bin_lo[ROOM];
shared uint bin_hi[ROOM];
#define listed_key bin_lo
#define listed_id bin_hi

void clear_bins(uint bins) {
	barrier(); // others may still read them
	for (uint i = gl_LocalInvocationIndex; i < bins; i += gl_WorkGroupSize.x) {
		bin_lo[i] = 0;
		bin_hi[i] = 0;
	}
	barrier();
}

void add_to_bin(uint bin, uvec2 v) {
	uint old = atomicAdd(bin_lo[bin], v.x), more = v.y + (old + v.x < old ? 1 : 0);
	if (more != 0) atomicAdd(bin_hi[bin], more);
}

// Running sums: of the bins, of the weights kept of what is listed, or of
// tokens from origin on.
const uint BINS = 0;
const uint LISTED = 1;
const uint TOKENS = 2;
uint origin;

uvec2 term(uint of, uint i) {
	switch (of) {
	case BINS: return uvec2(bin_lo[i], bin_hi[i]);
	case LISTED: return uvec2(kept(listed_id[i], listed_key[i]), 0);
	}
	return uvec2(kept(origin + i, key_at(origin + i)), 0);
}

shared uint found;
shared uint below_lo;
shared uint below_hi;

// Adds up the first count terms, some to each invocation; their running sums
// are left for reach.
uvec2 add_up(uint of, uint count) {
	uint me = gl_LocalInvocationIndex, size = gl_WorkGroupSize.x;
	uint each = (count + size - 1) / size, from = min(me * each, count), to = min(from + each, count);
	uvec2 sum = uvec2(0);
	for (uint i = from; i < to; i++) sum = wide_add(sum, term(of, i));
	pair_x[me] = sum.x;
	pair_y[me] = sum.y;
	barrier();
	uint busy = (count + each - 1) / each;
	for (uint n = 1; n < busy; n *= 2) {
		uvec2 left = me >= n ? uvec2(pair_x[me - n], pair_y[me - n]) : uvec2(0);
		barrier();
		sum = wide_add(sum, left);
		pair_x[me] = sum.x;
		pair_y[me] = sum.y;
		barrier();
	}
	return uvec2(pair_x[busy - 1], pair_y[busy - 1]);
}

// The first of the terms just added up at which the running sum, beginning with
// below, reaches target, which is above below and at most their sum; below
// becomes the sum before it.
uint reach(uint of, uint count, uvec2 target, inout uvec2 below) {
	uint me = gl_LocalInvocationIndex, size = gl_WorkGroupSize.x;
	uint each = (count + size - 1) / size, from = min(me * each, count), to = min(from + each, count);
	uvec2 before = wide_add(below, me > 0 ? uvec2(pair_x[me - 1], pair_y[me - 1]) : uvec2(0));
	uvec2 end = wide_add(below, uvec2(pair_x[me], pair_y[me]));
	if (from < to && wide_less(before, target) && !wide_less(end, target)) {
		for (uint i = from; i < to; i++) {
			uvec2 after = wide_add(before, term(of, i));
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
	uint at = found;
	below = uvec2(below_lo, below_hi);
	barrier();
	return at;
}

// Whether the listed tokens i and j are in the wrong order, which is that of
// ids, or of descending keys and then of ids.
bool inverted(uint i, uint j, bool by_id) {
	uint a = listed_key[i], b = listed_key[j];
	if (by_id || a == b) return listed_id[i] > listed_id[j];
	return a < b;
}

// The list's length for a network that sorts: a power of two.
uint padded(uint count) { return count <= 1 ? 1 : 2u << uint(findMSB(count - 1)); }

void sort(uint count, bool by_id) {
	uint size = gl_WorkGroupSize.x, whole = padded(count);
	barrier(); // the list is written, and others may still read it
	for (uint run = 2; run <= whole; run *= 2) {
		for (uint n = run / 2; n > 0; n /= 2) {
			for (uint t = gl_LocalInvocationIndex; t < whole / 2; t += size) {
				uint i = 2 * t - (t & (n - 1)), j = i + n;
				if (inverted(i, j, by_id) == ((i & run) == 0)) {
					uint k = listed_key[i], id = listed_id[i];
					listed_key[i] = listed_key[j];
					listed_id[i] = listed_id[j];
					listed_key[j] = k;
					listed_id[j] = id;
				}
			}
			barrier();
		}
	}
}

// Bands of equal width in the logarithm of the weight, from greatest down; a
// power of two of them to a unit.
float bands;

uint band(uint key) {
	float t = log_ratio(key);
	return t < 32.0 ? uint(t * bands) : ROOM;
}

// Lists the tokens with keys from bound > 0 on, of band only unless it is
// ABSENT. It returns how many there are, which may be more than there is room
// for.
uint list(uint bound, uint only) {
	uint me = gl_LocalInvocationIndex, size = gl_WorkGroupSize.x;
	if (me == 0) found = 0;
	barrier();
	for (uint i = me; i < p.tokens; i += AHEAD * size) {
		uint k[AHEAD], n = 0;
		read(i, size, p.tokens, k);
		[[unroll]] for (uint j = 0; j < AHEAD; j++) {
			if (k[j] < bound || only != ABSENT && band(k[j]) != only) k[j] = 0;
			if (k[j] != 0) n++;
		}
		if (n == 0) continue;
		uint at = atomicAdd(found, n);
		[[unroll]] for (uint j = 0; j < AHEAD; j++) {
			if (k[j] == 0 || at >= ROOM) continue;
			listed_key[at] = k[j];
			listed_id[at] = i + j * size;
			at++;
		}
	}
	barrier();
	uint count = found;
	for (uint i = count + me; i < min(padded(count), ROOM); i += size) {
		listed_key[i] = 0;
		listed_id[i] = ABSENT;
	}
	barrier();
	return count;
}

// A key that k tokens or more reach: the k-th of the greatest keys of groups of
// tokens. mine is that of the invocation, and k is at most their number. Where
// the great lie anyhow and there are two groups for each, 1.4·k tokens reach it.
uint reached(uint k, uint mine) {
	uint me = gl_LocalInvocationIndex, groups = gl_WorkGroupSize.x;
	listed_key[me] = mine;
	listed_id[me] = me;
	barrier();
	for (; groups >= 4 * k; groups /= 2) {
		uint n = groups / 2;
		if (me < n) listed_key[me] = max(listed_key[me], listed_key[me + n]);
		barrier();
	}
	sort(groups, false);
	return max(listed_key[k - 1], 1);
}

// What a search adds up, and in which order of tokens.
const uint ONES = 0; // ones, by descending key
const uint MASS = 1; // weights of keys from lowest on, by descending key
const uint TIES = 2; // weights of keys at lowest, by ascending id

// A token's place in the order of a search: ascending, whatever the order is.
uint place(uint mode, uint i, uint key) { return mode == TIES ? i : ~key; }

uint amount(uint mode, uint key) {
	if (mode == ONES) return key == 0 ? 0 : 1;
	return key < lowest || mode == TIES && key != lowest ? 0 : weight(key);
}

// The place at which the running sum in the order of mode reaches target, which
// is above 0; below becomes the sum before that place. Where the sum of all is
// less it is the last place of a key. It settles the bits of places, from the
// highest digit on, with a pass over the tokens for each.
uint search(uint mode, uvec2 target, out uvec2 below) {
	uint me = gl_LocalInvocationIndex, size = gl_WorkGroupSize.x;
	uint bits = mode == TIES ? uint(findMSB(p.tokens - 1) + 1) : 32;
	uint prefix = 0, shift = bits;
	below = uvec2(0);
	while (shift > 0) {
		uint n = min(shift, DIGIT), above = shift;
		shift -= n;
		clear_bins(1u << n);
		for (uint i = me; i < p.tokens; i += AHEAD * size) {
			uint k[AHEAD];
			read(i, size, p.tokens, k);
			for (uint j = 0; j < AHEAD; j++) {
				uint at = place(mode, i + j * size, k[j]);
				if (above < 32 && at >> above != prefix) continue;
				uint v = amount(mode, k[j]);
				if (v != 0) add_to_bin(at >> shift & ((1u << n) - 1), uvec2(v, 0));
			}
		}
		barrier();
		uvec2 all = wide_add(below, add_up(BINS, 1u << n));
		if (wide_less(all, target)) {
			barrier(); // the running sums are read
			return ~1u;
		}
		prefix = prefix << n | reach(BINS, 1u << n, target, below);
	}
	return prefix;
}

// The weights from lowest on, in bands; bottom is the smallest key of them.
uvec2 add_up_bands(uint bottom) {
	uint me = gl_LocalInvocationIndex, size = gl_WorkGroupSize.x;
	const uint below_32 = 0x41ffffffu;
	uint exponent = max(min(floatBitsToUint(log_ratio(bottom)), below_32) >> 23, 9);
	bands = uintBitsToFloat((263 - exponent) << 23); // of bottom, 512 to 1023
	clear_bins(ROOM);
	for (uint i = me; i < p.tokens; i += AHEAD * size) {
		uint k[AHEAD];
		read(i, size, p.tokens, k);
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
		read(i, TEAM, end, k);
		[[unroll]] for (uint j = 0; j < AHEAD; j++) sum = wide_add(sum, uvec2(kept(i + j * TEAM, k[j]), 0));
	}
	add_to_bin(team, sum);
	barrier();
	return add_up(BINS, teams);
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

// The target of a draw: ⌊mass × u / 2^32⌋ is exceeded where one more is reached.
uvec2 drawn(uvec2 mass) { return wide_add(wide_scaled(mass, uniform_word()), uvec2(1, 0)); }

uint draw() {
	uint me = gl_LocalInvocationIndex, size = gl_WorkGroupSize.x;

	// 1. Keys.
	penalty = uintBitsToFloat(record(WORD_PENALTY));
	inv_penalty = uintBitsToFloat(record(WORD_INV_PENALTY));
	penalised = counts_at != ABSENT && penalty != 1.0;
	uint key = 0, at = 0, smallest = 0xffffffffu;
	for (uint i = me; i < p.tokens; i += AHEAD * size) {
		uint k[AHEAD];
		read(i, size, p.tokens, k);
		[[unroll]] for (uint j = 0; j < AHEAD; j++) {
			if (k[j] > key) {
				key = k[j];
				at = i + j * size;
			}
			if (k[j] != 0) smallest = min(smallest, k[j]);
		}
	}
	uint best = largest(key, at, greatest);
	scale = uintBitsToFloat(record(WORD_SCALE));
	if (greatest == 0 || scale == 0.0) return best;
	lowest = 1;
	last = p.tokens;
	least = 0;

	// 2. Top-k. The list has more tokens than are kept.
	uint top_k = record(WORD_TOP_K), bound = 0, count = 0;
	if (p.tokens <= ROOM) bound = 1;
	else if (top_k > 0 && top_k <= min(size, ROOM / 2)) bound = reached(top_k, key);
	if (bound > 0) count = list(bound, ABSENT);
	bool whole = bound > 0 && count <= ROOM; // all that can be picked is listed
	uvec2 below;
	if (whole) {
		sort(count, false);
		if (top_k > 0 && top_k < count) lowest = listed_key[top_k - 1];
	} else if (top_k > 0) {
		lowest = ~search(ONES, uvec2(top_k, 0), below);
	}

	// 3. and 4. Weights, and top-p.
	uint fraction = record(WORD_TOP_P_FRACTION);
	if (fraction != 0) {
		uvec2 mass;
		if (whole) {
			mass = add_up(LISTED, count);
		} else {
			uint bottom = lowest;
			if (lowest == 1) {
				largest(~smallest, 0, bottom);
				bottom = ~bottom;
			}
			mass = add_up_bands(bottom);
		}
		uvec2 target = wide_scaled(mass, fraction);
		if (mass.x * fraction != 0) target = wide_add(target, uvec2(1, 0));
		below = uvec2(0);
		if (!whole) { // only the band at the edge
			count = list(lowest, reach(BINS, ROOM, target, below));
			if (count <= ROOM) {
				sort(count, false);
				add_up(LISTED, count);
			}
		}
		if (count <= ROOM) {
			uint edge = reach(LISTED, count, target, below);
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

	// 5. Min-p.
	least = record(WORD_MIN_WEIGHT);

	// 6. The pick.
	below = uvec2(0);
	if (whole) {
		sort(count, true);
		uvec2 target = drawn(add_up(LISTED, count));
		return listed_id[reach(LISTED, count, target, below)];
	}
	uint teams = size / TEAM, span = (p.tokens + teams - 1) / teams;
	uvec2 target = drawn(add_up_teams(teams, span));
	origin = span * reach(BINS, teams, target, below);
	uint tokens = min(span, p.tokens - origin);
	add_up(TOKENS, tokens);
	return origin + reach(TOKENS, tokens, target, below);
}

void main() {
	uint seqs = batch_seqs();
	for (uint q = gl_WorkGroupID.x; q < seqs; q += gl_NumWorkGroups.x) {
		uint slot = batch_word(q, SEQ_SLOT);
		if (batch_word(q, SEQ_ROWS) == 0 || slot >= p.slots) continue;
		logits_at = p.logits_off + q * p.logits_stride;
		record_at = p.records_off + slot * p.records_stride;
		counts_at = p.counts_off == ABSENT ? ABSENT : p.counts_off + slot * p.counts_stride;
		uint id = draw();
		if (gl_LocalInvocationIndex == 0) dst[p.dst_off + q * p.dst_stride] = int(id);
	}
}
