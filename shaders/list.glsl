// A list of tokens in workgroup memory, in place of the bins of
// running_sum.glsl, and the bands that choose what is listed.

// Bands of equal width in the logarithm of the weight, from greatest down; a
// power of two of them to a unit.
float bands;

uint band(uint key) {
	float t = log_ratio(key);
	return t < 32.0 ? uint(t * bands) : ROOM;
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

// Lists the tokens with keys from bound > 0 on, of band only unless it is
// ABSENT. It returns how many there are, which may be more than there is room
// for.
uint list(uint bound, uint only) {
	uint me = gl_LocalInvocationIndex, size = gl_WorkGroupSize.x;
	if (me == 0) found = 0;
	barrier();
	for (uint i = me; i < p.tokens; i += AHEAD * size) {
		uint k[AHEAD], n = 0;
		read_keys(i, size, p.tokens, k);
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
uint key_reached_by(uint k, uint mine) {
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
