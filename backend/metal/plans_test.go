//go:build cgo && (darwin || metalfake)

package metal

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/gpu"
	"falconmamba/backend/gputest"
	"falconmamba/shaders"
)

// A family is what Apple's Metal Feature Set Tables grant a compute kernel on Macs of it.
type family struct {
	name    string
	threads int // of a threadgroup
	shared  int // bytes of threadgroup memory
	inline  int // bytes that setBytes takes
	simd    int // threads of a simdgroup
}

var families = []family{
	{"Apple7 (M1)", 1024, 32 << 10, 4 << 10, 32},
	{"Apple8 (M2)", 1024, 32 << 10, 4 << 10, 32},
	{"Apple9 (M3, M4)", 1024, 32 << 10, 4 << 10, 32},
}

// excess is what of a dispatch a family does not grant, "" if it grants all.
func (f family) excess(x *gpu.Dispatch) string {
	threads := x.Workgroup()[0] * x.Workgroup()[1] * x.Workgroup()[2]
	const simdgroups = shaders.Subgroup | shaders.SubgroupArithmetic | shaders.SubgroupShuffle | shaders.CooperativeMatrix
	switch {
	case threads < 1 || threads > f.threads:
		return fmt.Sprintf("%d threads to a threadgroup", threads)
	case x.Kernel.Needs&simdgroups != 0 && threads%f.simd != 0:
		return fmt.Sprintf("%d threads, of which the last simdgroup has but a part", threads)
	case len(x.Params) > f.inline:
		return fmt.Sprintf("%d bytes of parameters", len(x.Params))
	}
	for i, n := range x.Groups {
		if n < 1 || int64(n)*int64(x.Workgroup()[i]) > math.MaxUint32 {
			return fmt.Sprintf("a grid of %v threadgroups of %v threads", x.Groups, x.Workgroup())
		}
	}
	return ""
}

// The plans of real models keep to what the families grant, and their kernels become pipelines, for which the host
// program holds threadgroup memory to what the device has.
func TestPlans(t *testing.T) {
	d := openTest(t)
	sizes, weights, rows := []string{"7b", "1.4b", "130m"}, gputest.Weights(), []int{1, 2, 4, 8, 16, 32, 64, 512, 2048}
	if testing.Short() {
		sizes, weights, rows = []string{"7b"}, []string{"bf16", "q4_K"}, []int{1, 8, 512}
	}
	made := map[string]bool{}
	check := func(p gputest.Pass, _ []backend.Op, list []gpu.Dispatch) {
		for i := range list {
			x := &list[i]
			key := fmt.Sprint(x.Kernel.Name, x.Constants)
			for _, f := range families {
				if s := f.excess(x); s != "" {
					t.Errorf("%s, for %v, on %s: %s", key, p, f.name, s)
				}
			}
			if made[key] {
				continue
			}
			made[key] = true
			if source, err := x.Kernel.MSL(); err != nil {
				t.Error(err)
			} else {
				for _, c := range x.Constants {
					name := fmt.Sprintf(`function_constant\(%d\)|CONSTANT_ID_%d\b`, c.ID, c.ID)
					if !regexp.MustCompile(name).MatchString(source) {
						t.Errorf("%s, for %v: the source has no constant %d", key, p, c.ID)
					}
				}
			}
			if _, err := d.pipelines.Prepare([]gpu.Dispatch{*x}); err != nil {
				t.Errorf("%s, for %v: %v", key, p, err)
			}
		}
	}
	shadow := gputest.NewShadow(t, d.info, d.target, d.info.MaxBuffer)
	shadow.Each(gputest.Passes(sizes, weights, rows), 2, check)
	if !testing.Short() {
		shadow.Each(gputest.Unusual(sizes[:1], []string{"bf16", "q4_K"}, rows), 2, check)
	}
	t.Logf("%d pipelines", len(made))
	if len(made) < 30 {
		t.Error("so few are not all that plans want")
	}
}

// What a family does not grant is said.
func TestExcess(t *testing.T) {
	k := *shaders.Lookup("x_proj_f32_f32")
	if k.Needs&shaders.SubgroupArithmetic == 0 {
		t.Fatalf("%s adds nothing up over a simdgroup", k.Name)
	}
	whole := func() *gpu.Dispatch {
		own := k
		own.Workgroup, own.SizeIDs = [3]int{64, 1, 1}, [3]int{-1, -1, -1}
		return &gpu.Dispatch{Kernel: &own, Params: make([]byte, 4096), Groups: [3]int{1, 1, 1}}
	}
	for _, x := range []struct {
		what  string
		spoil func(*gpu.Dispatch)
	}{
		{"", func(*gpu.Dispatch) {}},
		{"1088 threads", func(x *gpu.Dispatch) { x.Kernel.Workgroup[0] = 1088 }},
		{"last simdgroup", func(x *gpu.Dispatch) { x.Kernel.Workgroup[0] = 80 }},
		{"4097 bytes", func(x *gpu.Dispatch) { x.Params = make([]byte, 4097) }},
		{"a grid of [67108864 1 1]", func(x *gpu.Dispatch) { x.Groups[0] = 1 << 26 }},
		{"a grid of [1 0 1]", func(x *gpu.Dispatch) { x.Groups[1] = 0 }},
	} {
		d := whole()
		x.spoil(d)
		if got := families[0].excess(d); !strings.Contains(got, x.what) || (x.what == "") != (got == "") {
			t.Errorf("%q, want %q", got, x.what)
		}
	}
}
