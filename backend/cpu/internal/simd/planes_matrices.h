// What planes.h needs, by Arm's products of matrices of bytes: two rows of 8 bytes times two others, four sums of 8 in
// the lanes of 32 bits. Two rows of a weight meet the two planes of a token, or the bytes of two tokens.
//
// next is the bytes from a row to the second: 0 where there is none, and the row is taken twice.

typedef uint8x16x4_t Q; // 32 codes of two rows, 8 of either by turns
typedef int32x4_t P;    // sums of the first row, of the second

// K has the scales of a block, each for 32 codes or half as many and in the lanes of its row, and the minima of two
// after each other for both rows.
typedef struct {
	P scale[16];
	F minima[8];
	int columns;
} K;

FN uint8x16_t q8(uint8x16_t a, uint8x16_t b, int second) {
	uint64x2_t x = vreinterpretq_u64_u8(a), y = vreinterpretq_u64_u8(b);
	return vreinterpretq_u8_u64(second ? vzip2q_u64(x, y) : vzip1q_u64(x, y));
}
FN Q qrows(const uint8_t *p, ptrdiff_t next) {
	uint8x16_t a = vld1q_u8(p), b = vld1q_u8(p + next), c = vld1q_u8(p + 16), d = vld1q_u8(p + next + 16);
	Q q = {{q8(a, b, 0), q8(a, b, 1), q8(c, d, 0), q8(c, d, 1)}};
	return q;
}
#define QROWS(p) qrows(p, next)
FN Q qand(Q q, int mask) { Q r; EACHQ(r, vandq_u8, q, vdupq_n_u8((uint8_t)mask)); return r; }
FN Q qor(Q a, Q b) { Q r; EACH2(r, vorrq_u8, a, b); return r; }
// By n, or back by -n.
FN Q qshr(Q q, int n) { Q r; EACHQ(r, vshlq_u8, q, vdupq_n_s8((int8_t)-n)); return r; }

// qdot adds what two rows of 16 codes and those at x make.
FN P qdot(P sum, uint8x16_t codes, uint8x16_t next, const uint8_t *x) {
	sum = vmmlaq_s32(sum, vreinterpretq_s8_u8(codes), vreinterpretq_s8_u8(vld1q_u8(x)));
	return vmmlaq_s32(sum, vreinterpretq_s8_u8(next), vreinterpretq_s8_u8(vld1q_u8(x + 16)));
}
FN P pzero(void) { return vdupq_n_s32(0); }
// ptake adds the products of 32 codes, of which one row is at x, times their scales from columns n on.
FN P ptake(P sum, Q q, const uint8_t *x, K k, int n) {
	P first = qdot(pzero(), q.val[0], q.val[1], x);
	if (k.columns == 32) return vmlaq_s32(sum, qdot(first, q.val[2], q.val[3], x + 32), k.scale[n / 32]);
	sum = vmlaq_s32(sum, first, k.scale[n / 16]);
	return vmlaq_s32(sum, qdot(pzero(), q.val[2], q.val[3], x + 32), k.scale[n / 16 + 1]);
}
FN F pfloat(P sum) { return vcvtq_f32_s32(sum); }

// f16rows has the scales at p in the lanes of their rows.
FN F f16rows(const uint8_t *p, ptrdiff_t next) {
	return vcombine_f32(vdup_n_f32(f16(p)), vdup_n_f32(f16(p + next)));
}
FN F fmul(F a, F b) { return vmulq_f32(a, b); }
// Two floats by turns.
FN F ftwo(const float *p) { return vcombine_f32(vld1_f32(p), vld1_f32(p)); }
FN F fjoin(F a, F b, int second) {
	return vreinterpretq_f32_u8(q8(vreinterpretq_u8_f32(a), vreinterpretq_u8_f32(b), second));
}

// kscales sets scales 4·i to 4·i+3 of both rows.
FN void kscales(K *k, int i, uint32x4_t a, uint32x4_t b) {
	UNROLL for (int h = 0; h < 2; h++) {
		P two = vreinterpretq_s32_u8(q8(vreinterpretq_u8_u32(a), vreinterpretq_u8_u32(b), h));
		k->scale[4 * i + 2 * h] = vtrn1q_s32(two, two);
		k->scale[4 * i + 2 * h + 1] = vtrn2q_s32(two, two);
	}
}
FN void kminima(K *k, int i, uint32x4_t a, uint32x4_t b, F d) {
	k->minima[2 * i] = fmul(fjoin(from(a), from(b), 0), d);
	k->minima[2 * i + 1] = fmul(fjoin(from(a), from(b), 1), d);
}

