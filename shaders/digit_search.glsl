// The search for a token that needs no list: digit by digit, with a pass over
// the tokens for each. Wants running_sum.glsl.

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
			read_keys(i, size, p.tokens, k);
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
