// Package cpu has the two drivers that run on the processor.
//
// "ref" is the reference that every other backend is compared with: the
// plainest code, float64 inside an operation, primitives only.
//
// "cpu" is for use: float32, all cores, fused where it helps. An operation cuts
// its work into parts (pool.go) that run kernels (kernels.go) on weights in
// their stored type (matrix.go). Results depend neither on the number of threads
// nor on what else is in a pass.
//
// Both share this file's neighbours: host memory (buffer.go, memory.go), one
// goroutine that runs submissions in order (queue.go), plans (plan.go) and
// weights in their stored type (weight.go).
package cpu
