// What AVX-512 and AVX2 do alike.

#define PLANES

FN float hsum(H v) {
	__m128 q = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
	q = _mm_add_ps(q, _mm_movehl_ps(q, q));
	return _mm_cvtss_f32(_mm_add_ss(q, _mm_movehdup_ps(q)));
}

// hsums8 returns the sums of the elements of each of 8.
FN H hsums8(const H *h) {
	H a = _mm256_hadd_ps(_mm256_hadd_ps(h[0], h[1]), _mm256_hadd_ps(h[2], h[3]));
	H b = _mm256_hadd_ps(_mm256_hadd_ps(h[4], h[5]), _mm256_hadd_ps(h[6], h[7]));
	return _mm256_add_ps(_mm256_permute2f128_ps(a, b, 0x20), _mm256_permute2f128_ps(a, b, 0x31));
}

// vsums returns the sums of the elements of each of 16.
FN V vsums(const H *h) { return vjoin(hsums8(h), hsums8(h + 8)); }

// unpack_K returns the 8 scales and then the 8 minima of q4_K and q5_K, 6 bits
// each in 12 bytes after two binary16: quant.pairK says where.
FN __m128i unpack_K(const uint8_t *p) {
	const char z = -128;
	__m128i v = _mm_loadu_si128((const __m128i *)p);
	__m128i low = _mm_shuffle_epi8(v, _mm_setr_epi8(4, 5, 6, 7, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
	__m128i high = _mm_shuffle_epi8(v, _mm_setr_epi8(z, z, z, z, 4, 5, 6, 7, z, z, z, z, 8, 9, 10, 11));
	low = _mm_and_si128(_mm_srlv_epi32(low, _mm_setr_epi32(0, 0, 0, 4)),
		_mm_setr_epi32(0x3f3f3f3f, 0x0f0f0f0f, 0x3f3f3f3f, 0x0f0f0f0f));
	return _mm_or_si128(low, _mm_and_si128(_mm_srli_epi32(high, 2), _mm_set1_epi32(0x30303030)));
}

FN double sumsquares(const float *x, ptrdiff_t n) {
	__m256d s0 = _mm256_setzero_pd(), s1 = s0, s2 = s0, s3 = s0;
	ptrdiff_t i = 0;
	for (; i + 16 <= n; i += 16) {
		__m256d a = _mm256_cvtps_pd(_mm_loadu_ps(x + i)), b = _mm256_cvtps_pd(_mm_loadu_ps(x + i + 4));
		__m256d c = _mm256_cvtps_pd(_mm_loadu_ps(x + i + 8)), d = _mm256_cvtps_pd(_mm_loadu_ps(x + i + 12));
		s0 = _mm256_fmadd_pd(a, a, s0);
		s1 = _mm256_fmadd_pd(b, b, s1);
		s2 = _mm256_fmadd_pd(c, c, s2);
		s3 = _mm256_fmadd_pd(d, d, s3);
	}
	s0 = _mm256_add_pd(_mm256_add_pd(s0, s1), _mm256_add_pd(s2, s3));
	__m128d q = _mm_add_pd(_mm256_castpd256_pd128(s0), _mm256_extractf128_pd(s0, 1));
	double sum = _mm_cvtsd_f64(_mm_add_sd(q, _mm_unpackhi_pd(q, q)));
	for (; i < n; i++) sum += (double)x[i] * x[i];
	return sum;
}
