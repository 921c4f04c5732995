//go:build arm64

#include "simd.h"

#include <arm_neon.h>
#include <math.h>
#include <string.h>

#define TARGET
#define NAME(f) f##_neon

#include "neon.h"
#include "kernels.h"

const fm_set fm_neon = {
	rows_neon, tile_neon, widen_neon, round_neon, rounded_neon, BYTES, HALVES,
	scan_neon, conv_neon, step_neon, gate_neon, norm_neon, INTERLEAVE,
};
