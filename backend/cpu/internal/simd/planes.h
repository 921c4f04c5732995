// Products of q4_K, q5_K and q6_K with activations rounded as in rounded.h, for instructions that
// multiply bytes and add up: an integer x of 15 bits is 128·hi + lo, two planes of bytes. Codes
// stay bytes, as many as a register has, and are multiplied with either plane; the sums of what
// has one scale are multiplied by it as integers. One row is read after the other: the weight is one stream,
// which a processor fetches ahead by itself.

// What a group of 256 activations is rounded to. The sums are of 16 and of 32 each of what the
// integers stand for: codes are without a sign, and what is to be taken off is common to them.
typedef struct {
	uint8_t hi[256], lo[256];
	float sums16[16], sums32[8];
	float whole[8]; // sums of 32 of the integers themselves
	float scale, pad[7];
} planes;

_Static_assert(sizeof(planes) == FM_GROUP, "a group of planes has another size");

// What it is rounded to where 8 bits are enough: one plane, with a scale for every 32.
typedef struct {
	uint8_t x[256];
	float sums16[16], sums32[8], scale[8];
} bytes;

_Static_assert(sizeof(bytes) == FM_BYTES, "a group of bytes has another size");

// Q is a register of bytes, K the scales of a block, P sums of both planes and F what these become as floats.
#if defined(__x86_64__)
#include "planes_x86.h"
#else
#include "planes_neon.h"
#endif
#ifndef WIDE_PLANES
#include "planes_parts.h"
#endif

// pairs sets sums of 32 to those of 16.
FN void pairs(float *sums32, const float *sums16) {
	for (int i = 0; i < 8; i++) sums32[i] = sums16[2 * i] + sums16[2 * i + 1];
}

KERNEL void round_planes(planes *to, const float *x, ptrdiff_t n) {
	for (; n > 0; n -= 256, x += 256, to++) {
		float v[256] ALIGNED;
		float scale = scaled(v, x, n);
		to->scale = 1;
		split(to, v);
		pairs(to->whole, to->sums16);
		for (int i = 0; i < 16; i++) to->sums16[i] *= scale;
		pairs(to->sums32, to->sums16);
		to->scale = scale;
	}
}

// roundbytes rounds n elements to (n+255)/256 groups of bytes. A scale is NaN where one of its
// 256 elements is not a number.
KERNEL void NAME(roundbytes)(void *to, const float *x, ptrdiff_t n) {
	for (bytes *b = to; n > 0; n -= 256, x += 256, b++) {
		float v[256] ALIGNED;
		float all = scaled(v, x, n);
		for (int i = 0; i < 256; i += 32) {
			V most = vmax(vabs(vload(v + i)), vabs(vload(v + i + 16)));
			float largest = vmost(most);
			V inverse = vset(largest > 0 ? 127 / largest : 0);
			vstore(v + i, vmul(vload(v + i), inverse));
			vstore(v + i + 16, vmul(vload(v + i + 16), inverse));
			b->scale[i / 32] = all * (largest / 127);
		}
		splitbytes(b, v);
		pairs(b->sums32, b->sums16);
	}
}

#ifndef MATRICES
// TAKE adds to each token's sums the products of codes and what a plane has from i on: times the
// n-th of what K has as scales.
#define TAKE(codes, i, n) do { \
	Q q_ = codes; \
	UNROLL for (int t_ = 0; t_ < tokens; t_++) \
		sum[t_] = ptake(sum[t_], q_, x[t_ * stride].hi + (i), x[t_ * stride].lo + (i), scales, n); \
} while (0)

// Memory is asked for this far ahead where one row follows the other.
enum { ONE_AHEAD = 2304 };

// More tokens than a register's worth are multiplied with so many columns at a time, that the
// tokens stay in the first-level cache from row to row. A sum is one of these columns' sums,
// whatever the tokens are.
enum { SOME_COLS = 2048, SOME_TOKENS = 4 };

