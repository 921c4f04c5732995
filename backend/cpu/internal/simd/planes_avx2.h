// What planes.h needs, by AVX2: two products go to a lane of 16 bits, and scales widen these to 32.

typedef __m256i Q;
typedef __m256i K;
typedef __m256i D;
typedef __m256 F;

FN Q qload(const uint8_t *p) { return _mm256_loadu_si256((const Q *)p); }
#define QROWS(p) qload(p)
FN Q qand(Q q, int mask) { return _mm256_and_si256(q, _mm256_set1_epi8((char)mask)); }
FN Q qor(Q a, Q b) { return _mm256_or_si256(a, b); }
// By n, or back by -n; bits of a neighbour are to be masked away.
FN Q qshr(Q q, int n) { return n < 0 ? _mm256_slli_epi16(q, -n) : _mm256_srli_epi16(q, n); }

FN F fset(float x) { return _mm256_set1_ps(x); }
FN F fadd(F a, F b) { return _mm256_add_ps(a, b); }
FN F ffma(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
FN float fsum(F v) { return hsum(v); }

FN D dzero(void) { return _mm256_setzero_si256(); }
FN F dfloat(D d) { return _mm256_cvtepi32_ps(d); }
// Scale n of the 8 in each half is for the products of that half.
FN D ddot(D sum, Q codes, Q plane, K scales, int n) {
	Q k = _mm256_shuffle_epi8(scales, _mm256_set1_epi16((short)((2 * n + 1) << 8 | 2 * n)));
	return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(codes, plane), k));
}

// The scales of q4_K and q5_K, 8 integers in either half, and of each token in off what the
// minima take off.
FN K scales32(const uint8_t *p, const float *sums, ptrdiff_t apart, F *off, const int tokens) {
	__m128i v = unpack_K(p);
	H minima = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_unpackhi_epi64(v, v)));
	minima = _mm256_mul_ps(minima, _mm256_set1_ps(f16(p + 2)));
	UNROLL for (int t = 0; t < tokens; t++)
		off[t] = _mm256_fnmadd_ps(minima, _mm256_loadu_ps(sums + t * apart), off[t]);
	return _mm256_broadcastsi128_si256(_mm_cvtepu8_epi16(v));
}

// The scales of q6_K, with the even ones in the first half and the odd ones in the second.
// Codes are 32 too large.
FN K scales16(const uint8_t *p, const float *sums, ptrdiff_t apart, F *off, const int tokens) {
	__m128i v = _mm_loadu_si128((const __m128i *)(p + 192));
	H d = _mm256_set1_ps(-32 * f16(p + 208));
	H a = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(v)), d);
	H b = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_unpackhi_epi64(v, v))), d);
	UNROLL for (int t = 0; t < tokens; t++) {
		const float *s = sums + t * apart;
		off[t] = _mm256_fmadd_ps(b, _mm256_loadu_ps(s + 8), _mm256_fmadd_ps(a, _mm256_loadu_ps(s), off[t]));
	}
	v = _mm_shuffle_epi8(v, _mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15));
	return _mm256_cvtepi8_epi16(v);
}
