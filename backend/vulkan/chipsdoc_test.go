//go:build cgo && !darwin

package vulkan

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
	"falconmamba/backend/gputest"
)

// A row of a chip's table is of the kernels of a source that multiply one type of activations.
type kernelRow struct {
	name  string
	n     int
	most  figures // of each figure the most
	least int     // waves
	room  int     // the fewest threads
	// spilling is how many of them spill.
	spilling int
}

// rowsOf gathers a chip's kernels, by name.
func rowsOf(all map[string]*compiled) (rows []*kernelRow) {
	byName := map[string]*kernelRow{}
	for _, x := range all {
		name := x.Kernel.Name
		for _, typ := range []string{"f32", "f16", "bf16", "block"} { // of the weight
			for _, act := range []string{"f32", "f16", "i16"} {
				name = strings.TrimSuffix(name, "_"+typ+"_"+act) + strings.Repeat("_"+act,
					min(1, strings.Count(name, "_"+typ+"_"+act)))
			}
		}
		r := byName[name]
		if r == nil {
			r = &kernelRow{name: name, least: x.waves, room: x.threads}
			byName[name], rows = r, append(rows, r)
		}
		r.n++
		m := &r.most
		m.vectors, m.scalars = max(m.vectors, x.vectors), max(m.scalars, x.scalars)
		r.spilling += min(x.spilled, 1)
		m.moved, m.spilled, m.filled = max(m.moved, x.moved), max(m.spilled, x.spilled), max(m.filled, x.filled)
		m.scratch, m.shared = max(m.scratch, x.scratch), max(m.shared, x.shared)
		m.instructions, m.bytes = max(m.instructions, x.instructions), max(m.bytes, x.bytes)
		m.latency, m.inverse = max(m.latency, x.latency), max(m.inverse, x.inverse)
		m.subgroup = max(m.subgroup, x.subgroup)
		r.least, r.room = min(r.least, x.waves), min(r.room, x.threads)
	}
	slices.SortFunc(rows, func(a, b *kernelRow) int { return strings.Compare(a.name, b.name) })
	return rows
}

const amdIntroduction = `# AMD's GPUs, by their compiler

No AMD GPU has run this. Mesa's driver for them, RADV, opens a device that is not there where RADV_FORCE_FAMILY names a
chip, and its compiler makes of a kernel what such a GPU would run. So this page says what was compiled, and what that
predicts: nothing on it was measured.

	make test-amd            # the test: no spills, no scratch, room for enough subgroups
	make test-amd-core       # some of it, in a minute
	make amd                 # all of it, and this page

The driver is %s.

The device is opened by the driver that programs use, with the limits, features and sizes of subgroups that Mesa gives
for the chip, and the number of compute units of the card. Plans are those of the 7B, 1.4B and 130M: for 1, 2, 4, 8, 16,
32 and 64 texts, for prompts of as many tokens and of 512 and 2048, in each type of weights that stays as it is stored,
and in float32. For GFX1201 this Mesa has no cooperative matrices; newer ones have. How lanes hold a matrix cannot be
asked of a device that runs nothing: for NAVI31 and GFX1150 it is assumed that each sixteen lanes have a row each.

A kernel is compiled once for all plans that want it. *Spilled* and *scratch* are kernels that keep registers or arrays
in memory: the test fails on one. It fails too where so few subgroups fit on a SIMD that there is no reason for it in
the table of the test (TestChips of backend/vulkan).

`

const amdFound = `
## What this found

- Kernels of packed weights for few rows kept the chunks in flight in memory, 20 KiB of scratch to a subgroup: of 425
  kernels of a Radeon VII's plans 158. Mesa's compilers unroll no loop that has another inside. The loop is written out
  now.
- Products of few rows took 36 to 46 KiB of shared memory, so that one workgroup fit in the 64 KiB of a compute unit,
  and not two. They take half of 64 KiB now.
- With subgroups of 64, which RADV takes unless asked, 4-bit weights were never multiplied on matrix units: 16 channels
  by 64 columns are half a word to a lane. Pipelines ask for subgroups of 32 where a device has both. By the tables of
  times, before and after, a pass of 8 texts of q4_K takes 17.1 and 10.1 ms on an RX 7900 XTX, one of 32 texts in bf16
  26.7 and 19.6 ms, and one text in bf16 16.2 and 16.0.
- With subgroups of 32 a tile of 16 sums takes 192 of an RDNA3's 256 registers, since its lanes hold each factor twice,
  and 16 KiB of scratch. Such devices get tiles of 8 sums.
- The product in float32, by which chips without matrix units read prompts, waited for each of the 18 loads of a step by
  itself, as its instructions show (RADV_DEBUG=shaders), since these stood in loops with branches; and out_proj of 64
  rows was 64 workgroups of 64 invocations. Its loads are issued together now, and it goes in parts
  ([performance.md](performance.md#where-the-time-goes)).
- The predictions on this page were too short for such chips, a prompt of 512 on an RX 6900 XT shorter than its
  multiplications take: the compiler counted a loop of 16 rounds as 2. That loop is written out, and no operation
  is predicted to take less than its multiplications.

The test fails when the first or the last of these is undone. What it has yet to mend shows in the tables: an RX 5700 XT
has no instruction for dot products of bytes, so that several texts of packed weights take it long, and 32 texts of
packed weights are multiplied as a prompt is.
`

