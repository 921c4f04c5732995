// Tiles of bfloat16 by Arm's products of its matrices: what half.h computes, two rows of a weight times two of
// activations and four columns to an instruction, which adds to four sums of float32. As the processor rounds these,
// to odd or by its mode, a sum is off by a step of float32 for every four columns at most.
//
// Rows lie two by two, four columns of either by turns: of activations as halve leaves them, of a weight in the panel.

typedef bfloat16x8_t B;

enum {
	SUMS_R = 4, // times two rows, and two tokens, that are multiplied at a time: 16 registers of sums
	SUMS_T = 4,
	WORK_ROWS = FM_TILE_COLS + 2 * FM_TILE_COLS / 2, // floats: a row that is widened, two that are rounded
	HALF_MATRICES_WORK = WORK_ROWS + FM_TILE_ROWS * FM_TILE_COLS / 2 + FM_TILE_ROWS * FM_HALF_TOKENS
};

FN B bload(const uint16_t *p) { return vreinterpretq_bf16_u16(vld1q_u16(p)); }

// bround rounds n floats, of which there are zeros up to a multiple of 8.
FN void bround(uint16_t *to, const float *x, ptrdiff_t n) {
	for (; n > 0; n -= 8, x += 8, to += 8) {
		B b = vcvtq_high_bf16_f32(vcvtq_low_bf16_f32(vld1q_f32(x)), vld1q_f32(x + 4));
		vst1q_u16(to, vreinterpretq_u16_bf16(b));
	}
}

// byturns sets to to n columns, or up to 7 more, of rows a and b.
FN void byturns(uint16_t *to, const uint16_t *a, const uint16_t *b, ptrdiff_t n) {
	for (; n > 0; n -= 8, a += 8, b += 8, to += 16) {
		uint8x16_t v = vreinterpretq_u8_u16(vld1q_u16(a)), w = vreinterpretq_u8_u16(vld1q_u16(b));
		vst1q_u16(to, vreinterpretq_u16_u8(q8(v, w, 0)));
		vst1q_u16(to + 8, vreinterpretq_u16_u8(q8(v, w, 1)));
	}
}

// halve sets to to n columns of tokens rows of x, and zeros where there are no more: two rows take twice the elements
// that n is rounded up to as a multiple of 32.
KERNEL void NAME(halve)(uint16_t *to, const float *x, ptrdiff_t xstride, ptrdiff_t n, ptrdiff_t tokens) {
	enum { SOME = 256 };
	for (; tokens > 0; tokens -= 2, x += 2 * xstride, to += 2 * ((n + 31) & -32))
		for (ptrdiff_t c = 0; c < n; c += SOME) {
			ptrdiff_t some = n - c < SOME ? n - c : SOME;
			uint16_t rows[2][SOME] = {0};
			for (int t = 0; t < 2 && t < tokens; t++) {
				const float *p = x + t * xstride + c;
				float last[8] = {0};
				ptrdiff_t whole = some & -8;
				bround(rows[t], p, whole);
				memcpy(last, p + whole, (some - whole) * sizeof *p);
				if (whole < some) bround(rows[t] + whole, last, 8);
			}
			byturns(to + 2 * c, rows[0], rows[1], some);
		}
}

// halfrow returns columns [c, c+n) of row r and zeros up to a multiple of 8: in room, if not as they are stored.
FN const uint16_t *halfrow(uint16_t *room, float *wide, const fm_matrix *m, ptrdiff_t r, ptrdiff_t c, ptrdiff_t n) {
	if (m->type == FM_BF16) {
		const uint8_t *p = m->data + r * m->pitch + 2 * c;
		if (n % 8 == 0) return (const uint16_t *)p;
		memset(room + (n & -8), 0, 8 * sizeof *room);
		memcpy(room, p, n * sizeof *room);
		return room;
	}
	span(wide, m, r, c, n);
	bround(room, wide, n);
	return room;
}

