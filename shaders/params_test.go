package shaders

import (
	"reflect"
	"strings"
	"testing"
	"unicode"
)

// params has the struct of every source.
var params = map[string]any{
	"add":          Elementwise{},
	"advance":      Advance{},
	"argmax":       ArgMax{},
	"conv1d":       Conv1D{},
	"conv1d_rows":  ConvRows{},
	"copy":         Copy{},
	"dbc":          DBC{},
	"embed":        Embed{},
	"gate":         Elementwise{},
	"gather":       Gather{},
	"gemm":         Gemm{},
	"gemm_half":    GemmHalf{},
	"gemm_sum":     GemmSum{},
	"head":         Head{},
	"head_pick":    HeadPick{},
	"in_proj_conv": InProjConv{},
	"matmul":       MatMul{},
	"out_proj":     OutProj{},
	"pack_f16":     Pack{},
	"rmsnorm":      RMSNorm{},
	"sample":       Sample{},
	"scan":         Scan{},
	"scan_lanes":   ScanLanes{},
	"ssm":          SSM{},
	"x_proj":       XProj{},
}

func TestParamsMatchKernels(t *testing.T) {
	used := map[string]bool{}
	for _, k := range Kernels() {
		p, ok := params[k.Source]
		if !ok {
			t.Errorf("%s.comp has no struct in params.go named in this test", k.Source)
			continue
		}
		used[k.Source] = true
		for _, fault := range compareParams(reflect.TypeOf(p), k) {
			t.Errorf("%s: %s", k.Name, fault)
		}
	}
	for source := range params {
		if !used[source] {
			t.Errorf("there is no %s.comp, but a struct for it", source)
		}
	}
}

func TestCompareParamsSeesFaults(t *testing.T) {
	k := Kernel{Params: []Param{{"rows", Uint, 0}, {"src_off", Uint, 4}, {"eps", Float, 8}}, ParamSize: 12}
	for _, c := range []struct {
		name string
		p    any
		ok   bool
	}{
		{"equal", struct {
			Rows, SrcOff uint32
			Eps          float32
		}{}, true},
		{"order", struct {
			SrcOff, Rows uint32
			Eps          float32
		}{}, false},
		{"type", struct{ Rows, SrcOff, Eps uint32 }{}, false},
		{"missing", struct{ Rows, SrcOff uint32 }{}, false},
		{"one too many", struct {
			Rows, SrcOff uint32
			Eps          float32
			More         uint32
		}{}, false},
		{"wide", struct {
			Rows, SrcOff uint64
			Eps          float32
		}{}, false},
	} {
		if faults := compareParams(reflect.TypeOf(c.p), k); (len(faults) == 0) != c.ok {
			t.Errorf("%s: faults %q, want ok %t", c.name, faults, c.ok)
		}
	}
}

func compareParams(p reflect.Type, k Kernel) (faults []string) {
	kinds := map[ParamType]reflect.Kind{Uint: reflect.Uint32, Int: reflect.Int32, Float: reflect.Float32}
	if p.NumField() != len(k.Params) {
		faults = append(faults, p.Name()+" has another number of fields")
	}
	if int(p.Size()) != k.ParamSize {
		faults = append(faults, p.Name()+" has another size")
	}
	for i := range min(p.NumField(), len(k.Params)) {
		f, want := p.Field(i), k.Params[i]
		if f.Name != camel(want.Name) || int(f.Offset) != want.Offset || f.Type.Kind() != kinds[want.Type] {
			faults = append(faults, p.Name()+"."+f.Name+" is not "+want.Name)
		}
	}
	return faults
}

// camel is the Go spelling of a GLSL name.
func camel(s string) string {
	var b strings.Builder
	for _, w := range strings.Split(s, "_") {
		for i, r := range w {
			if i == 0 {
				r = unicode.ToUpper(r)
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestKernels(t *testing.T) {
	last := ""
	for _, k := range Kernels() {
		if k.Name <= last {
			t.Errorf("%s comes after %s", k.Name, last)
		}
		last = k.Name
		if Lookup(k.Name) == nil {
			t.Errorf("Lookup(%q) is nil", k.Name)
		}
		if b, err := k.SPIRV(); err != nil || len(b)%4 != 0 || len(b) == 0 {
			t.Errorf("%s: SPIR-V of %d bytes, %v", k.Name, len(b), err)
		}
		if src, err := k.MSL(); k.Metal && (err != nil || !strings.Contains(src, "kernel void "+k.Name+"(")) {
			t.Errorf("%s: MSL has no such function, %v", k.Name, err)
		}
		if n := k.Workgroup[0] * k.Workgroup[1] * k.Workgroup[2]; n > 256 {
			t.Errorf("%s: %d invocations, want at most 256", k.Name, n)
		}
		if k.Shared > 16<<10 {
			t.Errorf("%s: %d bytes of shared memory, want at most 16384", k.Name, k.Shared)
		}
	}
	if Lookup("no such kernel") != nil {
		t.Error("Lookup of an unknown name is not nil")
	}
	if got, want := 1<<len(featureNames), int(featureEnd); got != want {
		t.Errorf("features have %d names, want %d", len(featureNames), want)
	}
}
