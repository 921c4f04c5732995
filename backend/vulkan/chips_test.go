//go:build cgo && !darwin

package vulkan

import (
	"cmp"
	"flag"
	"fmt"
	"strings"
	"testing"
	"unsafe"

	"falconmamba/backend/gpu"
	"falconmamba/backend/vulkan/internal/compileonly"
)

var (
	onChips  = flag.String("chips", "", "GPUs that kernels are compiled for, by name, or all")
	chipsDoc = flag.String("chips-doc", "", "a file that gets what is in docs/amd.md and the like")
	dump     = flag.Bool("chips-dump", false, "print what the compiler says of each kernel")
)

// A maker is whose driver opens GPUs that are not there, in what variable that is told which, and what its compiler calls
// figures.
type maker struct {
	variable string
	named    func(*figures) map[string]*int
}

var (
	amd    = &maker{"RADV_FORCE_FAMILY", amdFigures}
	intel  = &maker{"XE_STUB", intelFigures}
	apple  = &maker{"AGX_STUB", appleFigures}
	nvidia = &maker{"NVK_STUB", nvidiaFigures}
)

// A chip is a GPU of which there is the compiler alone, and what a card has that is made of it, as published.
type chip struct {
	of    *maker
	name  string
	card  string
	cores int     // compute units; Intel's: Xe cores
	simds int     // of a compute unit
	waves int     // that a SIMD holds: as the driver counts them, on newer chips of 32 invocations
	clock float64 // GHz, boost
	bytes float64 // GB/s of memory
	peak  float64 // TFLOP/s at that clock, of AMD's alone: of float32, or of float16 where this Mesa has matrices
	lanes map[gpu.Fragment]gpu.Lanes
	few   bool   // compiled for as with -short, since little differs from another of the maker's
	says  string // what the maker's variable says where that is not the name: see internal/compileonly/drm
}

// wanted skips the test of a chip that is not among -chips.
func (c chip) wanted(t *testing.T) {
	if *onChips != "all" && !strings.Contains(","+*onChips+",", ","+c.name+",") {
		t.Skip("not among -chips")
	}
}

// print says what is known of a kernel, with -chips-dump.
func (c chip) print(x *compiled) {
	if *dump {
		fmt.Printf("%s|%s|%v|%v|%+v|%v\n", c.name, x.Kernel.Name, x.Workgroup()[0], x.Pass, x.figures, x.Constants)
	}
}

// whole is how lanes of these chips hold a matrix in Mesa: a row to each sixteen of them, again and again.
var whole = map[gpu.Fragment]gpu.Lanes{{M: 16, N: 16, K: 16}: {Sets: 1, Run: 16,
	A: gpu.Held{Rows: 1, Div: 1, Mod: 16, SetDiv: 1, RowStep: 16, PairStep: 2},
	B: gpu.Held{Rows: 1, Div: 1, Mod: 16, SetDiv: 1, RowStep: 16, PairStep: 2}}}

var chips = []chip{
	{of: amd, name: "VEGA20", card: "Radeon VII", cores: 60, simds: 4, waves: 10, clock: 1.75, bytes: 1024, peak: 13.4},
	{of: amd, name: "NAVI10", card: "RX 5700 XT", cores: 40, simds: 2, waves: 40, clock: 1.905, bytes: 448, peak: 9.75},
	{of: amd, name: "NAVI21", card: "RX 6900 XT", cores: 80, simds: 2, waves: 32, clock: 2.25, bytes: 512, peak: 23},
	{of: amd, name: "NAVI31", card: "RX 7900 XTX", cores: 96, simds: 2, waves: 32, clock: 2.5, bytes: 960, peak: 122.9,
		lanes: whole},
	{of: amd, name: "GFX1150", card: "Radeon 890M", cores: 16, simds: 2, waves: 32, clock: 2.9, bytes: 120, peak: 23.8,
		lanes: whole},
	{of: amd, name: "GFX1201", card: "RX 9070 XT", cores: 64, simds: 2, waves: 32, clock: 2.97, bytes: 644.6, peak: 48.7},
}

// open opens n devices of the chip, which compile and do nothing else. Before the next chip's all of them
// are closed.
func (c chip) open(t *testing.T, n int) []*device {
	t.Helper()
	anotherInstance(t)
	t.Setenv(c.of.variable, cmp.Or(c.says, c.name)) // asked for with each instance
	t.Setenv("INTEL_FORCE_PROBE", "*")              // of Intel's those too that this Mesa calls unfinished
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	instance, lookup, err := sharedInstance()
	if err != nil {
		t.Fatal(err)
	}
	through := (*[0]byte)(compileonly.Through(unsafe.Pointer(lookup)))
	var list []*device
	for range n {
		all, err := candidates(instance, through)
		if err != nil || len(all) != 1 {
			t.Fatalf("%s: %d devices, %v", c.name, len(all), err)
		}
		x := all[0]
		d, err := open(x.info, x.physical, instance, x.handle, through)
		if err != nil {
			t.Fatal(err)
		}
		d.target.Lanes, d.probed = c.lanes, true
		if c.of == amd { // the others' drivers do not tell how many there are
			d.target.Cores = c.cores
		}
		t.Cleanup(func() {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
		list = append(list, d)
	}
	return list
}
