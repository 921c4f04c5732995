//go:build amd64

#include "simd.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#define TARGET __attribute__((target("avx2,fma,f16c")))
#define FN static inline __attribute__((always_inline)) TARGET
#define NAME(f) f##_avx2

typedef struct { __m256 a, b; } V;
typedef struct { __m256i a, b; } I;
typedef struct { __m256 a, b; } T;

FN V v2(__m256 a, __m256 b) { V v = {a, b}; return v; }
FN I i2(__m256i a, __m256i b) { I v = {a, b}; return v; }

FN V vzero(void) { return v2(_mm256_setzero_ps(), _mm256_setzero_ps()); }
FN V vset(float x) { return v2(_mm256_set1_ps(x), _mm256_set1_ps(x)); }
// a in the first 8 elements, b in the others.
FN V vtwo(float a, float b) { return v2(_mm256_set1_ps(a), _mm256_set1_ps(b)); }
FN V vload(const float *p) { return v2(_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)); }
FN __m256i firstof(ptrdiff_t n) {
	return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0));
}
FN V vpart(const float *p, ptrdiff_t n) {
	return v2(_mm256_maskload_ps(p, firstof(n)), _mm256_maskload_ps(p + 8, firstof(n - 8)));
}
FN void vstore(float *p, V v) { _mm256_storeu_ps(p, v.a); _mm256_storeu_ps(p + 8, v.b); }
FN void vstorepart(float *p, V v, ptrdiff_t n) {
	_mm256_maskstore_ps(p, firstof(n), v.a);
	_mm256_maskstore_ps(p + 8, firstof(n - 8), v.b);
}
#define EACH(f, x, y) v2(f(x.a, y.a), f(x.b, y.b))
FN V vadd(V a, V b) { return EACH(_mm256_add_ps, a, b); }
FN V vsub(V a, V b) { return EACH(_mm256_sub_ps, a, b); }
FN V vmul(V a, V b) { return EACH(_mm256_mul_ps, a, b); }
FN V vdiv(V a, V b) { return EACH(_mm256_div_ps, a, b); }
FN V vfma(V a, V b, V c) { return v2(_mm256_fmadd_ps(a.a, b.a, c.a), _mm256_fmadd_ps(a.b, b.b, c.b)); }
FN V vmin(V a, V b) { return EACH(_mm256_min_ps, a, b); }
FN V vmax(V a, V b) { return EACH(_mm256_max_ps, a, b); }
FN V vabs(V v) {
	__m256 m = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff));
	return v2(_mm256_and_ps(v.a, m), _mm256_and_ps(v.b, m));
}
FN V vround(V v) {
	enum { HOW = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC };
	return v2(_mm256_round_ps(v.a, HOW), _mm256_round_ps(v.b, HOW));
}

