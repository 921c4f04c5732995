// NEON: what kernels.h needs.

#define FN static inline __attribute__((always_inline)) TARGET

typedef float32x4x4_t V; // 16 floats
typedef uint32x4x4_t I;  // 16 integers
typedef float32x4x4_t T; // a table of 16 floats

#define EACH1(r, f, a) (r.val[0] = f(a.val[0]), r.val[1] = f(a.val[1]), r.val[2] = f(a.val[2]), r.val[3] = f(a.val[3]))
#define EACH2(r, f, a, b) (r.val[0] = f(a.val[0], b.val[0]), r.val[1] = f(a.val[1], b.val[1]), \
	r.val[2] = f(a.val[2], b.val[2]), r.val[3] = f(a.val[3], b.val[3]))
#define EACHQ(r, f, a, q) (r.val[0] = f(a.val[0], q), r.val[1] = f(a.val[1], q), \
	r.val[2] = f(a.val[2], q), r.val[3] = f(a.val[3], q))
#define ALL(r, q) (r.val[0] = r.val[1] = r.val[2] = r.val[3] = (q))

FN V vset(float x) { V v; ALL(v, vdupq_n_f32(x)); return v; }
FN V vzero(void) { return vset(0); }
FN V vload(const float *p) { V v = {{vld1q_f32(p), vld1q_f32(p + 4), vld1q_f32(p + 8), vld1q_f32(p + 12)}}; return v; }
FN void vstore(float *p, V v) { for (int i = 0; i < 4; i++) vst1q_f32(p + 4 * i, v.val[i]); }
FN V vpart(const float *p, ptrdiff_t n) {
	float b[16] = {0};
	memcpy(b, p, n * sizeof *p);
	return vload(b);
}
FN void vstorepart(float *p, V v, ptrdiff_t n) {
	float b[16];
	vstore(b, v);
	memcpy(p, b, n * sizeof *p);
}
// a in the first 8 elements, b in the others.
FN V vtwo(float a, float b) {
	V v = {{vdupq_n_f32(a), vdupq_n_f32(a), vdupq_n_f32(b), vdupq_n_f32(b)}};
	return v;
}
FN V vadd(V a, V b) { V v; EACH2(v, vaddq_f32, a, b); return v; }
FN V vsub(V a, V b) { V v; EACH2(v, vsubq_f32, a, b); return v; }
FN V vmul(V a, V b) { V v; EACH2(v, vmulq_f32, a, b); return v; }
FN V vdiv(V a, V b) { V v; EACH2(v, vdivq_f32, a, b); return v; }
FN V vfma(V a, V b, V c) {
	for (int i = 0; i < 4; i++) c.val[i] = vfmaq_f32(c.val[i], a.val[i], b.val[i]);
	return c;
}
// NaN where either is.
FN V vmin(V a, V b) { V v; EACH2(v, vminq_f32, a, b); return v; }
FN V vmax(V a, V b) { V v; EACH2(v, vmaxq_f32, a, b); return v; }
FN V vabs(V a) { V v; EACH1(v, vabsq_f32, a); return v; }
FN V vround(V a) { V v; EACH1(v, vrndnq_f32, a); return v; }
FN float vmost(V v) { return vmaxvq_f32(vmaxq_f32(vmaxq_f32(v.val[0], v.val[1]), vmaxq_f32(v.val[2], v.val[3]))); }

FN I iof(uint8x16_t b) {
	uint16x8_t l = vmovl_u8(vget_low_u8(b)), h = vmovl_u8(vget_high_u8(b));
	I v = {{vmovl_u16(vget_low_u16(l)), vmovl_u16(vget_high_u16(l)),
		vmovl_u16(vget_low_u16(h)), vmovl_u16(vget_high_u16(h))}};
	return v;
}
FN I ibytes(const uint8_t *p) { return iof(vld1q_u8(p)); }
FN uint32x4_t wider(int16x4_t v) { return vreinterpretq_u32_s32(vmovl_s16(v)); }
FN I isbytes(const uint8_t *p) {
	int8x16_t b = vreinterpretq_s8_u8(vld1q_u8(p));
	int16x8_t l = vmovl_s8(vget_low_s8(b)), h = vmovl_s8(vget_high_s8(b));
	I v = {{wider(vget_low_s16(l)), wider(vget_high_s16(l)), wider(vget_low_s16(h)), wider(vget_high_s16(h))}};
	return v;
}
// The 16 nibbles of 8 bytes, the high one of each first; above bit 3 nothing.
FN I inibbles(const uint8_t *p) {
	uint8x8_t b = vld1_u8(p);
	uint8x8x2_t z = vzip_u8(vshr_n_u8(b, 4), vand_u8(b, vdup_n_u8(15)));
	return iof(vcombine_u8(z.val[0], z.val[1]));
}
FN I iset(int v) { I r; ALL(r, vdupq_n_u32((uint32_t)v)); return r; }
FN I ishr(I v, int n) { I r; EACHQ(r, vshlq_u32, v, vdupq_n_s32(-n)); return r; }
FN I ishl(I v, int n) { I r; EACHQ(r, vshlq_u32, v, vdupq_n_s32(n)); return r; }
FN I iand(I v, int mask) { I r; EACHQ(r, vandq_u32, v, vdupq_n_u32((uint32_t)mask)); return r; }
FN I ior(I a, I b) { I v; EACH2(v, vorrq_u32, a, b); return v; }
FN I iadd(I a, I b) { I v; EACH2(v, vaddq_u32, a, b); return v; }
FN void istore(int32_t *p, I v) { for (int i = 0; i < 4; i++) vst1q_u32((uint32_t *)p + 4 * i, v.val[i]); }
// Bit i of h in element i.
FN I ibits(uint32_t h) {
	static const int32_t down[16] = {0, -1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12, -13, -14, -15};
	I v;
	for (int i = 0; i < 4; i++)
		v.val[i] = vandq_u32(vshlq_u32(vdupq_n_u32(h), vld1q_s32(down + 4 * i)), vdupq_n_u32(1));
	return v;
}
FN I iwhole(V v) {
	I r;
	for (int i = 0; i < 4; i++) r.val[i] = vreinterpretq_u32_s32(vcvtq_s32_f32(v.val[i]));
	return r;
}
FN I ibitsof(V v) { I r; EACH1(r, vreinterpretq_u32_f32, v); return r; }
FN V vofbits(I v) { V r; EACH1(r, vreinterpretq_f32_u32, v); return r; }
FN float32x4_t from(uint32x4_t v) { return vcvtq_f32_s32(vreinterpretq_s32_u32(v)); }
FN V vfrom(I v) { V r; EACH1(r, from, v); return r; }

