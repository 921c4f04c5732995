// A weight as the Vulkan driver lays it out: rows of 16-byte words, the last
// one of a row padded with zeros. It is read as 32-bit words, so no device
// needs 16-bit storage. WEIGHT is the type; PER_WORD elements are in a word,
// as PER_WORD / 4 vectors of four.

#define F32 0
#define F16 1
#define BF16 2

#if WEIGHT == F32
#define PER_WORD 4
#else
#define PER_WORD 8
#endif

// The q-th four elements of word w.
vec4 weight4(uvec4 w, uint q) {
#if WEIGHT == F32
	return uintBitsToFloat(w);
#else
	uvec2 h = q == 0 ? w.xy : w.zw;
#if WEIGHT == F16
	return vec4(unpackHalf2x16(h.x), unpackHalf2x16(h.y));
#else
	return uintBitsToFloat(uvec4(h.x << 16, h.x & 0xffff0000u, h.y << 16, h.y & 0xffff0000u));
#endif
#endif
}
