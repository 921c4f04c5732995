// AVX-512, with VNNI or without: what kernels.h needs.

#define FN static inline __attribute__((always_inline)) TARGET

typedef __m512 V;  // 16 floats
typedef __m512i I; // 16 integers
typedef __m512 T;  // a table of 16 floats

FN V vzero(void) { return _mm512_setzero_ps(); }
FN V vset(float x) { return _mm512_set1_ps(x); }
// a in the first 8 elements, b in the others.
FN V vtwo(float a, float b) { return _mm512_insertf32x8(vset(a), _mm256_set1_ps(b), 1); }
FN V vload(const float *p) { return _mm512_loadu_ps(p); }
FN V vpart(const float *p, ptrdiff_t n) { return _mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p); }
FN void vstore(float *p, V v) { _mm512_storeu_ps(p, v); }
FN void vstorepart(float *p, V v, ptrdiff_t n) { _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), v); }
FN V vadd(V a, V b) { return _mm512_add_ps(a, b); }
FN V vsub(V a, V b) { return _mm512_sub_ps(a, b); }
FN V vmul(V a, V b) { return _mm512_mul_ps(a, b); }
FN V vdiv(V a, V b) { return _mm512_div_ps(a, b); }
FN V vfma(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
// The second operand where either is NaN, as the comparison a < b is false.
FN V vmin(V a, V b) { return _mm512_min_ps(a, b); }
FN V vmax(V a, V b) { return _mm512_max_ps(a, b); }
FN V vabs(V a) { return _mm512_abs_ps(a); }
FN V vround(V x) { return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
#define SCALES
// p·2ⁿ, zero and infinity included.
FN V vscale(V p, V n) { return _mm512_scalef_ps(p, n); }

FN I ibytes(const uint8_t *p) { return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p)); }
FN I isbytes(const uint8_t *p) { return _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)p)); }
// The 16 nibbles of 8 bytes, the high one of each first; above bit 3 anything.
FN I inibbles(const uint8_t *p) {
	I v = _mm512_castsi128_si512(_mm_loadl_epi64((const __m128i *)p));
	v = _mm512_permutexvar_epi32(_mm512_set_epi32(1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0), v);
	return _mm512_srlv_epi32(v, _mm512_set_epi32(24, 28, 16, 20, 8, 12, 0, 4, 24, 28, 16, 20, 8, 12, 0, 4));
}
// Bit i of h in element i.
FN I ibits(uint32_t h) { return _mm512_maskz_set1_epi32((__mmask16)h, 1); }
FN I iset(int v) { return _mm512_set1_epi32(v); }
FN I ishr(I v, int n) { return _mm512_srli_epi32(v, n); }
FN I ishl(I v, int n) { return _mm512_slli_epi32(v, n); }
FN I iand(I v, int mask) { return _mm512_and_si512(v, _mm512_set1_epi32(mask)); }
FN I ior(I a, I b) { return _mm512_or_si512(a, b); }
FN I iadd(I a, I b) { return _mm512_add_epi32(a, b); }
FN I ibitsof(V v) { return _mm512_castps_si512(v); }
FN V vofbits(I v) { return _mm512_castsi512_ps(v); }
FN V vfrom(I v) { return _mm512_cvtepi32_ps(v); }

FN V vf16(const uint8_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)); }
FN V vbf16(const uint8_t *p) {
	return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)), 16));
}

FN T ttable(const float *p) { return vload(p); }
FN T tscale(T t, V scale) { return vmul(t, scale); }
// What bits 0 to 3 of each element select.
FN V vlookup(T t, I index) { return _mm512_permutexvar_ps(index, t); }

// The values scale·q + offset of 4-bit codes.
typedef __m512 A;
FN A codes(V scale, V offset) {
	return vfma(_mm512_set_ps(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), scale, offset);
}
FN V vcodes(A a, I q) { return vlookup(a, q); }

typedef __m256 H; // 8 floats
FN H halves(V v) { return _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1)); }
// halvesof is halves of a·b, of which it rounds that of the lower half alone.
FN H halvesof(V a, V b) {
	return _mm256_fmadd_ps(_mm512_extractf32x8_ps(a, 1), _mm512_extractf32x8_ps(b, 1),
		_mm256_mul_ps(_mm512_castps512_ps256(a), _mm512_castps512_ps256(b)));
}
FN V vjoin(H a, H b) { return _mm512_insertf32x8(_mm512_castps256_ps512(a), b, 1); }

FN float vmost(V v) { return _mm512_reduce_max_ps(v); }

typedef __m512i W; // 32 integers of 16 bits
typedef __m512i S; // 16 of 32 bits, each a sum of neighbours
FN W wbytes(const uint8_t *p) { return _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)p)); }
FN W wsbytes(const uint8_t *p) { return _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)p)); }
// The low nibbles of 16 bytes, then the high ones.
FN W wnibbles(const uint8_t *p) {
	__m256i v = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)p));
	__m256i low = _mm256_and_si256(v, _mm256_set1_epi16(15)), high = _mm256_srli_epi16(v, 4);
	return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}
