//go:build cgo && !darwin

package vulkan

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
	"falconmamba/backend/gputest"
	"falconmamba/backend/vulkan/internal/compileonly"
)

// Figures are what a compiler of Mesa's says of a kernel. Those for the makers' GPUs do not count the same.
type figures struct {
	subgroup         int
	vectors, scalars int // registers; Intel's: those of a subgroup that are held at once at most, of 128; Apple's: halves
	spilled          int // AMD's: vector registers, to memory; others': instructions that write registers there
	filled           int // instructions that read them back, but AMD's
	moved            int // AMD's: scalar registers, to lanes of vector registers; NVIDIA's: instructions that move others so
	scratch, shared  int // bytes of a subgroup's memory, Apple's and NVIDIA's: of a lane's; and of a workgroup's
	waves            int // subgroups to a SIMD, by registers and shared memory; NVIDIA's: to a multiprocessor
	threads          int // Apple's: that a core has room for, by registers alone
	instructions     int
	bytes            int // of code
	latency, inverse int // cycles of a subgroup, and to a subgroup of 64 where others fill its waits
}

func amdFigures(f *figures) map[string]*int {
	return map[string]*int{"VGPRs": &f.vectors, "SGPRs": &f.scalars, "Spilled VGPRs": &f.spilled,
		"Spilled SGPRs": &f.moved, "Scratch size": &f.scratch, "LDS size": &f.shared, "Subgroups per SIMD": &f.waves,
		"Instructions": &f.instructions, "Code size": &f.bytes, "Latency": &f.latency, "Inverse Throughput": &f.inverse}
}

func intelFigures(f *figures) map[string]*int {
	return map[string]*int{"Max live registers": &f.vectors, "Spill Count": &f.spilled, "Fill Count": &f.filled,
		"Scratch Memory Size": &f.scratch, "Workgroup Memory Size": &f.shared, "Instruction Count": &f.instructions,
		"Cycle Count": &f.latency}
}

func nvidiaFigures(f *figures) map[string]*int {
	return map[string]*int{"Number of GPRs": &f.vectors, "Spills to memory": &f.spilled, "Fills from memory": &f.filled,
		"Spills to reg": &f.moved, "SLM size": &f.scratch, "Max warps/SM": &f.waves, "Instruction count": &f.instructions,
		"Code size": &f.bytes, "Static cycle count": &f.latency}
}

func appleFigures(f *figures) map[string]*int {
	return map[string]*int{"GPRs": &f.vectors, "Uniforms": &f.scalars, "Spills": &f.spilled, "Fills": &f.filled,
		"Scratch": &f.scratch, "Threads": &f.threads, "Instructions": &f.instructions, "Code size": &f.bytes,
		"ALU": &f.latency}
}

// figuresOf is what is said of a pipeline.
func (c chip) figuresOf(pipeline uint64) (f figures, err error) {
	subgroup, said := compileonly.Statistics(pipeline)
	f.subgroup = subgroup
	for name, to := range c.of.named(&f) {
		v, ok := said[name]
		if !ok {
			return f, fmt.Errorf("the driver says nothing of %q: its names are %v", name, said)
		}
		*to = int(v)
	}
	return f, nil
}

// A compiled kernel is one with its constants as a chip's compiler made it, and the first pass that it is for.
type compiled struct {
	gpu.Dispatch
	gputest.Pass
	figures
}

// shadowOf is the shadow of d.
func shadowOf(t testing.TB, d *device) *gputest.Shadow {
	return gputest.NewShadow(t, d.info, d.target, d.reach)
}

func pipelineKey(x *gpu.Dispatch) string { return fmt.Sprint(x.Kernel.Name, x.Constants) }

// gather lists the kernels that the passes want, each once.
func gather(shadow *gputest.Shadow, lists ...[]gputest.Pass) (all []*compiled) {
	seen := map[string]bool{}
	for _, list := range lists {
		shadow.Each(list, 2, func(p gputest.Pass, _ []backend.Op, dispatches []gpu.Dispatch) {
			for _, x := range dispatches {
				if k := pipelineKey(&x); !seen[k] {
					seen[k] = true
					all = append(all, &compiled{Dispatch: x, Pass: p})
				}
			}
		})
	}
	return all
}

