//go:build amd64

#include "simd.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma,f16c,avx512vnni,avx512bf16")))
#define NAME(f) f##_avx512bf16
#define VNNI
#define HALF

#include "avx512.h"
#include "kernels.h"

const fm_set fm_avx512bf16 = {
	rows_avx512bf16, tile_avx512bf16, widen_avx512bf16, round_avx512bf16, rounded_avx512bf16, BYTES, HALVES,
	scan_avx512bf16, conv_avx512bf16, step_avx512bf16, gate_avx512bf16, norm_avx512bf16, INTERLEAVE,
};

#include "amx.h"

// All else is as it is without tiles.
#ifdef AMX
const fm_set fm_amx = {
	rows_avx512bf16, tile_avx512bf16, widen_avx512bf16, round_avx512bf16, rounded_avx512bf16, BYTES,
	packed_amx, halftile_amx, FM_AMX_ROWS, FM_AMX_TOKENS, FM_AMX_WORK,
	scan_avx512bf16, conv_avx512bf16, step_avx512bf16, gate_avx512bf16, norm_avx512bf16, INTERLEAVE,
};
#else
const fm_set fm_amx = {0};
#endif
