// Eight numbers below 2, times a power of two that leaves them in float16's range.
uvec4 times_power(uvec4 word, float power_) {
	float16_t f = float16_t(min(power_, 16384.0));
	[[unroll]] for (uint i = 0; i < 4; i++) word[i] = packFloat2x16(unpackFloat2x16(word[i]) * f);
	return word;
}
