// Package cpu has the two drivers that run on the processor.
//
// "ref" is the reference that every other backend is compared with: the
// plainest code, float64 inside an operation, primitives only.
//
// "cpu" is for use: float32, all cores, fused where it helps. An operation divides
// its work into parts (pool.go) that run kernels (kernels.go) on weights in
// their stored type (matrix.go), where a mapped file has them. Kernels are C for AMX,
// AVX-512, AVX2 and NEON (internal/simd), or without cgo plain Go. Results do not
// depend on the number of threads, and in float32 not on what else is in a pass;
// where an operation allows rounding, few rows and many are rounded differently
// (matmul.go).
//
// Both share this file's neighbours: host memory (buffer.go, memory.go), one
// goroutine that runs submissions in order (queue.go), plans (plan.go) and
// weights in their stored type (weight.go).
package cpu
