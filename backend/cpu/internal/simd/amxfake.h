// A stand-in for the tiles of AMX that amx.h uses, for processors without them: what Intel's manual says of the
// instructions, as C. So the build tag amxfake has all tests run that code, and says nothing of its speed.

#ifdef AMXFAKE

#include <stdlib.h>

// The tiles of a thread: 16 rows of 64 bytes each. Instructions that find them without a shape would fault.
static _Thread_local struct {
	int shaped;
	uint8_t tile[8][16][64] ALIGNED;
} fake;

static TARGET void fake_shaped(int want) {
	if (fake.shaped != want) abort();
}

static TARGET void fake_loadconfig(const void *shape) {
	const uint8_t *p = shape; // palette 1, 64 bytes a row, 16 rows
	for (int i = 0; i < 8; i++)
		if (p[0] != 1 || p[16 + 2 * i] != 64 || p[17 + 2 * i] != 0 || p[48 + i] != 16) abort();
	fake_shaped(0);
	fake.shaped = 1;
}

static TARGET void fake_release(void) {
	fake_shaped(1);
	fake.shaped = 0;
}

static TARGET void fake_zero(int t) {
	fake_shaped(1);
	memset(fake.tile[t], 0, sizeof fake.tile[t]);
}

static TARGET void fake_load(int t, const void *from, ptrdiff_t stride) {
	fake_shaped(1);
	for (int i = 0; i < 16; i++) memcpy(fake.tile[t][i], (const uint8_t *)from + i * stride, 64);
}

static TARGET void fake_store(int t, void *to, ptrdiff_t stride) {
	fake_shaped(1);
	for (int i = 0; i < 16; i++) memcpy((uint8_t *)to + i * stride, fake.tile[t][i], 64);
}

// fake_products adds to tile t the products of tiles a and b: the even columns of a row of a have a sum and the odd
// ones another.
static TARGET __attribute__((noinline)) void fake_products(int t, int a, int b) {
	for (int m = 0; m < 16; m++) {
		__m512 even = _mm512_setzero_ps(), odd = even;
		for (int k = 0; k < 16; k++) {
			uint32_t pair;
			memcpy(&pair, fake.tile[a][m] + 4 * k, 4);
			__m512i w = _mm512_loadu_si512(fake.tile[b][k]), high = _mm512_set1_epi32((int)0xffff0000);
			even = _mm512_fmadd_ps(_mm512_castsi512_ps(_mm512_set1_epi32((int)(pair << 16))),
				_mm512_castsi512_ps(_mm512_slli_epi32(w, 16)), even);
			odd = _mm512_fmadd_ps(_mm512_castsi512_ps(_mm512_set1_epi32((int)(pair & 0xffff0000))),
				_mm512_castsi512_ps(_mm512_and_si512(w, high)), odd);
		}
		__m512 sum = _mm512_loadu_ps(fake.tile[t][m]);
		_mm512_storeu_ps(fake.tile[t][m], _mm512_add_ps(sum, _mm512_add_ps(even, odd)));
	}
}

// fake_dot is fake_products with what is too small for a normal number of float32 as zero.
static TARGET void fake_dot(int t, int a, int b) {
	fake_shaped(1);
	unsigned csr = _mm_getcsr();
	_mm_setcsr(csr | 0x8040);
	fake_products(t, a, b);
	_mm_setcsr(csr);
}

// They are macros of gcc's, but for the first and last.
#undef _tile_zero
#undef _tile_loadd
#undef _tile_stored
#undef _tile_dpbf16ps
#define _tile_loadconfig(shape) fake_loadconfig(shape)
#define _tile_release() fake_release()
#define _tile_zero(t) fake_zero(t)
#define _tile_loadd(t, from, stride) fake_load(t, from, stride)
#define _tile_stored(t, to, stride) fake_store(t, to, stride)
#define _tile_dpbf16ps(t, a, b) fake_dot(t, a, b)

#endif
