// What planes.h needs on Arm.

typedef float32x4_t F;

FN F fset(float x) { return vdupq_n_f32(x); }
FN F fadd(F a, F b) { return vaddq_f32(a, b); }
FN F ffma(F a, F b, F c) { return vfmaq_f32(c, a, b); }
FN float fsum(F v) {
	float32x2_t d = vadd_f32(vget_low_f32(v), vget_high_f32(v));
	return vget_lane_f32(d, 0) + vget_lane_f32(d, 1);
}

#ifdef MATRICES
#include "planes_matrices.h"
#else
#include "planes_dot.h"
#endif

// split rounds 256 elements of v to p, which has its scale.
FN void split(planes *p, const float *v) {
	for (int i = 0; i < 256; i += 16) {
		int16x8_t a = round16(vld1q_f32(v + i), vld1q_f32(v + i + 4));
		int16x8_t b = round16(vld1q_f32(v + i + 8), vld1q_f32(v + i + 12));
		int8x16_t hi = vcombine_s8(vshrn_n_s16(a, 7), vshrn_n_s16(b, 7));
		int8x16_t lo = vcombine_s8(vmovn_s16(a), vmovn_s16(b));
		place(p, i, vreinterpretq_u8_s8(hi), vandq_u8(vreinterpretq_u8_s8(lo), vdupq_n_u8(127)));
		p->sums16[i / 16] = (float)(vaddlvq_s16(a) + vaddlvq_s16(b)) * p->scale;
	}
}

// splitbytes rounds 256 elements of v to b, which has their scales.
FN void splitbytes(bytes *b, const float *v) {
	for (int i = 0; i < 256; i += 16) {
		int16x8_t l = round16(vld1q_f32(v + i), vld1q_f32(v + i + 4));
		int16x8_t h = round16(vld1q_f32(v + i + 8), vld1q_f32(v + i + 12));
		vst1q_u8(b->x + i, vreinterpretq_u8_s8(vcombine_s8(vmovn_s16(l), vmovn_s16(h))));
		b->sums16[i / 16] = (float)(vaddlvq_s16(l) + vaddlvq_s16(h)) * b->scale[i / 32];
	}
}
