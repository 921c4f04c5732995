// Products of q4_K, q5_K and q6_K with activations rounded as in rounded.h, as x86 has them
// fastest: an integer x of 15 bits is 128·hi + lo, two planes of bytes. Codes stay bytes, 32 to
// a register, and are multiplied with either plane two products to a lane of 16 bits; the
// scales of a block widen these to 32 bits. One row is read after the other: the weight is one
// stream, which a processor fetches ahead by itself.

// What a group of 256 activations is rounded to. The sums are of 16 and of 32 each of what the
// integers stand for: codes are without a sign, and what is to be taken off is common to them.
typedef struct {
	uint8_t hi[256], lo[256];
	float sums16[16], sums32[8];
	float scale, pad[7];
} planes;

_Static_assert(sizeof(planes) == FM_GROUP, "a group of planes has another size");

typedef __m256i Q; // 32 bytes, or 16 integers of 16 bits

// qround returns 16 of x as integers.
FN Q qround(const float *x) {
	Q a = _mm256_cvtps_epi32(_mm256_loadu_ps(x)), b = _mm256_cvtps_epi32(_mm256_loadu_ps(x + 8));
	return _mm256_permute4x64_epi64(_mm256_packs_epi32(a, b), 0xd8); // packing interleaves halves
}

// split rounds 256 elements of v to p, which has its scale.
FN void split(planes *p, const float *v) {
	const Q low = _mm256_set1_epi16(127), one = _mm256_set1_epi16(1);
	H sums[16];
	for (int i = 0; i < 256; i += 32) {
		Q a = qround(v + i), b = qround(v + i + 16);
		Q hi = _mm256_packs_epi16(_mm256_srai_epi16(a, 7), _mm256_srai_epi16(b, 7));
		Q lo = _mm256_packs_epi16(_mm256_and_si256(a, low), _mm256_and_si256(b, low));
		_mm256_storeu_si256((Q *)(p->hi + i), _mm256_permute4x64_epi64(hi, 0xd8));
		_mm256_storeu_si256((Q *)(p->lo + i), _mm256_permute4x64_epi64(lo, 0xd8));
		sums[i / 16] = _mm256_cvtepi32_ps(_mm256_madd_epi16(a, one));
		sums[i / 16 + 1] = _mm256_cvtepi32_ps(_mm256_madd_epi16(b, one));
	}
	H scale = _mm256_set1_ps(p->scale);
	_mm256_storeu_ps(p->sums16, _mm256_mul_ps(hsums8(sums), scale));
	_mm256_storeu_ps(p->sums16 + 8, _mm256_mul_ps(hsums8(sums + 8), scale));
	for (int i = 0; i < 8; i++) p->sums32[i] = p->sums16[2 * i] + p->sums16[2 * i + 1];
}

KERNEL void round_planes(planes *to, const float *x, ptrdiff_t n) {
	for (; n > 0; n -= 256, x += 256, to++) {
		float v[256] ALIGNED;
		to->scale = scaled(v, x, n);
		split(to, v);
	}
}

// TAKE adds to each token's sums of either plane the products of 32 codes and activations i to
// i+31, times scales of 16 bits.
#define TAKE(codes, i, scales) do { \
	Q q_ = codes, s_ = scales; \
	UNROLL for (int t_ = 0; t_ < tokens; t_++) { \
		Q hi_ = _mm256_maddubs_epi16(q_, qload(x[t_ * stride].hi + (i))); \
		Q lo_ = _mm256_maddubs_epi16(q_, qload(x[t_ * stride].lo + (i))); \
		hi[t_] = _mm256_add_epi32(hi[t_], _mm256_madd_epi16(hi_, s_)); \
		lo[t_] = _mm256_add_epi32(lo[t_], _mm256_madd_epi16(lo_, s_)); \
	} \
} while (0)

FN Q qload(const uint8_t *p) { return _mm256_loadu_si256((const Q *)p); }
FN Q qand(Q q, int mask) { return _mm256_and_si256(q, _mm256_set1_epi8((char)mask)); }
FN Q qor(Q a, Q b) { return _mm256_or_si256(a, b); }
// By n, or back by -n; bits of a neighbour are to be masked away.
FN Q qshr(Q q, int n) { return n < 0 ? _mm256_slli_epi16(q, -n) : _mm256_srli_epi16(q, n); }
// Integer i of the 8 in each half, everywhere in its half.
FN Q qsplat(Q q, int i) { return _mm256_shuffle_epi8(q, _mm256_set1_epi16((short)((2 * i + 1) << 8 | 2 * i))); }