// BY_PLANES defines planes_T: it adds to y the products of n columns at p and some tokens, which
// are stride groups apart, and in y ystride.
#define BY_PLANES(T, SIZE, SCALE, HEAD, SUMS, PARTS, PART) \
FN void planes_##T(float *y, ptrdiff_t ystride, const uint8_t *p, ptrdiff_t n, const planes *x, ptrdiff_t stride, \
	const int tokens) { \
	F v[SOME_TOKENS], off[SOME_TOKENS]; \
	UNROLL for (int t = 0; t < tokens; t++) v[t] = off[t] = fset(0); \
	for (; n > 0; n -= 256, p += SIZE, x++) { \
		PREFETCH(p + ONE_AHEAD, SIZE); \
		K scales = HEAD(p, x->SUMS, stride * (ptrdiff_t)(sizeof *x / sizeof(float)), off, tokens); \
		P sum[SOME_TOKENS]; \
		UNROLL for (int t = 0; t < tokens; t++) sum[t] = pzero(); \
		UNROLL for (int g = 0; g < PARTS; g++) PART(p, g, TAKE); \
		float d = f16(p + SCALE); \
		UNROLL for (int t = 0; t < tokens; t++) v[t] = ffma(fset(d * x[t * stride].scale), pwhole(sum[t]), v[t]); \
	} \
	UNROLL for (int t = 0; t < tokens; t++) y[t * ystride] += fsum(fadd(v[t], off[t])); \
} \
BY_TOKENS(rounded_##T, planes_##T, planes, SIZE)

#define SOME(PRODUCT, SIZE, count) \
	for (ptrdiff_t i = 0; i < some; i++) \
		PRODUCT(y + t * ystride + i0 + i, ystride, p + i * m->pitch, n, x + t * stride + c / 256, stride, count)

// BY_TOKENS defines NAMED, (tokens, rows) of y by PRODUCT of a few tokens and a few columns.
#define BY_TOKENS(NAMED, PRODUCT, GROUP, SIZE) \
KERNEL void NAMED(float *y, ptrdiff_t ystride, const fm_matrix *m, ptrdiff_t r, ptrdiff_t rows, const void *to, \
	ptrdiff_t tokens) { \
	const GROUP *x = to; \
	ptrdiff_t stride = m->cols / 256, some = tokens > SOME_TOKENS ? rows : 1; \
	for (ptrdiff_t t = 0; t < tokens; t++) memset(y + t * ystride, 0, rows * sizeof *y); \
	for (ptrdiff_t i0 = 0; i0 < rows; i0 += some) \
		for (ptrdiff_t c = 0; c < m->cols; c += SOME_COLS) { \
			ptrdiff_t n = m->cols - c < SOME_COLS ? m->cols - c : SOME_COLS, t = 0; \
			const uint8_t *p = m->data + (r + i0) * m->pitch + c / 256 * SIZE; \
			for (; t + 4 <= tokens; t += 4) SOME(PRODUCT, SIZE, 4); \
			for (; t + 2 <= tokens; t += 2) SOME(PRODUCT, SIZE, 2); \
			for (; t < tokens; t++) SOME(PRODUCT, SIZE, 1); \
		} \
}
#endif

#define K_TYPES(DO) \
	DO(q4_K, 144, 0, scales32, sums32, PARTS_Q4_K, PLANES_Q4_K) \
	DO(q5_K, 176, 0, scales32, sums32, PARTS_Q5_K, PLANES_Q5_K) \
	DO(q6_K, 210, 208, scales16, sums16, PARTS_Q6_K, PLANES_Q6_K)

K_TYPES(BY_PLANES)
#include "planes_interleaved.h"
#ifndef WIDE_TILES
#ifndef MATRICES
// TAKE_BYTES is TAKE for bytes: what has one scale becomes a float.
#define TAKE_BYTES(codes, i, n) do { \
	Q q_ = codes; \
	UNROLL for (int t_ = 0; t_ < tokens; t_++) { \
		D d_ = ddot(dzero(), q_, qload(x[t_ * stride].x + (i)), scales, n); \
		sum[t_] = ffma(dfloat(d_), fset(x[t_ * stride].scale[(i) / 32]), sum[t_]); \
	} \
} while (0)

// BY_BYTES is BY_PLANES for bytes.
#define BY_BYTES(T, SIZE, SCALE, HEAD, SUMS, PARTS, PART) \
FN void bytes_##T(float *y, ptrdiff_t ystride, const uint8_t *p, ptrdiff_t n, const bytes *x, ptrdiff_t stride, \
	const int tokens) { \
	F v[SOME_TOKENS], off[SOME_TOKENS]; \
	UNROLL for (int t = 0; t < tokens; t++) v[t] = off[t] = fset(0); \
	for (; n > 0; n -= 256, p += SIZE, x++) { \
		K scales = HEAD(p, x->SUMS, stride * (ptrdiff_t)(sizeof *x / sizeof(float)), off, tokens); \
		F sum[SOME_TOKENS], d = fset(f16(p + SCALE)); \
		UNROLL for (int t = 0; t < tokens; t++) sum[t] = fset(0); \
		UNROLL for (int g = 0; g < PARTS; g++) PART(p, g, TAKE_BYTES); \
		UNROLL for (int t = 0; t < tokens; t++) v[t] = ffma(d, sum[t], v[t]); \
	} \
	UNROLL for (int t = 0; t < tokens; t++) y[t * ystride] += fsum(fadd(v[t], off[t])); \
} \
BY_TOKENS(bytesof_##T, bytes_##T, bytes, SIZE)
#endif

K_TYPES(BY_BYTES)

// bytes sets y as rounded does, of what roundbytes has made of x.
KERNEL void NAME(bytes)(float *y, ptrdiff_t ystride, const fm_matrix *m, ptrdiff_t r, ptrdiff_t rows, const void *x,
	ptrdiff_t tokens) {
	switch (m->type) {
	case FM_Q4_K: bytesof_q4_K(y, ystride, m, r, rows, x, tokens); return;
	case FM_Q5_K: bytesof_q5_K(y, ystride, m, r, rows, x, tokens); return;
	case FM_Q6_K: bytesof_q6_K(y, ystride, m, r, rows, x, tokens); return;
	}
}
#endif
