// bcryptprimitives.dll for a Wine that has none: Go's runtime takes its random numbers there.

#include <windows.h>

// RtlGenRandom, by the name that advapi32 exports it under.
BOOLEAN WINAPI SystemFunction036(PVOID to, ULONG bytes);

__declspec(dllexport) BOOL WINAPI ProcessPrng(BYTE *to, SIZE_T bytes) {
	const SIZE_T most = 1 << 20;
	for (SIZE_T at = 0; at < bytes; at += most) {
		SIZE_T n = bytes - at < most ? bytes - at : most;
		if (!SystemFunction036(to + at, (ULONG)n)) return FALSE;
	}
	return TRUE;
}
