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

#if defined(AMXFAKE)
static int has_amx(void) { return fm_amx.halve && has_avx512bf16(); }
#elif defined(__linux__)
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

// has reports whether processor and system have what Linux numbers as a bit of its first or second word, Windows in
// IsProcessorFeaturePresent, and Apple names.
#if defined(__APPLE__)
#include <sys/sysctl.h>

static int has(int word, int bit, int windows, const char *apple) {
	(void)word, (void)bit, (void)windows;
	int value = 0;
	size_t size = sizeof value;
	return sysctlbyname(apple, &value, &size, NULL, 0) == 0 && value != 0;
}
#elif defined(_WIN32)
#include <windows.h>

static int has(int word, int bit, int windows, const char *apple) {
	(void)word, (void)bit, (void)apple;
	return IsProcessorFeaturePresent((DWORD)windows);
}
#else
#include <sys/auxv.h>

static int has(int word, int bit, int windows, const char *apple) {
	(void)windows, (void)apple;
	return getauxval(word == 2 ? AT_HWCAP2 : AT_HWCAP) >> bit & 1;
}
#endif

// ASIMDDP, I8MM and BF16; PF_ARM_V82_DP_, PF_ARM_V82_I8MM_ and PF_ARM_V86_BF16_INSTRUCTIONS_AVAILABLE.
static int has_dot(void) { return has(1, 20, 43, "hw.optional.arm.FEAT_DotProd"); }
static int has_i8mm(void) { return fm_neoni8mm.rows && has_dot() && has(2, 13, 66, "hw.optional.arm.FEAT_I8MM"); }
static int has_bf16(void) { return has_i8mm() && has(2, 14, 68, "hw.optional.arm.FEAT_BF16"); }

static int always(void) { return 1; }

static const struct {
	const char *name;
	int (*has)(void);
	const fm_set *set;
} sets[] = {
	{"neonbf16", has_bf16, &fm_neonbf16},
	{"neoni8mm", has_i8mm, &fm_neoni8mm},
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