// The scales of q4_K and q5_K.
FN K scales32(const uint8_t *p, ptrdiff_t next) {
	I a = iscales_K(p), b = iscales_K(p + next);
	F d = vnegq_f32(f16rows(p + 2, next));
	K k = {.columns = 32};
	UNROLL for (int i = 0; i < 2; i++) {
		kscales(&k, i, a.val[i], b.val[i]);
		kminima(&k, i, a.val[2 + i], b.val[2 + i], d);
	}
	return k;
}

// The scales of q6_K. Codes are 32 too large.
FN K scales16(const uint8_t *p, ptrdiff_t next) {
	I a = isbytes(p + 192), b = isbytes(p + next + 192);
	F d = fmul(f16rows(p + 208, next), fset(-32));
	K k = {.columns = 16};
	UNROLL for (int i = 0; i < 4; i++) {
		kscales(&k, i, a.val[i], b.val[i]);
		kminima(&k, i, a.val[i], b.val[i], d);
	}
	return k;
}

// 16 elements of both planes lie together, 8 of either by turns.
FN void place(planes *p, int i, uint8x16_t hi, uint8x16_t lo) {
	vst1q_u8(p->hi + 2 * i, q8(hi, lo, 0));
	vst1q_u8(p->hi + 2 * i + 16, q8(hi, lo, 1));
}

// Memory is asked for this far ahead, in two rows that are read together: at their end, in those that follow.
enum { TWO_AHEAD = 1152 };
#define PREFETCH_ROWS(p, left, size) do { \
	const uint8_t *p_ = (p) + TWO_AHEAD + ((left) < TWO_AHEAD ? next : 0); \
	PREFETCH(p_, size); \
	PREFETCH(p_ + next, size); \
} while (0)

// Tokens that share the codes of two rows, and columns that these are multiplied with at a time: as in planes.h.
enum { SOME_COLS = 2048, SOME_TOKENS = 4 };

// What planes_T takes: it adds to y the products of two rows of n columns at p, of which left bytes are left, and some
// tokens, which are stride groups apart, and in y ystride.
#define PLANES_ARGUMENTS float *y, ptrdiff_t ystride, const uint8_t *p, ptrdiff_t next, ptrdiff_t n, ptrdiff_t left, \
	const planes *x, ptrdiff_t stride, const int tokens

// What the sums of either plane are worth.
static const F worth = {128, 1, 128, 1};

// addrows adds to y the sums that v has in the lanes of two rows.
FN void addrows(float *y, ptrdiff_t ystride, ptrdiff_t next, const F *v, const int tokens) {
	UNROLL for (int t = 0; t < tokens; t++) {
		F sums = vpaddq_f32(v[t], v[t]);
		y[t * ystride] += vgetq_lane_f32(sums, 0);
		if (next) y[t * ystride + 1] += vgetq_lane_f32(sums, 1);
	}
}

// BY_TWO_ROWS defines rounded_T by planes_T, for a type of which COLS columns are SIZE bytes.
#define BY_TWO_ROWS(T, SIZE, COLS) \
KERNEL void rounded_##T(float *y, ptrdiff_t ystride, const fm_matrix *m, ptrdiff_t r, ptrdiff_t rows, const void *to, \
	ptrdiff_t tokens) { \
	const planes *x = to; \
	ptrdiff_t stride = (m->cols + 255) / 256, some = tokens > SOME_TOKENS ? rows : 2; \
	for (ptrdiff_t t = 0; t < tokens; t++) memset(y + t * ystride, 0, rows * sizeof *y); \
	for (ptrdiff_t i0 = 0; i0 < rows; i0 += some) \
		for (ptrdiff_t c = 0; c < m->cols; c += SOME_COLS) { \
			ptrdiff_t n = m->cols - c < SOME_COLS ? m->cols - c : SOME_COLS, t = 0; \
			for (; t + 4 <= tokens; t += 4) EACH_TWO(T, SIZE, COLS, 4); \
			for (; t + 2 <= tokens; t += 2) EACH_TWO(T, SIZE, COLS, 2); \
			for (; t < tokens; t++) EACH_TWO(T, SIZE, COLS, 1); \
		} \
}
#define EACH_TWO(T, SIZE, COLS, count) \
	for (ptrdiff_t i = i0; i < i0 + some && i < rows; i += 2) { \
		ptrdiff_t at = c / COLS * SIZE; \
		planes_##T(y + t * ystride + i, ystride, m->data + (r + i) * m->pitch + at, i + 1 < rows ? m->pitch : 0, n, \
			m->pitch - at, x + t * stride + c / 256, stride, count); \
	}