// The scales of q4_K and q5_K, 8 integers in either half, and of each token in off what the
// minima take off.
FN Q scales32(const uint8_t *p, const planes *x, ptrdiff_t stride, H *off, const int tokens) {
	__m128i v = unpack_K(p);
	H minima = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_unpackhi_epi64(v, v)));
	minima = _mm256_mul_ps(minima, _mm256_set1_ps(f16(p + 2)));
	UNROLL for (int t = 0; t < tokens; t++)
		off[t] = _mm256_fnmadd_ps(minima, _mm256_loadu_ps(x[t * stride].sums32), off[t]);
	return _mm256_broadcastsi128_si256(_mm_cvtepu8_epi16(v));
}

#define PLANES_Q4_K(p, g) do { \
	Q c_ = qload((p) + 16 + 32 * (g)); \
	TAKE(qand(c_, 15), 64 * (g), qsplat(scales, 2 * (g))); \
	TAKE(qand(qshr(c_, 4), 15), 64 * (g) + 32, qsplat(scales, 2 * (g) + 1)); \
} while (0)

#define PLANES_Q5_K(p, g) do { \
	Q c_ = qload((p) + 48 + 32 * (g)), h_ = qload((p) + 16); \
	TAKE(qor(qand(c_, 15), qand(qshr(h_, 2 * (g) - 4), 16)), 64 * (g), qsplat(scales, 2 * (g))); \
	TAKE(qor(qand(qshr(c_, 4), 15), qand(qshr(h_, 2 * (g) - 3), 16)), 64 * (g) + 32, qsplat(scales, 2 * (g) + 1)); \
} while (0)

// The scales of q6_K, with the even ones in the first half and the odd ones in the second.
// Codes are 32 too large.
FN Q scales16(const uint8_t *p, const planes *x, ptrdiff_t stride, H *off, const int tokens) {
	__m128i v = _mm_loadu_si128((const __m128i *)(p + 192));
	H d = _mm256_set1_ps(-32 * f16(p + 208));
	H a = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(v)), d);
	H b = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_unpackhi_epi64(v, v))), d);
	UNROLL for (int t = 0; t < tokens; t++) {
		const float *sums = x[t * stride].sums16;
		off[t] = _mm256_fmadd_ps(b, _mm256_loadu_ps(sums + 8), _mm256_fmadd_ps(a, _mm256_loadu_ps(sums), off[t]));
	}
	v = _mm_shuffle_epi8(v, _mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15));
	return _mm256_cvtepi8_epi16(v);
}

#define PLANES_Q6_K(p, g) do { \
	Q a_ = qload((p) + 64 * (g)), b_ = qload((p) + 64 * (g) + 32), h_ = qload((p) + 128 + 32 * (g)); \
	TAKE(qor(qand(a_, 15), qand(qshr(h_, -4), 48)), 128 * (g), qsplat(scales, 4 * (g))); \
	TAKE(qor(qand(b_, 15), qand(qshr(h_, -2), 48)), 128 * (g) + 32, qsplat(scales, 4 * (g) + 1)); \
	TAKE(qor(qand(qshr(a_, 4), 15), qand(h_, 48)), 128 * (g) + 64, qsplat(scales, 4 * (g) + 2)); \
	TAKE(qor(qand(qshr(b_, 4), 15), qand(qshr(h_, 2), 48)), 128 * (g) + 96, qsplat(scales, 4 * (g) + 3)); \
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
	H v[SOME_TOKENS], off[SOME_TOKENS]; \
	UNROLL for (int t = 0; t < tokens; t++) v[t] = off[t] = _mm256_setzero_ps(); \
	for (; n > 0; n -= 256, p += SIZE, x++) { \
		PREFETCH(p + ONE_AHEAD, SIZE); \
		Q scales = HEAD(p, x, stride, off, tokens), hi[SOME_TOKENS], lo[SOME_TOKENS]; \
		UNROLL for (int t = 0; t < tokens; t++) hi[t] = lo[t] = _mm256_setzero_si256(); \
		UNROLL for (int g = 0; g < PARTS; g++) PART(p, g); \
		float d = f16(p + SCALE); \
		UNROLL for (int t = 0; t < tokens; t++) { \
			H whole = _mm256_fmadd_ps(_mm256_cvtepi32_ps(hi[t]), _mm256_set1_ps(128), _mm256_cvtepi32_ps(lo[t])); \
			v[t] = _mm256_fmadd_ps(_mm256_set1_ps(d * x[t * stride].scale), whole, v[t]); \
		} \
	} \
	UNROLL for (int t = 0; t < tokens; t++) y[t * ystride] += hsum(_mm256_add_ps(v[t], off[t])); \
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
