//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package cpu

import (
	"math/rand/v2"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"falconmamba/backend"
	"falconmamba/backend/cpu/internal/simd"
)

// Tiles in bfloat16 read no row behind the last one of a weight, which may be where a mapped file ends: memory that
// follows here cannot be read, and a kernel that does ends the process.
func TestTilesInHalfReadNothingBehindAWeight(t *testing.T) {
	eachKernels(t, func(t *testing.T, k *kernels) {
		if k.halve == nil {
			t.Skipf("kernels %s have no products in bfloat16", k.name)
		}
		h, w, rng := newTestHost(t), &worker{}, rand.New(rand.NewPCG(19, 20))
		const cols, tokens = 512, 34
		x := random(rng, tokens*cols)
		to := make([]byte, ceil(tokens, simd.HalfBlock)*simd.HalfBlock*k.halfSize(cols))
		k.halve(to, x, cols, cols, tokens)
		types := []backend.DType{backend.F32, backend.BF16, backend.Q8_0, backend.Q4_0, backend.Q4_K, backend.Q6_K}
		for _, typ := range types {
			for _, rows := range []int{1, 15, 16, 31, 33, 64} {
				m := randomMatrix(t, h, rng, typ, rows, cols)
				size, page := len(m.stored.Data), os.Getpagesize()
				whole := ceil(size, page) * page
				mem, err := unix.Mmap(-1, 0, whole+page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { unix.Munmap(mem) })
				if err := unix.Mprotect(mem[whole:], unix.PROT_NONE); err != nil {
					t.Fatal(err)
				}
				last := m
				last.stored.Data = mem[whole-size : whole : whole]
				if k.interleaves != nil && k.interleaves(typ, rows, cols) {
					k.interleave(last.stored.Data, m.stored.Data, typ, rows, cols)
					last.stored.Interleaved = simd.InterleavedRows(rows)
				} else {
					copy(last.stored.Data, m.stored.Data)
				}
				y := make([]float32, tokens*rows)
				for r := 0; r < rows; r += k.halfRows {
					k.halfTile(w, y[r:], rows, &last, r, min(k.halfRows, rows-r), to, tokens, false)
				}
			}
		}
	})
}
