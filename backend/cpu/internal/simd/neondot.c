//go:build arm64

#include "simd.h"

#include <arm_neon.h>
#include <math.h>
#include <string.h>

#ifdef __ARM_FEATURE_DOTPROD
#define TARGET
#else
#define TARGET __attribute__((target("arch=armv8.2-a+dotprod")))
#endif
#define NAME(f) f##_neondot
#define PLANES

#include "neon.h"
#include "kernels.h"

const fm_set fm_neondot = {
	rows_neondot, tile_neondot, widen_neondot, round_neondot, rounded_neondot, BYTES, HALVES,
	scan_neondot, conv_neondot, step_neondot, gate_neondot, norm_neondot, INTERLEAVE,
};
