// What planes.h needs, by AVX2: two products go to a lane of 16 bits, and scales widen these to 32.

typedef __m256i Q;
typedef __m256i K;
typedef __m256i P;
typedef __m256 F;

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
}

// splitbytes rounds 256 elements of v to b, which has their scales.
FN void splitbytes(bytes *b, const float *v) {
	H sums[16];
	for (int i = 0; i < 256; i += 32) {
		Q l = qround(v + i), h = qround(v + i + 16), one = _mm256_set1_epi16(1);
		H scale = _mm256_set1_ps(b->scale[i / 32]);
		_mm256_storeu_si256((Q *)(b->x + i), _mm256_permute4x64_epi64(_mm256_packs_epi16(l, h), 0xd8));
		sums[i / 16] = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_madd_epi16(l, one)), scale);
		sums[i / 16 + 1] = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_madd_epi16(h, one)), scale);
	}
	_mm256_storeu_ps(b->sums16, hsums8(sums));
	_mm256_storeu_ps(b->sums16 + 8, hsums8(sums + 8));
}

FN Q qload(const uint8_t *p) { return _mm256_loadu_si256((const Q *)p); }
FN Q qand(Q q, int mask) { return _mm256_and_si256(q, _mm256_set1_epi8((char)mask)); }
FN Q qor(Q a, Q b) { return _mm256_or_si256(a, b); }
// By n, or back by -n; bits of a neighbour are to be masked away.
FN Q qshr(Q q, int n) { return n < 0 ? _mm256_slli_epi16(q, -n) : _mm256_srli_epi16(q, n); }

FN F fset(float x) { return _mm256_set1_ps(x); }
FN F fadd(F a, F b) { return _mm256_add_ps(a, b); }
FN F ffma(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
FN float fsum(F v) { return hsum(v); }

FN P pzero(void) { return _mm256_setzero_si256(); }
FN F pfloat(P p) { return _mm256_cvtepi32_ps(p); }
// Scale n of the 8 in each half is for the products of that half.
FN P pdot(P sum, Q codes, Q plane, K scales, int n) {
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
