// Where rows of float16 lie as lanes of matvec_direct.glsl read them: STRIP words of 16 bytes of a row together, behind
// these the same words of the other rows, STRIP_ROWS in all. Wants these two constants.

// Where a pair of row t lies among pairs, whose first column is c: with STRIP.
uint strip_pair(uint t, uint c) {
	uint w = c / 8, strip = max(STRIP, 1);
	return ((w / strip * STRIP_ROWS + t) * strip + w % strip) * 4 + c % 8 / 2;
}
