// What planes.h needs, by AVX-512 with VNNI: 64 codes at a time, four products to a lane of 32 bits,
// which a scale multiplies. A lane has the sum of both planes, an integer: with the widest codes it
// is at most 16·63·16383·128, of 16 products with q6_K and its scales, which is below 2³¹.
//
// The 64 codes are what lies together in a block: 32 of a half of 128 from the low bits, and the 32
// that come 64 later. PLACE keeps activations in that order.

#define WIDE_PLANES

typedef __m512i Q;
typedef struct { __m512i of[4]; } K; // of each 64 codes, spread over the lanes
typedef __m512i P;
typedef __m512 F;

FN Q qload(const uint8_t *p) { return _mm512_loadu_si512(p); }
FN Q qand(Q q, int mask) { return _mm512_and_si512(q, _mm512_set1_epi8((char)mask)); }
FN Q qshr(Q q, int n) { return _mm512_srli_epi16(q, n); } // bits of a neighbour are to be masked away
FN Q qtwice(const uint8_t *p) { return _mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i *)p)); }
// What turns each lane to the left: by a in the first 32 bytes, by b in the others.
FN Q qturn(Q q, int a, int b) {
	__m512i by = _mm512_inserti64x4(_mm512_set1_epi32(a & 31), _mm256_set1_epi32(b & 31), 1);
	return _mm512_rolv_epi32(q, by);
}
// The low 4 bits of low and the others of high.
FN Q qjoin(Q low, Q high) { return _mm512_ternarylogic_epi32(low, high, _mm512_set1_epi8(15), 0xe4); }

FN F fset(float x) { return vset(x); }
FN F fadd(F a, F b) { return vadd(a, b); }
FN F ffma(F a, F b, F c) { return vfma(a, b, c); }
FN float fsum(F v) { return hsum(halves(v)); }

FN P pzero(void) { return _mm512_setzero_si512(); }
FN P ptake(P sum, Q codes, const uint8_t *hi, const uint8_t *lo, K scales, int n) {
	P dot = _mm512_slli_epi32(_mm512_dpbusd_epi32(pzero(), codes, qload(hi)), 7);
	dot = _mm512_dpbusd_epi32(dot, codes, qload(lo));
	return _mm512_add_epi32(sum, _mm512_mullo_epi32(dot, scales.of[n]));
}
FN F pwhole(P sum) { return _mm512_cvtepi32_ps(sum); }

// The scales of q4_K and q5_K, and of each token in off what the minima take off.
FN K scales32(const uint8_t *p, const float *sums, ptrdiff_t apart, F *off, const int tokens) {
	__m512i v = iscales_K(p); // minima in the second half
	F minima = vmul(_mm512_cvtepi32_ps(v), vset(-f16(p + 2)));
	UNROLL for (int t = 0; t < tokens; t++)
		off[t] = ffma(minima, _mm512_maskz_loadu_ps(0xff00, sums + t * apart - 8), off[t]);
	K k;
	UNROLL for (int n = 0; n < 4; n++) {
		int a = n / 2 * 4 + n % 2, b = a + 2;
		k.of[n] = _mm512_permutexvar_epi32(_mm512_setr_epi32(a, a, a, a, a, a, a, a, b, b, b, b, b, b, b, b), v);
	}
	return k;
}

// The scales of q6_K. Codes are 32 too large.
FN K scales16(const uint8_t *p, const float *sums, ptrdiff_t apart, F *off, const int tokens) {
	__m512i v = isbytes(p + 192);
	F d = vmul(_mm512_cvtepi32_ps(v), vset(-32 * f16(p + 208)));
	UNROLL for (int t = 0; t < tokens; t++) off[t] = ffma(d, vload(sums + t * apart), off[t]);
	K k;
	UNROLL for (int n = 0; n < 4; n++) {
		int a = n / 2 * 8 + n % 2 * 2, b = a + 1, c = a + 4, d = a + 5;
		k.of[n] = _mm512_permutexvar_epi32(_mm512_setr_epi32(a, a, a, a, b, b, b, b, c, c, c, c, d, d, d, d), v);
	}
	return k;
}

// The parts of a block: 128 codes each, as two times 64.
enum { PARTS_Q4_K = 2, PARTS_Q5_K = 2, PARTS_Q6_K = 2 };

#define PLANES_Q4_K(p, g, USE) do { \
	Q c_ = qload((p) + 16 + 64 * (g)); \
	USE(qand(c_, 15), 128 * (g), 2 * (g)); \
	USE(qand(qshr(c_, 4), 15), 128 * (g) + 64, 2 * (g) + 1); \
} while (0)

#define PLANES_Q5_K(p, g, USE) do { \
	Q c_ = qload((p) + 48 + 64 * (g)), h_ = qtwice((p) + 16); \
	USE(qand(qjoin(c_, qturn(h_, 4 - 4 * (g), 2 - 4 * (g))), 31), 128 * (g), 2 * (g)); \
	USE(qand(qjoin(qshr(c_, 4), qturn(h_, 3 - 4 * (g), 1 - 4 * (g))), 31), 128 * (g) + 64, 2 * (g) + 1); \
} while (0)

#define PLANES_Q6_K(p, g, USE) do { \
	Q a_ = qtwice((p) + 64 * (g)), b_ = qtwice((p) + 64 * (g) + 32), h_ = qtwice((p) + 128 + 32 * (g)); \
	USE(qand(qjoin(qturn(a_, 0, -4), qturn(h_, 4, 0)), 63), 128 * (g), 2 * (g)); \
	USE(qand(qjoin(qturn(b_, 0, -4), qturn(h_, 2, -2)), 63), 128 * (g) + 64, 2 * (g) + 1); \
} while (0)
