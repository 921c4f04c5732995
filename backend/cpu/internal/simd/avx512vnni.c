//go:build amd64

#include "simd.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c,avx512vnni")))
#define NAME(f) f##_avx512vnni
#define VNNI

#include "avx512.h"
#include "kernels.h"

const fm_set fm_avx512vnni = {
	rows_avx512vnni, tile_avx512vnni, widen_avx512vnni, round_avx512vnni, rounded_avx512vnni, BYTES, HALVES,
	scan_avx512vnni, conv_avx512vnni, step_avx512vnni, gate_avx512vnni, norm_avx512vnni, INTERLEAVE,
};
