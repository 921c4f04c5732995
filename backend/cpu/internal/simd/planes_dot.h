// What planes.h needs, by Arm's dot products of bytes: four products go to a lane of 32 bits,
// which a scale multiplies.

typedef uint8x16x2_t Q;
typedef struct { int32_t v[16]; } K; // of the first 16 of 32 codes and of the others by turns
typedef int32x4_t D;

FN Q qload(const uint8_t *p) { Q q = {{vld1q_u8(p), vld1q_u8(p + 16)}}; return q; }
#define QROWS(p) qload(p)
FN Q qand(Q q, int mask) {
	uint8x16_t m = vdupq_n_u8((uint8_t)mask);
	Q r = {{vandq_u8(q.val[0], m), vandq_u8(q.val[1], m)}};
	return r;
}
FN Q qor(Q a, Q b) { Q r = {{vorrq_u8(a.val[0], b.val[0]), vorrq_u8(a.val[1], b.val[1])}}; return r; }
// By n, or back by -n.
FN Q qshr(Q q, int n) {
	int8x16_t by = vdupq_n_s8((int8_t)-n);
	Q r = {{vshlq_u8(q.val[0], by), vshlq_u8(q.val[1], by)}};
	return r;
}

FN D dzero(void) { return vdupq_n_s32(0); }
FN F dfloat(D d) { return vcvtq_f32_s32(d); }
// Codes are below 128, and so as good with a sign as without.
FN D ddot(D sum, Q codes, Q plane, K scales, int n) {
	for (int i = 0; i < 2; i++) {
		int32x4_t dot = vdotq_s32(vdupq_n_s32(0), vreinterpretq_s8_u8(codes.val[i]), vreinterpretq_s8_u8(plane.val[i]));
		sum = vmlaq_s32(sum, dot, vdupq_n_s32(scales.v[2 * n + i]));
	}
	return sum;
}

FN void place(planes *p, int i, uint8x16_t hi, uint8x16_t lo) { vst1q_u8(p->hi + i, hi), vst1q_u8(p->lo + i, lo); }

// The scales of q4_K and q5_K, and of each token in off what the minima take off.
FN K scales32(const uint8_t *p, const float *sums, ptrdiff_t apart, F *off, const int tokens) {
	I v = iscales_K(p);
	F d = vdupq_n_f32(-f16(p + 2)), a = vmulq_f32(from(v.val[2]), d), b = vmulq_f32(from(v.val[3]), d);
	for (int t = 0; t < tokens; t++) {
		const float *s = sums + t * apart;
		off[t] = ffma(b, vld1q_f32(s + 4), ffma(a, vld1q_f32(s), off[t]));
	}
	K k;
	for (int i = 0; i < 2; i++) {
		int32x4_t s = vreinterpretq_s32_u32(v.val[i]);
		vst1q_s32(k.v + 8 * i, vzip1q_s32(s, s));
		vst1q_s32(k.v + 8 * i + 4, vzip2q_s32(s, s));
	}
	return k;
}

// The scales of q6_K. Codes are 32 too large.
FN K scales16(const uint8_t *p, const float *sums, ptrdiff_t apart, F *off, const int tokens) {
	I v = isbytes(p + 192);
	F d = vdupq_n_f32(-32 * f16(p + 208)), s[4];
	K k;
	for (int i = 0; i < 4; i++) {
		vst1q_s32(k.v + 4 * i, vreinterpretq_s32_u32(v.val[i]));
		s[i] = vmulq_f32(from(v.val[i]), d);
	}
	for (int t = 0; t < tokens; t++)
		for (int i = 0; i < 4; i++) off[t] = ffma(s[i], vld1q_f32(sums + t * apart + 4 * i), off[t]);
	return k;
}