// compileAll compiles kernels, on as many devices as there are side by side.
func (c chip) compileAll(t *testing.T, devices []*device, list []*compiled) map[string]*compiled {
	t.Helper()
	all := map[string]*compiled{}
	work := make(chan *compiled)
	var wait sync.WaitGroup
	for _, d := range devices {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for x := range work {
				d.mu.Lock()
				_, err := d.prepare([]gpu.Dispatch{x.Dispatch})
				d.mu.Unlock()
				if err != nil {
					t.Errorf("%v: %v", x.Pass, err)
					continue
				}
				if x.figures, err = c.figuresOf(d.pipelines.Of(&x.Dispatch).handle); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	for _, x := range list {
		if k := pipelineKey(&x.Dispatch); all[k] == nil {
			all[k] = x
			work <- x
		}
	}
	close(work)
	wait.Wait()
	return all
}

// A bound is of what kernels of a source use or leave, where it is not what others' is.
type bound struct {
	source string
	n      int
	why    string
}

// boundOf is the bound in a list that a kernel has, or that of those without a line of their own.
func (c *compiled) boundOf(list []bound, others int) bound {
	for _, x := range list {
		if strings.HasPrefix(c.Kernel.Source, x.source) {
			return x
		}
	}
	return bound{"", others, "what has no line of its own"}
}

// leastWaves is how much of a SIMD the kernels of a source fill at least, in percent of the subgroups that it holds,
// where that is less than 25.
var leastWaves = []bound{
	{"in_proj_conv", 10, reads}, {"out_proj", 10, reads}, {"x_proj", 10, reads}, {"head", 10, reads},
	{"ssm", 12, "a row's states stay in registers, and several rows are in flight"},
	{"gemm", 12, "a tile of sums and its factors take most of the registers, so that memory is read seldom"},
	{"dbc", 18, "dt, B and C of a row lie in shared memory, and it takes a hundredth of a pass"},
}

const reads = "64 or 128 bytes of the weight are in flight to each lane, so that few of them wait for memory as long " +
	"as many would; the rows lie in shared memory"

// verdict says what is wrong with a kernel as it was compiled for a chip, or nothing.
func (c *compiled) verdict(of chip) string {
	var list []string
	want := c.boundOf(leastWaves, 25)
	if got := 100 * c.waves / of.waves; got < want.n {
		list = append(list, fmt.Sprintf("%d subgroups to a SIMD are %d %% of %d, want %d %%: %s", c.waves, got,
			of.waves, want.n, want.why))
	}
	if c.spilled > 0 {
		list = append(list, fmt.Sprintf("%d registers are spilled", c.spilled))
	}
	if c.scratch > 0 {
		list = append(list, fmt.Sprintf("%d bytes of scratch", c.scratch))
	}
	return strings.Join(list, ", ")
}

// toCompile is what is compiled for a GPU: plans of which sizes, weights and rows. With -short the rows are few.
func toCompile(few ...int) (sizes, weights []string, rows []int) {
	if testing.Short() {
		return []string{"7b"}, []string{"bf16", "q4_K"}, few
	}
	return []string{"7b", "1.4b", "130m"}, gputest.Weights(), []int{1, 2, 4, 8, 16, 32, 64, 512, 2048}
}

// slower is how much longer than a pass of more texts one of that number may be predicted to take.
func (c chip) slower(weight string, rows int) float64 {
	plain := slices.Contains([]string{"f32", "f16", "bf16"}, weight)
	switch {
	case rows == 32 && !plain && c.lanes != nil:
		// What in_proj does behind its products, once, is counted as often as these go round, and with 32 rows it
		// is most of the kernel's code; those of q8_0 go round most often.
		if weight == "q8_0" {
			return 2.1
		}
		return 1.4
	// By the count a tile of 32 rows takes less than 8 rows by a kernel that decodes. On an H200 these take less.
	case rows == 8 && weight == "f32":
		return 1.9
	case rows == 8 && plain && c.lanes == nil:
		return 1.4
	}
	return 1.1 // of how quick kernels that wait for the same bytes are, the count is no better than that
}

// By its compiler a GPU keeps what kernels hold in registers, and room for enough of them side by side: the kernels
// of all passes, as a device with its limits gets them. No texts take longer than more texts would.
func TestChips(t *testing.T) {
	if *onChips == "" {
		t.Skip("without -chips, which wants the driver that scripts/radv.sh brings")
	}
	var reports []chipReport
	driver := ""
	for _, c := range chips {
		t.Run(c.name, func(t *testing.T) {
			c.wanted(t)
			sizes, weights, rows := toCompile(1, 8, 32, 512)
			devices := c.open(t, 2)
			all := c.compileAll(t, devices, gather(shadowOf(t, devices[0]), gputest.Passes(sizes, weights, rows),
				gputest.Unusual(sizes[:1], []string{"bf16", "q4_K"}, rows)))
			for _, x := range all {
				if v := x.verdict(c); v != "" {
					t.Errorf("%s, for %v: %s", pipelineKey(&x.Dispatch), x.Pass, v)
				}
				c.print(x)
			}
			t.Logf("%d kernels", len(all))
			for _, w := range weights {
				few := rows[:slices.IndexFunc(rows, func(n int) bool { return n > 64 })]
				times := c.byRows(t, devices[0], all, sizes[0], w, few)
				for i, p := range times[1:] {
					if before := times[i].seconds; before > c.slower(w, few[i])*p.seconds {
						t.Errorf("%s %s: by the compiler's count %d texts take %.1f ms, and %d texts %.1f ms", sizes[0], w,
							few[i], 1e3*before, few[i+1], 1e3*p.seconds)
					}
				}
			}
			if *chipsDoc != "" {
				reports, driver = append(reports, c.report(t, devices[0], all)), devices[0].info.Driver
			}
		})
	}
	if *chipsDoc != "" {
		if err := writeReport(*chipsDoc, reports, driver); err != nil {
			t.Error(err)
		}
	}
}
