#ifndef FM_SIMD_H
#define FM_SIMD_H

#include <stddef.h>
#include <stdint.h>

// Windows' calling convention aligns the stack to 16 bytes, and gcc for it keeps vectors of 32
// and 64 there with instructions that fault where these are not aligned to their size (GCC's
// bug 54412). The assembler makes them the ones that take any address, which cost nothing more
// where it is aligned.
#if defined(_WIN32) && defined(__x86_64__) && !defined(__clang__)
#define ANY_ADDRESS(aligned, any) __asm__(".macro " #aligned " to:vararg\n\t" #any " \\to\n.endm")
ANY_ADDRESS(vmovaps, vmovups);
ANY_ADDRESS(vmovapd, vmovupd);
ANY_ADDRESS(vmovdqa, vmovdqu);
ANY_ADDRESS(vmovdqa32, vmovdqu32);
ANY_ADDRESS(vmovdqa64, vmovdqu64);
#endif

#define ALIGNED __attribute__((aligned(64)))
// Of loops in one another, clang heeds gcc's word in the inner ones alone, and sums would stay in memory.
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

// A matrix: rows of pitch bytes, as they are stored or interleaved. scales and book are for the
// types that keep them apart: a float for each block, row after row.
typedef struct {
	int type;
	ptrdiff_t cols, pitch;
	const uint8_t *data;
	const float *scales;
	const float *book; // 16 values
	ptrdiff_t interleaved; // rows, see interleaved.h
} fm_matrix;

// The operands of a scan; strides are from one token to the next.
typedef struct {
	float *y;
	const float *x, *dt, *b, *c;
	ptrdiff_t ystride, xstride, dtstride, bstride, cstride;
	const float *a, *skip, *from;
	float *to;
	ptrdiff_t channels, tokens;
} fm_scan;

// The sets of kernels. What they compute is in kernels.h.
typedef struct {
	void (*rows)(float *y, ptrdiff_t n, const fm_matrix *m, ptrdiff_t r, const float *x);
	void (*tile)(float *y, ptrdiff_t ystride, const fm_matrix *m, ptrdiff_t r, ptrdiff_t rows,
		const float *x, ptrdiff_t xstride, ptrdiff_t tokens, float *work);
	void (*widen)(float *dst, const fm_matrix *m, ptrdiff_t r);
	void (*round)(void *to, const float *x, ptrdiff_t n, int type);
	void (*rounded)(float *y, ptrdiff_t ystride, const fm_matrix *m, ptrdiff_t r, ptrdiff_t rows,
		const void *x, ptrdiff_t tokens);
	void (*roundbytes)(void *to, const float *x, ptrdiff_t n); // NULL, and so the next, where there are no planes
	void (*bytes)(float *y, ptrdiff_t ystride, const fm_matrix *m, ptrdiff_t r, ptrdiff_t rows,
		const void *x, ptrdiff_t tokens);
	// NULL, and so the next, where there is no bfloat16. Then tokens and rows of a tile, and floats of its work.
	void (*halve)(uint16_t *to, const float *x, ptrdiff_t xstride, ptrdiff_t n, ptrdiff_t tokens);
	void (*halftile)(float *y, ptrdiff_t ystride, const fm_matrix *m, ptrdiff_t r, ptrdiff_t rows,
		const uint16_t *x, ptrdiff_t xstride, ptrdiff_t tokens, int add, float *work);
	int halfrows, halftokens, halfwork;
	void (*scan)(const fm_scan *s);
	void (*conv)(float *y, ptrdiff_t ystride, const float *x, ptrdiff_t xstride, const float *past,
		const float *taps, const float *bias, ptrdiff_t n, ptrdiff_t tokens, int silu);
	void (*step)(float *y, const float *x, const float *from, float *to, const float *taps, const float *bias,
		ptrdiff_t n, int silu);
	void (*gate)(float *out, const float *y, const float *z, ptrdiff_t n);
	void (*norm)(float *dst, const float *x, const float *weight, float eps, ptrdiff_t n);
	// NULL: all types stay as they are stored.
	void (*interleave)(uint8_t *to, const uint8_t *from, ptrdiff_t rows, ptrdiff_t pitch, int type);
} fm_set;

// The types, numbered as package backend numbers them; a test compares.
enum {
	FM_F32 = 1, FM_F16, FM_BF16, FM_I32,
	FM_Q8_0, FM_Q4_0, FM_Q4_1, FM_Q5_0, FM_Q5_1,
	FM_Q2_K, FM_Q3_K, FM_Q4_K, FM_Q5_K, FM_Q6_K,
	FM_IQ4_NL, FM_IQ4_XS, FM_NF4, FM_FP4
};

// Shapes: rows of a weight and rows of activations that tile takes at most, the
// columns that it widens at a time, and the floats of its work.
enum {
	FM_LANES = 16, // rows that are interleaved
	FM_TILE_ROWS = 16,
	FM_TILE_TOKENS = 96,
	FM_TILE_COLS = 512,
	FM_GROUP = 256 * 2 + 2 * 64 + 32, // bytes of 256 rounded activations
	FM_BYTES = 256 + 2 * 64,     // of 256 that were rounded to bytes
	FM_TILE_WORK = FM_TILE_ROWS * FM_TILE_COLS + 16 * FM_TILE_ROWS * FM_TILE_TOKENS,

	// Those of tiles in bfloat16: a weight is widened for all tokens, whose columns and sums stay in
	// the second-level cache.
	FM_HALF_TOKENS = 256,
	FM_HALF_WORK = FM_TILE_ROWS * FM_TILE_COLS + 16 * FM_TILE_ROWS * FM_HALF_TOKENS,

	// Those of tiles on AMX.
	FM_AMX_ROWS = 256,
	FM_AMX_TOKENS = 512,
	FM_AMX_COLS = 256,
	FM_AMX_WORK = 64 * FM_AMX_COLS / 2 + FM_AMX_ROWS * FM_AMX_TOKENS
};

#if defined(__x86_64__)
extern const fm_set fm_amx, fm_avx512bf16, fm_avx512vnni, fm_avx512, fm_avx2;
#elif defined(__aarch64__)
// Clang has the intrinsics of what it does not compile everything for since LLVM 16, which Apple counts as 15. Without
// them these sets are empty.
#if defined(__ARM_FEATURE_MATMUL_INT8) && defined(__ARM_FEATURE_BF16) || !defined(__clang__) || \
	__clang_major__ >= 16 || defined(__apple_build_version__) && __clang_major__ >= 15
#define HAS_MATRICES
#endif
extern const fm_set fm_neonbf16, fm_neoni8mm, fm_neondot, fm_neon;
#endif

// fm_init fills fm_half, the values of binary16.
void fm_init(void);
extern float fm_half[1 << 16];

// fm_has reports whether this processor, and the system on it, run set number i
// of fm_sets: the best first.
int fm_count(void);
const char *fm_name(int i);
int fm_has(int i);
const fm_set *fm_get(int i);

#endif