#define TAKE(codes, i, n) do { \
	Q q_ = codes; \
	UNROLL for (int t_ = 0; t_ < tokens; t_++) sum[t_] = ptake(sum[t_], q_, x[t_ * stride].hi + 2 * (i), k, i); \
} while (0)

#define BY_PLANES(T, SIZE, SCALE, HEAD, SUMS, PARTS, PART) \
FN void planes_##T(PLANES_ARGUMENTS) { \
	F v[SOME_TOKENS]; \
	UNROLL for (int t = 0; t < tokens; t++) v[t] = fset(0); \
	for (; n > 0; n -= 256, p += SIZE, left -= SIZE, x++) { \
		PREFETCH_ROWS(p, left, SIZE); \
		K k = HEAD(p, next); \
		P sum[SOME_TOKENS]; \
		UNROLL for (int t = 0; t < tokens; t++) sum[t] = pzero(); \
		UNROLL for (int g = 0; g < PARTS; g++) PART(p, g, TAKE); \
		F d = fmul(f16rows(p + SCALE, next), worth); \
		UNROLL for (int t = 0; t < tokens; t++) { \
			v[t] = ffma(fmul(d, fset(x[t * stride].scale)), pfloat(sum[t]), v[t]); \
			UNROLL for (int i = 0; i < 128 / k.columns; i++) \
				v[t] = ffma(k.minima[i], ftwo(x[t * stride].SUMS + 2 * i), v[t]); \
		} \
	} \
	addrows(y, ystride, next, v, tokens); \
} \
BY_TWO_ROWS(T, SIZE, 256)

FN Q codes_q8_0(const uint8_t *p, ptrdiff_t next) { return qrows(p + 2, next); }
FN Q codes_q4_0(const uint8_t *p, ptrdiff_t next) {
	uint8x16_t a = vld1q_u8(p + 2), b = vld1q_u8(p + next + 2), low = vdupq_n_u8(15), eight = vdupq_n_u8(8);
	uint8x16_t first = q8(a, b, 0), second = q8(a, b, 1);
	Q q = {{vandq_u8(first, low), vandq_u8(second, low), vshrq_n_u8(first, 4), vshrq_n_u8(second, 4)}};
	EACHQ(q, vsubq_u8, q, eight);
	return q;
}

// A row may end within a group.
#define BY_PLANES32(T, SIZE) \
FN void planes_##T(PLANES_ARGUMENTS) { \
	F v[SOME_TOKENS]; \
	UNROLL for (int t = 0; t < tokens; t++) v[t] = fset(0); \
	for (; n > 0; n -= 256, x++) { \
		F sum[SOME_TOKENS]; \
		UNROLL for (int t = 0; t < tokens; t++) sum[t] = fset(0); \
		for (int i = 0; i < 256 && i < n; i += 32, p += SIZE, left -= SIZE) { \
			PREFETCH_ROWS(p, left, SIZE); \
			Q q = codes_##T(p, next); \
			F d = f16rows(p, next); \
			UNROLL for (int t = 0; t < tokens; t++) { \
				const uint8_t *to = x[t * stride].hi + 2 * i; \
				P dot = qdot(qdot(pzero(), q.val[0], q.val[1], to), q.val[2], q.val[3], to + 32); \
				sum[t] = ffma(d, pfloat(dot), sum[t]); \
			} \
		} \
		UNROLL for (int t = 0; t < tokens; t++) v[t] = ffma(fmul(worth, fset(x[t * stride].scale)), sum[t], v[t]); \
	} \
	addrows(y, ystride, next, v, tokens); \
} \
BY_TWO_ROWS(T, SIZE, 32)
BY_PLANES32(q8_0, 34)
BY_PLANES32(q4_0, 18)

// The bytes of two tokens, 8 of either by turns, and what these have for every 32 and 16.
typedef struct {
	uint8_t x[512];
	float scale[8][2], sums16[16][2], sums32[8][2];
} two;

// beside sets to to n columns of two tokens.
FN void beside(two *to, const bytes *a, const bytes *b, ptrdiff_t n) {
	for (; n > 0; n -= 256, to++, a++, b++) {
		for (int i = 0; i < 256; i += 16) {
			uint8x16_t v = vld1q_u8(a->x + i), w = vld1q_u8(b->x + i);
			vst1q_u8(to->x + 2 * i, q8(v, w, 0));
			vst1q_u8(to->x + 2 * i + 16, q8(v, w, 1));
		}
		for (int i = 0; i < 16; i++) to->sums16[i][0] = a->sums16[i], to->sums16[i][1] = b->sums16[i];
		for (int i = 0; i < 8; i++) {
			to->scale[i][0] = a->scale[i], to->scale[i][1] = b->scale[i];
			to->sums32[i][0] = a->sums32[i], to->sums32[i][1] = b->sums32[i];
		}
	}
}

