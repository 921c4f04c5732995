// Tiles of bfloat16 on AMX: what half.h computes, 16 rows of a weight times 16 rows of activations
// to a tile of sums and 32 columns to an instruction. A tile of integers takes as many columns of
// what has one scale, 32 of the packed types, and its sums had to become floats after each of
// them: so there is none.
//
// A weight is the first operand, as rows of 32 columns; activations are the second, for which
// packed turns them around once. Sums leave as they come, a row of the weight after the other, and
// are turned around where they are stored.

#if defined(__linux__) && defined(__has_include)
#if __has_include(<amxbf16intrin.h>)
#define AMX
#endif
#endif

#ifdef AMX

#define TILES __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c,avx512vnni,avx512bf16," \
	"amx-tile,amx-bf16")))

enum {
	TILE = 16 * 32,                   // elements of a tile of operands
	TILE_SUMS = 16 * 16,              // elements of a tile of sums
	PANEL_TILES = FM_AMX_COLS / 32,   // tiles of 16 rows of a panel
	PANEL_BLOCKS = 4,                 // times 16 rows of a panel at most
};

_Static_assert(FM_AMX_COLS <= FM_TILE_COLS, "what straighten takes of room is sized for FM_TILE_COLS");

#include "amxfake.h"

// MEMORY keeps what the compiler stores before what tiles load: it does not know what these read.
#define MEMORY() __asm__ volatile("" ::: "memory")

// packed rounds n columns of tokens rows of x to tiles: those of 16 rows, which are zeros where
// there are no more, one after another, with pairs of columns as rows.
KERNEL void packed_amx(uint16_t *to, const float *x, ptrdiff_t xstride, ptrdiff_t n, ptrdiff_t tokens) {
	for (; tokens > 0; tokens -= 16, x += 16 * xstride) {
		ptrdiff_t some = tokens < 16 ? tokens : 16;
		for (ptrdiff_t c = 0; c < n; c += 32, to += TILE) {
			ptrdiff_t left = n - c;
			I r[16];
			for (int t = 0; t < 16; t++) {
				if (t >= some) {
					r[t] = _mm512_setzero_si512();
					continue;
				}
				const float *p = x + t * xstride + c;
				V a = vpart16(p, left < 16 ? left : 16);
				V b = left > 16 ? vpart16(p + 16, left < 32 ? left - 16 : 16) : vzero();
				r[t] = (I)bfrom(a, b);
			}
			turn(r);
			for (int i = 0; i < 16; i++) _mm512_storeu_si512(to + 32 * i, r[i]);
		}
	}
}

// prefetch asks for size bytes from p on.
FN void prefetch(const uint8_t *p, ptrdiff_t size) {
	for (ptrdiff_t i = 0; i < size; i += 64) __builtin_prefetch(p + i);
}

// unpack writes columns [c, c+n) of rows rows from r0 on, a multiple of 16, to the tiles of the panel, and zeros for
// what is missing of 16 rows. It asks for what will be next: these rows' next columns, or the first of those that are
// all rows further on.
KERNEL void unpack(uint16_t *panel, const fm_matrix *m, ptrdiff_t r0, ptrdiff_t rows, ptrdiff_t all, ptrdiff_t c,
	ptrdiff_t n) {
	float row[FM_AMX_COLS] ALIGNED;
	uint8_t room[ROOM] ALIGNED;
	ptrdiff_t bytes = m->pitch * n / m->cols, at = m->pitch * c / m->cols;
	ptrdiff_t next = c + n < m->cols ? at + bytes : all * m->pitch; // from the first of a row on
	for (ptrdiff_t r = 0; r < rows; r += 16, panel += PANEL_TILES * TILE) {
		fm_matrix some = *m;
		ptrdiff_t r1 = r0 + r, c1 = c;
		if (r1 < m->interleaved) { // the columns of 16 rows lie together
			const uint8_t *first = m->data + r1 * m->pitch;
			prefetch(first + (c + n < m->cols ? 16 * next : next), 16 * bytes);
			straighten(&some, &r1, &c1, n, room);
		}
		for (ptrdiff_t i = 0; i < 16; i++) {
			uint16_t *to = panel + 32 * i;
			if (r + i >= rows) {
				for (ptrdiff_t k = 0; k < n; k += 32, to += TILE) _mm512_storeu_si512(to, _mm512_setzero_si512());
				continue;
			}
			const uint8_t *first = some.data + (r1 + i) * some.pitch, *p = first + some.pitch * c1 / some.cols;
			if (some.data == m->data) prefetch(first + next, bytes);
			switch (m->type) {
			case FM_Q4_K: unpack_q4_K(to, p, n, TILE); continue;
			case FM_BF16: unpack_bf16(to, p, n, TILE); continue;
			}
			span(row, &some, r1 + i, c1, n);
			for (ptrdiff_t k = 0; k < n; k += 32, to += TILE)
				bstore(to, bfrom(vload(row + k), k + 16 < n ? vload(row + k + 16) : vzero()));
		}
	}
}