FN V vf16(const uint8_t *p) {
	V v;
	for (int i = 0; i < 4; i++) v.val[i] = vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(p + 8 * i)));
	return v;
}
FN V vbf16(const uint8_t *p) {
	V v;
	for (int i = 0; i < 4; i++)
		v.val[i] = vreinterpretq_f32_u32(vshll_n_u16(vreinterpret_u16_u8(vld1_u8(p + 8 * i)), 16));
	return v;
}

FN T ttable(const float *p) { return vload(p); }
FN T tscale(T t, V scale) { return vmul(t, scale); }
// What bits 0 to 3 of each element select: the bytes of a table of 64.
FN V vlookup(T t, I index) {
	uint8x16x4_t bytes;
	EACH1(bytes, vreinterpretq_u8_f32, t);
	V v;
	for (int i = 0; i < 4; i++) {
		uint32x4_t at = vmulq_n_u32(vandq_u32(index.val[i], vdupq_n_u32(15)), 0x04040404);
		at = vaddq_u32(at, vdupq_n_u32(0x03020100));
		v.val[i] = vreinterpretq_f32_u8(vqtbl4q_u8(bytes, vreinterpretq_u8_u32(at)));
	}
	return v;
}

// The values scale·q + offset of 4-bit codes.
typedef struct { V scale, offset; } A;
FN A codes(V scale, V offset) { A a = {scale, offset}; return a; }
FN V vcodes(A a, I q) { return vfma(vfrom(iand(q, 15)), a.scale, a.offset); }

typedef float32x4x2_t H; // 8 floats
FN H halves(V v) { H h = {{vaddq_f32(v.val[0], v.val[2]), vaddq_f32(v.val[1], v.val[3])}}; return h; }
// halvesof is halves of a·b, of which it rounds that of the lower half alone.
FN H halvesof(V a, V b) {
	H h = {{vfmaq_f32(vmulq_f32(a.val[0], b.val[0]), a.val[2], b.val[2]),
		vfmaq_f32(vmulq_f32(a.val[1], b.val[1]), a.val[3], b.val[3])}};
	return h;
}
FN float hsum(H h) {
	float32x4_t q = vaddq_f32(h.val[0], h.val[1]);
	float32x2_t d = vadd_f32(vget_low_f32(q), vget_high_f32(q));
	return vget_lane_f32(d, 0) + vget_lane_f32(d, 1);
}
// vsums returns the sums of the elements of each of 16.
FN V vsums(const H *h) {
	float32x4_t q[16];
	for (int i = 0; i < 16; i++) q[i] = vaddq_f32(h[i].val[0], h[i].val[1]);
	V r;
	for (int i = 0; i < 4; i++)
		r.val[i] = vpaddq_f32(vpaddq_f32(q[4 * i], q[4 * i + 1]), vpaddq_f32(q[4 * i + 2], q[4 * i + 3]));
	return r;
}

// iscales_K returns the 8 scales and then the 8 minima of q4_K and q5_K, 6 bits
// each in 12 bytes after two binary16: quant.pairK says where.
FN I iscales_K(const uint8_t *p) {
	static const uint8_t lows[16] = {4, 5, 6, 7, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15};
	static const uint8_t highs[16] = {255, 255, 255, 255, 4, 5, 6, 7, 255, 255, 255, 255, 8, 9, 10, 11};
	static const int32_t down[4] = {0, 0, 0, -4};
	static const uint32_t masks[4] = {0x3f3f3f3f, 0x0f0f0f0f, 0x3f3f3f3f, 0x0f0f0f0f};
	uint8x16_t v = vld1q_u8(p);
	uint32x4_t low = vreinterpretq_u32_u8(vqtbl1q_u8(v, vld1q_u8(lows)));
	uint32x4_t high = vreinterpretq_u32_u8(vqtbl1q_u8(v, vld1q_u8(highs)));
	low = vandq_u32(vshlq_u32(low, vld1q_s32(down)), vld1q_u32(masks));
	return iof(vreinterpretq_u8_u32(vorrq_u32(low, vandq_u32(vshrq_n_u32(high, 2), vdupq_n_u32(0x30303030)))));
}