const amdTimes = `
## Times of passes of the 7B, predicted

By the compiler's count, not measured. Mesa's compiler adds up the cycles of a kernel, and takes a loop for 8 rounds,
one inside that for 4, the next for 2; here its sum is scaled by the rounds that the innermost loop makes. An operation
takes that at the card's boost clock, or its bytes at the published rate of its memory, or its multiplications at
the published rate of its float32 units, or of its float16 matrix units, whichever is longest. Launches, barriers and
caches are not in it, so a pass takes longer; it is good for comparing kernels. The share is of the memory's rate: 100 %
is a pass that only waits for its bytes.
`

const amdKernels = `
## Kernels

Of each figure the most of the kernels of a line, but of waves the fewest. *Moved* are scalar registers that were moved
to lanes of vector registers, which costs an instruction and no memory. Waves are the subgroups that fit on a SIMD by
registers and shared memory, as the driver counts them: on chips from NAVI10 on, one of 64 invocations is two. *Latency*
is the compiler's, in cycles.
`

// predicted are the passes of the table of times, of the 7B.
var predicted = []struct {
	rows  int
	texts bool
}{{1, true}, {8, true}, {32, true}, {512, false}, {2048, false}}

// A chipReport is what a maker's page says of a chip.
type chipReport struct {
	chip
	kernels map[string]*compiled
	times   map[string][]prediction // of a type of weights, in predicted's order; in docs/amd.md
}

// spilling is how many kernels spill, and how often one does at most.
func (r *chipReport) spilling() (n, most int) {
	for _, x := range r.kernels {
		n, most = n+min(x.spilled, 1), max(most, x.spilled)
	}
	return n, most
}

// unlike is how many kernels of r are otherwise than those of another chip, of how many that both have.
func (r *chipReport) unlike(of *chipReport) (n, both int) {
	for k, x := range r.kernels {
		if y := of.kernels[k]; y != nil {
			both++
			if x.figures != y.figures {
				n++
			}
		}
	}
	return n, both
}

// report predicts what passes of the 7B take on a chip whose kernels are compiled.
func (c chip) report(t *testing.T, d *device, all map[string]*compiled) chipReport {
	r := chipReport{c, all, map[string][]prediction{}}
	for _, w := range gputest.Weights()[1:] {
		var list []gputest.Pass
		for _, p := range predicted {
			one := gputest.Passes([]string{"7b"}, []string{w}, []int{p.rows})
			i := slices.IndexFunc(one, func(x gputest.Pass) bool { return x.Texts == p.texts && !x.Float })
			list = append(list, one[i])
		}
		shadowOf(t, d).Each(list, 0, func(_ gputest.Pass, ops []backend.Op, dispatches []gpu.Dispatch) {
			r.times[w] = append(r.times[w], c.predict(all, ops, dispatches))
		})
	}
	return r
}

// writeReport writes docs/amd.md.
func writeReport(path string, list []chipReport, driver string) error {
	var s strings.Builder
	fmt.Fprintf(&s, amdIntroduction, driver)
	s.WriteString("| chip | card | compute units | GHz | GB/s | kernels | spilled | scratch |\n|---|---|--:|--:|--:|--:|--:|--:|\n")
	for _, r := range list {
		spills, memory := 0, 0
		for _, x := range r.kernels {
			spills, memory = spills+min(x.spilled, 1), memory+min(x.scratch, 1)
		}
		fmt.Fprintf(&s, "| %s | %s | %d | %g | %g | %d | %d | %d |\n", r.name, r.card, r.cores, r.clock, r.bytes,
			len(r.kernels), spills, memory)
	}
	s.WriteString(amdFound + amdTimes)
	for _, r := range list {
		fmt.Fprintf(&s, "\n### %s, %s\n\n| weights |", r.name, r.card)
		for _, p := range predicted {
			fmt.Fprintf(&s, " %s |", gputest.Pass{Rows: p.rows, Texts: p.texts}.What())
		}
		s.WriteString("\n|---|" + strings.Repeat("--:|", len(predicted)) + "\n")
		for _, w := range gputest.Weights()[1:] {
			fmt.Fprintf(&s, "| %s |", w)
			for _, p := range r.times[w] {
				fmt.Fprintf(&s, " %.1f ms, %.0f %% |", 1e3*p.seconds, 100*float64(p.bytes)/(r.bytes*1e9)/p.seconds)
			}
			s.WriteString("\n")
		}
	}
	s.WriteString(amdKernels)
	for _, r := range list {
		fmt.Fprintf(&s, "\n### %s\n\n| kernel | compiled | subgroup | VGPRs | SGPRs | moved | LDS, KiB | waves of %d | "+
			"instructions | code, KiB | latency |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n", r.name, r.waves)
		for _, k := range rowsOf(r.kernels) {
			m := k.most
			fmt.Fprintf(&s, "| %s | %d | %d | %d | %d | %d | %.1f | %d | %d | %.1f | %d |\n", k.name, k.n, m.subgroup,
				m.vectors, m.scalars, m.moved, float64(m.shared)/1024, k.least, m.instructions, float64(m.bytes)/1024, m.latency)
		}
	}
	return os.WriteFile(path, []byte(s.String()), 0o644)
}
