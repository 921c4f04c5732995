// The kernels, over what each set defines: V, I, T, A, H and their functions.
//
// A sum of products has 16 partial sums, element k going to number k mod 16,
// each in the order of k by fused multiplication, added at the end in the order
// of halves and hsum. So the product of a row and x has the same bits from rows
// and from tile, whatever is computed with it.

#define KERNEL static TARGET

#include "blocks.h"
#include "floats.h"
#include "interleaved.h"

FN float total(V v) { return hsum(halves(v)); }

// Memory is asked for this far ahead: at the end of rows that are read together,
// the beginning of those that follow.
enum { AHEAD = 1536 };

// JUMP is what is to be added to a pointer of four rows that many bytes before
// their end, to be AHEAD of it.
#define JUMP(left) (AHEAD + ((left) < AHEAD ? 3 * pitch : 0))

// PREFETCH asks for the n bytes from p on. It may reach beyond the matrix, which
// does no harm.
#define PREFETCH(p, n) UNROLL for (int i_ = 0; i_ < (n); i_ += 64) __builtin_prefetch((p) + i_)
#define PREFETCH4(jump, n) do { \
	ptrdiff_t j_ = jump; \
	PREFETCH(p0 + j_, n); \
	PREFETCH(p1 + j_, n); \
	PREFETCH(p2 + j_, n); \
	PREFETCH(p3 + j_, n); \
} while (0)

// STORED keeps scales in memory, from where they are spread over a vector for
// the price of a load. The compiler would shuffle them out of a register, which
// is what these kernels have least time for.
#define STORED(s) __asm__("" : "+m"(*(float(*)[32])(s)))

#define PUT(k, v) vstore(dst + (k), v)
#define DOT0(k, v) s0 = vfma(v, vload(x + (k)), s0)
#define DOT1(k, v) s1 = vfma(v, vload(x + (k)), s1)
#define DOT2(k, v) s2 = vfma(v, vload(x + (k)), s2)
#define DOT3(k, v) s3 = vfma(v, vload(x + (k)), s3)

// BLOCKS defines, for a type of blocks of N elements in SIZE bytes (blocks.h has
// HEAD, PARTS and PART): widen_T, columns [c, c+n) of row r; and rows_T, n rows
// from r on times x, four at a time, so that as many streams come from memory.
#define BLOCKS(T, N, SIZE, HEAD, PARTS, PART) \
FN void widen_##T(float *dst, const fm_matrix *m, ptrdiff_t r, ptrdiff_t c, ptrdiff_t n) { \
	const uint8_t *p = m->data + r * m->pitch + c / N * SIZE; \
	ptrdiff_t i = (r * m->cols + c) / N; \
	float s[32] ALIGNED; \
	for (; n > 0; n -= N, dst += N, p += SIZE, i++) { \
		HEAD(s, p, i); \
		STORED(s); \
		UNROLL for (int g = 0; g < PARTS; g++) PART(s, p, g, PUT); \
	} \
} \
KERNEL void rows_##T(float *y, ptrdiff_t n, const fm_matrix *m, ptrdiff_t r, const float *x0) { \
	ptrdiff_t pitch = m->pitch, blocks = m->cols / N; \
	float h0[32] ALIGNED, h1[32] ALIGNED, h2[32] ALIGNED, h3[32] ALIGNED; \
	for (; n >= 4; n -= 4, r += 4, y += 4) { \
		V s0 = vzero(), s1 = s0, s2 = s0, s3 = s0; \
		const uint8_t *p0 = m->data + r * pitch, *p1 = p0 + pitch, *p2 = p1 + pitch, *p3 = p2 + pitch; \
		const float *x = x0; \
		for (ptrdiff_t b = 0; b < blocks; b++, p0 += SIZE, p1 += SIZE, p2 += SIZE, p3 += SIZE, x += N) { \
			PREFETCH4(JUMP((blocks - b) * SIZE), SIZE); \
			HEAD(h0, p0, r * blocks + b); \
			HEAD(h1, p1, (r + 1) * blocks + b); \
			HEAD(h2, p2, (r + 2) * blocks + b); \
			HEAD(h3, p3, (r + 3) * blocks + b); \
			STORED(h0); STORED(h1); STORED(h2); STORED(h3); \
			UNROLL for (int g = 0; g < PARTS; g++) { \
				PART(h0, p0, g, DOT0); \
				PART(h1, p1, g, DOT1); \
				PART(h2, p2, g, DOT2); \
				PART(h3, p3, g, DOT3); \
			} \
		} \
		y[0] = total(s0), y[1] = total(s1), y[2] = total(s2), y[3] = total(s3); \
	} \
	for (; n > 0; n--, r++, y++) { \
		V s0 = vzero(); \
		const uint8_t *p = m->data + r * pitch; \
		const float *x = x0; \
		for (ptrdiff_t b = 0; b < blocks; b++, p += SIZE, x += N) { \
			HEAD(h0, p, r * blocks + b); \
			STORED(h0); \
			UNROLL for (int g = 0; g < PARTS; g++) PART(h0, p, g, DOT0); \
		} \
		*y = total(s0); \
	} \
}

