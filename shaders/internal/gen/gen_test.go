package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"falconmamba/shaders"
)

// The optimised modules have no names, but all else must be as in the table,
// which was read from those that are not optimised. Bindings that a kernel
// does not use may be gone.
func TestReflectOptimised(t *testing.T) {
	for _, want := range shaders.Kernels() {
		code, err := want.SPIRV()
		if err != nil {
			t.Fatal(err)
		}
		got, err := reflect(code)
		if err != nil {
			t.Errorf("%s: %v", want.Name, err)
			continue
		}
		if got.Workgroup != want.Workgroup || got.SizeIDs != want.SizeIDs {
			t.Errorf("%s: workgroup %v by %v, want %v by %v",
				want.Name, got.Workgroup, got.SizeIDs, want.Workgroup, want.SizeIDs)
		}
		noNames := cmp.Options{cmpopts.IgnoreFields(shaders.Param{}, "Name"),
			cmpopts.IgnoreFields(shaders.Binding{}, "Name"),
			cmpopts.IgnoreFields(shaders.Constant{}, "Name")}
		if d := cmp.Diff(want.Params, got.Params, noNames); d != "" {
			t.Errorf("%s: parameters (-table +module):\n%s", want.Name, d)
		}
	}
}

// What is precise in a kernel is so in every copy that the optimiser made of it.
func TestPreciseStays(t *testing.T) {
	some := false
	for _, k := range shaders.Kernels() {
		code, err := k.SPIRV()
		if err != nil {
			t.Fatal(err)
		}
		want, err := precise(code)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(code, want) {
			t.Errorf("%s: %d operations may be contracted: run make generate", k.Name, (len(want)-len(code))/12)
		}
		some = some || bytes.Contains(code, []byte{decNoContraction, 0, 0, 0})
	}
	if !some {
		t.Error("no kernel is precise")
	}
}

// calls.go is what the table of kernels says.
func TestCallsAreCurrent(t *testing.T) {
	var kernels []*shaders.Kernel
	for i := range shaders.Kernels() {
		kernels = append(kernels, &shaders.Kernels()[i])
	}
	want, err := goCalls("../..", kernels)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../calls.go")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("run make generate (-want +got):\n%s", d)
	}
}

// Sources that a struct cannot serve are errors.
func TestCallsErrors(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.comp": "", "b.comp": "", "s.glsl": "layout(constant_id = 1) const uint ONE = 1;\nlayout(constant_id = 2) " +
			"const uint TWO = 2;\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kernel := func(name, source, binding string, constants ...shaders.Constant) *shaders.Kernel {
		return &shaders.Kernel{Name: name, Source: source, Bindings: []shaders.Binding{{Name: binding}},
			Constants: constants}
	}
	one, two := shaders.Constant{Name: "ONE", ID: 1}, shaders.Constant{Name: "TWO", ID: 2}
	for _, c := range []struct {
		name string
		list []*shaders.Kernel
		ok   bool
	}{
		{"one constant each", []*shaders.Kernel{kernel("a_f32", "a", "Dst", one), kernel("b_f32", "b", "Dst", one)},
			true},
		{"two kernels of one", []*shaders.Kernel{kernel("a_f32_f32", "a", "Dst", one),
			kernel("a_f16_f32", "a", "Dst", one, two)}, true},
		{"other bindings", []*shaders.Kernel{kernel("a_f32_f32", "a", "Dst"), kernel("a_f16_f32", "a", "Src")}, false},
		{"other shared constants", []*shaders.Kernel{kernel("a_f32", "a", "Dst", one),
			kernel("b_f32", "b", "Dst", one, two)}, false},
		{"a constant of no file", []*shaders.Kernel{kernel("a_f32", "a", "Dst",
			shaders.Constant{Name: "THREE", ID: 3})}, false},
		{"a name that is taken", []*shaders.Kernel{kernel("a_f32", "a", "Params")}, false},
	} {
		if _, err := goCalls(dir, c.list); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// The struct of shared constants is named for the file that is no source's own.
func TestCallsOwnFile(t *testing.T) {
	dir := t.TempDir()
	one := []byte("layout(constant_id = 1) const uint ONE = 1;\n")
	for name, text := range map[string][]byte{"a.comp": nil, "b.comp": nil, "b.glsl": one, "s.glsl": one} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kernel := func(name, source string) *shaders.Kernel {
		return &shaders.Kernel{Name: name, Source: source, Constants: []shaders.Constant{{Name: "ONE", ID: 1}}}
	}
	text, err := goCalls(dir, []*shaders.Kernel{kernel("a_f32", "a"), kernel("b_f32", "b")})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte("type SConstants struct")) || bytes.Count(text, []byte("type BConstants struct")) != 1 {
		t.Errorf("a.comp's constants are not those of s.glsl:\n%s", text)
	}
}

func TestVariants(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name, source string
		want         []variant
		fails        bool
	}{
		{"plain.comp", "#version 460\n// a comment: no directive\n",
			[]variant{{name: "plain", target: "vulkan1.2", metal: true}}, false},
		{"two.comp", "// variant: two_a A=1 B=x\n// variant: two_b\n// target: vulkan1.3\n// metal: none, no matrices\n",
			[]variant{{name: "two_a", defines: []string{"A=1", "B=x"}, target: "vulkan1.3"},
				{name: "two_b", target: "vulkan1.3"}}, false},
		{"half.comp", "// source: plain\n// variant: plain_half\n",
			[]variant{{name: "plain_half", source: "plain", target: "vulkan1.2", metal: true}}, false},
		{"badsource.comp", "// source: a b\n", nil, true},
		{"hand.comp", "// metal: m/hand.metal, a reason\n",
			[]variant{{name: "hand", target: "vulkan1.2", metal: true, byHand: filepath.Join(dir, "m/hand.metal")}},
			false},
		{"some.comp", "// variant: some_a\n// variant: some_b P=1\n// metal: some.metal, a reason\n// metal: none " +
			"with P, another\n",
			[]variant{{name: "some_a", target: "vulkan1.2", metal: true, byHand: filepath.Join(dir, "some.metal")},
				{name: "some_b", defines: []string{"P=1"}, target: "vulkan1.2"}}, false},
		{"othername.comp", "// metal: hand.glsl, a reason\n", nil, true},
		{"noname.comp", "// variant: \n", nil, true},
		{"badname.comp", "// variant: a-b\n", nil, true},
		{"badnum.comp", "// variant: 4bit\n", nil, true},
		{"baddef.comp", "// variant: a B\n", nil, true},
		{"badtarget.comp", "// target: vulkan1.1\n", nil, true},
		{"noreason.comp", "// metal: none\n", nil, true},
	} {
		file := filepath.Join(dir, c.name)
		if err := os.WriteFile(file, []byte(c.source), 0o644); err != nil {
			t.Fatal(err)
		}
		for i := range c.want {
			c.want[i].file = file
			if c.want[i].source == "" {
				c.want[i].source = strings.TrimSuffix(c.name, ".comp")
			}
		}
		got, err := variants(file)
		if (err != nil) != c.fails {
			t.Errorf("%s: error %v, want one: %t", c.name, err, c.fails)
		}
		if d := cmp.Diff(c.want, got, cmp.AllowUnexported(variant{}), cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

func FuzzReflect(f *testing.F) {
	for _, k := range shaders.Kernels() {
		code, err := k.SPIRV()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code []byte) {
		k, err := reflect(code)
		if (k == nil) == (err == nil) {
			t.Errorf("kernel %v, error %v", k, err)
		}
	})
}
