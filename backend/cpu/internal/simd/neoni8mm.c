//go:build arm64

#include "simd.h"

#include <arm_neon.h>
#include <math.h>
#include <string.h>

#ifdef HAS_MATRICES
#define TARGET __attribute__((target("arch=armv8.2-a+dotprod+i8mm")))
#define NAME(f) f##_neoni8mm
#define PLANES
#define MATRICES

#include "neon.h"
#include "kernels.h"

const fm_set fm_neoni8mm = {
	rows_neoni8mm, tile_neoni8mm, widen_neoni8mm, round_neoni8mm, rounded_neoni8mm, BYTES, HALVES,
	scan_neoni8mm, conv_neoni8mm, step_neoni8mm, gate_neoni8mm, norm_neoni8mm, INTERLEAVE,
};
#else
const fm_set fm_neoni8mm = {0};
#endif
