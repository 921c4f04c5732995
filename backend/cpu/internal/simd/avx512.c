//go:build amd64

#include "simd.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c")))
#define NAME(f) f##_avx512

#include "avx512.h"
#include "kernels.h"

const fm_set fm_avx512 = {
	rows_avx512, tile_avx512, widen_avx512, round_avx512, rounded_avx512, BYTES, HALVES,
	scan_avx512, conv_avx512, step_avx512, gate_avx512, norm_avx512, INTERLEAVE,
};
