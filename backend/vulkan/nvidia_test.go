//go:build cgo && !darwin

package vulkan

import (
	"fmt"
	"strings"
	"testing"

	"falconmamba/backend/gpu"
	"falconmamba/backend/gputest"
	"falconmamba/shaders"
)

// NVIDIA's GPUs of the generations that Mesa's driver for them opens and has matrix units of. Hopper's is not among
// them, which it opens for testing alone.
var nvidiaChips = []chip{
	{of: nvidia, name: "TU104", card: "RTX 2080", cores: 46, waves: 32,
		says: "chipset=164 id=1e87 clusters=6 pairs=23 graphics=c5 copy=c5 memory=8"},
	{of: nvidia, name: "GA102", card: "RTX 3080", cores: 68, waves: 48,
		says: "chipset=172 id=2206 clusters=6 pairs=34 graphics=c7 copy=c7 memory=10"},
	{of: nvidia, name: "AD104", card: "RTX 4070", cores: 46, waves: 48,
		says: "chipset=194 id=2786 clusters=5 pairs=23 graphics=c9 copy=c7 memory=12"},
	{of: nvidia, name: "GB203", card: "RTX 5070 Ti", cores: 70, waves: 48,
		says: "chipset=1b3 id=2c05 clusters=7 pairs=35 graphics=ce copy=ca memory=16"},
}

// nvidiaSpills is mostSpills of NVIDIA's GPUs.
var nvidiaSpills = []bound{
	{"ssm", 48, "a workgroup of 512 leaves 128 registers, and states and a projection's sums of eight rows are in them"},
	{"sample", 24, "a workgroup of 1024 leaves 64 registers"},
}

// nvidiaArrays is how many bytes of a lane's memory arrays of kernels of a source take at most, where those are not 0.
var nvidiaArrays = []bound{
	{"gemm_half", 512, tileSums}, {"gemm_direct", 512, tileSums},
	{"x_proj", 160, "an array too that others keep in registers"},
}

const tileSums = "the array of a tile's matrices of sums, which Mesa's other compilers keep in registers"

// inMemory says what is wrong with a kernel as it was compiled for one of NVIDIA's chips, or nothing.
func (c *compiled) inMemory() string {
	var list []string
	if want := c.boundOf(nvidiaSpills, 0); c.spilled > want.n {
		list = append(list, fmt.Sprintf("%d instructions spill registers, want %d: %s", c.spilled, want.n, want.why))
	}
	if want := c.boundOf(nvidiaArrays, 0); c.spilled == 0 && c.scratch > want.n {
		list = append(list, fmt.Sprintf("%d bytes of arrays in memory, want %d: %s", c.scratch, want.n, want.why))
	}
	return strings.Join(list, ", ")
}

// By Mesa's compiler one of NVIDIA's GPUs keeps what kernels hold in registers but for what is known.
func TestNVIDIA(t *testing.T) {
	if *onChips == "" {
		t.Skip("without -chips, which wants the driver that scripts/nvidia.sh brings")
	}
	var reports []chipReport
	driver := ""
	for _, c := range nvidiaChips {
		t.Run(c.name, func(t *testing.T) {
			c.wanted(t)
			sizes, weights, rows := toCompile(1, 8, 32, 512)
			devices := c.open(t, 2)
			all := c.compileAll(t, devices, gather(shadowOf(t, devices[0]), gputest.Passes(sizes, weights, rows)))
			for _, x := range all {
				if v := x.inMemory(); v != "" {
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
		if err := writeNVIDIA(*chipsDoc, reports, driver); err != nil {
			t.Error(err)
		}
	}
}

// What a kernel has in memory beyond what is known is said.
func TestInMemory(t *testing.T) {
	ssm, gemm, half := shaders.Lookup("ssm_f32_f32"), shaders.Lookup("gemm_f32_f32"), shaders.Lookup("gemm_f16_f16")
	for _, x := range []struct {
		kernel *shaders.Kernel
		figures
		want string
	}{
		{half, figures{scratch: 512}, ""},
		{half, figures{scratch: 516}, "516 bytes of arrays in memory, want 512"},
		{gemm, figures{scratch: 256}, "256 bytes of arrays in memory, want 0"},
		{gemm, figures{spilled: 1, scratch: 4}, "1 instructions spill registers, want 0"},
		{ssm, figures{scratch: 4}, "4 bytes of arrays in memory, want 0"},
		{ssm, figures{spilled: 48, scratch: 28}, ""},
		{ssm, figures{spilled: 49, scratch: 28}, "49 instructions spill registers, want 48"},
	} {
		c := &compiled{Dispatch: gpu.Dispatch{Kernel: x.kernel}, figures: x.figures}
		if got := c.inMemory(); !strings.Contains(got, x.want) || (x.want == "") != (got == "") {
			t.Errorf("%s, %+v: %q, want %q", x.kernel.Name, x.figures, got, x.want)
		}
	}
}