// The shapes that tiles 0 to 3 have as sums: two blocks of 16 rows by two of 16 tokens, four by
// one, one by one. a and b are n tiles of a block each, those of a PANEL_TILES apart from block to
// block, those of b bstride elements. Sums are a tile after the other.
#define LOAD4(s) do { \
	_tile_loadd(0, (s), 64); \
	_tile_loadd(1, (s) + TILE_SUMS, 64); \
	_tile_loadd(2, (s) + 2 * TILE_SUMS, 64); \
	_tile_loadd(3, (s) + 3 * TILE_SUMS, 64); \
} while (0)
#define ZERO4() do { _tile_zero(0); _tile_zero(1); _tile_zero(2); _tile_zero(3); } while (0)
#define STORE4(s) do { \
	_tile_stored(0, (s), 64); \
	_tile_stored(1, (s) + TILE_SUMS, 64); \
	_tile_stored(2, (s) + 2 * TILE_SUMS, 64); \
	_tile_stored(3, (s) + 3 * TILE_SUMS, 64); \
} while (0)

static TILES void two_by_two(float *sums, const uint16_t *a, const uint16_t *b, ptrdiff_t bstride, ptrdiff_t n,
	const uint16_t *ahead, int first) {
	if (first) ZERO4();
	else LOAD4(sums);
	for (; n > 0; n--, a += TILE, b += TILE, ahead += 64) {
		__builtin_prefetch(ahead, 0, 2);
		__builtin_prefetch(ahead + 32, 0, 2);
		__builtin_prefetch(ahead + bstride, 0, 2);
		__builtin_prefetch(ahead + bstride + 32, 0, 2);
		_tile_loadd(4, a, 64);
		_tile_loadd(6, b, 64);
		_tile_dpbf16ps(0, 4, 6);
		_tile_loadd(7, b + bstride, 64);
		_tile_dpbf16ps(1, 4, 7);
		_tile_loadd(5, a + PANEL_TILES * TILE, 64);
		_tile_dpbf16ps(2, 5, 6);
		_tile_dpbf16ps(3, 5, 7);
	}
	STORE4(sums);
}

static TILES void four_by_one(float *sums, const uint16_t *a, const uint16_t *b, ptrdiff_t n, int first) {
	if (first) ZERO4();
	else LOAD4(sums);
	for (; n > 0; n--, a += TILE, b += TILE) {
		_tile_loadd(6, b, 64);
		_tile_loadd(4, a, 64);
		_tile_dpbf16ps(0, 4, 6);
		_tile_loadd(5, a + PANEL_TILES * TILE, 64);
		_tile_dpbf16ps(1, 5, 6);
		_tile_loadd(4, a + 2 * PANEL_TILES * TILE, 64);
		_tile_dpbf16ps(2, 4, 6);
		_tile_loadd(5, a + 3 * PANEL_TILES * TILE, 64);
		_tile_dpbf16ps(3, 5, 6);
	}
	STORE4(sums);
}

static TILES void one_by_one(float *sums, const uint16_t *a, const uint16_t *b, ptrdiff_t n, int first) {
	if (first) _tile_zero(0);
	else _tile_loadd(0, sums, 64);
	for (; n > 0; n--, a += TILE, b += TILE) {
		_tile_loadd(4, a, 64);
		_tile_loadd(6, b, 64);
		_tile_dpbf16ps(0, 4, 6);
	}
	_tile_stored(0, sums, 64);
}

