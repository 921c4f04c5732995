// Products of planes.h for rows that are interleaved: four columns of 16 rows are multiplied at a time.

#ifdef INTERLEAVED

// Memory is asked for this far ahead: it takes as long to come as the products of 3 KB.
enum { LANES_AHEAD = 8192 };

FN __m512i spread(const uint8_t *p) {
	int32_t w;
	memcpy(&w, p, sizeof w);
	return _mm512_set1_epi32(w);
}
// Byte k of each lane.
FN __m512i lanebyte(__m512i v, const int k) { return iand(ishr(v, 8 * k), 255); }

// lanes_q4_K sets y to the products of 16 rows of n columns at p and some tokens, which are stride groups apart, and in
// y ystride.
FN void lanes_q4_K(float *y, ptrdiff_t ystride, const uint8_t *p, ptrdiff_t n, const planes *x, ptrdiff_t stride,
	const int tokens) {
	V v[SOME_TOKENS];
	UNROLL for (int t = 0; t < tokens; t++) v[t] = vzero();
	for (; n > 0; n -= 256, p += LANES * 144, x++) {
		UNROLL for (int i = 0; i < 4; i++) __builtin_prefetch(p + LANES_AHEAD + 64 * i);
		// Scales and minima of 6 bits: quant.pairK says where.
		I a = qload(p + 64), b = qload(p + 128), c = qload(p + 192);
		I scales[2] = {qand(a, 63), qjoin(c, qand(qshr(a, 2), 48))};
		I minima[2] = {qand(b, 63), qjoin(qshr(c, 4), qand(qshr(b, 2), 48))};
		V sum[SOME_TOKENS], off[SOME_TOKENS]; // floats: with the widest codes and scales integers would pass 32 bits
		UNROLL for (int t = 0; t < tokens; t++) sum[t] = off[t] = vzero();
		UNROLL for (int g = 0; g < 4; g++) {
			I hi[SOME_TOKENS][2], lo[SOME_TOKENS][2];
			UNROLL for (int t = 0; t < tokens; t++) hi[t][0] = hi[t][1] = lo[t][0] = lo[t][1] = pzero();
			UNROLL for (int i = 0; i < 8; i++) {
				const uint8_t *q = p + 256 + 64 * (8 * g + i);
				__builtin_prefetch(q + LANES_AHEAD);
				Q codes[2] = {qand(qload(q), 15), qand(qshr(qload(q), 4), 15)};
				UNROLL for (int h = 0; h < 2; h++)
					UNROLL for (int t = 0; t < tokens; t++) {
						const int at = PLACE(64 * g + 32 * h) + 4 * i;
						hi[t][h] = _mm512_dpbusd_epi32(hi[t][h], codes[h], spread(x[t * stride].hi + at));
						lo[t][h] = _mm512_dpbusd_epi32(lo[t][h], codes[h], spread(x[t * stride].lo + at));
					}
			}
			UNROLL for (int h = 0; h < 2; h++) {
				const int k = 2 * g + h;
				V scale = vfrom(lanebyte(scales[k / 4], k % 4));
				V minimum = vfrom(lanebyte(minima[k / 4], k % 4));
				UNROLL for (int t = 0; t < tokens; t++) {
					I dot = iadd(ishl(hi[t][h], 7), lo[t][h]);
					sum[t] = vfma(vfrom(dot), scale, sum[t]);
					off[t] = vfma(minimum, vset(x[t * stride].sums32[k]), off[t]);
				}
			}
		}
		I halves = qload(p); // both scales of a block
		V d = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(halves));
		V m = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(ishr(halves, 16)));
		UNROLL for (int t = 0; t < tokens; t++) {
			v[t] = vfma(vmul(d, vset(x[t * stride].scale)), sum[t], v[t]);
			v[t] = _mm512_fnmadd_ps(m, off[t], v[t]);
		}
	}
	UNROLL for (int t = 0; t < tokens; t++) vstore(y + t * ystride, v[t]);
}

