// What makes rows ready, see ready.glsl. Wants subgroups of four invocations or more, and
//
//	void store_ready(uint i, uvec2 v)  stores half of a 16-byte word: the first of word i / 2, or the second
#include "ready.glsl"

// Stores elements x and then y of block b of a row, the eight that its q-th invocation of four has, where wanted. The
// row begins at 16-byte word base and has arrays of span words. All four invocations call it.
void put_ready(vec4 x, vec4 y, uint b, uint q, uint base, uint span, bool wanted) {
	// As integers, numbers without a sign are in order, and NaN is the largest.
	uvec4 a = max(floatBitsToUint(x) & 0x7fffffffu, floatBitsToUint(y) & 0x7fffffffu);
	uint most = max(max(a.x, a.y), max(a.z, a.w));
	most = max(most, subgroupShuffleXor(most, 1));
	most = max(most, subgroupShuffleXor(most, 2));
	// The high byte is at most 127 when the low one is from −128 to 127.
	float scale = uintBitsToFloat(most) / 32639.0, turn = scale > 1e-34 ? 1.0 / scale : 0.0;
	ivec4 m = ivec4(roundEven(x * turn)), n = ivec4(roundEven(y * turn)), both = m + n;
	int sum = both.x + both.y + both.z + both.w;
	sum += subgroupShuffleXor(sum, 1);
	sum += subgroupShuffleXor(sum, 2);
	if (!wanted) return;
	uvec4 c = uvec4(m) & 0xffu, d = uvec4(n) & 0xffu;
	uvec4 e = uvec4(m + 128 >> 8) & 0xffu, f = uvec4(n + 128 >> 8) & 0xffu;
	uint run = 2 * (b % 2) + q / 2, g = b / 2; // the columns of a word, and the word
	store_ready(2 * (base + run * span + g) + q % 2,
		uvec2(e.x | e.y << 8 | e.z << 16 | e.w << 24, f.x | f.y << 8 | f.z << 16 | f.w << 24));
	store_ready(2 * (base + (4 + run) * span + g) + q % 2,
		uvec2(c.x | c.y << 8 | c.z << 16 | c.w << 24, d.x | d.y << 8 | d.z << 16 | d.w << 24));
	if (q == 0) store_ready(2 * (base + 8 * span + g) + b % 2, floatBitsToUint(vec2(scale, scale * float(sum))));
}