BLOCKS(q8_0, 32, 34, NO_HEAD, 1, PART_Q8_0)
BLOCKS(q4_0, 32, 18, NO_HEAD, 1, PART_Q4_0)
BLOCKS(q4_1, 32, 20, NO_HEAD, 1, PART_Q4_1)
BLOCKS(q5_0, 32, 22, NO_HEAD, 1, PART_Q5_0)
BLOCKS(q5_1, 32, 24, NO_HEAD, 1, PART_Q5_1)
BLOCKS(q2_K, 256, 84, HEAD_Q2_K, 16, PART_Q2_K)
BLOCKS(q3_K, 256, 110, HEAD_Q3_K, 16, PART_Q3_K)
BLOCKS(q4_K, 256, 144, HEAD_K, 4, PART_Q4_K)
BLOCKS(q5_K, 256, 176, HEAD_K, 8, PART_Q5_K)
BLOCKS(q6_K, 256, 210, HEAD_Q6_K, 2, PART_Q6_K)
BLOCKS(iq4_nl, 32, 18, NO_HEAD, 1, PART_IQ4_NL)
BLOCKS(iq4_xs, 256, 136, HEAD_IQ4_XS, 8, PART_IQ4_XS)
BLOCKS(book, 64, 32, HEAD_BOOK, 1, PART_BOOK)

FN V vf32(const uint8_t *p) { return vload((const float *)p); }