// lanes_q6_K is lanes_q4_K for q6_K. Codes are 32 too large, which is taken off the sum.
FN void lanes_q6_K(float *y, ptrdiff_t ystride, const uint8_t *p, ptrdiff_t n, const planes *x, ptrdiff_t stride,
	const int tokens) {
	V v[SOME_TOKENS];
	UNROLL for (int t = 0; t < tokens; t++) v[t] = vzero();
	for (; n > 0; n -= 256, p += LANES * 210, x++) {
		UNROLL for (int i = 0; i < 4; i++) __builtin_prefetch(p + 64 * (48 + i) + LANES_AHEAD);
		V sum[SOME_TOKENS], off[SOME_TOKENS];
		UNROLL for (int t = 0; t < tokens; t++) sum[t] = off[t] = vzero();
		// 16 columns of each quarter of a half at a time: of the first quarter and the third, then of the others.
		for (int g = 0; g < 2; g++) UNROLL for (int s = 0; s < 2; s++) UNROLL for (int u = 0; u < 2; u++) {
			I hi[SOME_TOKENS][2], lo[SOME_TOKENS][2];
			UNROLL for (int t = 0; t < tokens; t++) hi[t][0] = hi[t][1] = lo[t][0] = lo[t][1] = pzero();
			UNROLL for (int i = 4 * s; i < 4 * s + 4; i++) {
				const uint8_t *q = p + 64 * (16 * g + 8 * u + i), *r = p + 64 * (32 + 8 * g + i);
				__builtin_prefetch(q + LANES_AHEAD);
				if (u == 0) __builtin_prefetch(r + LANES_AHEAD);
				Q low = qload(q), high = qload(r);
				Q codes[2] = {qand(qjoin(low, _mm512_slli_epi16(high, 4 - 2 * u)), 63),
					qand(qjoin(qshr(low, 4), qshr(high, 2 * u)), 63)};
				UNROLL for (int h = 0; h < 2; h++)
					UNROLL for (int t = 0; t < tokens; t++) {
						const planes *a = x + t * stride;
						const ptrdiff_t at = 128 * g + PLACE(64 * h + 32 * u) + 4 * i;
						hi[t][h] = _mm512_dpbusd_epi32(hi[t][h], codes[h], spread(a->hi + at));
						lo[t][h] = _mm512_dpbusd_epi32(lo[t][h], codes[h], spread(a->lo + at));
					}
			}
			UNROLL for (int h = 0; h < 2; h++) {
				const int k = 4 * h + 2 * u + s; // of this half
				I word = qload(p + 64 * (48 + 2 * g + h));
				V scale = vfrom(_mm512_srai_epi32(ishl(word, 24 - 8 * (2 * u + s)), 24));
				UNROLL for (int t = 0; t < tokens; t++) {
					I dot = iadd(ishl(hi[t][h], 7), lo[t][h]);
					sum[t] = vfma(vfrom(dot), scale, sum[t]);
					off[t] = vfma(scale, vset(x[t * stride].sums16[8 * g + k]), off[t]);
				}
			}
		}
		V d = _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(p + 64 * 52)));
		V d32 = vmul(d, vset(32));
		UNROLL for (int t = 0; t < tokens; t++) {
			v[t] = vfma(vmul(d, vset(x[t * stride].scale)), sum[t], v[t]);
			v[t] = _mm512_fnmadd_ps(d32, off[t], v[t]);
		}
	}
	UNROLL for (int t = 0; t < tokens; t++) vstore(y + t * ystride, v[t]);
}

// lanes_q8_0 is lanes_q4_K for q8_0. Codes have a sign: 128 is added, and taken off the sum. The first word of a unit
// has the scale of its first block and two of its codes, the ninth two codes and the second scale: of these the codes
// are left beside zeros, so that it does not matter which activations follow the two.
FN void lanes_q8_0(float *y, ptrdiff_t ystride, const uint8_t *p, ptrdiff_t n, const planes *x, ptrdiff_t stride,
	const int tokens) {
	V v[SOME_TOKENS];
	UNROLL for (int t = 0; t < tokens; t++) v[t] = vzero();
	for (; n > 0; n -= 256, x++) {
		V sum[SOME_TOKENS];
		int32_t off[SOME_TOKENS][8] ALIGNED;
		UNROLL for (int t = 0; t < tokens; t++) {
			const planes *g = x + t * stride;
			sum[t] = vzero();
			__m256i whole = _mm256_cvtps_epi32(_mm256_loadu_ps(g->whole));
			_mm256_storeu_si256((__m256i *)off[t], _mm256_slli_epi32(whole, 7));
		}
		for (int at = 0; at < 256 && at < n; at += 64, p += LANES * 68) {
			I first = qload(p), middle = qload(p + 8 * 64);
			V scales[2] = {_mm512_cvtph_ps(_mm512_cvtepi32_epi16(first)),
				_mm512_cvtph_ps(_mm512_cvtepi32_epi16(ishr(middle, 16)))};
			UNROLL for (int h = 0; h < 2; h++) {
				I hi[SOME_TOKENS], lo[SOME_TOKENS];
				UNROLL for (int t = 0; t < tokens; t++) hi[t] = lo[t] = pzero();
				UNROLL for (int i = 0; i < 9 - h; i++) {
					const uint8_t *q = p + 64 * (9 * h + i);
					__builtin_prefetch(q + LANES_AHEAD);
					Q codes = _mm512_xor_si512(qload(q), _mm512_set1_epi8(-128));
					if (h == 0 && i == 0) codes = ishr(codes, 16);
					if (h == 0 && i == 8) codes = iand(codes, 0xffff);
					const ptrdiff_t place = PLACE(at + 32 * h) + (h || i == 0 ? 4 * i : 4 * i - 2);
					UNROLL for (int t = 0; t < tokens; t++) {
						hi[t] = _mm512_dpbusd_epi32(hi[t], codes, spread(x[t * stride].hi + place));
						lo[t] = _mm512_dpbusd_epi32(lo[t], codes, spread(x[t * stride].lo + place));
					}
				}
				UNROLL for (int t = 0; t < tokens; t++) {
					I dot = iadd(ishl(hi[t], 7), lo[t]);
					dot = _mm512_sub_epi32(dot, iset(off[t][at / 32 + h]));
					sum[t] = vfma(scales[h], vfrom(dot), sum[t]);
				}
			}
		}
		UNROLL for (int t = 0; t < tokens; t++) v[t] = vfma(vset(x[t * stride].scale), sum[t], v[t]);
	}
	UNROLL for (int t = 0; t < tokens; t++) vstore(y + t * ystride, v[t]);
}

