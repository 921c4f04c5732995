// Package cpu has the two drivers that run on the processor.
//
// "ref" is the reference that every other backend is compared with: the
// plainest code, float64 inside an operation, primitives only.
//
// "cpu" is for use: float32, all cores, fused where it helps.
//
// Both share this file's neighbours: host memory (buffer.go, memory.go), one
// goroutine that runs submissions in order (queue.go), plans (plan.go) and
// weights in their stored type (weight.go).
package cpu
