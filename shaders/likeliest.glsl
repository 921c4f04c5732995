// The words from which log-probabilities are told, of the tokens that are kept. Wants list.glsl, and
// told, the buffer that they go to.

// Words of the result.
const uint WORDS = 48;
const uint COUNT = 0;
const uint TOTAL = 1;
const uint BEST = 3;
const uint TOKEN = 4;
const uint LIST = 6;
const uint SCALE = 46;
const uint MOST = 20; // likeliest tokens

uint told_at;
uint own_greatest; // key of the invocation's tokens

void put(uint word, uint value) {
	if (gl_LocalInvocationIndex == 0) told[told_at + word] = value;
}

// Whether the filters keep a token that can be picked. Those that they keep come first where tokens are
// sorted by falling key and rising id.
bool stays(uint i, uint key) {
	if (key < lowest || key == lowest && i > last) return false;
	return least == 0 || weight(key) >= least;
}

// The likeliest tokens that stay, at most so many, from a sorted list that has them: how many.
uint take_sorted(uint listed, uint most) {
	uint n = 0, end = min(listed, most);
	while (n < end && stays(listed_id[n], listed_key[n])) n++;
	for (uint i = gl_LocalInvocationIndex; i < n; i += gl_WorkGroupSize.x) {
		told[told_at + LIST + 2 * i] = listed_id[i];
		told[told_at + LIST + 2 * i + 1] = listed_key[i];
	}
	return n;
}

// The same from a list of those that may be; more than there is room for where that is too short.
uint take_listed(uint most) {
	barrier(); // what lies there may still be read
	uint bound = p.tokens <= ROOM ? 1 : key_reached_by(most, own_greatest);
	uint count = list(bound, ABSENT);
	if (count > ROOM) return count;
	sort(count, false);
	return take_sorted(count, most);
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
		if (key == 0 || !stays(id, key)) break;
		put(LIST + 2 * n, id);
		put(LIST + 2 * n + 1, key);
		from = id + 1;
	}
	return n;
}

uint take_likeliest(uint most) {
	if (most == 0) return 0;
	uint n = take_listed(most);
	return n > most ? take_singly(most) : n;
}

// All words but those of the list, of which n are there; count says so, or that there is nothing to tell.
void tell(uint count, uvec2 total, uint token, uint key, uint n, uint scaled) {
	for (uint i = LIST + 2 * n + gl_LocalInvocationIndex; i < WORDS; i += gl_WorkGroupSize.x) {
		told[told_at + i] = i == SCALE ? scaled : 0;
	}
	put(COUNT, count);
	put(TOTAL, total.x);
	put(TOTAL + 1, total.y);
	put(BEST, greatest);
	put(TOKEN, token);
	put(TOKEN + 1, key);
}
