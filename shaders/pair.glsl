// Two chunks of a weight beside each other, whose codes are integers: a block of 32 elements of q8_0, else two. Of
// these the low nibbles of both chunks are the first, the high ones the second. Wants chunk.glsl and blocks.glsl.

struct Pair {
	Chunk first, second; // the scales of the first are those of both
};

const uint PAIR_BLOCKS = FORMAT == Q8_0 ? 1 : 2;

uint pairs(uint cols, uint pitch) { return (chunks(cols, pitch) + 1) / 2; }

Pair no_pair() { return Pair(no_chunk(), no_chunk()); }

// Pair w of row m. The chunks of a pair lie beside each other.
Pair load_pair(uint m, uint w) {
	Pair pair = no_pair();
	uint row = m * p.pitch;
	if (FORMAT == Q8_0) {
		uint block = row + w / 8 * 17, at = block + 1 + w % 8 * 2;
		pair.first.code = weight[at];
		pair.second.code = weight[at + 1];
		pair.first.scales.x = weight[block][w / 2 % 4];
	} else if (FORMAT == Q6_K) {
		// Eight superblocks follow a word of their scales' scales.
		uint block = row + w / 4 * 13 + w / 32 + 1, at = block + 1 + w % 4 * 2;
		pair.first.code = weight[at];
		pair.second.code = weight[at + 1];
		uvec4 high = weight[block + 9 + w % 4];
		pair.first.high = high.xy;
		pair.second.high = high.zw;
		pair.first.scales.x = weight[block][w % 4];
		pair.first.scales.y = weight[row + w / 32 * 105][w / 8 % 4];
	} else {
		uint block = row + w / 4 * 9, at = block + 1 + w % 4 * 2;
		pair.first.code = weight[at];
		pair.second.code = weight[at + 1];
		if (FORMAT == Q4_K) {
			pair.first.scales = weight[block];
		} else {
			pair.first.scales.x = weight[block][w % 4];
		}
	}
	return pair;
}

// The codes of a chunk's elements in block `side` of its pair, with signs. High nibbles stay where they are, 8 taken
// from each: so they are 16 times what they stand for, which the block's scale makes up for.
uvec4 pair_codes(Chunk chunk, uint side) {
	if (FORMAT == Q8_0) return chunk.code;
	if (FORMAT == Q6_K) {
		uint high = side == 0 ? chunk.high.x : chunk.high.y;
		uvec4 bits = uvec4(high << 4, high << 2, high, high >> 2) & 0x30303030u;
		return ((chunk.code >> 4 * side & 0x0f0f0f0fu | bits) + 0x60606060u) ^ 0x80808080u; // less 32
	}
	return side == 0 ? chunk.code & 0x0f0f0f0fu : chunk.code & 0xf0f0f0f0u ^ 0x80808080u;
}

// An element is code · scale − offset. Blocks of q6_K have integers that scale their runs besides.
struct PairScales {
	vec2 scales, offsets;
	ivec2 runs[2];
};

PairScales pair_scales(Chunk chunk, uint w) {
	PairScales s;
	s.scales = s.offsets = vec2(0.0);
	s.runs[0] = s.runs[1] = ivec2(0);
	if (FORMAT == Q8_0) {
		s.scales = vec2(unpackHalf2x16(chunk.scales.x >> w % 2 * 16).x);
	} else if (FORMAT == Q4_0) {
		s.scales = unpackHalf2x16(chunk.scales.x);
		s.offsets.x = 8.0 * s.scales.x;
		s.scales.y *= 0.0625;
	} else if (FORMAT == Q4_K) {
		// Integers as float32 without an instruction for conversion: 2^23 + n has n in its lowest bits.
		vec4 n = uintBitsToFloat(scale_codes(chunk, 2 * w) | 0x4b000000u) - 8388608.0;
		vec2 d = unpackHalf2x16(chunk.scales.x);
		s.scales = d.x * n.xy;
		s.offsets = d.y * n.zw;
		s.offsets.y -= 8.0 * s.scales.y;
		s.scales.y *= 0.0625;
	} else {
		s.scales = vec2(unpackHalf2x16(chunk.scales.y >> w / 4 % 2 * 16).x);
		s.runs[0] = ivec2(chunk.scales.x << 24, chunk.scales.x << 16) >> 24;
		s.runs[1] = ivec2(chunk.scales.x << 8, chunk.scales.x) >> 24;
	}
	return s;
}
