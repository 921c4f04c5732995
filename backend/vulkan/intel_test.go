//go:build cgo && !darwin

package vulkan

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"falconmamba/backend/gputest"
)

// Intel's GPUs, from those before matrix units to the newest that Mesa 25.0 knows. Of Panther Lake cores are as many
// as its larger one has.
var intelChips = []chip{
	{of: intel, name: "DG2", card: "Arc A770", cores: 32, clock: 2.1, bytes: 560,
		says: "id=56a0 ip=0 revision=8 cores=ffffffff units=ffff simd=8 memory=16"},
	{of: intel, name: "BMG", card: "Arc B580", cores: 20, clock: 2.67, bytes: 456,
		says: "id=e20b ip=2001 revision=4 cores=fffff units=ff simd=16 memory=12"},
	{of: intel, name: "LNL", card: "Arc 140V", cores: 8, clock: 2.05, bytes: 136.5,
		says: "id=64a0 ip=2004 revision=4 cores=ff units=ff simd=16 memory=0"},
	{of: intel, name: "PTL", card: "Panther Lake", cores: 12,
		says: "id=b080 ip=3000 revision=4 cores=fff units=ff simd=16 memory=0"},
	{of: intel, name: "MTL", card: "Arc of a Core Ultra 7 155H", cores: 8, clock: 2.25, bytes: 120,
		says: "id=7d55 ip=0 revision=4 cores=ff units=ffff simd=8 memory=0"},
	{of: intel, name: "TGL", card: "Iris Xe", cores: 6, clock: 1.35, bytes: 68,
		says: "id=9a49 ip=0 revision=1 cores=3f units=ffff simd=8 memory=0"},
}

// mostSpills is how many instructions of the kernels of a source write registers to memory at most, where those are
// not 0: what is there now, so that it grows no more unseen.
var mostSpills = []bound{
	{"in_proj_conv", 96, channels},
	{"out_proj", 64, channels},
	{"x_proj", 48, "words of the rows are loaded for the next step while the blocks of this one are unpacked"},
	{"head", 48, channels},
	{"ssm", 96, "a row's states stay in registers: by the compiler's cycles four rows with these spills take a third of " +
		"what they take one by one"},
	{"gemm_half", 160, "four sums to a subgroup take, by the compiler's cycles, a third of what two take for each, " +
		"which spill too; on Iris Xe, which has no matrix units, the driver has ordinary instructions for them"},
}

const channels = "one row times four channels of blocks takes, by the compiler's cycles, about as long as times two, " +
	"which spill less"

// spills says what is wrong with a kernel as it was compiled for one of Intel's chips, or nothing.
func (c *compiled) spills() string {
	want := c.boundOf(mostSpills, 0)
	if c.spilled <= want.n {
		return ""
	}
	return fmt.Sprintf("%d instructions spill registers, want %d: %s", c.spilled, want.n, want.why)
}

// By its compiler a GPU of Intel's keeps what kernels hold in registers: the kernels of all passes, as a device with
// its limits gets them.
func TestIntel(t *testing.T) {
	if *onChips == "" {
		t.Skip("without -chips, which wants the driver that scripts/intel.sh brings")
	}
	var reports []chipReport
	driver := ""
	for _, c := range intelChips {
		t.Run(c.name, func(t *testing.T) {
			c.wanted(t)
			sizes, weights, rows := toCompile(1, 8, 512)
			devices := c.open(t, 2)
			all := c.compileAll(t, devices, gather(shadowOf(t, devices[0]), gputest.Passes(sizes, weights, rows)))
			for _, x := range all {
				if v := x.spills(); v != "" {
					t.Errorf("%s, for %v: %s", pipelineKey(&x.Dispatch), x.Pass, v)
				}
				c.print(x)
			}
			r := chipReport{chip: c, kernels: all}
			n, _ := r.spilling()
			t.Logf("%s: %d kernels, of which %d spill", devices[0].info.Device, len(all), n)
			reports, driver = append(reports, r), devices[0].info.Driver
		})
	}
	if *chipsDoc != "" {
		if err := writeIntel(*chipsDoc, reports, driver); err != nil {
			t.Error(err)
		}
	}
}

