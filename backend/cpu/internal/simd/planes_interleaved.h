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
	for (; n > 0; n -= 256, p += LANES * SIZE_Q4_K, x++) {
		UNROLL for (int i = 0; i < 4; i++) __builtin_prefetch(p + LANES_AHEAD + 64 * i);
		// Scales and minima of 6 bits: quant.pairK says where.
		I a = qload(p + 64), b = qload(p + 128), c = qload(p + 192);
		I scales[2] = {qand(a, 63), qjoin(c, qand(qshr(a, 2), 48))};
		I minima[2] = {qand(b, 63), qjoin(qshr(c, 4), qand(qshr(b, 2), 48))};
		I sum[SOME_TOKENS];
		V off[SOME_TOKENS];
		UNROLL for (int t = 0; t < tokens; t++) sum[t] = pzero(), off[t] = vzero();
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
				I scale = lanebyte(scales[k / 4], k % 4);
				V minimum = vfrom(lanebyte(minima[k / 4], k % 4));
				UNROLL for (int t = 0; t < tokens; t++) {
					I dot = iadd(ishl(hi[t][h], 7), lo[t][h]);
					sum[t] = iadd(sum[t], _mm512_mullo_epi32(dot, scale));
					off[t] = vfma(minimum, vset(x[t * stride].sums32[k]), off[t]);
				}
			}
		}
		I halves = qload(p); // both scales of a block
		V d = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(halves));
		V m = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(ishr(halves, 16)));
		UNROLL for (int t = 0; t < tokens; t++) {
			v[t] = vfma(vmul(d, vset(x[t * stride].scale)), pwhole(sum[t]), v[t]);
			v[t] = _mm512_fnmadd_ps(m, off[t], v[t]);
		}
	}
	UNROLL for (int t = 0; t < tokens; t++) vstore(y + t * ystride, v[t]);
}

#define SOME_LANES(count) lanes_q4_K(y + t * ystride, ystride, p, m->cols, x + t * stride, stride, count)

// lanesof_q4_K is rounded_q4_K for rows that are interleaved.
KERNEL void lanesof_q4_K(float *y, ptrdiff_t ystride, const fm_matrix *m, ptrdiff_t r, ptrdiff_t rows, const planes *x,
	ptrdiff_t tokens) {
	ptrdiff_t stride = m->cols / 256;
	for (; rows > 0; rows -= LANES, r += LANES, y += LANES) {
		const uint8_t *p = m->data + r * m->pitch;
		ptrdiff_t t = 0;
		for (; t + 4 <= tokens; t += 4) SOME_LANES(4);
		for (; t + 2 <= tokens; t += 2) SOME_LANES(2);
		for (; t < tokens; t++) SOME_LANES(1);
	}
}
#endif
