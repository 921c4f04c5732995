package shaders

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"
)

// place is an operand that is only a place.
type place struct{ off, stride uint32 }

func (p place) Elements() (off, stride uint32) { return p.off, p.stride }

// What is bound is where the kernel's SPIR-V reads it.
func TestCall(t *testing.T) {
	c := RMSNorm[place]{
		Params: RMSNormParams{Rows: 3, Cols: 5, Eps: 0.5},
		Dst:    place{10, 11}, Src: place{12, 13}, Weight: place{14, 15}, Live: place{Absent, 0},
	}.RMSNormF32()
	want := map[string]uint32{"rows": 3, "cols": 5, "eps": math.Float32bits(0.5), "dst_off": 10, "dst_stride": 11,
		"src_off": 12, "src_stride": 13, "weight_off": 14, "live_off": Absent}
	if c.Kernel != Lookup("rmsnorm_f32") || len(c.Params) != c.Kernel.ParamSize {
		t.Fatalf("%s with %d bytes of parameters", c.Name, len(c.Params))
	}
	for _, p := range c.Kernel.Params {
		if got := binary.LittleEndian.Uint32(c.Params[p.Offset:]); got != want[p.Name] {
			t.Errorf("%s is %d, want %d", p.Name, got, want[p.Name])
		}
	}
	for i, b := range c.Kernel.Bindings {
		if o := c.Operands[i]; o.off != want[plain(b.Name)+"_off"] {
			t.Errorf("%s is %+v", b.Name, o)
		}
	}
	if len(c.Settings) != 0 {
		t.Errorf("a size of 0 is set: %v", c.Settings)
	}
}

// A kernel is given the constants that it has, whatever their value.
func TestCallConstants(t *testing.T) {
	wide := Copy[place]{Constants: CopyConstants{Size: 128}}.CopyU32()
	if want := []Setting{{0, 128}, {1, 0}}; !slices.Equal(wide.Settings, want) {
		t.Errorf("copy has %v, want %v", wide.Settings, want)
	}
	x := Head[place]{Constants: HeadConstants{Size: 64,
		MatvecConstants: MatvecConstants{Rows: 2, Outs: 3, Ahead: 4, Tile: 5, Alike: true, TM: 6, Format: 7}}}
	for types, want := range map[Types][]Setting{
		{TypeBF16, TypeF32}:  {{0, 64}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 1}},
		{TypeBlock, TypeF32}: {{0, 64}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 1}, {16, 7}},
	} {
		if got := x.Head(types).Settings; !slices.Equal(got, want) {
			t.Errorf("%s has %v, want %v", x.Head(types).Name, got, want)
		}
	}
}

// Types that a source has no kernel for are not those of another source.
func TestCallOfNoKernel(t *testing.T) {
	for _, c := range []Call[place]{
		Gemm[place]{}.Gemm(Types{TypeF16, TypeF16}), // gemm_half.comp's
		GemmHalf[place]{}.Gemm(Types{TypeF16, TypeF32}),
		Head[place]{}.Head(Types{TypeF32, TypeF16}),
	} {
		if c.Kernel != nil {
			t.Errorf("%s is a kernel of %s.comp", c.Name, c.Kernel.Source)
		}
	}
	if c := (GemmHalf[place]{}.Gemm(Types{TypeF16, TypeF16})); c.Kernel == nil || c.Name != "gemm_f16_f16" {
		t.Errorf("%s is no kernel", c.Name)
	}
}

func plain(s string) string { return string([]byte{s[0] | 0x20}) + s[1:] }