FN __m128i eight(const uint8_t *p) { return _mm_loadl_epi64((const __m128i *)p); }
FN I ibytes(const uint8_t *p) { return i2(_mm256_cvtepu8_epi32(eight(p)), _mm256_cvtepu8_epi32(eight(p + 8))); }
FN I isbytes(const uint8_t *p) { return i2(_mm256_cvtepi8_epi32(eight(p)), _mm256_cvtepi8_epi32(eight(p + 8))); }
FN __m256i nibbles8(const uint8_t *p) {
	int32_t w;
	memcpy(&w, p, 4);
	return _mm256_srlv_epi32(_mm256_set1_epi32(w), _mm256_set_epi32(24, 28, 16, 20, 8, 12, 0, 4));
}
FN I inibbles(const uint8_t *p) { return i2(nibbles8(p), nibbles8(p + 4)); }
FN I iset(int v) { return i2(_mm256_set1_epi32(v), _mm256_set1_epi32(v)); }
FN I ishr(I v, int n) { return i2(_mm256_srli_epi32(v.a, n), _mm256_srli_epi32(v.b, n)); }
FN I ishl(I v, int n) { return i2(_mm256_slli_epi32(v.a, n), _mm256_slli_epi32(v.b, n)); }
FN I iand(I v, int mask) {
	__m256i m = _mm256_set1_epi32(mask);
	return i2(_mm256_and_si256(v.a, m), _mm256_and_si256(v.b, m));
}
FN I ior(I a, I b) { return i2(_mm256_or_si256(a.a, b.a), _mm256_or_si256(a.b, b.b)); }
FN I iadd(I a, I b) { return i2(_mm256_add_epi32(a.a, b.a), _mm256_add_epi32(a.b, b.b)); }
FN I ibits(uint32_t h) {
	__m256i w = _mm256_set1_epi32((int)h);
	I v = i2(_mm256_srlv_epi32(w, _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0)),
		_mm256_srlv_epi32(w, _mm256_set_epi32(15, 14, 13, 12, 11, 10, 9, 8)));
	return iand(v, 1);
}
FN I iwhole(V v) { return i2(_mm256_cvtps_epi32(v.a), _mm256_cvtps_epi32(v.b)); }
FN I ibitsof(V v) { return i2(_mm256_castps_si256(v.a), _mm256_castps_si256(v.b)); }
FN V vofbits(I v) { return v2(_mm256_castsi256_ps(v.a), _mm256_castsi256_ps(v.b)); }
FN V vfrom(I v) { return v2(_mm256_cvtepi32_ps(v.a), _mm256_cvtepi32_ps(v.b)); }

FN V vf16(const uint8_t *p) {
	const __m128i *h = (const __m128i *)p;
	return v2(_mm256_cvtph_ps(_mm_loadu_si128(h)), _mm256_cvtph_ps(_mm_loadu_si128(h + 1)));
}
FN __m256 bf16x8(const uint8_t *p) {
	return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p)), 16));
}
FN V vbf16(const uint8_t *p) { return v2(bf16x8(p), bf16x8(p + 16)); }

