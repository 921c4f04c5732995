// The parts of blocks and the sums of both planes where codes come 32 at a time. D is sums of one plane.

enum { PARTS_Q4_K = 4, PARTS_Q5_K = 4, PARTS_Q6_K = 2 };

#define PLANES_Q4_K(p, g, USE) do { \
	Q c_ = qload((p) + 16 + 32 * (g)); \
	USE(qand(c_, 15), 64 * (g), 2 * (g)); \
	USE(qand(qshr(c_, 4), 15), 64 * (g) + 32, 2 * (g) + 1); \
} while (0)

#define PLANES_Q5_K(p, g, USE) do { \
	Q c_ = qload((p) + 48 + 32 * (g)), h_ = qload((p) + 16); \
	USE(qor(qand(c_, 15), qand(qshr(h_, 2 * (g) - 4), 16)), 64 * (g), 2 * (g)); \
	USE(qor(qand(qshr(c_, 4), 15), qand(qshr(h_, 2 * (g) - 3), 16)), 64 * (g) + 32, 2 * (g) + 1); \
} while (0)

#define PLANES_Q6_K(p, g, USE) do { \
	Q a_ = qload((p) + 64 * (g)), b_ = qload((p) + 64 * (g) + 32), h_ = qload((p) + 128 + 32 * (g)); \
	USE(qor(qand(a_, 15), qand(qshr(h_, -4), 48)), 128 * (g), 4 * (g)); \
	USE(qor(qand(b_, 15), qand(qshr(h_, -2), 48)), 128 * (g) + 32, 4 * (g) + 1); \
	USE(qor(qand(qshr(a_, 4), 15), qand(h_, 48)), 128 * (g) + 64, 4 * (g) + 2); \
	USE(qor(qand(qshr(b_, 4), 15), qand(qshr(h_, 2), 48)), 128 * (g) + 96, 4 * (g) + 3); \
} while (0)

// Each plane becomes floats by itself: with the widest codes both together pass 32 bits.
typedef struct { D hi, lo; } P;

FN P pzero(void) { P p = {dzero(), dzero()}; return p; }
FN P ptake(P sum, Q codes, const uint8_t *hi, const uint8_t *lo, K scales, int n) {
	P p = {ddot(sum.hi, codes, qload(hi), scales, n), ddot(sum.lo, codes, qload(lo), scales, n)};
	return p;
}
FN F pwhole(P sum) { return ffma(dfloat(sum.hi), fset(128), dfloat(sum.lo)); }