FN double sumsquares(const float *x, ptrdiff_t n) {
	float64x2_t s0 = vdupq_n_f64(0), s1 = s0;
	ptrdiff_t i = 0;
	for (; i + 4 <= n; i += 4) {
		float32x4_t v = vld1q_f32(x + i);
		float64x2_t a = vcvt_f64_f32(vget_low_f32(v)), b = vcvt_high_f64_f32(v);
		s0 = vfmaq_f64(s0, a, a);
		s1 = vfmaq_f64(s1, b, b);
	}
	double sum = vaddvq_f64(vaddq_f64(s0, s1));
	for (; i < n; i++) sum += (double)x[i] * x[i];
	return sum;
}

typedef int16x8x4_t W; // 32 integers of 16 bits
typedef int32x4x4_t S; // 16 of 32 bits, each a sum of two
FN W wof(uint8x16_t a, uint8x16_t b) {
	W w = {{vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(a))), vreinterpretq_s16_u16(vmovl_u8(vget_high_u8(a))),
		vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(b))), vreinterpretq_s16_u16(vmovl_u8(vget_high_u8(b)))}};
	return w;
}
FN W wbytes(const uint8_t *p) { return wof(vld1q_u8(p), vld1q_u8(p + 16)); }
FN W wsbytes(const uint8_t *p) {
	W w;
	for (int i = 0; i < 4; i++) w.val[i] = vmovl_s8(vreinterpret_s8_u8(vld1_u8(p + 8 * i)));
	return w;
}
// The low nibbles of 16 bytes, then the high ones.
FN W wnibbles(const uint8_t *p) {
	uint8x16_t v = vld1q_u8(p);
	return wof(vandq_u8(v, vdupq_n_u8(15)), vshrq_n_u8(v, 4));
}
FN W wload(const int16_t *p) {
	W w = {{vld1q_s16(p), vld1q_s16(p + 8), vld1q_s16(p + 16), vld1q_s16(p + 24)}};
	return w;
}
FN void wstore(int16_t *p, W w) { for (int i = 0; i < 4; i++) vst1q_s16(p + 8 * i, w.val[i]); }
FN W wset(int v) { W w; ALL(w, vdupq_n_s16((int16_t)v)); return w; }
// The two integers in *p by turns.
FN W wpair(const int32_t *p) { W w; ALL(w, vreinterpretq_s16_s32(vdupq_n_s32(*p))); return w; }
// p[0] in the first half, p[1] in the second; both fit 16 bits.
FN W wtwo(const int32_t *p) {
	int16x8_t a = vdupq_n_s16((int16_t)p[0]), b = vdupq_n_s16((int16_t)p[1]);
	W w = {{a, a, b, b}};
	return w;
}
FN W wand(W w, int mask) { W r; EACHQ(r, vandq_s16, w, vdupq_n_s16((int16_t)mask)); return r; }
FN W wor(W a, W b) { W w; EACH2(w, vorrq_s16, a, b); return w; }
FN W wsub(W w, int v) { W r; EACHQ(r, vsubq_s16, w, vdupq_n_s16((int16_t)v)); return r; }
FN W wmul(W a, W b) { W w; EACH2(w, vmulq_s16, a, b); return w; }
// By n, or the other way by -n. The elements are not negative.
FN W wshl(W w, int n) { W r; EACHQ(r, vshlq_s16, w, vdupq_n_s16((int16_t)n)); return r; }
FN W wshr(W w, int n) { return wshl(w, -n); }
FN S szero(void) { S s; ALL(s, vdupq_n_s32(0)); return s; }
FN S wdot(S s, W a, W b) {
	for (int i = 0; i < 4; i++)
		s.val[i] = vmlal_high_s16(vmlal_s16(s.val[i], vget_low_s16(a.val[i]), vget_low_s16(b.val[i])),
			a.val[i], b.val[i]);
	return s;
}
FN V sfloat(S s) { V v; EACH1(v, vcvtq_f32_s32, s); return v; }
FN int16x8_t round16(float32x4_t a, float32x4_t b) {
	return vcombine_s16(vqmovn_s32(vcvtnq_s32_f32(a)), vqmovn_s32(vcvtnq_s32_f32(b)));
}
FN W wround(V a, V b) {
	W w = {{round16(a.val[0], a.val[1]), round16(a.val[2], a.val[3]),
		round16(b.val[0], b.val[1]), round16(b.val[2], b.val[3])}};
	return w;
}

// Rows and tokens of the inner product of tiles: 24 registers of sums, and 4 of
// a row.
#define TILE_R 2
#define TILE_T 3