// halfproducts adds to sums, of which those of two tokens and FM_TILE_ROWS rows follow each other, the products of
// 2·SUMS_R rows of the panel and 2·tokens rows of x over n columns.
FN void halfproducts(float *sums, const uint16_t *panel, const uint16_t *x, ptrdiff_t xstride, ptrdiff_t n, int first,
	const int tokens) {
	F s[SUMS_T][SUMS_R];
	UNROLL for (int t = 0; t < tokens; t++)
		UNROLL for (int r = 0; r < SUMS_R; r++)
			s[t][r] = first ? fset(0) : vld1q_f32(sums + 2 * t * FM_TILE_ROWS + 4 * r);
	for (; n > 0; n -= 8, panel += 16, x += 16)
		UNROLL for (int i = 0; i < 16; i += 8) {
			B w[SUMS_R];
			UNROLL for (int r = 0; r < SUMS_R; r++) w[r] = bload(panel + 2 * r * FM_TILE_COLS + i);
			UNROLL for (int t = 0; t < tokens; t++) {
				B v = bload(x + 2 * t * xstride + i);
				UNROLL for (int r = 0; r < SUMS_R; r++) s[t][r] = vbfmmlaq_f32(s[t][r], v, w[r]);
			}
		}
	UNROLL for (int t = 0; t < tokens; t++)
		UNROLL for (int r = 0; r < SUMS_R; r++) vst1q_f32(sums + 2 * t * FM_TILE_ROWS + 4 * r, s[t][r]);
}

// halftile is that of half.h.
KERNEL void NAME(halftile)(float *y, ptrdiff_t ystride, const fm_matrix *m, ptrdiff_t r0, ptrdiff_t rows,
	const uint16_t *x, ptrdiff_t xstride, ptrdiff_t tokens, int add, float *work) {
	float *wide = work, *sums = work + WORK_ROWS + FM_TILE_ROWS * FM_TILE_COLS / 2;
	uint16_t *room = (uint16_t *)(work + FM_TILE_COLS), *panel = (uint16_t *)(work + WORK_ROWS);
	ptrdiff_t padded = (rows + 2 * SUMS_R - 1) / (2 * SUMS_R) * 2 * SUMS_R;
	ptrdiff_t none = (rows + 1) & -2; // the first without rows of the weight
	if (none < padded) memset(panel + none * FM_TILE_COLS, 0, (padded - none) * FM_TILE_COLS * sizeof *panel);
	for (ptrdiff_t c = 0; c < m->cols; c += FM_TILE_COLS) {
		ptrdiff_t n = m->cols - c < FM_TILE_COLS ? m->cols - c : FM_TILE_COLS;
		for (ptrdiff_t r = 0; r < rows; r += 2) { // a row without a second is there twice
			const uint16_t *a = halfrow(room, wide, m, r0 + r, c, n), *b = a;
			if (r + 1 < rows) b = halfrow(room + FM_TILE_COLS, wide, m, r0 + r + 1, c, n);
			byturns(panel + r * FM_TILE_COLS, a, b, n);
		}
		ptrdiff_t t = 0;
#define PRODUCTS(some) \
	for (ptrdiff_t r = 0; r < padded; r += 2 * SUMS_R) \
		halfproducts(sums + t * FM_TILE_ROWS + 2 * r, panel + r * FM_TILE_COLS, x + t * xstride + 2 * c, xstride, n, \
			c == 0, some)
		for (; t + 2 * SUMS_T <= tokens; t += 2 * SUMS_T) PRODUCTS(SUMS_T);
		switch ((tokens - t + 1) / 2) {
		case 4: PRODUCTS(4); break;
		case 3: PRODUCTS(3); break;
		case 2: PRODUCTS(2); break;
		case 1: PRODUCTS(1); break;
		}
#undef PRODUCTS
	}
	for (ptrdiff_t t = 0; t < tokens; t++)
		for (ptrdiff_t r = 0; r < rows; r++) {
			float sum = sums[t / 2 * 2 * FM_TILE_ROWS + r / 2 * 4 + t % 2 * 2 + r % 2];
			y[t * ystride + r] = add ? y[t * ystride + r] + sum : sum;
		}
}
