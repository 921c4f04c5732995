//go:build cgo && !darwin

package vulkan

import (
	"fmt"
	"os"
	"strings"
)

const appleIntroduction = `# Apple's GPUs, by the compiler for them in Mesa

No GPU of Apple's has run this. Mesa's driver for them on Linux, Honeykrisp, opens a device that is not there where a
small library answers what it asks the kernel (backend/vulkan/internal/compileonly/drm), and its compiler makes of a
kernel what such a GPU would run. So this page says what was compiled: nothing on it was measured. And it is Mesa's
compiler, not Apple's: for who runs Linux on a Mac it is the one that counts, for macOS it says what a kernel takes of
such a GPU where somebody else's compiler allots it.

	make test-apple          # the test: no more spills than are known
	make test-apple-core     # an M1, and few plans; a minute
	make apple               # the test, and this page

The driver is %s. It knows the GPUs of M1 and M2.

Kernels are those that the driver for Vulkan chooses on such a device, and those that the driver for Metal does where
they are generated from the same source: GLSL, which is compiled here by way of SPIR-V. What Metal has besides, a
prompt's products on matrix units, is not among them, as this compiler has no instructions for these. Names with i16 are
Vulkan's alone, those of f32 and block are for both. Plans of an M1 are those of the 7B, 1.4B and 130M: for 1, 2, 4, 8,
16, 32 and 64 texts, for prompts of as many tokens and of 512 and 2048, in each type of weights that stays as it is
stored, and in float32. Of the others they are the 7B's in bf16 and q4_K, for 1 and 8 texts and prompts of 8 and 512
tokens.

A thread has 256 registers of 16 bits, of which a float32 takes two. A core has room for 1024 threads of 104 registers,
512 of 208 and 384 of 256. A kernel *spills* where it keeps registers in memory. The test fails on more spills, and on
less room, than the tables of the test know, with their reasons (TestApple of backend/vulkan).

`

const appleFound = `
## What this found

Figures are of the 7B's kernels of q4_K as Metal chooses them, on an M1.

- Kernels of packed weights for few rows took loads and sums as though a thread had 255 registers of 32 bits, and it
  has 128. They spilled, and a core had room for 384 threads, which is one workgroup of 256. Spills of head,
  in_proj_conv and out_proj of one text were 124, 178 and 102, instructions 6789, 9350 and 4901. With one load of each
  channel in flight and two channels instead of four nothing is spilled: 1367, 1811 and 939. Of 8 texts instructions
  were 5440, 10023 and 4803, with two channels 1509, 1977 and 1110.
- So the driver for Metal says that registers are few (Target.Registers of backend/gpu): of its 357 kernels 96 spilled,
  and 7 do now, all of ssm. Vulkan has no question whose answer is the registers of such a thread, so the kernels of
  its driver spill as before, and all but those 7 of the table are its own.
- Where registers are short, about half of the instructions are exclusive ors, three of which exchange two registers:
  this compiler moves vectors about to make room for others. Apple's may not.
- What it says is the same for all four chips.
`

const appleKernels = `
## Kernels

Those of the M1. Of each figure the most of the kernels of a line, but of threads and workgroups the fewest.
*Spilling* is how many of them spill; *spills* and *fills* are instructions that write registers to memory and read them
back, *scratch* the bytes of a thread that they take. *Threads* are those that a core has room for by registers alone,
*workgroups* how many whole ones that is. *Cycles* are arithmetic by a model of the M1's in Mesa, each instruction
once however often a loop runs it, and without memory: for comparing kernels that are alike.
`

// writeApple writes docs/apple.md.
func writeApple(path string, list []chipReport, driver string) error {
	var s strings.Builder
	fmt.Fprintf(&s, appleIntroduction, driver)
	s.WriteString("| chip | card | cores | kernels | spill | most spills | unlike the first's |\n" +
		"|---|---|--:|--:|--:|--:|--:|\n")
	for i, r := range list {
		unlike := ""
		if i > 0 {
			n, both := r.unlike(&list[0])
			unlike = fmt.Sprintf("%d of %d", n, both)
		}
		n, most := r.spilling()
		fmt.Fprintf(&s, "| %s | %s | %d | %d | %d | %d | %s |\n", r.name, r.card, r.cores, len(r.kernels), n, most, unlike)
	}
	s.WriteString(appleFound + appleKernels)
	s.WriteString("\n| kernel | compiled | spilling | registers | spills | fills | scratch, bytes | threads | workgroups | " +
		"instructions | code, KiB | cycles |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, k := range rowsOf(list[0].kernels) {
		m := k.most
		fmt.Fprintf(&s, "| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %.1f | %d |\n", k.name, k.n, k.spilling,
			m.vectors, m.spilled, m.filled, m.scratch, k.room, k.least, m.instructions, float64(m.bytes)/1024, m.latency)
	}
	return os.WriteFile(path, []byte(s.String()), 0o644)
}
