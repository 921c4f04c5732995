// Package bench measures backends and compares them: speed through the
// embedding API, numerics against a reference, checkpoints against goldens that
// transformers made, memory. What it finds are plain values; a [Report] writes
// them as tables for people or machines. cmd/fmbench is its command line.
package bench
