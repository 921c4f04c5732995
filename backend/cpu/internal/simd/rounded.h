// Products with activations rounded to 16-bit integers with a scale for every
// 256: the codes of a weight are multiplied as the integers that they are, two
// products to a lane, and only sums become floats.
//
// Activations go to ±16383, so that 256 products with the widest codes, ±4096
// for q6_K with its scales, stay within 32 bits: 16 to a lane. Sets with
// PLANES have another way for the types of blocks of 256, see planes.h.

// What a group of 256 activations is rounded to. sums are those of 32 each of
// what the integers stand for, for the types with minima: zeros, and 8.
typedef struct {
	int16_t x[256];
	float sums[16];
	float scale[16]; // all the same
	float pad[8];
} group;

_Static_assert(sizeof(group) == FM_GROUP, "a group of words has another size");

enum { MOST = 16383 };

// scaled sets v to the first 256 of n elements of x, or zeros, times what makes the largest MOST,
// and returns the inverse: NaN where one is not a number.
FN float scaled(float *v, const float *x, ptrdiff_t n) {
	memset(v, 0, 256 * sizeof *v);
	memcpy(v, x, (n < 256 ? n : 256) * sizeof *x);
	V most = vzero(), all = vzero();
	for (int i = 0; i < 256; i += 16) {
		V a = vload(v + i);
		most = vmax(most, vabs(a));
		all = vfma(a, vzero(), all); // NaN, once there is an infinity or NaN
	}
	float largest = vmost(most) + total(all);
	V inverse = vset(largest > 0 ? MOST / largest : 0);
	if (!(largest >= 0x1p-100f)) inverse = vzero(); // so small that the inverse is none: as good as zero
	for (int i = 0; i < 256; i += 16) vstore(v + i, vmul(vload(v + i), inverse));
	return largest / MOST;
}

#ifndef MATRICES
KERNEL void round_words(group *g, const float *x, ptrdiff_t n) {
	for (; n > 0; n -= 256, x += 256, g++) {
		float v[256] ALIGNED;
		V scale = vset(scaled(v, x, n));
		memset(g->sums, 0, sizeof g->sums);
		for (int i = 0; i < 256; i += 32) {
			W w = wround(vload(v + i), vload(v + i + 16));
			wstore(g->x + i, w);
			S s = wdot(szero(), w, wset(1));
			g->sums[8 + i / 32] = total(vmul(sfloat(s), scale));
		}
		vstore(g->scale, scale);
	}
}

// EACH_TOKEN defines rounded_T by words_T: (tokens, rows) of y, a row of x after the other.
#define EACH_TOKEN(T) \
KERNEL void rounded_##T(float *y, ptrdiff_t ystride, const fm_matrix *m, ptrdiff_t r, ptrdiff_t rows, const void *x, \
	ptrdiff_t tokens) { \
	const group *g = x; \
	for (; tokens > 0; tokens--, y += ystride, g += (m->cols + 255) / 256) words_##T(y, rows, m, r, g); \
}
#endif

#ifdef PLANES
#include "planes.h"
#else
// The rounded kernels. USE(w, i) adds the product of 32 codes and activations i
// to i+31 to the sums. A part is as in blocks.h; the head has scales as pairs of
// integers.

#define ROUND_Q4_K(s, p, g, USE) do { \
	W q_ = wbytes((p) + 16 + 32 * (g)); \
	USE(wmul(wand(q_, 15), wpair((s) + 2 * (g))), 64 * (g)); \
	USE(wmul(wshr(q_, 4), wpair((s) + 2 * (g) + 1)), 64 * (g) + 32); \
} while (0)

#define ROUND_Q5_K(s, p, g, USE) do { \
	W q_ = wbytes((p) + 48 + 32 * (g)), h_ = wbytes((p) + 16); \
	USE(wmul(wor(wand(q_, 15), wand(wshl(h_, 4 - 2 * (g)), 16)), wpair((s) + 2 * (g))), 64 * (g)); \
	USE(wmul(wor(wshr(q_, 4), wand(wshl(h_, 3 - 2 * (g)), 16)), wpair((s) + 2 * (g) + 1)), 64 * (g) + 32); \
} while (0)

#define ROUND_Q6_K(s, p, g, USE) do { \
	W a_ = wbytes((p) + 64 * (g)), b_ = wbytes((p) + 64 * (g) + 32), h_ = wbytes((p) + 128 + 32 * (g)); \
	USE(wmul(wsub(wor(wand(a_, 15), wand(wshl(h_, 4), 48)), 32), wtwo((s) + 8 * (g))), 128 * (g)); \
	USE(wmul(wsub(wor(wand(b_, 15), wand(wshl(h_, 2), 48)), 32), wtwo((s) + 8 * (g) + 2)), 128 * (g) + 32); \
	USE(wmul(wsub(wor(wshr(a_, 4), wand(h_, 48)), 32), wtwo((s) + 8 * (g) + 4)), 128 * (g) + 64); \
	USE(wmul(wsub(wor(wshr(b_, 4), wand(wshr(h_, 2), 48)), 32), wtwo((s) + 8 * (g) + 6)), 128 * (g) + 96); \
} while (0)

