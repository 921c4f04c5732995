// Weights whose rows are interleaved: units of a block of q4_K or q6_K, or of two of q8_0 or q4_0, are words of 32
// bits, and of every 16 rows these are transposed, so that a word of each row lies in one register; the 16 bits that
// q6_K has left follow, of each row. A lane then has a row: what a block has for itself, scales and minima, is unpacked
// for 16 rows at once, sums need no adding across lanes, and one stream is read. The first m->interleaved rows are so,
// the others as they are stored.

#ifdef VNNI
#define INTERLEAVED

enum { LANES = FM_LANES, MOST_UNIT = 210 };

// The bytes of a unit, and its columns.
FN ptrdiff_t unitsize(int type) {
	return type == FM_Q8_0 ? 2 * 34 : type == FM_Q4_0 ? 2 * 18 : type == FM_Q6_K ? 210 : 144;
}
FN ptrdiff_t unitcols(int type) { return type == FM_Q8_0 || type == FM_Q4_0 ? 64 : 256; }

// Words from n on of a unit: 16, or what is left.
#define EACH_WORDS(n, some, size) \
	for (int n = 0, some; some = (int)(size) / 4 - n < 16 ? (int)(size) / 4 - n : 16, some > 0; n += 16)

// straight writes the units of 16 rows at from to to, pitch bytes from one row to the next.
FN void straight(uint8_t *to, ptrdiff_t pitch, const uint8_t *from, ptrdiff_t size) {
	EACH_WORDS(n, some, size) {
		I w[LANES];
		for (int i = 0; i < LANES; i++) w[i] = i < some ? _mm512_loadu_si512(from + 64 * (n + i)) : iset(0);
		turn(w);
		__mmask16 mask = (__mmask16)((1u << some) - 1);
		for (int i = 0; i < LANES; i++) _mm512_mask_storeu_epi32(to + i * pitch + 4 * n, mask, w[i]);
	}
	ptrdiff_t whole = size & -4;
	for (int i = 0; i < LANES && whole < size; i++) memcpy(to + i * pitch + whole, from + LANES * whole + 2 * i, 2);
}

// interleave sets to to rows of pitch bytes.
KERNEL void NAME(interleave)(uint8_t *to, const uint8_t *from, ptrdiff_t rows, ptrdiff_t pitch, int type) {
	ptrdiff_t size = unitsize(type);
	for (; rows >= LANES; rows -= LANES, from += LANES * pitch)
		for (ptrdiff_t at = 0; at < pitch; at += size, to += LANES * size) {
			EACH_WORDS(n, some, size) {
				I w[LANES];
				__mmask16 mask = (__mmask16)((1u << some) - 1);
				for (int i = 0; i < LANES; i++) w[i] = _mm512_maskz_loadu_epi32(mask, from + i * pitch + at + 4 * n);
				turn(w);
				for (int i = 0; i < some; i++) _mm512_storeu_si512(to + 64 * (n + i), w[i]);
			}
			ptrdiff_t whole = size & -4;
			for (int i = 0; i < LANES && whole < size; i++)
				memcpy(to + LANES * whole + 2 * i, from + i * pitch + at + whole, 2);
		}
	memcpy(to, from, rows * pitch);
}

// straightrow writes the unit of row r that has column c to to.
FN void straightrow(uint8_t *to, const fm_matrix *m, ptrdiff_t r, ptrdiff_t c) {
	ptrdiff_t size = unitsize(m->type);
	const uint8_t *p = m->data + (r & -LANES) * m->pitch + c / unitcols(m->type) * LANES * size;
	ptrdiff_t whole = size & -4, at = 0;
	for (; at < whole; at += 4) memcpy(to + at, p + LANES * at + 4 * (r % LANES), 4);
	if (at < size) memcpy(to + at, p + LANES * at + 2 * (r % LANES), 2);
}

// straighten has m, and where it is read from row r and column c on, be as it was stored: n columns of 16 rows go to
// room. r is a multiple of 16.
FN void straighten(fm_matrix *m, ptrdiff_t *r, ptrdiff_t *c, ptrdiff_t n, uint8_t *room) {
	if (*r >= m->interleaved) return;
	ptrdiff_t size = unitsize(m->type);
	const uint8_t *p = m->data + *r * m->pitch + *c / unitcols(m->type) * LANES * size;
	m->pitch = n / unitcols(m->type) * size;
	for (ptrdiff_t at = 0; at < m->pitch; at += size, p += LANES * size) straight(room + at, m->pitch, p, size);
	m->data = room, m->cols = n, m->interleaved = 0;
	*r = *c = 0;
}
#define INTERLEAVE NAME(interleave)
#else
FN void straighten(fm_matrix *m, ptrdiff_t *r, ptrdiff_t *c, ptrdiff_t n, uint8_t *room) {
	(void)m, (void)r, (void)c, (void)n, (void)room;
}
#define INTERLEAVE 0
#endif

// What straighten takes of room at most.
enum { ROOM = 16 * FM_TILE_COLS / 64 * 68 };
