//go:build amd64 || arm64

#include "simd.h"

#include <math.h>

#if defined(__x86_64__)

static int has_avx512(void) {
	__builtin_cpu_init();
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
		__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
		__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static int has_avx512vnni(void) { return has_avx512() && __builtin_cpu_supports("avx512vnni"); }

static int has_avx512bf16(void) { return has_avx512vnni() && __builtin_cpu_supports("avx512bf16"); }

#if defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

// has_amx asks the system for the memory that it keeps tiles in when it changes threads, once for
// all threads: the processor alone does not say that they may be used.
static int has_amx(void) {
	enum { REQUEST = 0x1023, TILES = 18 }; // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
	unsigned a, b, c, d;
	return fm_amx.halve && has_avx512bf16() && __get_cpuid_count(7, 0, &a, &b, &c, &d) &&
		d >> 22 & 1 && d >> 24 & 1 && // AMX-BF16, AMX-TILE
		syscall(SYS_arch_prctl, REQUEST, TILES) == 0;
}
#else
static int has_amx(void) { return 0; }
#endif

static int has_avx2(void) {
	__builtin_cpu_init();
	// Every processor with AVX2 has F16C.
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static const struct {
	const char *name;
	int (*has)(void);
	const fm_set *set;
} sets[] = {
	{"amx", has_amx, &fm_amx},
	{"avx512bf16", has_avx512bf16, &fm_avx512bf16},
	{"avx512vnni", has_avx512vnni, &fm_avx512vnni},
	{"avx512", has_avx512, &fm_avx512},
	{"avx2", has_avx2, &fm_avx2},
};

#else

#if defined(__APPLE__)
static int has_dot(void) { return 1; } // all of Apple's have it that are not phones
#elif defined(_WIN32)
#include <windows.h>

static int has_dot(void) { return IsProcessorFeaturePresent(43); } // PF_ARM_V82_DP_INSTRUCTIONS_AVAILABLE
#else
#include <sys/auxv.h>

static int has_dot(void) { return getauxval(AT_HWCAP) >> 20 & 1; } // HWCAP_ASIMDDP
#endif

static int always(void) { return 1; }

static const struct {
	const char *name;
	int (*has)(void);
	const fm_set *set;
} sets[] = {
	{"neondot", has_dot, &fm_neondot},
	{"neon", always, &fm_neon},
};

#endif

int fm_count(void) { return sizeof sets / sizeof *sets; }
const char *fm_name(int i) { return sets[i].name; }
int fm_has(int i) { return sets[i].has(); }
const fm_set *fm_get(int i) { return sets[i].set; }

float fm_half[1 << 16];

void fm_init(void) {
	for (int i = 0; i < 1 << 16; i++) {
		int exponent = i >> 10 & 31, mantissa = i & 1023;
		float v = exponent == 31 ? (mantissa ? NAN : INFINITY)
			: exponent ? ldexpf((float)(1024 + mantissa), exponent - 25) : ldexpf((float)mantissa, -24);
		fm_half[i] = i >> 15 ? -v : v;
	}
}