#define SUM0(w, i) s0 = wdot(s0, w, wload(x->x + (i)))
#define SUM1(w, i) s1 = wdot(s1, w, wload(x->x + (i)))
#define SUM2(w, i) s2 = wdot(s2, w, wload(x->x + (i)))
#define SUM3(w, i) s3 = wdot(s3, w, wload(x->x + (i)))

#define IN_MEMORY(s) __asm__("" : "+m"(*(int32_t(*)[16])(s)))

// The scales of q4_K and q5_K as pairs, and what is to be added: the minima
// times the sums.
FN V pairs_K(int32_t *s, const uint8_t *p, const group *x) {
	I v = iscales_K(p);
	istore(s, ior(v, ishl(v, 16)));
	return vmul(vmul(vset(-f16(p + 2)), vfrom(v)), vload(x->sums));
}

#define MINIMA(s, p, x) pairs_K(s, p, x)
#define SCALES(s, p, x) (istore(s, isbytes((p) + 192)), vzero())

// ROUNDED defines words_T, as rows_T, and of it rounded_T for types of blocks of 256.
#define ROUNDED(T, SIZE, SCALE, HEAD, PARTS, PART) \
KERNEL void words_##T(float *y, ptrdiff_t n, const fm_matrix *m, ptrdiff_t r, const group *x0) { \
	ptrdiff_t pitch = m->pitch, blocks = m->cols / 256; \
	int32_t h0[16] ALIGNED, h1[16] ALIGNED, h2[16] ALIGNED, h3[16] ALIGNED; \
	for (; n >= 4; n -= 4, r += 4, y += 4) { \
		V v0 = vzero(), v1 = v0, v2 = v0, v3 = v0; \
		const uint8_t *p0 = m->data + r * pitch, *p1 = p0 + pitch, *p2 = p1 + pitch, *p3 = p2 + pitch; \
		const group *x = x0; \
		for (ptrdiff_t b = 0; b < blocks; b++, p0 += SIZE, p1 += SIZE, p2 += SIZE, p3 += SIZE, x++) { \
			PREFETCH4(JUMP((blocks - b) * SIZE), SIZE); \
			v0 = vadd(v0, HEAD(h0, p0, x)); \
			v1 = vadd(v1, HEAD(h1, p1, x)); \
			v2 = vadd(v2, HEAD(h2, p2, x)); \
			v3 = vadd(v3, HEAD(h3, p3, x)); \
			IN_MEMORY(h0); IN_MEMORY(h1); IN_MEMORY(h2); IN_MEMORY(h3); \
			S s0 = szero(), s1 = s0, s2 = s0, s3 = s0; \
			UNROLL for (int g = 0; g < PARTS; g++) { \
				PART(h0, p0, g, SUM0); \
				PART(h1, p1, g, SUM1); \
				PART(h2, p2, g, SUM2); \
				PART(h3, p3, g, SUM3); \
			} \
			V scale = vload(x->scale); \
			v0 = vfma(vmul(vset(f16(p0 + SCALE)), scale), sfloat(s0), v0); \
			v1 = vfma(vmul(vset(f16(p1 + SCALE)), scale), sfloat(s1), v1); \
			v2 = vfma(vmul(vset(f16(p2 + SCALE)), scale), sfloat(s2), v2); \
			v3 = vfma(vmul(vset(f16(p3 + SCALE)), scale), sfloat(s3), v3); \
		} \
		y[0] = total(v0), y[1] = total(v1), y[2] = total(v2), y[3] = total(v3); \
	} \
	for (; n > 0; n--, r++, y++) { \
		V v0 = vzero(); \
		const uint8_t *p = m->data + r * pitch; \
		const group *x = x0; \
		for (ptrdiff_t b = 0; b < blocks; b++, p += SIZE, x++) { \
			v0 = vadd(v0, HEAD(h0, p, x)); \
			IN_MEMORY(h0); \
			S s0 = szero(); \
			UNROLL for (int g = 0; g < PARTS; g++) PART(h0, p, g, SUM0); \
			v0 = vfma(vmul(vset(f16(p + SCALE)), vload(x->scale)), sfloat(s0), v0); \
		} \
		*y = total(v0); \
	} \
} \
EACH_TOKEN(T)

ROUNDED(q4_K, 144, 0, MINIMA, 4, ROUND_Q4_K)
ROUNDED(q5_K, 176, 0, MINIMA, 4, ROUND_Q5_K)
ROUNDED(q6_K, 210, 208, SCALES, 2, ROUND_Q6_K)
#endif

