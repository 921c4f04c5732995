// Tiles in bfloat16, for sets with its dot products: twice the products of
// float32 to an instruction, summed in float32. Activations are rounded once for
// all rows of a weight; what is widened of the weight is rounded in the panel,
// which changes nothing where it is stored as bfloat16.

#ifdef HALF

// half sets to to n elements of x, and zeros up to a multiple of 32.
FN void half(uint16_t *to, const float *x, ptrdiff_t n) {
	for (; n > 0; n -= 32, x += 32, to += 32) {
		V a = vpart16(x, n < 16 ? n : 16), b = n > 16 ? vpart16(x + 16, n < 32 ? n - 16 : 16) : vzero();
		bstore(to, bfrom(a, b));
	}
}

// halve sets to to n columns of tokens rows of x, a row after the other as half leaves them.
KERNEL void NAME(halve)(uint16_t *to, const float *x, ptrdiff_t xstride, ptrdiff_t n, ptrdiff_t tokens) {
	for (; tokens > 0; tokens--, x += xstride, to += (n + 31) & -32) half(to, x, n);
}

// unpack_q4_K writes n columns of q4_K at p as bfloat16, each 32 of them step elements after those
// before. What the 16 codes of each of two scales stand for is a table.
FN void unpack_q4_K(uint16_t *to, const uint8_t *p, ptrdiff_t n, const ptrdiff_t step) {
	float s[16] ALIGNED;
	for (; n > 0; n -= 256, p += 144) {
		scales_K(s, p);
		__asm__("" : "+m"(s));
		UNROLL for (int g = 0; g < 4; g++, to += 2 * step) {
			V first = codes(vset(s[2 * g]), vset(s[8 + 2 * g])), second = codes(vset(s[2 * g + 1]), vset(s[9 + 2 * g]));
			I table = (I)bfrom(first, second);
			I q = _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)(p + 16 + 32 * g)));
			I low = _mm512_and_si512(q, _mm512_set1_epi16(15));
			I high = _mm512_or_si512(_mm512_srli_epi16(q, 4), _mm512_set1_epi16(16));
			_mm512_storeu_si512(to, _mm512_permutexvar_epi16(low, table));
			_mm512_storeu_si512(to + step, _mm512_permutexvar_epi16(high, table));
		}
	}
}

// unpack_bf16 is unpack_q4_K for bfloat16, with zeros behind the last columns.
FN void unpack_bf16(uint16_t *to, const uint8_t *p, ptrdiff_t n, const ptrdiff_t step) {
	for (; n >= 32; n -= 32, p += 64, to += step) _mm512_storeu_si512(to, _mm512_loadu_si512(p));
	if (n > 0) _mm512_storeu_si512(to, _mm512_maskz_loadu_epi16((1u << n) - 1, p));
}

FN void halfproducts(float *sums, const uint16_t *panel, const uint16_t *x, ptrdiff_t xstride, ptrdiff_t n, int first,
                     const int tokens) {
	V s[TILE_T][TILE_R];
	UNROLL for (int t = 0; t < tokens; t++)
		UNROLL for (int r = 0; r < TILE_R; r++)
			s[t][r] = first ? vzero() : vload(sums + (t * FM_TILE_ROWS + r) * 16);
	for (ptrdiff_t k = 0; k < n; k += 32) {
		B w[TILE_R];
		UNROLL for (int r = 0; r < TILE_R; r++) w[r] = bload(panel + r * FM_TILE_COLS + k);
		UNROLL for (int t = 0; t < tokens; t++) {
			B v = bload(x + t * xstride + k);
			UNROLL for (int r = 0; r < TILE_R; r++) s[t][r] = bdot(s[t][r], w[r], v);
		}
	}
	UNROLL for (int t = 0; t < tokens; t++)
		UNROLL for (int r = 0; r < TILE_R; r++) vstore(sums + (t * FM_TILE_ROWS + r) * 16, s[t][r]);
}

// halftile is tile for what halve has made of x, and with add adds to what is in y. The panel stays in
// the first-level cache while all tokens pass by, some at a time.
KERNEL void NAME(halftile)(float *y, ptrdiff_t ystride, const fm_matrix *m, ptrdiff_t r0, ptrdiff_t rows,
	const uint16_t *x, ptrdiff_t xstride, ptrdiff_t tokens, int add, float *work) {
	float *row = work, *sums = work + FM_TILE_ROWS * FM_TILE_COLS;
	uint16_t *panel = (uint16_t *)(work + FM_TILE_COLS);
	uint8_t room[ROOM] ALIGNED;
	ptrdiff_t padded = (rows + TILE_R - 1) / TILE_R * TILE_R;
	if (rows < padded) memset(panel + rows * FM_TILE_COLS, 0, (padded - rows) * FM_TILE_COLS * sizeof *panel);
	for (ptrdiff_t c = 0; c < m->cols; c += FM_TILE_COLS) {
		ptrdiff_t n = m->cols - c < FM_TILE_COLS ? m->cols - c : FM_TILE_COLS;
		fm_matrix some = *m;
		ptrdiff_t r1 = r0, c1 = c;
		straighten(&some, &r1, &c1, n, room);
		for (ptrdiff_t r = 0; r < rows; r++) {
			const uint8_t *p = some.data + (r1 + r) * some.pitch + some.pitch * c1 / some.cols;
			uint16_t *to = panel + r * FM_TILE_COLS;
			switch (m->type) {
			case FM_Q4_K: unpack_q4_K(to, p, n, 32); continue;
			case FM_BF16: unpack_bf16(to, p, n, 32); continue;
			}
			span(row, &some, r1 + r, c1, n);
			half(to, row, n);
		}
		ptrdiff_t t = 0;
#define PRODUCTS(some) \
	for (ptrdiff_t r = 0; r < padded; r += TILE_R) \
		halfproducts(sums + (t * FM_TILE_ROWS + r) * 16, panel + r * FM_TILE_COLS, x + t * xstride + c, \
			xstride, n, c == 0, some)
		for (; t + TILE_T <= tokens; t += TILE_T) PRODUCTS(TILE_T);
		switch (tokens - t) {
		case 5: PRODUCTS(5); break;
		case 4: PRODUCTS(4); break;
		case 3: PRODUCTS(3); break;
		case 2: PRODUCTS(2); break;
		case 1: PRODUCTS(1); break;
		}
#undef PRODUCTS
	}
	for (ptrdiff_t t = 0; t < tokens; t++)
		for (ptrdiff_t r = 0; r < rows; r++) {
			float sum = total(vload(sums + (t * FM_TILE_ROWS + r) * 16));
			y[t * ystride + r] = add ? y[t * ystride + r] + sum : sum;
		}
}

#define HALVES NAME(halve), NAME(halftile), FM_TILE_ROWS, FM_HALF_TOKENS, FM_HALF_WORK
#else
#define HALVES 0, 0, 0, 0, 0
#endif
