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
const uint BOOK = 4; // nf4 and fp4

const uint PER_WORD = FORMAT == Q8_0 ? 16 : 32;
const uint RUN = 16;

// Not unrolled: two runs are more code than that saves.
#define EACH_RUN [[dont_unroll]] for (uint run = 0; run < PER_WORD / RUN; run++)

struct Piece {
	uvec4 code;
	uvec2 high;  // q6_K: the upper two bits of the codes
	uvec4 scale; // q4_K: the superblock's word; else the components that are wanted
};

// An element is code · unit − low; the first run of a piece has the x of both.
struct Scale {
	vec2 unit;
	vec2 low;
};

shared float book[16]; // what the codes of BOOK stand for

Piece no_piece() { return Piece(uvec4(0), uvec2(0), uvec4(0)); }

uint pieces(uint cols, uint pitch) {
	if (FORMAT == Q8_0) return (cols + 15) / 16;
	return (cols + 63) / 64 * 2;
}

uint column(uint w, uint v) {
	if (FORMAT == Q8_0) return w * 16 + v * 4;
	w += v / 8;
	return w / 2 * 64 + w % 2 * 16 + v % 8 / 4 * 32 + v % 4 * 4;
}

uint piece_at(uint c) {
	if (FORMAT == Q8_0) return c / 16;
	return c / 64 * 2 + c / 16 % 2;
}

uint run_at(uint c) {
	if (FORMAT == Q8_0) return 0;
	return c / 32 % 2;
}

// The scales of piece w.
Scale scale_of(Piece v, uint w) {
	Scale s;
	s.low = vec2(0.0);
	if (FORMAT == Q8_0) {
		s.unit = vec2(unpackHalf2x16(v.scale.x >> w / 2 % 2 * 16).x);
	} else if (FORMAT == Q4_0) {
		s.unit = unpackHalf2x16(v.scale.x);
	} else if (FORMAT == Q4_K) {
		// The packing of ggml's get_scale_min_k4: bytes of y, z and w.
		uvec3 b = v.scale.yzw >> w / 2 % 2 * 16;
		bool late = w % 8 / 4 == 1;
		uint units = late ? b.z & 0x0f0f | b.x >> 2 & 0x3030 : b.x & 0x3f3f;
		uint lows = late ? b.z >> 4 & 0x0f0f | b.y >> 2 & 0x3030 : b.y & 0x3f3f;
		vec2 d = unpackHalf2x16(v.scale.x);
		s.unit = d.x * vec2(units & 0xff, units >> 8);
		s.low = d.y * vec2(lows & 0xff, lows >> 8);
	} else if (FORMAT == Q6_K) {
		float d = unpackHalf2x16(v.scale.y >> w / 8 % 2 * 16).x;
		ivec2 units = ivec2(v.scale.x << 24 - w % 2 * 8, v.scale.x << 8 - w % 2 * 8) >> 24;
		s.unit = d * vec2(units);
	} else {
		s.unit = vec2(uintBitsToFloat(v.scale.x));
	}
	return s;
}

// The codes of the q-th four elements of a run, a byte each.
uint codes4(Piece v, uint run, uint q) {
	if (FORMAT == Q8_0) return v.code[q];
	uint c = v.code[q] >> run * 4 & 0x0f0f0f0fu;
	if (FORMAT == Q6_K) c |= ((run == 0 ? v.high.x : v.high.y) >> q * 2 & 0x03030303u) << 4;
	return c;
}

// What codes are too large by; those of q8_0 have signs.
float excess() { return FORMAT == Q4_0 ? 8.0 : FORMAT == Q6_K ? 32.0 : 0.0; }

// Four bytes, less a constant, without an instruction for conversion: few devices have
// those at full speed. 2^23 + n has n in its lowest bits.
vec4 bytes4(uint c, float less) {
	return uintBitsToFloat(uvec4(c, c >> 8, c >> 16, c >> 24) & 0xffu | 0x4b000000u) - (8388608.0 + less);
}

vec4 weight4(Piece v, Scale s, uint run, uint q) {
	uint c = codes4(v, run, q);
	float unit = run == 0 ? s.unit.x : s.unit.y, low = run == 0 ? s.low.x : s.low.y;
	if (FORMAT == Q8_0) return bytes4(c ^ 0x80808080u, 128.0) * unit;
	if (FORMAT == Q4_K) return bytes4(c, 0.0) * unit - low;
	if (FORMAT != BOOK) return bytes4(c, excess()) * unit;
	return vec4(book[c & 0xff], book[c >> 8 & 0xff], book[c >> 16 & 0xff], book[c >> 24]) * unit;
}
