// Where the elements are from that a lane has of a matrix, if that is known.
//
// A lane has eight elements of a matrix of either operand. SHARE lanes share a
// line, which is a row of src or a channel; so a lane has EACH elements of each of
// LINES lines. In which order inputs are summed does not matter, so for these
// the lane may take any inputs, if those of src are the same as those of the
// weights. It takes eight that follow one another, a 16-byte word of each line:
// they serve LINES matrices. A window is the inputs of SHARE such words.
//
// Matrices in the order of the lanes lie window after window, in it the matrices
// that it serves, in these a word to a lane.
//
// Wants SHARE, LINES, GROUP, the lines of a matrix that lanes have as their first, and
// LINES_FIRST: lanes that follow one another have lines that do.

const uint EACH = 8 / LINES;
const uint LANES = GROUP * SHARE;

// The place of lane i: its first line in a matrix, and its word of a window.
uvec2 place_of(uint i) {
	return LINES_FIRST ? uvec2(i % GROUP, i / GROUP) : uvec2(i / SHARE, i % SHARE);
}

// The lane of a place.
uint lane_of(uvec2 place) {
	return LINES_FIRST ? place.x + place.y * GROUP : place.x * SHARE + place.y;
}

// Where pair i of a lane's elements of a matrix is from: the line, and the pair of
// its elements. Where a line has but one, the other is of the next line. With spread,
// the elements that follow a pair are another line's.
uvec2 pair_of(uint i, bool spread) {
	if (EACH == 1) return uvec2(2 * i, 0);
	return spread ? uvec2(i % LINES, i / LINES) : uvec2(i / (EACH / 2), i % (EACH / 2));
}

// Pair at of the q-th matrix's elements of a line's word, or those of two lines.
uint pair(uvec4 line, uvec4 next, uint q, uint at) {
	if (EACH > 1) return line[q * EACH / 2 + at];
	return line[q / 2] >> q % 2 * 16 & 0xffffu | next[q / 2] >> q % 2 * 16 << 16;
}
const uint BESIDE = EACH == 1 ? 1 : 0; // from a line to that next one
