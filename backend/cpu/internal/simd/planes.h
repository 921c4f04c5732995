// Products of q4_K, q5_K and q6_K with activations rounded as in rounded.h, for instructions that
// multiply bytes and add up: an integer x of 15 bits is 128·hi + lo, two planes of bytes. Codes
// stay bytes, 32 at a time, and are multiplied with either plane; the sums of what has one scale
// are multiplied by it as integers. One row is read after the other: the weight is one stream,
// which a processor fetches ahead by itself.

// What a group of 256 activations is rounded to. The sums are of 16 and of 32 each of what the
// integers stand for: codes are without a sign, and what is to be taken off is common to them.
typedef struct {
	uint8_t hi[256], lo[256];
	float sums16[16], sums32[8];
	float scale, pad[7];
} planes;

_Static_assert(sizeof(planes) == FM_GROUP, "a group of planes has another size");

// Q is 32 bytes, K the scales of a block, P sums of a plane and F what these become as floats.
#if defined(__x86_64__)
#include "planes_x86.h"
#else
#include "planes_dot.h"
#endif

KERNEL void round_planes(planes *to, const float *x, ptrdiff_t n) {
	for (; n > 0; n -= 256, x += 256, to++) {
		float v[256] ALIGNED;
		to->scale = scaled(v, x, n);
		split(to, v);
		for (int i = 0; i < 8; i++) to->sums32[i] = to->sums16[2 * i] + to->sums16[2 * i + 1];
	}
}

// TAKE adds to each token's sums of either plane the products of 32 codes and activations i to
// i+31: of 16 times the n-th of one half of the scales, of 16 times that of the other.
#define TAKE(codes, i, n) do { \
	Q q_ = codes; \
	UNROLL for (int t_ = 0; t_ < tokens; t_++) { \
		hi[t_] = pdot(hi[t_], q_, qload(x[t_ * stride].hi + (i)), scales, n); \
		lo[t_] = pdot(lo[t_], q_, qload(x[t_ * stride].lo + (i)), scales, n); \
	} \
} while (0)

#define PLANES_Q4_K(p, g) do { \
	Q c_ = qload((p) + 16 + 32 * (g)); \
	TAKE(qand(c_, 15), 64 * (g), 2 * (g)); \
	TAKE(qand(qshr(c_, 4), 15), 64 * (g) + 32, 2 * (g) + 1); \
} while (0)

#define PLANES_Q5_K(p, g) do { \
	Q c_ = qload((p) + 48 + 32 * (g)), h_ = qload((p) + 16); \
	TAKE(qor(qand(c_, 15), qand(qshr(h_, 2 * (g) - 4), 16)), 64 * (g), 2 * (g)); \
	TAKE(qor(qand(qshr(c_, 4), 15), qand(qshr(h_, 2 * (g) - 3), 16)), 64 * (g) + 32, 2 * (g) + 1); \
} while (0)

#define PLANES_Q6_K(p, g) do { \
	Q a_ = qload((p) + 64 * (g)), b_ = qload((p) + 64 * (g) + 32), h_ = qload((p) + 128 + 32 * (g)); \
	TAKE(qor(qand(a_, 15), qand(qshr(h_, -4), 48)), 128 * (g), 4 * (g)); \
	TAKE(qor(qand(b_, 15), qand(qshr(h_, -2), 48)), 128 * (g) + 32, 4 * (g) + 1); \
	TAKE(qor(qand(qshr(a_, 4), 15), qand(h_, 48)), 128 * (g) + 64, 4 * (g) + 2); \
	TAKE(qor(qand(qshr(b_, 4), 15), qand(qshr(h_, 2), 48)), 128 * (g) + 96, 4 * (g) + 3); \
} while (0)

// Memory is asked for this far ahead where one row follows the other.
enum { ONE_AHEAD = 2304 };

// More tokens than a register's worth are multiplied with so many columns at a time, that the
// tokens stay in the first-level cache from row to row. A sum is one of these columns' sums,
// whatever the tokens are.
enum { SOME_COLS = 2048, SOME_TOKENS = 4 };

#define SOME(T, count) \
	for (ptrdiff_t i = 0; i < some; i++) \
		planes_##T(y + t * ystride + i0 + i, ystride, p + i * m->pitch, n, x + t * stride + c / 256, stride, count)

// BY_PLANES defines planes_T: it adds to y the products of n columns at p and some tokens, which
// are stride groups apart, and in y ystride. And rounded_T. Each plane becomes floats by itself:
// with the widest codes both together pass 32 bits.
#define BY_PLANES(T, SIZE, SCALE, HEAD, PARTS, PART) \
FN void planes_##T(float *y, ptrdiff_t ystride, const uint8_t *p, ptrdiff_t n, const planes *x, ptrdiff_t stride, \
	const int tokens) { \
	F v[SOME_TOKENS], off[SOME_TOKENS]; \
	UNROLL for (int t = 0; t < tokens; t++) v[t] = off[t] = fset(0); \
	for (; n > 0; n -= 256, p += SIZE, x++) { \
		PREFETCH(p + ONE_AHEAD, SIZE); \
		K scales = HEAD(p, x, stride, off, tokens); \
		P hi[SOME_TOKENS], lo[SOME_TOKENS]; \
		UNROLL for (int t = 0; t < tokens; t++) hi[t] = lo[t] = pzero(); \
		UNROLL for (int g = 0; g < PARTS; g++) PART(p, g); \
		float d = f16(p + SCALE); \
		UNROLL for (int t = 0; t < tokens; t++) { \
			F whole = ffma(pfloat(hi[t]), fset(128), pfloat(lo[t])); \
			v[t] = ffma(fset(d * x[t * stride].scale), whole, v[t]); \
		} \
	} \
	UNROLL for (int t = 0; t < tokens; t++) y[t * ystride] += fsum(fadd(v[t], off[t])); \
} \
KERNEL void rounded_##T(float *y, ptrdiff_t ystride, const fm_matrix *m, ptrdiff_t r, ptrdiff_t rows, const void *to, \
	ptrdiff_t tokens) { \
	const planes *x = to; \
	ptrdiff_t stride = m->cols / 256, some = tokens > SOME_TOKENS ? rows : 1; \
	for (ptrdiff_t t = 0; t < tokens; t++) memset(y + t * ystride, 0, rows * sizeof *y); \
	for (ptrdiff_t i0 = 0; i0 < rows; i0 += some) \
		for (ptrdiff_t c = 0; c < m->cols; c += SOME_COLS) { \
			ptrdiff_t n = m->cols - c < SOME_COLS ? m->cols - c : SOME_COLS, t = 0; \
			const uint8_t *p = m->data + (r + i0) * m->pitch + c / 256 * SIZE; \
			for (; t + 4 <= tokens; t += 4) SOME(T, 4); \
			for (; t + 2 <= tokens; t += 2) SOME(T, 2); \
			for (; t < tokens; t++) SOME(T, 1); \
		} \
}

BY_PLANES(q4_K, 144, 0, scales32, 4, PLANES_Q4_K)
BY_PLANES(q5_K, 176, 0, scales32, 4, PLANES_Q5_K)
BY_PLANES(q6_K, 210, 208, scales16, 2, PLANES_Q6_K)
