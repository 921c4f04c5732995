// The scores of a sequence's tokens: their keys, which order them, and their
// weights, to the bit as package backend/sampling defines them. A key is made
// again from the logit whenever it is wanted. Wants p.tokens, the buffer logits and
// with PENALTIES counts and COUNTED, wide.glsl, largest.glsl, and AHEAD, the loads in flight.

// What the sequence is about; the same in all invocations.
uint logits_at;
float scale;
#ifdef PENALTIES
uint counts_at;
bool penalised;
float penalty, inv_penalty, presence, frequency;
#endif
uint greatest; // key

// The tokens that the filters keep.
uint lowest, last; // keys from lowest on, of those at lowest the ids up to last,
uint least;        // and of these the weights from least on

// The key of a score by its bits: 0 for what is never picked, and NAN_KEY.
uint score_key(uint bits) {
	const uint largest_finite = INFINITY - 1;
	if (is_nan(bits)) return NAN_KEY;
	if (bits == (SIGN | INFINITY)) return NO_KEY;
	if (bits == INFINITY) return ordered(largest_finite);
	return ordered((bits & INFINITY) == 0 ? 0 : bits);
}

float score_of(uint key) { return uintBitsToFloat((key & SIGN) != 0 ? key & ~SIGN : ~key); }

uint penalised_key(uint bits, int count) {
#ifdef PENALTIES
	if (COUNTED && count > 0 && !is_nan(bits)) {
		float s = uintBitsToFloat(bits);
		precise float y = s * (s < 0.0 ? penalty : inv_penalty);
		bits = floatBitsToUint(y);
		if ((bits & INFINITY) != INFINITY) {
			const int most_count = 1 << 24;
			precise float taken = frequency * float(min(count, most_count));
			precise float z = y - taken;
			precise float rest = z - presence;
			bits = floatBitsToUint(rest);
		}
	}
#endif
	return score_key(bits);
}

uint key_at(uint i) {
#ifdef PENALTIES
	return penalised_key(logits[logits_at + i], COUNTED && penalised ? counts[counts_at + i] : 0);
#else
	return score_key(logits[logits_at + i]);
#endif
}

// The keys of the tokens i < end, i + step, …, AHEAD of them; 0 from end on.
void read_keys(uint i, uint step, uint end, out uint k[AHEAD]) {
	int n[AHEAD];
	[[unroll]] for (uint j = 0; j < AHEAD; j++) {
		k[j] = logits[logits_at + min(i + j * step, end - 1)];
		n[j] = 0;
	}
#ifdef PENALTIES
	if (COUNTED && penalised) {
		[[unroll]] for (uint j = 0; j < AHEAD; j++) n[j] = counts[counts_at + min(i + j * step, end - 1)];
	}
#endif
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
