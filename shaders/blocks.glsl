// Block types, chosen by the constant FORMAT. A row is superblocks of 256
// elements: a word of scales, then words of codes; package gpu has the
// layouts (layout.go). Codes of 4 bits are in q4_K's order for all types: 64
// elements are two words, and the 16 low nibbles of one are consecutive
// elements, the high ones those 32 columns further on.

layout(constant_id = 16) const uint FORMAT = 0;
const uint Q8_0 = 0;
const uint Q4_0 = 1;
const uint Q4_K = 2;
const uint Q6_K = 3;
const uint CODEBOOK = 4; // nf4 and fp4

const uint CHUNK_SIZE = FORMAT == Q8_0 ? 16 : 32;
const uint RUN = 16;

// Not unrolled: the code of two runs costs more than unrolling saves.
#define EACH_RUN [[dont_unroll]] for (uint run = 0; run < CHUNK_SIZE / RUN; run++)

struct Chunk {
	uvec4 code;
	uvec2 high;  // q6_K: the upper two bits of the codes
	uvec4 scales; // q4_K: the superblock's word; else the components that are wanted
};

// An element is (code − zero point) · scale − min. x is of a chunk's first run,
// y of its second.
struct Scales {
	vec2 scales;
	vec2 mins;
};

shared float codebook[16];

Chunk no_chunk() { return Chunk(uvec4(0), uvec2(0), uvec4(0)); }

// The chunks of a row of cols elements. Zeros pad its end.
uint chunks(uint cols, uint pitch) {
	if (FORMAT == Q8_0) return (cols + 15) / 16;
	return (cols + 63) / 64 * 2;
}

// The first column of vector v, where vector 0 is the first of chunk w.
uint column(uint w, uint v) {
	if (FORMAT == Q8_0) return w * 16 + v * 4;
	w += v / 8;
	return w / 2 * 64 + w % 2 * 16 + v % 8 / 4 * 32 + v % 4 * 4;
}

// The chunk that has column c, a multiple of RUN, and the column's run in it.
uint chunk_at(uint c) {
	if (FORMAT == Q8_0) return c / 16;
	return c / 64 * 2 + c / 16 % 2;
}

uint run_at(uint c) {
	if (FORMAT == Q8_0) return 0;
	return c / 32 % 2;
}

// The integers that scale chunk w of a row of q4_K: its runs' scales, then their mins. The packing is that of ggml's
// get_scale_min_k4: bytes of y, z and w.
uvec4 scale_codes(Chunk chunk, uint w) {
	uvec3 b = chunk.scales.yzw >> w / 2 % 2 * 16;
	bool late = w % 8 / 4 == 1;
	uint scales = late ? b.z & 0x0f0f | b.x >> 2 & 0x3030 : b.x & 0x3f3f;
	uint mins = late ? b.z >> 4 & 0x0f0f | b.y >> 2 & 0x3030 : b.y & 0x3f3f;
	return uvec4(scales & 0xff, scales >> 8, mins & 0xff, mins >> 8);
}

// The integers that scale the runs of chunk w of a row of q6_K.
ivec2 byte_scales(Chunk chunk, uint w) {
	return ivec2(chunk.scales.x << 24 - w % 2 * 8, chunk.scales.x << 8 - w % 2 * 8) >> 24;
}

// The scales and mins of chunk w of a row.
Scales scales_of(Chunk chunk, uint w) {
	Scales s;
	s.mins = vec2(0.0);
	if (FORMAT == Q8_0) {
		s.scales = vec2(unpackHalf2x16(chunk.scales.x >> w / 2 % 2 * 16).x);
	} else if (FORMAT == Q4_0) {
		s.scales = unpackHalf2x16(chunk.scales.x);
	} else if (FORMAT == Q4_K) {
		uvec4 n = scale_codes(chunk, w);
		vec2 d = unpackHalf2x16(chunk.scales.x);
		s.scales = d.x * vec2(n.xy);
		s.mins = d.y * vec2(n.zw);
	} else if (FORMAT == Q6_K) {
		float d = unpackHalf2x16(chunk.scales.y >> w / 8 % 2 * 16).x;
		s.scales = d * vec2(byte_scales(chunk, w));
	} else {
		s.scales = vec2(uintBitsToFloat(chunk.scales.x));
	}
	return s;
}

// The codes of the q-th four elements of a run, a byte each.
uint codes4(Chunk chunk, uint run, uint q) {
	if (FORMAT == Q8_0) return chunk.code[q];
	uint c = chunk.code[q] >> run * 4 & 0x0f0f0f0fu;
	if (FORMAT == Q6_K) c |= ((run == 0 ? chunk.high.x : chunk.high.y) >> q * 2 & 0x03030303u) << 4;
	return c;
}

// The code that stands for 0; q8_0's codes have signs.
float zero_point() { return FORMAT == Q4_0 ? 8.0 : FORMAT == Q6_K ? 32.0 : 0.0; }

// Four bytes, less a constant, without an instruction for conversion: few
// devices have those at full speed. 2^23 + n has n in its lowest bits.
vec4 bytes4(uint c, float less) {
	return uintBitsToFloat(uvec4(c, c >> 8, c >> 16, c >> 24) & 0xffu | 0x4b000000u) - (8388608.0 + less);
}

// The q-th four elements of a run of a chunk.
vec4 weight4(Chunk chunk, Scales s, uint run, uint q) {
	uint c = codes4(chunk, run, q);
	float scale = run == 0 ? s.scales.x : s.scales.y, min_ = run == 0 ? s.mins.x : s.mins.y;
	if (FORMAT == Q8_0) return bytes4(c ^ 0x80808080u, 128.0) * scale;
	if (FORMAT == Q4_K) return bytes4(c, 0.0) * scale - min_;
	if (FORMAT != CODEBOOK) return bytes4(c, zero_point()) * scale;
	return vec4(codebook[c & 0xff], codebook[c >> 8 & 0xff], codebook[c >> 16 & 0xff], codebook[c >> 24]) * scale;
}
