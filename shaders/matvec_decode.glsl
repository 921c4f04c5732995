// Weights of matvec_half.glsl and matvec_direct.glsl as float16. Wants weight.glsl.

// The q-th eight elements of a run of a chunk, as float16. Weights are small:
// none is cut to the range of float16. Where SWAPPED, of each four the second and
// third have changed places, among the rows' columns too: two codes that are 16
// bits apart become numbers without being moved, and exactly, for 1024 + n has n
// in its lowest bits.
#if WEIGHT == BLOCKS
const bool SWAPPED = FORMAT == Q4_0 || FORMAT == Q8_0;

uint scaled(uint codes, f16vec2 scale) {
	f16vec2 less = f16vec2(1024.0 + (FORMAT == Q8_0 ? 128.0 : zero_point()));
	return packFloat2x16((unpackFloat2x16(codes & 0x00ff00ffu | 0x64006400u) - less) * scale);
}
#else
const bool SWAPPED = false;
#endif

uvec4 weight8(Chunk chunk, Scales s, uint run, uint q) {
#if WEIGHT == F16
	return chunk;
#elif WEIGHT == BLOCKS
	if (SWAPPED) {
		f16vec2 scale = f16vec2(run == 0 ? s.scales.x : s.scales.y);
		uvec2 c = uvec2(codes4(chunk, run, 2 * q), codes4(chunk, run, 2 * q + 1));
		if (FORMAT == Q8_0) c ^= 0x80808080u;
		return uvec4(scaled(c.x, scale), scaled(c.x >> 8, scale), scaled(c.y, scale), scaled(c.y >> 8, scale));
	}
#endif
	vec4 lo = weight4(chunk, s, run, 2 * q), hi = weight4(chunk, s, run, 2 * q + 1);
	return uvec4(packHalf2x16(lo.xy), packHalf2x16(lo.zw), packHalf2x16(hi.xy), packHalf2x16(hi.zw));
}

// Eight columns of a row in the order of the weight's.
uvec4 in_order(uvec4 v) {
	if (!SWAPPED) return v;
	uvec2 first = v.xz & 0xffffu | v.yw << 16, second = v.xz >> 16 | v.yw & 0xffff0000u;
	return uvec4(first.x, second.x, first.y, second.y);
}
