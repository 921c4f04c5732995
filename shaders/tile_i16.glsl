// The tile of matvec.glsl where activations may be rounded and the weight has
// integers for codes: a run of 16 activations is 16-bit integers with a scale
// of its own. Integer dot products of bytes multiply their high bytes and their
// low ones apart.
//
// The tile is row by row, and of each row slot by slot. A run has three slots:
// its high bytes, its low bytes, and its scale with the sum of its elements.
const uint SLOTS = CHUNK_SIZE / RUN * 3; // of a chunk

shared uvec4 tile[TILE];

// Stores the four elements x of a run that its q-th invocation of four has.
void put_rounded(vec4 x, uint slot, uint q) {
	// As integers, numbers without a sign are in order, and NaN is the largest.
	uvec4 a = floatBitsToUint(x) & 0x7fffffffu;
	uint most = max(max(a.x, a.y), max(a.z, a.w));
	most = max(most, subgroupShuffleXor(most, 1));
	most = max(most, subgroupShuffleXor(most, 2));
	// The high byte is at most 127 when the low one is from −128 to 127.
	float scale = uintBitsToFloat(most) / 32639.0;
	ivec4 n = ivec4(roundEven(x * (scale > 1e-34 ? 1.0 / scale : 0.0)));
	int sum = n.x + n.y + n.z + n.w;
	sum += subgroupShuffleXor(sum, 1);
	sum += subgroupShuffleXor(sum, 2);
	uvec4 low = uvec4(n) & 0xffu, high = uvec4(n + 128 >> 8) & 0xffu;
	tile[slot][q] = high.x | high.y << 8 | high.z << 16 | high.w << 24;
	tile[slot + tile_chunks][q] = low.x | low.y << 8 | low.z << 16 | low.w << 24;
	if (q < 2) tile[slot + 2 * tile_chunks][q] = floatBitsToUint(q == 0 ? scale : scale * float(sum));
}

void put_in_tile(vec4 x, uint r, uint v) {
	put_rounded(x, (r * SLOTS + v % QUADS / 4 * 3) * tile_chunks + v / QUADS, v % 4);
}

// Adds the products of chunk w, the u-th of each channel's in this step. The
// step begins at slot from of each row.
void multiply_chunks(uint u, uint w, uint from) {
	Scales scales[MOST_OUTS];
	[[unroll]] for (uint i = 0; i < OUTS; i++) scales[i] = scales_of(now[i * AHEAD + u], w);
	EACH_RUN {
		uvec4 codes[MOST_OUTS];
		float scale[MOST_OUTS], offset[MOST_OUTS]; // an element is code · scale − offset
		[[unroll]] for (uint i = 0; i < OUTS; i++) {
			[[unroll]] for (uint q = 0; q < RUN / 4; q++) codes[i][q] = codes4(now[i * AHEAD + u], run, q);
			scale[i] = run == 0 ? scales[i].scales.x : scales[i].scales.y;
			offset[i] = (run == 0 ? scales[i].mins.x : scales[i].mins.y) + zero_point() * scale[i];
		}
		[[unroll]] for (uint r = 0; r < ROWS; r++) {
			uint slot = (r * SLOTS + run * 3) * tile_chunks + from + u * lanes;
			uvec4 high = tile[slot], low = tile[slot + tile_chunks];
			vec2 scale_and_sum = uintBitsToFloat(tile[slot + 2 * tile_chunks].xy);
			[[unroll]] for (uint i = 0; i < OUTS; i++) {
				int highs = 0, lows = 0;
				[[unroll]] for (uint q = 0; q < RUN / 4; q++) {
					highs += dotPacked4x8EXT(int(codes[i][q]), int(high[q]));
					lows += dotPacked4x8EXT(int(codes[i][q]), int(low[q]));
				}
				acc[i * ROWS + r] = fma(scale[i] * float(highs * 256 + lows), scale_and_sum.x,
					fma(-offset[i], scale_and_sum.y, acc[i * ROWS + r]));
			}
		}
	}
}
