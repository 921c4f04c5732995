// Running sums over a workgroup, in 64 bits. Wants score.glsl, wide.glsl,
// largest.glsl and DIGIT.

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
