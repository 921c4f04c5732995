// Unsigned integers of 64 bits in two words, low and high.

uvec2 wide_add(uvec2 a, uvec2 b) {
	uint lo = a.x + b.x;
	return uvec2(lo, a.y + b.y + (lo < a.x ? 1 : 0));
}

bool wide_less(uvec2 a, uvec2 b) { return a.y < b.y || a.y == b.y && a.x < b.x; }

uint mul_high(uint a, uint b) {
	uint hi, lo;
	umulExtended(a, b, hi, lo);
	return hi;
}

// ⌊a × fraction / 2^32⌋
uvec2 wide_scaled(uvec2 a, uint fraction) {
	uint hi, lo;
	umulExtended(a.y, fraction, hi, lo);
	return wide_add(uvec2(lo, hi), uvec2(mul_high(a.x, fraction), 0));
}
