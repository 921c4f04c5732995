// Loads of a weight's chunks. Wants weight.glsl, the buffer `weight` and
// p.pitch, the words of a row.

#if WEIGHT == BLOCKS

// Chunk w of row m.
Chunk load_chunk(uint m, uint w) {
	Chunk chunk = no_chunk();
	uint row = m * p.pitch, block = w / 8;
	if (FORMAT == Q8_0) {
		block = row + w / 16 * 17;
		chunk.code = weight[block + 1 + w % 16];
		chunk.scales.x = weight[block][w / 4 % 4];
	} else if (FORMAT == Q6_K) {
		// Eight superblocks follow a word of their scales' scales.
		uint at = row + block * 13 + block / 8 + 1, high = at + 9 + w / 2 % 4;
		chunk.code = weight[at + 1 + w % 8];
		chunk.high = uvec2(weight[high][w % 2 * 2], weight[high][w % 2 * 2 + 1]);
		chunk.scales.x = weight[at][w / 2 % 4];
		chunk.scales.y = weight[row + block / 8 * 105][block / 2 % 4];
	} else {
		block = row + block * 9;
		chunk.code = weight[block + 1 + w % 8];
		if (FORMAT == Q4_K) {
			chunk.scales = weight[block];
		} else {
			chunk.scales.x = weight[block][w / 2 % 4];
		}
	}
	return chunk;
}

// Loads the codebook, which lies behind the rows, by the number of these.
// Every invocation of a workgroup calls it once, before it decodes a chunk; at
// is its number.
void load_codebook(uint rows, uint at) {
	if (FORMAT == CODEBOOK) {
		if (at < 16) codebook[at] = uintBitsToFloat(weight[rows * p.pitch + at / 4][at % 4]);
		barrier();
	}
}

#else

Chunk load_chunk(uint m, uint w) { return weight[m * p.pitch + w]; }

void load_codebook(uint rows, uint at) {}
#endif
