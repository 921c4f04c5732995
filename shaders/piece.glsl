// Fetching weights. Wants weight.glsl, the buffer `weight` and p.pitch, the
// words of a row.

#if WEIGHT == BLOCKS

// Piece w of row m.
Piece piece(uint m, uint w) {
	Piece v = no_piece();
	uint row = m * p.pitch, block = w / 8;
	if (FORMAT == Q8_0) {
		block = row + w / 16 * 17;
		v.code = weight[block + 1 + w % 16];
		v.scale.x = weight[block][w / 4 % 4];
	} else if (FORMAT == Q6_K) {
		// Eight superblocks follow a word of their scales' scales.
		uint at = row + block * 13 + block / 8 + 1, high = at + 9 + w / 2 % 4;
		v.code = weight[at + 1 + w % 8];
		v.high = uvec2(weight[high][w % 2 * 2], weight[high][w % 2 * 2 + 1]);
		v.scale.x = weight[at][w / 2 % 4];
		v.scale.y = weight[row + block / 8 * 105][block / 2 % 4];
	} else {
		block = row + block * 9;
		v.code = weight[block + 1 + w % 8];
		if (FORMAT == Q4_K) {
			v.scale = weight[block];
		} else {
			v.scale.x = weight[block][w / 2 % 4];
		}
	}
	return v;
}

// Called once by every invocation of a workgroup, at, before it decodes: a code
// book lies behind the rows, which are rows.
void open_weight(uint rows, uint at) {
	if (FORMAT == BOOK) {
		if (at < 16) book[at] = uintBitsToFloat(weight[rows * p.pitch + at / 4][at % 4]);
		barrier();
	}
}

#else

Piece piece(uint m, uint w) { return weight[m * p.pitch + w]; }

void open_weight(uint rows, uint at) {}
#endif
