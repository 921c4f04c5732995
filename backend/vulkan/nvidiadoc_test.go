//go:build cgo && !darwin

package vulkan

import (
	"fmt"
	"os"
	"strings"
)

const nvidiaIntroduction = `# NVIDIA's GPUs, by the compiler for them in Mesa

NVIDIA's GPUs run this by NVIDIA's driver, and what that does is measured ([performance.md](performance.md)). This page
is of the other one, Mesa's NVK on the kernel's driver nouveau, by which no such GPU has run this. It opens a device
that is not there where a small library answers what it asks the kernel (backend/vulkan/internal/compileonly/drm), and
its compiler makes of a kernel what such a GPU would run. So this page says what was compiled: nothing on it was
measured.

	make test-nvidia         # the test: no more in memory than is known
	make test-nvidia-core    # one of its GPUs; a minute
	make nvidia              # the test, and this page

The driver is %s.

Plans are those of the 7B in bf16 and q4_K, for 1, 8 and 32 texts and prompts of as many tokens and of 512, with
activations that may be rounded and in float32; without -short the test has those of the 1.4B and 130M too, of all types
and rows, which was not run yet. How lanes hold a matrix cannot be asked of a device that runs nothing, so kernels that
take weights straight into matrices are not among these. Of Hopper's GPUs there are none: this driver opens them for
testing alone.

A kernel *spills* where it keeps registers in memory, and has *arrays* there where the compiler cannot tell which
element is meant. The test fails on more of either than its tables have, with their reasons (TestNVIDIA of
backend/vulkan).

`

const nvidiaFound = `
## What this found

Nothing of it is mended yet.

- Products of prompts have the sums of a tile in memory: 512 bytes of a lane, which is what they take, and 256 in
  float32. The compiler for AMD's GPUs keeps the same arrays in registers, and the one for Apple's that of float32. One
  kernel of x_proj has an array there too.
- One text's products of q4_K in float32, and a prompt's on matrix units, leave room for 8 subgroups on a
  multiprocessor.
`

const nvidiaKernels = `
## Kernels

Those of the %s. Of each figure the most of the kernels of a line, but of subgroups the fewest. *Spilling* is how
many of them spill, *arrays* the bytes of a lane's memory, spills included, *moved* instructions that keep a register in
one of another kind. *Subgroups* are those that a multiprocessor has room for, of %d. *Cycles* are the compiler's,
without caches: for comparing kernels that are alike.
`

// writeNVIDIA writes docs/nvidia.md.
func writeNVIDIA(path string, list []chipReport, driver string) error {
	var s strings.Builder
	fmt.Fprintf(&s, nvidiaIntroduction, driver)
	s.WriteString("| chip | card | multiprocessors | kernels | spill | most spills | have arrays | unlike the second's |\n" +
		"|---|---|--:|--:|--:|--:|--:|--:|\n")
	shown := &list[min(1, len(list)-1)]
	for i := range list {
		r, arrays, unlike := &list[i], 0, ""
		for _, x := range r.kernels {
			if x.spilled == 0 {
				arrays += min(x.scratch, 1)
			}
		}
		if r != shown {
			n, both := r.unlike(shown)
			unlike = fmt.Sprintf("%d of %d", n, both)
		}
		n, most := r.spilling()
		fmt.Fprintf(&s, "| %s | %s | %d | %d | %d | %d | %d | %s |\n", r.name, r.card, r.cores, len(r.kernels), n, most, arrays,
			unlike)
	}
	s.WriteString(nvidiaFound)
	fmt.Fprintf(&s, nvidiaKernels, shown.card, shown.waves)
	s.WriteString("\n| kernel | compiled | spilling | registers | spills | fills | moved | arrays, bytes | subgroups | " +
		"instructions | code, KiB | Mcycles |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, k := range rowsOf(shown.kernels) {
		m := k.most
		fmt.Fprintf(&s, "| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %.1f | %.2f |\n", k.name, k.n, k.spilling, m.vectors,
			m.spilled, m.filled, m.moved, m.scratch, k.least, m.instructions, float64(m.bytes)/1024, float64(m.latency)/1e6)
	}
	return os.WriteFile(path, []byte(s.String()), 0o644)
}