// out stores a tile of sums, rows by tokens of it, to y, or adds them to it.
FN void out(float *y, ptrdiff_t ystride, const float *sums, ptrdiff_t rows, ptrdiff_t tokens, int add) {
	I r[16];
	for (int i = 0; i < 16; i++) r[i] = _mm512_loadu_si512(sums + 16 * i);
	turn(r);
	__mmask16 some = (__mmask16)(rows < 16 ? (1u << rows) - 1 : 0xffff);
	for (int i = 0; i < 16 && i < tokens; i++, y += ystride) {
		V v = vofbits(r[i]);
		if (add) v = vadd(_mm512_maskz_loadu_ps(some, y), v);
		_mm512_mask_storeu_ps(y, some, v);
	}
}

// halftile_amx is half.h's for what packed has made of x: up to FM_AMX_ROWS rows and FM_AMX_TOKENS
// tokens. A panel is as many rows as meet in tiles, and so small that it stays in the first-level
// cache while all tokens pass by; their columns, and sums, stay in the second from panel to panel.
// Tiles belong to the thread, and the system has to save them: so they are let go.
static TILES void halftile_amx(float *y, ptrdiff_t ystride, const fm_matrix *m, ptrdiff_t r0, ptrdiff_t rows,
	const uint16_t *x, ptrdiff_t xstride, ptrdiff_t tokens, int add, float *work) {
	static const struct {
		uint8_t palette, start, zero[14];
		uint16_t bytes[16];
		uint8_t rows[16];
	} shape = {1, 0, {0}, {64, 64, 64, 64, 64, 64, 64, 64}, {16, 16, 16, 16, 16, 16, 16, 16}};
	uint16_t *panel = (uint16_t *)work;
	ptrdiff_t tblocks = (tokens + 15) / 16, bstride = 16 * xstride, most = tblocks > 1 ? 2 : PANEL_BLOCKS;
	_tile_loadconfig(&shape);
	for (ptrdiff_t c = 0; c < m->cols; c += FM_AMX_COLS) {
		ptrdiff_t n = m->cols - c < FM_AMX_COLS ? m->cols - c : FM_AMX_COLS, tiles = (n + 31) / 32;
		int first = c == 0, last = c + n == m->cols;
		float *s = work + PANEL_BLOCKS * PANEL_TILES * TILE / 2;
		for (ptrdiff_t r = 0; r < rows; r += 16 * most) {
			ptrdiff_t some = rows - r < 16 * most ? rows - r : 16 * most, blocks = (some + 15) / 16;
			unpack(panel, m, r0 + r, some, rows, c, n);
			MEMORY();
			for (ptrdiff_t t = 0; t < tblocks;) {
				const uint16_t *b = x + t * bstride + c / 32 * TILE;
				ptrdiff_t wide = 1;
				if (blocks == 2 && t + 2 <= tblocks) {
					const uint16_t *ahead = (last ? x + t * bstride : b + tiles * TILE) + r / 32 % PANEL_TILES * TILE;
					if (last)
						for (ptrdiff_t i = 16 * t; i < 16 * t + 32 && i < tokens; i++)
							__builtin_prefetch(y + i * ystride + r, 1), __builtin_prefetch(y + i * ystride + r + 16, 1);
					two_by_two(s, panel, b, bstride, tiles, ahead, first);
					wide = 2;
				} else if (blocks == 4) {
					four_by_one(s, panel, b, tiles, first);
				} else {
					for (ptrdiff_t i = 0; i < blocks; i++)
						one_by_one(s + i * TILE_SUMS, panel + i * PANEL_TILES * TILE, b, tiles, first);
				}
				MEMORY();
				for (ptrdiff_t i = 0; i < blocks * wide; i++, s += TILE_SUMS) {
					ptrdiff_t row = r + 16 * (i / wide), token = 16 * (t + i % wide);
					if (last) out(y + token * ystride + row, ystride, s, rows - row, tokens - token, add);
				}
				t += wide;
			}
		}
	}
	_tile_release();
}

#endif