// PLAIN is BLOCKS for a type whose elements are by themselves, SIZE bytes each,
// in rows of any length. LOAD takes 16. What widen_T writes is filled up with
// zeros to a multiple of 16.
#define PLAIN(T, SIZE, LOAD) \
FN V rest_##T(const uint8_t *p, ptrdiff_t n) { /* n < 16 elements, then zeros */ \
	uint8_t b[16 * SIZE] ALIGNED; \
	memset(b, 0, sizeof b); \
	memcpy(b, p, n * SIZE); \
	return LOAD(b); \
} \
FN void widen_##T(float *dst, const fm_matrix *m, ptrdiff_t r, ptrdiff_t c, ptrdiff_t n) { \
	const uint8_t *p = m->data + r * m->pitch + c * SIZE; \
	for (; n >= 16; n -= 16, dst += 16, p += 16 * SIZE) vstore(dst, LOAD(p)); \
	if (n > 0) vstore(dst, rest_##T(p, n)); \
} \
KERNEL void rows_##T(float *y, ptrdiff_t n, const fm_matrix *m, ptrdiff_t r, const float *x0) { \
	ptrdiff_t pitch = m->pitch, whole = m->cols & -16, rest = m->cols - whole; \
	for (; n >= 4; n -= 4, r += 4, y += 4) { \
		V s0 = vzero(), s1 = s0, s2 = s0, s3 = s0; \
		const uint8_t *p0 = m->data + r * pitch, *p1 = p0 + pitch, *p2 = p1 + pitch, *p3 = p2 + pitch; \
		const float *x = x0; \
		for (ptrdiff_t k = 0; k < whole; \
			k += 16, p0 += 16 * SIZE, p1 += 16 * SIZE, p2 += 16 * SIZE, p3 += 16 * SIZE, x += 16) { \
			PREFETCH4(JUMP((whole - k) * SIZE), 16 * SIZE); \
			DOT0(0, LOAD(p0)); \
			DOT1(0, LOAD(p1)); \
			DOT2(0, LOAD(p2)); \
			DOT3(0, LOAD(p3)); \
		} \
		if (rest > 0) { \
			V v = vpart(x, rest); \
			s0 = vfma(rest_##T(p0, rest), v, s0); \
			s1 = vfma(rest_##T(p1, rest), v, s1); \
			s2 = vfma(rest_##T(p2, rest), v, s2); \
			s3 = vfma(rest_##T(p3, rest), v, s3); \
		} \
		y[0] = total(s0), y[1] = total(s1), y[2] = total(s2), y[3] = total(s3); \
	} \
	for (; n > 0; n--, r++, y++) { \
		V s0 = vzero(); \
		const uint8_t *p = m->data + r * pitch; \
		const float *x = x0; \
		for (ptrdiff_t k = 0; k < whole; k += 16, p += 16 * SIZE, x += 16) DOT0(0, LOAD(p)); \
		if (rest > 0) s0 = vfma(rest_##T(p, rest), vpart(x, rest), s0); \
		*y = total(s0); \
	} \
}

PLAIN(f32, 4, vf32)
PLAIN(f16, 2, vf16)
PLAIN(bf16, 2, vbf16)

#define TYPES(DO) \
	DO(FM_F32, f32) DO(FM_F16, f16) DO(FM_BF16, bf16) \
	DO(FM_Q8_0, q8_0) DO(FM_Q4_0, q4_0) DO(FM_Q4_1, q4_1) DO(FM_Q5_0, q5_0) DO(FM_Q5_1, q5_1) \
	DO(FM_Q2_K, q2_K) DO(FM_Q3_K, q3_K) DO(FM_Q4_K, q4_K) DO(FM_Q5_K, q5_K) DO(FM_Q6_K, q6_K) \
	DO(FM_IQ4_NL, iq4_nl) DO(FM_IQ4_XS, iq4_xs) DO(FM_NF4, book) DO(FM_FP4, book)

#ifdef INTERLEAVED
// INTERLEAVED_ROWS defines rowsof_T, which is rows_T, to the same bits, for rows that are interleaved. ADD adds to s0
// the products of a unit of a row at b and x.
#define INTERLEAVED_ROWS(T, COLS, SIZE, ADD) \
KERNEL void rowsof_##T(float *y, ptrdiff_t n, const fm_matrix *m, ptrdiff_t r, const float *x0) { \
	uint8_t units[LANES * SIZE] ALIGNED; \
	float h[32] ALIGNED; \
	for (; n > 0; n -= LANES, r += LANES, y += LANES) { \
		V s[LANES]; \
		for (int i = 0; i < LANES; i++) s[i] = vzero(); \
		const uint8_t *p = m->data + r * m->pitch; \
		const float *x = x0; \
		for (ptrdiff_t c = 0; c < m->cols; c += COLS, p += LANES * SIZE, x += COLS) { \
			PREFETCH(p + AHEAD, LANES * SIZE); \
			straight(units, SIZE, p, SIZE); \
			for (int i = 0; i < LANES; i++) { \
				const uint8_t *b = units + i * SIZE; \
				V s0 = s[i]; \
				ADD; \
				s[i] = s0; \
			} \
		} \
		for (int i = 0; i < LANES; i++) y[i] = total(s[i]); \
	} \
}
#define ADD_Q4_K \
	scales_K(h, b); \
	STORED(h); \
	UNROLL for (int g = 0; g < 4; g++) PART_Q4_K(h, b, g, DOT0)
#define ADD_Q6_K \
	HEAD_Q6_K(h, b, 0); \
	STORED(h); \
	UNROLL for (int g = 0; g < 2; g++) PART_Q6_K(h, b, g, DOT0)
#define DOT32(k, v) s0 = vfma(v, vload(x + 32 + (k)), s0)
#define ADD_Q8_0 \
	(void)h; \
	PART_Q8_0(h, b, 0, DOT0); \
	PART_Q8_0(h, b + 34, 0, DOT32)
#define ADD_Q4_0 \
	(void)h; \
	PART_Q4_0(h, b, 0, DOT0); \
	PART_Q4_0(h, b + 18, 0, DOT32)

INTERLEAVED_ROWS(q4_K, 256, 144, ADD_Q4_K)
INTERLEAVED_ROWS(q6_K, 256, 210, ADD_Q6_K)
INTERLEAVED_ROWS(q8_0, 64, 68, ADD_Q8_0)
INTERLEAVED_ROWS(q4_0, 64, 36, ADD_Q4_0)
#endif

KERNEL void NAME(rows)(float *y, ptrdiff_t n, const fm_matrix *m, ptrdiff_t r, const float *x) {
#ifdef INTERLEAVED
	if (r < m->interleaved) {
		ptrdiff_t some = m->interleaved - r < n ? m->interleaved - r : n;
		switch (m->type) {
		case FM_Q8_0: rowsof_q8_0(y, some, m, r, x); break;
		case FM_Q4_0: rowsof_q4_0(y, some, m, r, x); break;
		case FM_Q6_K: rowsof_q6_K(y, some, m, r, x); break;
		default: rowsof_q4_K(y, some, m, r, x);
		}
		y += some, r += some, n -= some;
	}
#endif
#define CASE(number, T) case number: rows_##T(y, n, m, r, x); return;
	switch (m->type) { TYPES(CASE) }
#undef CASE
}

// span widens columns [c, c+n) of row r, and zeros up to a multiple of 16.
KERNEL void span(float *dst, const fm_matrix *m, ptrdiff_t r, ptrdiff_t c, ptrdiff_t n) {
#ifdef INTERLEAVED
	if (r < m->interleaved) {
		uint8_t unit[MOST_UNIT] ALIGNED;
		fm_matrix one = {m->type, unitcols(m->type), unitsize(m->type), unit, 0, 0, 0};
		for (; n > 0; n -= one.cols, c += one.cols, dst += one.cols) {
			straightrow(unit, m, r, c);
			switch (m->type) {
			case FM_Q8_0: widen_q8_0(dst, &one, 0, 0, 64); break;
			case FM_Q4_0: widen_q4_0(dst, &one, 0, 0, 64); break;
			case FM_Q6_K: widen_q6_K(dst, &one, 0, 0, 256); break;
			default: widen_q4_K(dst, &one, 0, 0, 256);
			}
		}
		return;
	}
#endif
#define CASE(number, T) case number: widen_##T(dst, m, r, c, n); return;
	switch (m->type) { TYPES(CASE) }
#undef CASE
}

KERNEL void NAME(widen)(float *dst, const fm_matrix *m, ptrdiff_t r) {
	ptrdiff_t whole = m->cols & -16, rest = m->cols - whole;
	if (whole > 0) span(dst, m, r, 0, whole);
	if (rest > 0) {
		float last[16] ALIGNED;
		span(last, m, r, whole, rest);
		memcpy(dst + whole, last, rest * sizeof *dst);
	}
}

// products adds to sums, [tokens][FM_TILE_ROWS] of 16 partial sums, the
// products of TILE_R rows of the panel and tokens rows of x over n columns.
FN void products(float *sums, const float *panel, const float *x, ptrdiff_t xstride, ptrdiff_t n, int first,
                 const int tokens) {
	V s[TILE_T][TILE_R];
	UNROLL for (int t = 0; t < tokens; t++)
		UNROLL for (int r = 0; r < TILE_R; r++)
			s[t][r] = first ? vzero() : vload(sums + (t * FM_TILE_ROWS + r) * 16);
	ptrdiff_t k = 0;
	for (; k + 16 <= n; k += 16) {
		V w[TILE_R];
		UNROLL for (int r = 0; r < TILE_R; r++) w[r] = vload(panel + r * FM_TILE_COLS + k);
		UNROLL for (int t = 0; t < tokens; t++) {
			V v = vload(x + t * xstride + k);
			UNROLL for (int r = 0; r < TILE_R; r++) s[t][r] = vfma(w[r], v, s[t][r]);
		}
	}
	if (k < n)
		UNROLL for (int t = 0; t < tokens; t++) {
			V v = vpart(x + t * xstride + k, n - k);
			UNROLL for (int r = 0; r < TILE_R; r++) s[t][r] = vfma(vload(panel + r * FM_TILE_COLS + k), v, s[t][r]);
		}
	UNROLL for (int t = 0; t < tokens; t++)
		UNROLL for (int r = 0; r < TILE_R; r++) vstore(sums + (t * FM_TILE_ROWS + r) * 16, s[t][r]);
}

// tile sets y, (tokens, rows), to the products of rows [r, r+rows) of m and
// tokens rows of x. A panel of the rows is widened into work and multiplied from
// there, where the caches keep it.
KERNEL void NAME(tile)(float *y, ptrdiff_t ystride, const fm_matrix *m, ptrdiff_t r0, ptrdiff_t rows,
	const float *x, ptrdiff_t xstride, ptrdiff_t tokens, float *work) {
	float *panel = work, *sums = work + FM_TILE_ROWS * FM_TILE_COLS;
	uint8_t room[ROOM] ALIGNED;
	ptrdiff_t padded = (rows + TILE_R - 1) / TILE_R * TILE_R;
	if (rows < padded) memset(panel + rows * FM_TILE_COLS, 0, (padded - rows) * FM_TILE_COLS * sizeof *panel);
	for (ptrdiff_t c = 0; c < m->cols; c += FM_TILE_COLS) {
		ptrdiff_t n = m->cols - c < FM_TILE_COLS ? m->cols - c : FM_TILE_COLS;
		fm_matrix some = *m;
		ptrdiff_t r1 = r0, c1 = c;
		straighten(&some, &r1, &c1, n, room);
		for (ptrdiff_t r = 0; r < rows; r++) span(panel + r * FM_TILE_COLS, &some, r1 + r, c1, n);
		for (ptrdiff_t r = 0; r < padded; r += TILE_R) {
			ptrdiff_t t = 0;
#define PRODUCTS(some) \
	products(sums + (t * FM_TILE_ROWS + r) * 16, panel + r * FM_TILE_COLS, x + t * xstride + c, \
		xstride, n, c == 0, some)
			for (; t + TILE_T <= tokens; t += TILE_T) PRODUCTS(TILE_T);
			switch (tokens - t) {
#if TILE_T > 3
			case 5: PRODUCTS(5); break;
			case 4: PRODUCTS(4); break;
			case 3: PRODUCTS(3); break;
#endif
			case 2: PRODUCTS(2); break;
			case 1: PRODUCTS(1); break;
			}
#undef PRODUCTS
		}
	}
	for (ptrdiff_t t = 0; t < tokens; t++)
		for (ptrdiff_t r = 0; r < rows; r++)
			y[t * ystride + r] = total(vload(sums + (t * FM_TILE_ROWS + r) * 16));
}

// exponents returns A·log2 e, and vdelta Δ: neither above what keeps their product finite. In this order NaN stays.
FN V exponents(V a) { return vmin(vset(0x1p60f), vmax(vset(-0x1p60f), vmul(vset(LOG2E), a))); }
FN V vdelta(V x) { return vmin(vset(0x1p60f), vsoftplus(x)); }

#ifdef WIDE_SCAN
// turned transposes 16 rows of 16, from and to memory.
FN void turned(float *to, const float *from) {
#ifdef WIDE_TILES
	I r[16];
	for (int i = 0; i < 16; i++) r[i] = ibitsof(vload(from + 16 * i));
	turn(r);
	for (int i = 0; i < 16; i++) vstore(to + 16 * i, vofbits(r[i]));
#else
	for (int i = 0; i < 16; i++) for (int j = 0; j < 16; j++) to[16 * i + j] = from[16 * j + i];
#endif
}

// Tokens of which delta is computed before their states are: one by one, each would wait for its own.
enum { SCAN_TOKENS = 32 };

// widescan is scan of 16 channels from d on, which are the elements of a vector: a state of each.
// That saves the sums across vectors, of which it keeps the order, and costs turning the states
// around. ABREAST of the states are computed together, each pair of them 8 apart.
#define STATE(i, j) ((i) + (j) / 2 + 8 * ((j) % 2))
FN void widescan(const fm_scan *s, ptrdiff_t d) {
	float a[256] ALIGNED, h[256] ALIGNED, delta[16 * SCAN_TOKENS] ALIGNED, u[16 * SCAN_TOKENS] ALIGNED;
	turned(a, s->a + d * 16);
	for (int i = 0; i < 16; i++) vstore(a + 16 * i, exponents(vload(a + 16 * i)));
	turned(h, s->from + d * 16);
	V skip = vload(s->skip + d);
	for (ptrdiff_t t0 = 0; t0 < s->tokens; t0 += SCAN_TOKENS) {
		ptrdiff_t some = s->tokens - t0 < SCAN_TOKENS ? s->tokens - t0 : SCAN_TOKENS;
		for (ptrdiff_t t = 0; t < some; t++) {
			V dt = vdelta(vload(s->dt + (t0 + t) * s->dtstride + d));
			vstore(delta + 16 * t, dt);
			vstore(u + 16 * t, vmul(dt, vload(s->x + (t0 + t) * s->xstride + d)));
		}
		for (ptrdiff_t t = 0; t < some; t++) {
			V dt = vload(delta + 16 * t), ut = vload(u + 16 * t), x = vload(s->x + (t0 + t) * s->xstride + d);
			const float *b = s->b + (t0 + t) * s->bstride, *c = s->c + (t0 + t) * s->cstride;
			V p[8];
			UNROLL for (int i = 0; i < 8; i += ABREAST / 2) {
				V g[ABREAST];
				UNROLL for (int j = 0; j < ABREAST; j++) g[j] = vmul(dt, vload(a + 16 * STATE(i, j)));
				vexp2(g, ABREAST);
				UNROLL for (int j = 0; j < ABREAST; j++) {
					int n = STATE(i, j);
					g[j] = vfma(g[j], vload(h + 16 * n), vmul(ut, vset(b[n])));
					vstore(h + 16 * n, g[j]);
				}
				UNROLL for (int j = 0; j < ABREAST; j += 2)
					p[i + j / 2] = vfma(vset(c[STATE(i, j + 1)]), g[j + 1], vmul(vset(c[STATE(i, j)]), g[j]));
				__asm__("" : "+m"(*(float(*)[256])h)); // registers are for what is computed
			}
			V low = vadd(vadd(p[0], p[1]), vadd(p[2], p[3])), high = vadd(vadd(p[4], p[5]), vadd(p[6], p[7]));
			vstore(s->y + (t0 + t) * s->ystride + d, vfma(skip, x, vadd(low, high)));
		}
	}
	turned(s->to + d * 16, h);
}
#endif

// scan advances channels of the selective scan of 16 states by tokens. a is A,
// (channels, 16), skip is D; the states are (channels, 16) too, and may be one.
// y may be x. A group of 16 channels is done with at a time: its states stay in
// the first-level cache.
KERNEL void NAME(scan)(const fm_scan *s) {
	for (ptrdiff_t d = 0; d < s->channels; d += 16) {
		ptrdiff_t n = s->channels - d < 16 ? s->channels - d : 16;
#ifdef WIDE_SCAN
		if (n == 16 && s->tokens >= WIDE_SCAN) {
			widescan(s, d);
			continue;
		}
#endif
		V a[16], h[16];
		H p[16];
		for (ptrdiff_t i = 0; i < 16; i++) p[i] = halves(vzero());
		for (ptrdiff_t i = 0; i < n; i++) {
			a[i] = exponents(vload(s->a + (d + i) * 16));
			h[i] = vload(s->from + (d + i) * 16);
		}
		V skip = vpart16(s->skip + d, n);
		for (ptrdiff_t t = 0; t < s->tokens; t++) {
			float delta[16] ALIGNED, u[16] ALIGNED;
			V x = vpart16(s->x + t * s->xstride + d, n);
			V dt = vdelta(vpart16(s->dt + t * s->dtstride + d, n));
			vstore(delta, dt);
			vstore(u, vmul(dt, x));
			V b = vload(s->b + t * s->bstride), c = vload(s->c + t * s->cstride);
			for (ptrdiff_t i = 0; i < n; i++) {
				V g = vmul(vset(delta[i]), a[i]);
				vexp2(&g, 1);
				h[i] = vfma(g, h[i], vmul(vset(u[i]), b));
				p[i] = halvesof(c, h[i]);
			}
			V y = vfma(skip, x, vsums(p));
			if (n == 16) vstore(s->y + t * s->ystride + d, y);
			else vstorepart(s->y + t * s->ystride + d, y, n);
		}
		for (ptrdiff_t i = 0; i < n; i++) vstore(s->to + (d + i) * 16, h[i]);
	}
}

// conv is a convolution of 4 taps over n channels and tokens rows. taps are 4
// rows of n, past the 3 rows of n that came before, oldest first; bias may be
// NULL. With silu, that follows.
KERNEL void NAME(conv)(float *y, ptrdiff_t ystride, const float *x, ptrdiff_t xstride, const float *past,
	const float *taps, const float *bias, ptrdiff_t n, ptrdiff_t tokens, int silu) {
	for (ptrdiff_t d = 0; d < n; d += 16) {
		ptrdiff_t m = n - d < 16 ? n - d : 16;
		V w0 = vpart16(taps + d, m), w1 = vpart16(taps + n + d, m);
		V w2 = vpart16(taps + 2 * n + d, m), w3 = vpart16(taps + 3 * n + d, m);
		V x0 = vpart16(past + d, m), x1 = vpart16(past + n + d, m), x2 = vpart16(past + 2 * n + d, m);
		V b = bias ? vpart16(bias + d, m) : vzero();
		for (ptrdiff_t t = 0; t < tokens; t++) {
			V x3 = vpart16(x + t * xstride + d, m);
			V v = vfma(w3, x3, vfma(w2, x2, vfma(w1, x1, vfma(w0, x0, b))));
			if (silu) v = vsilu(v);
			if (m == 16) vstore(y + t * ystride + d, v);
			else vstorepart(y + t * ystride + d, v, m);
			x0 = x1, x1 = x2, x2 = x3;
		}
	}
}

// step is conv of one token, on states and taps as they are stored: 3 and 4 of each channel. The
// states may be one.
KERNEL void NAME(step)(float *y, const float *x, const float *from, float *to, const float *taps, const float *bias,
	ptrdiff_t n, int silu) {
	ptrdiff_t d = 0;
#ifdef WIDE_STEP
	for (; d + 16 <= n; d += 16) {
		V w[4], h[4];
		fours(w, taps + 4 * d);
		threes(h, from + 3 * d);
		h[3] = vload(x + d);
		V v = bias ? vload(bias + d) : vzero();
		UNROLL for (int i = 0; i < 4; i++) v = vfma(w[i], h[i], v);
		vstore(y + d, silu ? vsilu(v) : v);
		bythrees(to + 3 * d, h + 1);
	}
#endif
	ptrdiff_t rest = d;
	for (; d < n; d++) {
		const float *w = taps + 4 * d, *h = from + 3 * d;
		float x0 = h[0], x1 = h[1], x2 = h[2], x3 = x[d];
		y[d] = fmaf(w[3], x3, fmaf(w[2], x2, fmaf(w[1], x1, fmaf(w[0], x0, bias ? bias[d] : 0))));
		to[3 * d] = x1, to[3 * d + 1] = x2, to[3 * d + 2] = x3;
	}
	if (!silu) return;
	for (d = rest; d + 16 <= n; d += 16) vstore(y + d, vsilu(vload(y + d)));
	if (d < n) vstorepart(y + d, vsilu(vpart(y + d, n - d)), n - d);
}

// gate sets out to y · silu(z).
KERNEL void NAME(gate)(float *out, const float *y, const float *z, ptrdiff_t n) {
	ptrdiff_t i = 0;
	for (; i + 16 <= n; i += 16) vstore(out + i, vmul(vload(y + i), vsilu(vload(z + i))));
	if (i < n) vstorepart(out + i, vmul(vpart(y + i, n - i), vsilu(vpart(z + i, n - i))), n - i);
}

// norm sets dst to x / sqrt(mean(x²) + eps) · weight; weight may be NULL, and
// dst x. The sum is of doubles: it scales all that follows.
KERNEL void NAME(norm)(float *dst, const float *x, const float *weight, float eps, ptrdiff_t n) {
	V scale = vset((float)(1 / sqrt(sumsquares(x, n) / (double)n + (double)eps)));
	for (ptrdiff_t i = 0; i < n; i += 16) {
		ptrdiff_t m = n - i < 16 ? n - i : 16;
		V v = vmul(vpart16(x + i, m), scale);
		if (weight) v = vmul(v, vpart16(weight + i, m));
		if (m == 16) vstore(dst + i, v);
		else vstorepart(dst + i, v, m);
	}
}

#include "rounded.h"
#include "half.h"
