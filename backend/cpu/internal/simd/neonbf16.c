//go:build arm64

#include "simd.h"

#include <arm_neon.h>
#include <math.h>
#include <string.h>

#ifdef HAS_MATRICES
#define TARGET __attribute__((target("arch=armv8.2-a+dotprod+i8mm+bf16")))
#define NAME(f) f##_neonbf16
#define PLANES
#define MATRICES

#include "neon.h"
#include "kernels.h"
#include "half_matrices.h"

const fm_set fm_neonbf16 = {
	rows_neonbf16, tile_neonbf16, widen_neonbf16, round_neonbf16, rounded_neonbf16, BYTES,
	halve_neonbf16, halftile_neonbf16, FM_TILE_ROWS, FM_HALF_TOKENS, HALF_MATRICES_WORK,
	scan_neonbf16, conv_neonbf16, step_neonbf16, gate_neonbf16, norm_neonbf16, INTERLEAVE,
};
#else
const fm_set fm_neonbf16 = {0};
#endif