// lanes_q4_0 is lanes_q8_0 for q4_0, of whose words the scales are the same halves. Codes are 8 too large.
FN void lanes_q4_0(float *y, ptrdiff_t ystride, const uint8_t *p, ptrdiff_t n, const planes *x, ptrdiff_t stride,
	const int tokens) {
	V v[SOME_TOKENS];
	UNROLL for (int t = 0; t < tokens; t++) v[t] = vzero();
	for (; n > 0; n -= 256, x++) {
		V sum[SOME_TOKENS];
		int32_t off[SOME_TOKENS][8] ALIGNED;
		UNROLL for (int t = 0; t < tokens; t++) {
			sum[t] = vzero();
			__m256i whole = _mm256_cvtps_epi32(_mm256_loadu_ps(x[t * stride].whole));
			_mm256_storeu_si256((__m256i *)off[t], _mm256_slli_epi32(whole, 3));
		}
		for (int at = 0; at < 256 && at < n; at += 64, p += LANES * 36) {
			I first = qload(p), middle = qload(p + 4 * 64);
			V scales[2] = {_mm512_cvtph_ps(_mm512_cvtepi32_epi16(first)),
				_mm512_cvtph_ps(_mm512_cvtepi32_epi16(ishr(middle, 16)))};
			UNROLL for (int h = 0; h < 2; h++) {
				I hi[SOME_TOKENS], lo[SOME_TOKENS];
				UNROLL for (int t = 0; t < tokens; t++) hi[t] = lo[t] = pzero();
				UNROLL for (int i = 0; i < 5 - h; i++) {
					const uint8_t *q = p + 64 * (5 * h + i);
					__builtin_prefetch(q + LANES_AHEAD);
					Q word = qload(q);
					if (h == 0 && i == 0) word = ishr(word, 16);
					UNROLL for (int k = 0; k < 2; k++) { // of a byte one code, and that of 16 columns later
						const int two = h == 0 && (i == 0 || i == 4);
						Q codes = two ? iand(ishr(word, 4 * k), 0xf0f) : qand(qshr(word, 4 * k), 15);
						const ptrdiff_t place = PLACE(at + 32 * h) + 16 * k + (h || i == 0 ? 4 * i : 4 * i - 2);
						UNROLL for (int t = 0; t < tokens; t++) {
							hi[t] = _mm512_dpbusd_epi32(hi[t], codes, spread(x[t * stride].hi + place));
							lo[t] = _mm512_dpbusd_epi32(lo[t], codes, spread(x[t * stride].lo + place));
						}
					}
				}
				UNROLL for (int t = 0; t < tokens; t++) {
					I dot = iadd(ishl(hi[t], 7), lo[t]);
					dot = _mm512_sub_epi32(dot, iset(off[t][at / 32 + h]));
					sum[t] = vfma(scales[h], vfrom(dot), sum[t]);
				}
			}
		}
		UNROLL for (int t = 0; t < tokens; t++) v[t] = vfma(vset(x[t * stride].scale), sum[t], v[t]);
	}
	UNROLL for (int t = 0; t < tokens; t++) vstore(y + t * ystride, v[t]);
}

#define SOME_LANES(T, count) lanes_##T(y + t * ystride, ystride, p, m->cols, x + t * stride, stride, count)

// LANES_OF defines lanesof_T: rounded_T for rows that are interleaved, and activations as round makes them for q4_K.
#define LANES_OF(T) \
KERNEL void lanesof_##T(float *y, ptrdiff_t ystride, const fm_matrix *m, ptrdiff_t r, ptrdiff_t rows, const planes *x, \
	ptrdiff_t tokens) { \
	ptrdiff_t stride = (m->cols + 255) / 256; \
	for (; rows > 0; rows -= LANES, r += LANES, y += LANES) { \
		const uint8_t *p = m->data + r * m->pitch; \
		ptrdiff_t t = 0; \
		for (; t + 4 <= tokens; t += 4) SOME_LANES(T, 4); \
		for (; t + 2 <= tokens; t += 2) SOME_LANES(T, 2); \
		for (; t < tokens; t++) SOME_LANES(T, 1); \
	} \
}

LANES_OF(q4_K)
LANES_OF(q6_K)
LANES_OF(q8_0)
LANES_OF(q4_0)
#endif
