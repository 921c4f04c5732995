// Weights whose rows are interleaved: of every 16 rows the blocks are transposed by words of 32 bits, so that a word of
// each lies in one register. A lane then has a row: what a block has for itself, scales and minima, is unpacked for 16
// rows at once, sums need no adding across lanes, and one stream is read. The first m->interleaved rows are so, the
// others as they are stored.

#ifdef VNNI
#define INTERLEAVED

enum { LANES = FM_LANES, WORDS_Q4_K = 36, SIZE_Q4_K = 4 * WORDS_Q4_K };

// Some words from n on of the 36: 16, or what is left.
#define EACH_16_WORDS(n, some) for (int n = 0, some = 16; n < WORDS_Q4_K; n += 16, some = n + 16 > WORDS_Q4_K ? 4 : 16)

// straight writes the blocks of 16 rows at from to to, pitch bytes from one row to the next.
FN void straight(uint8_t *to, ptrdiff_t pitch, const uint8_t *from) {
	EACH_16_WORDS(n, some) {
		I w[LANES];
		for (int i = 0; i < LANES; i++) w[i] = i < some ? _mm512_loadu_si512(from + 64 * (n + i)) : iset(0);
		turn(w);
		__mmask16 mask = (__mmask16)((1u << some) - 1);
		for (int i = 0; i < LANES; i++) _mm512_mask_storeu_epi32(to + i * pitch + 4 * n, mask, w[i]);
	}
}

// interleave sets to to rows of pitch bytes.
KERNEL void NAME(interleave)(uint8_t *to, const uint8_t *from, ptrdiff_t rows, ptrdiff_t pitch) {
	for (; rows >= LANES; rows -= LANES, from += LANES * pitch)
		for (ptrdiff_t at = 0; at < pitch; at += SIZE_Q4_K, to += LANES * SIZE_Q4_K)
			EACH_16_WORDS(n, some) {
				I w[LANES];
				__mmask16 mask = (__mmask16)((1u << some) - 1);
				for (int i = 0; i < LANES; i++) w[i] = _mm512_maskz_loadu_epi32(mask, from + i * pitch + at + 4 * n);
				turn(w);
				for (int i = 0; i < some; i++) _mm512_storeu_si512(to + 64 * (n + i), w[i]);
			}
	memcpy(to, from, rows * pitch);
}

// straightrow writes the block of row r that has column c to to.
FN void straightrow(uint8_t *to, const fm_matrix *m, ptrdiff_t r, ptrdiff_t c) {
	const uint8_t *p = m->data + (r & -LANES) * m->pitch + c / 256 * LANES * SIZE_Q4_K + 4 * (r % LANES);
	for (int w = 0; w < WORDS_Q4_K; w++) memcpy(to + 4 * w, p + 64 * w, 4);
}

// straighten has m, and where it is read from row r and column c on, be as it was stored: n columns of 16 rows go to
// room. r is a multiple of 16.
FN void straighten(fm_matrix *m, ptrdiff_t *r, ptrdiff_t *c, ptrdiff_t n, uint8_t *room) {
	if (*r >= m->interleaved) return;
	const uint8_t *p = m->data + *r * m->pitch + *c / 256 * LANES * SIZE_Q4_K;
	m->pitch = n / 256 * SIZE_Q4_K;
	for (ptrdiff_t at = 0; at < m->pitch; at += SIZE_Q4_K, p += LANES * SIZE_Q4_K) straight(room + at, m->pitch, p);
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
enum { ROOM = 16 * FM_TILE_COLS / 256 * 144 };