#ifndef MATRICES
#define CODES_Q8_0(p) wsbytes((p) + 2)
#define CODES_Q4_0(p) wsub(wnibbles((p) + 2), 8)

// ROUNDED32 is ROUNDED for types of blocks of 32 with a scale, which begins
// them. A row may end within a group.
#define ROUNDED32(T, SIZE, CODES) \
KERNEL void words_##T(float *y, ptrdiff_t n, const fm_matrix *m, ptrdiff_t r, const group *x0) { \
	ptrdiff_t pitch = m->pitch, blocks = m->cols / 32; \
	for (; n > 0; r += 4, y += 4, n -= 4) { \
		/* Rows that are not there are the first again. */ \
		V v0 = vzero(), v1 = v0, v2 = v0, v3 = v0; \
		const uint8_t *p0 = m->data + r * pitch; \
		const uint8_t *p1 = n > 1 ? p0 + pitch : p0, *p2 = n > 2 ? p1 + pitch : p0, *p3 = n > 3 ? p2 + pitch : p0; \
		const group *x = x0; \
		for (ptrdiff_t b = 0; b < blocks; b += 8, x++) { \
			V t0 = vzero(), t1 = t0, t2 = t0, t3 = t0; \
			ptrdiff_t some = blocks - b < 8 ? blocks - b : 8; \
			for (ptrdiff_t i = 0; i < some; i++, p0 += SIZE, p1 += SIZE, p2 += SIZE, p3 += SIZE) { \
				PREFETCH4(JUMP((blocks - b - i) * SIZE), SIZE); \
				W w = wload(x->x + 32 * i); \
				t0 = vfma(vset(f16(p0)), sfloat(wdot(szero(), CODES(p0), w)), t0); \
				t1 = vfma(vset(f16(p1)), sfloat(wdot(szero(), CODES(p1), w)), t1); \
				t2 = vfma(vset(f16(p2)), sfloat(wdot(szero(), CODES(p2), w)), t2); \
				t3 = vfma(vset(f16(p3)), sfloat(wdot(szero(), CODES(p3), w)), t3); \
			} \
			V scale = vload(x->scale); \
			v0 = vfma(scale, t0, v0); \
			v1 = vfma(scale, t1, v1); \
			v2 = vfma(scale, t2, v2); \
			v3 = vfma(scale, t3, v3); \
		} \
		y[0] = total(v0); \
		if (n > 1) y[1] = total(v1); \
		if (n > 2) y[2] = total(v2); \
		if (n > 3) y[3] = total(v3); \
	} \
} \
EACH_TOKEN(T)

ROUNDED32(q8_0, 34, CODES_Q8_0)
ROUNDED32(q4_0, 18, CODES_Q4_0)
#endif

#define ROUNDED_TYPES(DO) DO(FM_Q8_0, q8_0) DO(FM_Q4_0, q4_0) DO(FM_Q4_K, q4_K) DO(FM_Q5_K, q5_K) DO(FM_Q6_K, q6_K)

// round rounds n elements to (n+255)/256 groups, for weights of a type. A group that is not all
// numbers gets a scale of NaN.
KERNEL void NAME(round)(void *to, const float *x, ptrdiff_t n, int type) {
#ifdef MATRICES
	(void)type;
	round_planes(to, x, n);
#else
#ifdef PLANES
	if (type == FM_Q4_K || type == FM_Q5_K || type == FM_Q6_K) {
		round_planes(to, x, n);
		return;
	}
#endif
	round_words(to, x, n);
#endif
}

// rounded sets y, (tokens, rows), to the products of rows r to r+rows-1 of m and tokens rows of x,
// one after another, which round has made for m's type. Go's Rounds lists the types.
KERNEL void NAME(rounded)(float *y, ptrdiff_t ystride, const fm_matrix *m, ptrdiff_t r, ptrdiff_t rows, const void *x,
	ptrdiff_t tokens) {
#ifdef INTERLEAVED
	if (r < m->interleaved) {
		ptrdiff_t some = m->interleaved - r < rows ? m->interleaved - r : rows;
		switch (m->type) {
		case FM_Q8_0: lanesof_q8_0(y, ystride, m, r, some, x, tokens); break;
		case FM_Q4_0: lanesof_q4_0(y, ystride, m, r, some, x, tokens); break;
		case FM_Q6_K: lanesof_q6_K(y, ystride, m, r, some, x, tokens); break;
		default: lanesof_q4_K(y, ystride, m, r, some, x, tokens);
		}
		y += some, r += some, rows -= some;
	}
#endif
#define CASE(number, T) case number: rounded_##T(y, ystride, m, r, rows, x, tokens); return;
	switch (m->type) { ROUNDED_TYPES(CASE) }
#undef CASE
}

// The tiles of AVX-512 are as fast, and round nothing.
#if defined(PLANES) && !defined(WIDE_TILES)
#define BYTES NAME(roundbytes), NAME(bytes)
#else
#define BYTES 0, 0
#endif
