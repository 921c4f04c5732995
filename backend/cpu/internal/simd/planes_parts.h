// The parts of blocks where codes come 32 at a time, of the rows that QROWS takes; and the sums of both planes where D
// is sums of one.

enum { PARTS_Q4_K = 4, PARTS_Q5_K = 4, PARTS_Q6_K = 2 };

#define PLANES_Q4_K(p, g, USE) do { \
	Q c_ = QROWS((p) + 16 + 32 * (g)); \
	USE(qand(c_, 15), 64 * (g), 2 * (g)); \
	USE(qand(qshr(c_, 4), 15), 64 * (g) + 32, 2 * (g) + 1); \
} while (0)

#define PLANES_Q5_K(p, g, USE) do { \
	Q c_ = QROWS((p) + 48 + 32 * (g)), h_ = QROWS((p) + 16); \
	USE(qor(qand(c_, 15), qand(qshr(h_, 2 * (g) - 4), 16)), 64 * (g), 2 * (g)); \
	USE(qor(qand(qshr(c_, 4), 15), qand(qshr(h_, 2 * (g) - 3), 16)), 64 * (g) + 32, 2 * (g) + 1); \
} while (0)

#define PLANES_Q6_K(p, g, USE) do { \
	Q a_ = QROWS((p) + 64 * (g)), b_ = QROWS((p) + 64 * (g) + 32), h_ = QROWS((p) + 128 + 32 * (g)); \
	USE(qor(qand(a_, 15), qand(qshr(h_, -4), 48)), 128 * (g), 4 * (g)); \
	USE(qor(qand(b_, 15), qand(qshr(h_, -2), 48)), 128 * (g) + 32, 4 * (g) + 1); \
	USE(qor(qand(qshr(a_, 4), 15), qand(h_, 48)), 128 * (g) + 64, 4 * (g) + 2); \
	USE(qor(qand(qshr(b_, 4), 15), qand(qshr(h_, 2), 48)), 128 * (g) + 96, 4 * (g) + 3); \
} while (0)

#ifndef MATRICES
// Each plane becomes floats by itself: with the widest codes both together pass 32 bits.
typedef struct { D hi, lo; } P;

FN P pzero(void) { P p = {dzero(), dzero()}; return p; }
FN P ptake(P sum, Q codes, const uint8_t *hi, const uint8_t *lo, K scales, int n) {
	P p = {ddot(sum.hi, codes, qload(hi), scales, n), ddot(sum.lo, codes, qload(lo), scales, n)};
	return p;
}
FN F pwhole(P sum) { return ffma(dfloat(sum.hi), fset(128), dfloat(sum.lo)); }
#endif
