// What planes.h needs on x86.

// PLACE is where a plane has elements i to i+31.
#ifdef VNNI
#define PLACE(i) (((i) & ~127) | ((i) & 64) / 2 | ((i) & 32) * 2)
#else
#define PLACE(i) (i)
#endif

// qround returns 16 of x as integers.
FN __m256i qround(const float *x) {
	__m256i a = _mm256_cvtps_epi32(_mm256_loadu_ps(x)), b = _mm256_cvtps_epi32(_mm256_loadu_ps(x + 8));
	return _mm256_permute4x64_epi64(_mm256_packs_epi32(a, b), 0xd8); // packing interleaves halves
}

// split rounds 256 elements of v to p, which has its scale.
FN void split(planes *p, const float *v) {
	const __m256i low = _mm256_set1_epi16(127), one = _mm256_set1_epi16(1);
	H sums[16];
	for (int i = 0; i < 256; i += 32) {
		__m256i a = qround(v + i), b = qround(v + i + 16);
		__m256i hi = _mm256_packs_epi16(_mm256_srai_epi16(a, 7), _mm256_srai_epi16(b, 7));
		__m256i lo = _mm256_packs_epi16(_mm256_and_si256(a, low), _mm256_and_si256(b, low));
		_mm256_storeu_si256((__m256i *)(p->hi + PLACE(i)), _mm256_permute4x64_epi64(hi, 0xd8));
		_mm256_storeu_si256((__m256i *)(p->lo + PLACE(i)), _mm256_permute4x64_epi64(lo, 0xd8));
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
		__m256i l = qround(v + i), h = qround(v + i + 16), one = _mm256_set1_epi16(1);
		H scale = _mm256_set1_ps(b->scale[i / 32]);
		_mm256_storeu_si256((__m256i *)(b->x + PLACE(i)), _mm256_permute4x64_epi64(_mm256_packs_epi16(l, h), 0xd8));
		sums[i / 16] = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_madd_epi16(l, one)), scale);
		sums[i / 16 + 1] = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_madd_epi16(h, one)), scale);
	}
	_mm256_storeu_ps(b->sums16, hsums8(sums));
	_mm256_storeu_ps(b->sums16 + 8, hsums8(sums + 8));
}

#ifdef VNNI
#include "planes_vnni.h"
#else
#include "planes_avx2.h"
#endif
