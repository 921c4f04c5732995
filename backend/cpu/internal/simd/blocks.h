// The types of weights: each widens consecutive elements, 16 at a time and in
// order, and hands them to USE(k, v), k counting from 0 within what it is given.
// The bytes are those of package quant, and so is the arithmetic: one
// multiplication or one fused addition of exact operands, so that the values
// are the same bit by bit. (Only infinite scales differ: they make NaN of all.)

// A block is taken in PARTS parts, so that rows can share what they are
// multiplied with. HEAD(s, p, i) unpacks the scales of the block at p, number i
// of its matrix, into s; PART(s, p, g, USE) is part g.

#define NO_HEAD(s, p, i) (void)(s)

#define PART_Q8_0(s, p, g, USE) do { \
	V d_ = vset(f16(p)); \
	USE(0, vmul(d_, vfrom(isbytes((p) + 2)))); \
	USE(16, vmul(d_, vfrom(isbytes((p) + 18)))); \
} while (0)

#define PART_Q4_0(s, p, g, USE) do { \
	V d_ = vset(f16(p)); \
	A a_ = codes(d_, vmul(d_, vset(-8))); \
	I q_ = ibytes((p) + 2); \
	USE(0, vcodes(a_, q_)); \
	USE(16, vcodes(a_, ishr(q_, 4))); \
} while (0)

#define PART_Q4_1(s, p, g, USE) do { \
	A a_ = codes(vset(f16(p)), vset(f16((p) + 2))); \
	I q_ = ibytes((p) + 4); \
	USE(0, vcodes(a_, q_)); \
	USE(16, vcodes(a_, ishr(q_, 4))); \
} while (0)

#define FIVE(q, h) vfrom(ior(iand(q, 15), ishl(ibits(h), 4)))

#define PART_Q5_0(s, p, g, USE) do { \
	V d_ = vset(f16(p)), o_ = vmul(d_, vset(-16)); \
	uint32_t h_ = u32((p) + 2); \
	I q_ = ibytes((p) + 6); \
	USE(0, vfma(FIVE(q_, h_), d_, o_)); \
	USE(16, vfma(FIVE(ishr(q_, 4), h_ >> 16), d_, o_)); \
} while (0)

#define PART_Q5_1(s, p, g, USE) do { \
	V d_ = vset(f16(p)), o_ = vset(f16((p) + 2)); \
	uint32_t h_ = u32((p) + 4); \
	I q_ = ibytes((p) + 8); \
	USE(0, vfma(FIVE(q_, h_), d_, o_)); \
	USE(16, vfma(FIVE(ishr(q_, 4), h_ >> 16), d_, o_)); \
} while (0)

#define PART_IQ4_NL(s, p, g, USE) do { \
	T t_ = tscale(ttable(iq4), vset(f16(p))); \
	I q_ = ibytes((p) + 2); \
	USE(0, vlookup(t_, q_)); \
	USE(16, vlookup(t_, ishr(q_, 4))); \
} while (0)

#define HEAD_IQ4_XS(s, p, i) scales_iq4_xs(s, p)
#define PART_IQ4_XS(s, p, g, USE) do { \
	T t_ = tscale(ttable(iq4), vset((s)[g])); \
	I q_ = ibytes((p) + 8 + 16 * (g)); \
	USE(32 * (g), vlookup(t_, q_)); \
	USE(32 * (g) + 16, vlookup(t_, ishr(q_, 4))); \
} while (0)

#define HEAD_Q2_K(s, p, i) scales_q2_K(s, p)
#define PART_Q2_K(s, p, g, USE) do { \
	I q_ = iand(ishr(ibytes((p) + 16 + (g) / 8 * 32 + (g) % 2 * 16), (g) / 2 % 4 * 2), 3); \
	USE(16 * (g), vfma(vfrom(q_), vset((s)[g]), vset((s)[16 + (g)]))); \
} while (0)

#define HEAD_Q3_K(s, p, i) scales_q3_K(s, p)
#define PART_Q3_K(s, p, g, USE) do { \
	I q_ = iand(ishr(ibytes((p) + 32 + (g) / 8 * 32 + (g) % 2 * 16), (g) / 2 % 4 * 2), 3); \
	I h_ = iand(ishr(ibytes((p) + (g) % 2 * 16), (g) / 2), 1); \
	USE(16 * (g), vfma(vfrom(ior(q_, ishl(h_, 2))), vset((s)[g]), vset((s)[16 + (g)]))); \
} while (0)

#define HEAD_K(s, p, i) scales_K(s, p)
#define PART_Q4_K(s, p, g, USE) do { \
	A a_ = codes(vset((s)[2 * (g)]), vset((s)[8 + 2 * (g)])); \
	A c_ = codes(vset((s)[2 * (g) + 1]), vset((s)[9 + 2 * (g)])); \
	I q_ = ibytes((p) + 16 + 32 * (g)), r_ = ibytes((p) + 32 + 32 * (g)); \
	USE(64 * (g), vcodes(a_, q_)); \
	USE(64 * (g) + 16, vcodes(a_, r_)); \
	USE(64 * (g) + 32, vcodes(c_, ishr(q_, 4))); \
	USE(64 * (g) + 48, vcodes(c_, ishr(r_, 4))); \
} while (0)

