//go:build cgo && !darwin

package vulkan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"falconmamba/backend/gpu"
	"falconmamba/backend/gputest"
	"falconmamba/shaders"
)

// Apple's GPUs that Mesa's driver tells apart: two generations, in one cluster of cores and in several. The
// clusters of an M2 Ultra, which has 76 cores, are described as though all ten of each were there.
var appleChips = []chip{
	{of: apple, name: "G13G", card: "M1", cores: 8,
		says: "chip=8103 generation=13 variant=G dies=1 clusters=1 cores=8 clock=1278"},
	{of: apple, name: "G13C", card: "M1 Max", cores: 32, few: true,
		says: "chip=6001 generation=13 variant=C dies=1 clusters=4 cores=8 clock=1296"},
	{of: apple, name: "G14G", card: "M2", cores: 10, few: true,
		says: "chip=8112 generation=14 variant=G dies=1 clusters=1 cores=10 clock=1398"},
	{of: apple, name: "G14D", card: "M2 Ultra", cores: 76, few: true,
		says: "chip=6022 generation=14 variant=D dies=2 clusters=8 cores=10 clock=1398"},
}

// appleSpills is mostSpills of Apple's GPUs.
var appleSpills = []bound{
	{"in_proj_conv", 240, channels128},
	{"out_proj", 144, channels128},
	{"head", 176, channels128},
	{"x_proj", 32, channels128},
	{"ssm", 120, "four rows' states stay in registers beside the blocks that are unpacked for them"},
	{"gemm", 9, tiles64},
}

// appleThreads is how many threads of kernels of a source a core has room for at least, by registers alone, where those
// are not 512: half of what it holds, and two workgroups of 256.
var appleThreads = []bound{
	{"in_proj_conv", 384, channels128}, {"out_proj", 384, channels128}, {"head", 384, channels128},
	{"x_proj", 384, channels128}, {"ssm", 384, "four rows' states stay in registers"},
	{"scan_lanes", 384, "32 rows are in flight where a driver does not say that registers are few"},
	{"gemm", 384, tiles64},
}

const tiles64 = "tiles have 64 rows, and the next inputs are in flight, where a driver does not say that registers are few"

const channels128 = "loads and sums are as many as suit 255 registers of 32 bits, and such a GPU's threads have 128: with " +
	"half of them few of these would spill (docs/apple.md)"

// unfit says what is wrong with a kernel as it was compiled for one of Apple's chips, or nothing.
func (c *compiled) unfit() string {
	var list []string
	if want := c.boundOf(appleSpills, 0); c.spilled > want.n {
		list = append(list, fmt.Sprintf("%d instructions spill registers, want %d: %s", c.spilled, want.n, want.why))
	}
	if c.scratch > 0 && c.spilled == 0 {
		list = append(list, fmt.Sprintf("%d bytes of scratch, and nothing that spills", c.scratch))
	}
	if want := c.boundOf(appleThreads, 512); c.threads < want.n {
		list = append(list, fmt.Sprintf("a core has room for %d threads, want %d: %s", c.threads, want.n, want.why))
	}
	return strings.Join(list, ", ")
}

// inMetal is such a device as the driver for Metal has it: what its kernels are chosen by.
func inMetal(t gpu.Target) gpu.Target {
	t.MSL, t.Cores, t.Registers, t.Fragments = true, 16, 128, []gpu.Fragment{{M: 8, N: 8, K: 8}}
	t.Has = shaders.Subgroup | shaders.SubgroupVote | shaders.SubgroupArithmetic | shaders.SubgroupBallot |
		shaders.SubgroupShuffle | shaders.SubgroupShuffleRelative | shaders.Float16 | shaders.MemoryModel |
		shaders.CooperativeMatrix
	return t
}

// By Mesa's compiler one of Apple's GPUs keeps what kernels hold in registers but for what is known: kernels that
// the driver for Vulkan chooses there, and those of the driver for Metal that are the same but for their language.
func TestApple(t *testing.T) {
	if *onChips == "" {
		t.Skip("without -chips, which wants the driver that scripts/apple.sh brings")
	}
	var reports []chipReport
	driver := ""
	for _, c := range appleChips {
		t.Run(c.name, func(t *testing.T) {
			c.wanted(t)
			sizes, weights, rows := []string{"7b"}, []string{"bf16", "q4_K"}, []int{1, 8, 512}
			if !c.few {
				sizes, weights, rows = toCompile(rows...)
			}
			devices := c.open(t, 2)
			d := devices[0]
			passes := append(gputest.Passes(sizes, weights, rows),
				gputest.Unusual(sizes[:1], []string{"bf16", "q4_K"}, rows)...)
			list := gather(shadowOf(t, d), passes)
			var without []string // sources of kernels that this compiler has no instructions for
			for _, x := range gather(gputest.NewShadow(t, d.info, inMetal(d.target), d.reach), passes) {
				if x.Kernel.Needs&^d.target.Has == 0 {
					list = append(list, x)
				} else if !slices.Contains(without, x.Kernel.Source) {
					without = append(without, x.Kernel.Source)
				}
			}
			r := chipReport{chip: c, kernels: c.compileAll(t, devices, list)}
			for _, x := range r.kernels {
				if v := x.unfit(); v != "" {
					t.Errorf("%s, for %v: %s", pipelineKey(&x.Dispatch), x.Pass, v)
				}
				x.waves = x.threads / x.Workgroup()[0]
				c.print(x)
			}
			n, _ := r.spilling()
			t.Logf("%s: %d kernels, of which %d spill; none of %v", d.info.Device, len(r.kernels), n, without)
			reports, driver = append(reports, r), d.info.Driver
		})
	}
	if *chipsDoc != "" {
		if err := writeApple(*chipsDoc, reports, driver); err != nil {
			t.Error(err)
		}
	}
}

// What a kernel takes more of than is known is said.
func TestUnfit(t *testing.T) {
	ssm, conv := shaders.Lookup("ssm_f32_f32"), shaders.Lookup("conv1d_f32")
	for _, x := range []struct {
		kernel *shaders.Kernel
		figures
		want string
	}{
		{conv, figures{threads: 512}, ""},
		{conv, figures{threads: 448}, "room for 448 threads, want 512"},
		{conv, figures{threads: 512, spilled: 1, scratch: 4}, "1 instructions spill registers, want 0"},
		{conv, figures{threads: 512, scratch: 64}, "64 bytes of scratch"},
		{ssm, figures{threads: 384, spilled: 120, scratch: 16}, ""},
		{ssm, figures{threads: 384, spilled: 121, scratch: 16}, "121 instructions spill registers, want 120"},
		{ssm, figures{threads: 352}, "room for 352 threads, want 384"},
	} {
		c := &compiled{Dispatch: gpu.Dispatch{Kernel: x.kernel}, figures: x.figures}
		if got := c.unfit(); !strings.Contains(got, x.want) || (x.want == "") != (got == "") {
			t.Errorf("%s, %+v: %q, want %q", x.kernel.Name, x.figures, got, x.want)
		}
	}
}
