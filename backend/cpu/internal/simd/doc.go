// Package simd has the inner loops of package cpu for vector units: C with
// intrinsics, compiled for each instruction set and chosen when the program runs.
//
// kernels.h is written once, over vectors of 16 floats; a file for each set says
// what these are: one register of AVX-512, two of AVX2, four of NEON. Without
// cgo there are no sets, and package cpu has its own kernels in Go, which these
// are compared with.
package simd
