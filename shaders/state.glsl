// The numbers of states: float32, or float16 or bfloat16, two to a word, so that no
// device needs 16-bit storage. Wants the constant STATE_TYPE and the buffer State, called
// state, of words, or with STATE_WIDE of vectors of four words. Numbers of 16 bits are
// rounded by integers: what devices make of subnormal numbers and halves is not the same
// everywhere.

const uint STATE_F32 = 0;
const uint STATE_F16 = 1;

float float16_value(uint bits) {
	uint sign = (bits & 0x8000u) << 16, rest = bits & 0x7fffu;
	if (rest < 0x0400u) return uintBitsToFloat(floatBitsToUint(float(rest) * 5.9604644775390625e-8) | sign); // 2^-24
	if (rest >= 0x7c00u) return uintBitsToFloat(sign | 0x7f800000u | rest << 13);
	return uintBitsToFloat(sign | (rest << 13) + 0x38000000u);
}

// To nearest, ties to even. What would be an infinity is the largest number.
uint float16_bits(float v) {
	uint all = floatBitsToUint(v), sign = all >> 16 & 0x8000u, rest = all & 0x7fffffffu;
	if (rest > 0x7f800000u) return sign | 0x7e00u;  // NaN
	if (rest >= 0x477fe000u) return sign | 0x7bffu; // 65504
	if (rest >= 0x38800000u) return sign | (rest - 0x38000000u + 0x0fffu + (rest >> 13 & 1u)) >> 13;
	uint drop = 126u - (rest >> 23); // bits of the significand below 2^-24
	if (drop > 24u) return sign;
	uint m = rest & 0x007fffffu | 0x00800000u, kept = m >> drop;
	uint lost = m & (1u << drop) - 1u, middle = 1u << drop - 1u;
	return sign | kept + uint(lost > middle || lost == middle && kept % 2u == 1u);
}

uint bfloat16_bits(float v) {
	uint all = floatBitsToUint(v), rest = all & 0x7fffffffu;
	if (rest > 0x7f800000u) return all >> 16 | 0x40u; // NaN
	if (rest >= 0x7f7f8000u) return all >> 16 & 0x8000u | 0x7f7fu;
	return all + 0x7fffu + (all >> 16 & 1u) >> 16;
}

uint state_bits(float v) { return STATE_TYPE == STATE_F16 ? float16_bits(v) : bfloat16_bits(v); }

// What is read again of v once it is stored.
float state_round(float v) {
	if (STATE_TYPE == STATE_F32) return v;
	return STATE_TYPE == STATE_F16 ? float16_value(float16_bits(v)) : uintBitsToFloat(bfloat16_bits(v) << 16);
}

#ifdef STATE_WIDE

vec2 state_pair(uint word) {
	uvec2 bits = uvec2(word & 0xffffu, word >> 16);
	if (STATE_TYPE == STATE_F16) return vec2(float16_value(bits.x), float16_value(bits.y));
	return uintBitsToFloat(bits << 16);
}

// Numbers i to i + 3, i a multiple of 4.
vec4 states_at(uint i) {
	if (STATE_TYPE == STATE_F32) return uintBitsToFloat(state[i / 4]);
	uvec2 words = i % 8 == 0 ? state[i / 8].xy : state[i / 8].zw;
	return vec4(state_pair(words.x), state_pair(words.y));
}

void set_states(uint i, vec4 v) {
	if (STATE_TYPE == STATE_F32) {
		state[i / 4] = floatBitsToUint(v);
		return;
	}
	uvec2 words = uvec2(state_bits(v.x) | state_bits(v.y) << 16, state_bits(v.z) | state_bits(v.w) << 16);
	if (i % 8 == 0) {
		state[i / 8].xy = words;
	} else {
		state[i / 8].zw = words;
	}
}

#else

#ifdef HALF // the Vulkan memory model, where less than the device will do
#define STATE_SCOPE , gl_ScopeQueueFamily, gl_StorageSemanticsNone, gl_SemanticsRelaxed
#else
#define STATE_SCOPE
#endif

// Number i. Unless it is alone, another invocation may be setting the other number of
// its word.
float state_at(uint i, bool alone) {
	if (STATE_TYPE == STATE_F32) return uintBitsToFloat(state[i]);
	uint word = alone ? state[i / 2] : atomicOr(state[i / 2], 0u STATE_SCOPE);
	uint bits = word >> 16 * (i % 2) & 0xffffu;
	return STATE_TYPE == STATE_F16 ? float16_value(bits) : uintBitsToFloat(bits << 16);
}

// Sets number i, of a word whose other number may be another invocation's.
void set_state(uint i, float v) {
	if (STATE_TYPE == STATE_F32) {
		state[i] = floatBitsToUint(v);
		return;
	}
	uint shift = 16 * (i % 2);
	atomicAnd(state[i / 2], 0xffff0000u >> shift STATE_SCOPE);
	atomicOr(state[i / 2], state_bits(v) << shift STATE_SCOPE);
}

// Sets numbers i and i + 1, which are a word where they are of 16 bits, and this
// invocation's alone.
void set_states(uint i, float v, float w) {
	if (STATE_TYPE == STATE_F32) {
		state[i] = floatBitsToUint(v);
		state[i + 1] = floatBitsToUint(w);
	} else {
		state[i / 2] = state_bits(v) | state_bits(w) << 16;
	}
}

#endif