#define PART_Q5_K(s, p, g, USE) do { \
	V d_ = vset((s)[g]), o_ = vset((s)[8 + (g)]); \
	UNROLL for (int l_ = 0; l_ < 32; l_ += 16) { \
		I q_ = iand(ishr(ibytes((p) + 48 + (g) / 2 * 32 + l_), (g) % 2 * 4), 15); \
		I h_ = iand(ishr(ibytes((p) + 16 + l_), g), 1); \
		USE(32 * (g) + l_, vfma(vfrom(ior(q_, ishl(h_, 4))), d_, o_)); \
	} \
} while (0)

#define HEAD_Q6_K(s, p, i) scales_q6_K(s, p)
#define PART_Q6_K(s, p, g, USE) do { \
	UNROLL for (int run_ = 0; run_ < 4; run_++) UNROLL for (int l_ = 0; l_ < 2; l_++) { \
		I q_ = ibytes((p) + 64 * (g) + run_ % 2 * 32 + 16 * l_), t_ = ibytes((p) + 128 + 32 * (g) + 16 * l_); \
		q_ = run_ < 2 ? iand(q_, 15) : ishr(q_, 4); \
		t_ = iand(run_ < 3 ? ishl(t_, 4 - 2 * run_) : ishr(t_, 2), 48); \
		int n_ = 8 * (g) + 2 * run_ + l_; \
		USE(16 * n_, vfma(vfrom(ior(q_, t_)), vset((s)[n_]), vset((s)[16 + n_]))); \
	} \
} while (0)

// With scales and the book apart, in m.
#define HEAD_BOOK(s, p, i) (s)[0] = m->scales[i]
#define PART_BOOK(s, p, g, USE) do { \
	T t_ = tscale(ttable(m->book), vset((s)[0])); \
	UNROLL for (int n_ = 0; n_ < 4; n_++) USE(16 * n_, vlookup(t_, inibbles((p) + 8 * n_))); \
} while (0)

static const float iq4[16] ALIGNED = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

// A scale is looked up: a load costs a vector unit nothing, and a conversion
// there as much as several elements. The scales of a matrix are few, and near
// one another in the table.
FN float f16(const uint8_t *p) {
	uint16_t h;
	memcpy(&h, p, 2);
	return fm_half[h];
}

FN uint32_t u32(const uint8_t *p) {
	uint32_t v;
	memcpy(&v, p, 4);
	return v;
}

// scales_K sets the 8 scales and the 8 offsets, negative minima, of q4_K and
// q5_K.
FN void scales_K(float *s, const uint8_t *p) {
	vstore(s, vmul(vtwo(f16(p), -f16(p + 2)), vfrom(iscales_K(p))));
}

// scales_q2_K: 16 scales and minima of 4 bits.
FN void scales_q2_K(float *s, const uint8_t *p) {
	I b = ibytes(p);
	vstore(s, vmul(vset(f16(p + 80)), vfrom(iand(b, 15))));
	vstore(s + 16, vmul(vset(-f16(p + 82)), vfrom(ishr(b, 4))));
}

// scales_q3_K: 16 scales of 6 bits in 12 bytes, 32 too large, and the offsets
// for codes that are 4 too large.
FN void scales_q3_K(float *s, const uint8_t *p) {
	uint32_t a = u32(p + 96), b = u32(p + 100), c = u32(p + 104);
	uint32_t w[4] = {
		(a & 0x0f0f0f0f) | (c << 4 & 0x30303030), (b & 0x0f0f0f0f) | (c << 2 & 0x30303030),
		(a >> 4 & 0x0f0f0f0f) | (c & 0x30303030), (b >> 4 & 0x0f0f0f0f) | (c >> 2 & 0x30303030),
	};
	V v = vmul(vset(f16(p + 108)), vfrom(iadd(ibytes((const uint8_t *)w), iset(-32))));
	vstore(s, v);
	vstore(s + 16, vmul(v, vset(-4)));
}

// scales_q6_K: 16 scales of 8 bits, and the offsets for codes that are 32 too
// large.
FN void scales_q6_K(float *s, const uint8_t *p) {
	V v = vmul(vset(f16(p + 208)), vfrom(isbytes(p + 192)));
	vstore(s, v);
	vstore(s + 16, vmul(v, vset(-32)));
}

// scales_iq4_xs: 8 scales of 6 bits, 32 too large.
FN void scales_iq4_xs(float *s, const uint8_t *p) {
	float d = f16(p);
	uint32_t high = p[2] | (uint32_t)p[3] << 8;
	UNROLL for (int g = 0; g < 8; g++) {
		int v = (p[4 + g / 2] >> (g % 2 * 4) & 15) | (int)(high >> (2 * g) & 3) << 4;
		s[g] = d * (float)(v - 32);
	}
}