FN T ttable(const float *p) { T t = {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; return t; }
FN T tscale(T t, V scale) { T s = {_mm256_mul_ps(t.a, scale.a), _mm256_mul_ps(t.b, scale.a)}; return s; }
FN __m256 lookup8(T t, __m256i index) { // bit 3 chooses the half: it becomes the sign
	return _mm256_blendv_ps(_mm256_permutevar8x32_ps(t.a, index), _mm256_permutevar8x32_ps(t.b, index),
		_mm256_castsi256_ps(_mm256_slli_epi32(index, 28)));
}
FN V vlookup(T t, I index) { return v2(lookup8(t, index.a), lookup8(t, index.b)); }

typedef struct { V scale, offset; } A;
FN A codes(V scale, V offset) { A a = {scale, offset}; return a; }
FN V vcodes(A a, I q) { return vfma(vfrom(iand(q, 15)), a.scale, a.offset); }

typedef __m256 H;
FN H halves(V v) { return _mm256_add_ps(v.a, v.b); }
// halvesof is halves of a·b, of which it rounds that of the lower half alone.
FN H halvesof(V a, V b) { return _mm256_fmadd_ps(a.b, b.b, _mm256_mul_ps(a.a, b.a)); }
FN V vjoin(H a, H b) { return v2(a, b); }

FN float vmost(V v) {
	__m256 m = _mm256_max_ps(v.a, v.b);
	__m128 q = _mm_max_ps(_mm256_castps256_ps128(m), _mm256_extractf128_ps(m, 1));
	q = _mm_max_ps(q, _mm_movehl_ps(q, q));
	return _mm_cvtss_f32(_mm_max_ss(q, _mm_movehdup_ps(q)));
}

typedef I W; // 32 integers of 16 bits
typedef I S; // 16 of 32 bits, each a sum of neighbours
FN __m128i sixteen(const uint8_t *p) { return _mm_loadu_si128((const __m128i *)p); }
FN W wbytes(const uint8_t *p) { return i2(_mm256_cvtepu8_epi16(sixteen(p)), _mm256_cvtepu8_epi16(sixteen(p + 16))); }
FN W wsbytes(const uint8_t *p) { return i2(_mm256_cvtepi8_epi16(sixteen(p)), _mm256_cvtepi8_epi16(sixteen(p + 16))); }
// The low nibbles of 16 bytes, then the high ones.
FN W wnibbles(const uint8_t *p) {
	__m256i v = _mm256_cvtepu8_epi16(sixteen(p));
	return i2(_mm256_and_si256(v, _mm256_set1_epi16(15)), _mm256_srli_epi16(v, 4));
}
FN W wload(const int16_t *p) {
	return i2(_mm256_loadu_si256((const __m256i *)p), _mm256_loadu_si256((const __m256i *)(p + 16)));
}
FN void wstore(int16_t *p, W w) {
	_mm256_storeu_si256((__m256i *)p, w.a);
	_mm256_storeu_si256((__m256i *)(p + 16), w.b);
}
FN W wset(int v) { return i2(_mm256_set1_epi16((short)v), _mm256_set1_epi16((short)v)); }
// The two integers in *p by turns.
FN W wpair(const int32_t *p) { return iset(*p); }
// p[0] in the first half, p[1] in the second; both fit 16 bits.
FN W wtwo(const int32_t *p) { return i2(_mm256_set1_epi16((short)p[0]), _mm256_set1_epi16((short)p[1])); }
FN W wand(W w, int mask) {
	W m = wset(mask);
	return i2(_mm256_and_si256(w.a, m.a), _mm256_and_si256(w.b, m.b));
}
FN W wor(W a, W b) { return ior(a, b); }
FN W wsub(W w, int v) {
	W s = wset(v);
	return i2(_mm256_sub_epi16(w.a, s.a), _mm256_sub_epi16(w.b, s.b));
}
FN W wmul(W a, W b) { return i2(_mm256_mullo_epi16(a.a, b.a), _mm256_mullo_epi16(a.b, b.b)); }
// By n, or back by -n.
FN W wshr(W w, int n) { return i2(_mm256_srli_epi16(w.a, n), _mm256_srli_epi16(w.b, n)); }
FN W wshl(W w, int n) { return n < 0 ? wshr(w, -n) : i2(_mm256_slli_epi16(w.a, n), _mm256_slli_epi16(w.b, n)); }
FN S szero(void) { return i2(_mm256_setzero_si256(), _mm256_setzero_si256()); }
FN S wdot(S s, W a, W b) { return iadd(s, i2(_mm256_madd_epi16(a.a, b.a), _mm256_madd_epi16(a.b, b.b))); }
FN V sfloat(S s) { return vfrom(s); }
FN __m256i round16(V v) { // packing interleaves the halves of its operands
	__m256i p = _mm256_packs_epi32(_mm256_cvtps_epi32(v.a), _mm256_cvtps_epi32(v.b));
	return _mm256_permute4x64_epi64(p, 0xd8);
}
FN W wround(V a, V b) { return i2(round16(a), round16(b)); }
FN void istore(int32_t *p, I v) {
	_mm256_storeu_si256((__m256i *)p, v.a);
	_mm256_storeu_si256((__m256i *)(p + 8), v.b);
}

// 12 registers of sums, 2 of a row, and activations from memory.
#define TILE_R 2
#define TILE_T 3

// See avx512.h.
#define WIDE_SCAN 8
#define ABREAST 2

#include "x86.h"

FN I iscales_K(const uint8_t *p) {
	__m128i v = unpack_K(p);
	return i2(_mm256_cvtepu8_epi32(v), _mm256_cvtepu8_epi32(_mm_srli_si128(v, 8)));
}

#include "kernels.h"

const fm_set fm_avx2 = {
	rows_avx2, tile_avx2, widen_avx2, round_avx2, rounded_avx2, BYTES, HALVES,
	scan_avx2, conv_avx2, step_avx2, gate_avx2, norm_avx2, INTERLEAVE,
};