FN W wload(const int16_t *p) { return _mm512_loadu_si512(p); }
FN void wstore(int16_t *p, W w) { _mm512_storeu_si512(p, w); }
FN W wset(int v) { return _mm512_set1_epi16((short)v); }
// The two integers in *p by turns.
FN W wpair(const int32_t *p) { return _mm512_set1_epi32(*p); }
// p[0] in the first half, p[1] in the second; both fit 16 bits.
FN W wtwo(const int32_t *p) {
	__m256i a = _mm256_set1_epi16((short)p[0]), b = _mm256_set1_epi16((short)p[1]);
	return _mm512_inserti64x4(_mm512_castsi256_si512(a), b, 1);
}
FN W wand(W w, int mask) { return _mm512_and_si512(w, wset(mask)); }
FN W wor(W a, W b) { return _mm512_or_si512(a, b); }
FN W wsub(W w, int v) { return _mm512_sub_epi16(w, wset(v)); }
FN W wmul(W a, W b) { return _mm512_mullo_epi16(a, b); }
// By n, or back by -n.
FN W wshr(W w, int n) { return _mm512_srli_epi16(w, n); }
FN W wshl(W w, int n) { return n < 0 ? wshr(w, -n) : _mm512_slli_epi16(w, n); }
FN S szero(void) { return _mm512_setzero_si512(); }
#ifdef VNNI
FN S wdot(S s, W a, W b) { return _mm512_dpwssd_epi32(s, a, b); }
#else
FN S wdot(S s, W a, W b) { return _mm512_add_epi32(s, _mm512_madd_epi16(a, b)); }
#endif
FN V sfloat(S s) { return _mm512_cvtepi32_ps(s); }
FN W wround(V a, V b) {
	return _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtsepi32_epi16(_mm512_cvtps_epi32(a))),
		_mm512_cvtsepi32_epi16(_mm512_cvtps_epi32(b)), 1);
}
FN void istore(int32_t *p, I v) { _mm512_storeu_si512(p, v); }

#ifdef HALF
typedef __m512bh B; // 32 bfloat16
FN B bload(const uint16_t *p) { return (B)_mm512_loadu_si512(p); }
FN void bstore(uint16_t *p, B b) { _mm512_storeu_si512(p, (__m512i)b); }
FN B bfrom(V a, V b) { return _mm512_cvtne2ps_pbh(b, a); }
FN V bdot(V s, B a, B b) { return _mm512_dpbf16_ps(s, a, b); }
#endif

// turn transposes 16 vectors of 16 integers.
FN void turn(I *r) {
	I t[16];
	UNROLL for (int i = 0; i < 16; i += 2) {
		t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
		t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
	}
	UNROLL for (int i = 0; i < 16; i += 4) {
		r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
		r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
		r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
		r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
	}
	// Lane l of r[4·i+j] is column 4·l+j of rows 4·i to 4·i+3.
	UNROLL for (int i = 0; i < 16; i += 8) UNROLL for (int j = 0; j < 4; j++) {
		t[i + j] = _mm512_shuffle_i32x4(r[i + j], r[i + 4 + j], 0x88);
		t[i + 4 + j] = _mm512_shuffle_i32x4(r[i + j], r[i + 4 + j], 0xdd);
	}
	UNROLL for (int j = 0; j < 8; j++) {
		r[j] = _mm512_shuffle_i32x4(t[j], t[8 + j], 0x88);
		r[8 + j] = _mm512_shuffle_i32x4(t[j], t[8 + j], 0xdd);
	}
}

#define WIDE_STEP

// Elements n, n+1 and so on, each apart times the one before.
FN I every(int n, int apart) {
	I i = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
	return iadd(_mm512_mullo_epi32(i, iset(apart)), iset(n));
}
// threes takes 16 groups of three apart, x[i] being element i of each; bythrees puts them together.
FN void threes(V *x, const float *p) {
	V a = vload(p), b = vload(p + 16), c = vload(p + 32);
	UNROLL for (int i = 0; i < 3; i++) {
		I at = every(i, 3);
		V low = _mm512_permutex2var_ps(a, at, b);
		x[i] = _mm512_mask_permutexvar_ps(low, _mm512_cmpge_epi32_mask(at, iset(32)), at, c);
	}
}
FN void bythrees(float *p, const V *x) {
	UNROLL for (int k = 0; k < 3; k++) {
		int group[16] ALIGNED, of[16] ALIGNED;
		for (int i = 0; i < 16; i++) group[i] = (16 * k + i) / 3, of[i] = (16 * k + i) % 3;
		I g = _mm512_load_si512(group), n = _mm512_load_si512(of);
		V low = _mm512_permutex2var_ps(x[0], iadd(g, ishl(iand(n, 1), 4)), x[1]);
		vstore(p + 16 * k, _mm512_mask_permutexvar_ps(low, _mm512_cmpeq_epi32_mask(n, iset(2)), g, x[2]));
	}
}
// fours is threes for groups of four.
FN void fours(V *x, const float *p) {
	V a = vload(p), b = vload(p + 16), c = vload(p + 32), d = vload(p + 48);
	UNROLL for (int i = 0; i < 4; i++) {
		I at = every(i, 4);
		x[i] = _mm512_mask_blend_ps(0xff00, _mm512_permutex2var_ps(a, at, b), _mm512_permutex2var_ps(c, at, d));
	}
}

#define WIDE_TILES
// From so many tokens on a vector of the scan has a state of 16 channels, and so many vectors are computed together.
#define WIDE_SCAN 3
#define ABREAST 4

// Rows and tokens of the inner product of tiles: 24 sums, and 4 rows.
#define TILE_R 4
#define TILE_T 6

#include "x86.h"

FN I iscales_K(const uint8_t *p) { return _mm512_cvtepu8_epi32(unpack_K(p)); }