// Tokens of bytes that share the codes of two rows, two by two.
enum { SOME_TWOS = 4, SOME_GROUPS = SOME_COLS / 256 };

// TAKE_BYTES is TAKE for bytes: what has one scale becomes a float.
#define TAKE_BYTES(codes, i, n) do { \
	Q q_ = codes; \
	UNROLL for (int t_ = 0; t_ < twos; t_++) { \
		const two *x_ = x + t_ * SOME_GROUPS; \
		F f_ = pfloat(ptake(pzero(), q_, x_->x + 2 * (i), k, i)); \
		sum[t_] = ffma(f_, ftwo(x_->scale[(i) / 32]), sum[t_]); \
	} \
} while (0)

// BY_BYTES is BY_PLANES for bytes, of tokens tokens of which the last may be none.
#define BY_BYTES(T, SIZE, SCALE, HEAD, SUMS, PARTS, PART) \
FN void bytes_##T(float *y, ptrdiff_t ystride, const uint8_t *p, ptrdiff_t next, ptrdiff_t n, const two *x, \
	ptrdiff_t tokens, const int twos) { \
	F v[SOME_TWOS]; \
	UNROLL for (int t = 0; t < twos; t++) v[t] = fset(0); \
	for (; n > 0; n -= 256, p += SIZE, x++) { \
		K k = HEAD(p, next); \
		F sum[SOME_TWOS], d = f16rows(p + SCALE, next); \
		UNROLL for (int t = 0; t < twos; t++) sum[t] = fset(0); \
		UNROLL for (int g = 0; g < PARTS; g++) PART(p, g, TAKE_BYTES); \
		UNROLL for (int t = 0; t < twos; t++) { \
			const float (*sums)[2] = x[t * SOME_GROUPS].SUMS; \
			v[t] = ffma(d, sum[t], v[t]); \
			UNROLL for (int i = 0; i < 128 / k.columns; i++) { \
				v[t] = ffma(vtrn1q_f32(k.minima[i], k.minima[i]), ftwo(sums[2 * i]), v[t]); \
				v[t] = ffma(vtrn2q_f32(k.minima[i], k.minima[i]), ftwo(sums[2 * i + 1]), v[t]); \
			} \
		} \
	} \
	UNROLL for (int t = 0; t < twos; t++) { \
		float s[4]; \
		vst1q_f32(s, v[t]); \
		for (int i = 0; i < 2 && 2 * t + i < tokens; i++) { \
			y[(2 * t + i) * ystride] += s[i]; \
			if (next) y[(2 * t + i) * ystride + 1] += s[2 + i]; \
		} \
	} \
} \
KERNEL void bytesof_##T(float *y, ptrdiff_t ystride, const fm_matrix *m, ptrdiff_t r, ptrdiff_t rows, const void *to, \
	ptrdiff_t tokens) { \
	const bytes *x = to; \
	ptrdiff_t stride = m->cols / 256; \
	two some[SOME_TWOS * SOME_GROUPS]; \
	for (ptrdiff_t t = 0; t < tokens; t++) memset(y + t * ystride, 0, rows * sizeof *y); \
	for (ptrdiff_t c = 0; c < m->cols; c += SOME_COLS) { \
		ptrdiff_t n = m->cols - c < SOME_COLS ? m->cols - c : SOME_COLS; \
		for (ptrdiff_t t = 0; t < tokens; t += 2 * SOME_TWOS) { \
			ptrdiff_t left = tokens - t < 2 * SOME_TWOS ? tokens - t : 2 * SOME_TWOS; \
			for (ptrdiff_t i = 0; i < left; i += 2) { \
				const bytes *a = x + (t + i) * stride + c / 256; \
				beside(some + i / 2 * SOME_GROUPS, a, i + 1 < left ? a + stride : a, n); \
			} \
			if (left > 4) EACH_TWO_BYTES(T, SIZE, 4); \
			else if (left > 2) EACH_TWO_BYTES(T, SIZE, 2); \
			else EACH_TWO_BYTES(T, SIZE, 1); \
		} \
	} \
}
#define EACH_TWO_BYTES(T, SIZE, twos) \
	for (ptrdiff_t i = 0; i < rows; i += 2) \
		bytes_##T(y + t * ystride + i, ystride, m->data + (r + i) * m->pitch + c / 256 * SIZE, \
			i + 1 < rows ? m->pitch : 0, n, some, left, twos)