const intelIntroduction = `# Intel's GPUs, by their compiler

No GPU of Intel's has run this. Mesa's driver for them opens a device that is not there where a small library answers
what it asks the kernel (backend/vulkan/internal/compileonly/drm), and its compiler makes of a kernel what such a GPU
would run. So this page says what was compiled: nothing on it was measured.

	make test-intel          # the test
	make test-intel-core     # two of its GPUs, in a minute or two
	make intel               # the test, and this page

The driver is %s.
It stands on the kernel's driver xe here; on i915, which older GPUs have as a rule, it was not tried.

The device is opened by the driver that programs use, with the limits, features and sizes of subgroups that Mesa gives
for the chip. Plans are those of the 7B in bf16 and q4_K, for 1 and 8 texts and prompts of 8 and 512 tokens, with
activations that may be rounded and in float32; without -short the test has those of the 1.4B and 130M too, of all
types and rows, which was not run yet. How lanes hold a matrix cannot be asked of a device that runs nothing,
so kernels that take weights straight into matrices are not among these.

What was chosen by it: where a device has subgroups of several sizes up to 32, pipelines ask for the least. A subgroup
of Intel's has 128 registers of that size, so a lane has 128 in the least subgroups and 32 in the largest of an Arc
A770, which this driver takes for matrices unless asked. There 41 of 69 kernels spilled, in up to 843 instructions
(these plans, and those of 32 texts).
Products of few rows, and tiles of a prompt's, hold less in registers on such devices (Target.Registers of
backend/gpu), and what follows x_proj multiplies without matrix units.

Some still spill, where the compiler's cycles say that it is cheaper than what would not: a tile of four matrices takes
9.4 million with 48 spills, one of two, which spills too, 15.9 million.

A kernel *spills* where it keeps registers in memory. The test fails on more than the table of the test has, with its
reasons (TestIntel of backend/vulkan).

`

const intelKernels = `
## Kernels

Of each figure the most of the kernels of a line. *Spilling* is how many of them spill; *spills* and *fills* are
instructions that write registers to memory and read them back, *registers* those of a subgroup that are held at once,
of which it has 128; newer chips', which are twice as wide, count as two. *Cycles* are the
compiler's, of a subgroup with each loop taken for ten rounds: for comparing kernels.
`

// writeIntel writes docs/intel.md.
func writeIntel(path string, list []chipReport, driver string) error {
	var s strings.Builder
	fmt.Fprintf(&s, intelIntroduction, driver)
	s.WriteString("| chip | card | Xe cores | kernels | spill | most spills |\n|---|---|--:|--:|--:|--:|\n")
	for _, r := range list {
		spilling, most := r.spilling()
		fmt.Fprintf(&s, "| %s | %s | %d | %d | %d | %d |\n", r.name, r.card, r.cores, len(r.kernels), spilling, most)
	}
	s.WriteString(intelKernels)
	for _, r := range list {
		fmt.Fprintf(&s, "\n### %s\n\n| kernel | compiled | spilling | subgroup | registers | spills | fills | shared, KiB | "+
			"instructions | Mcycles |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n", r.name)
		for _, k := range rowsOf(r.kernels) {
			m := k.most
			fmt.Fprintf(&s, "| %s | %d | %d | %d | %d | %d | %d | %.1f | %d | %.1f |\n", k.name, k.n, k.spilling, m.subgroup,
				m.vectors, m.spilled, m.filled, float64(m.shared)/1024, m.instructions, float64(m.latency)/1e6)
		}
	}
	return os.WriteFile(path, []byte(s.String()), 0o644)
}
