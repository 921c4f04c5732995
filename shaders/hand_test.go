package shaders

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The compilers that check MSL on machines without Metal take away address
// spaces and attributes. For what SPIRV-Cross makes that is no matter; what is
// written by hand is read here.

var (
	mslComment   = regexp.MustCompile(`//[^\n]*|(?s:/\*.*?\*/)`)
	mslDirective = regexp.MustCompile(`(?m)^#.*(?:\\\n.*)*$`)
	mslStruct    = regexp.MustCompile(`\bstruct (\w+)`)
	mslFunction  = regexp.MustCompile(`(?m)^(?:static |inline )*(kernel )?(\w+) (\w+)\(([^{;]*)\)\s*\{`)
	mslAttribute = regexp.MustCompile(`\[\[\s*(\w+)(?:\((\w+)\))?\s*\]\]`)
	mslShared    = regexp.MustCompile(`(?m)^\s*threadgroup \w+ \w+\[`)
)

// names of the Metal Standard Library that a function of our own would clash
// with, or hide.
var mslTaken = map[string]bool{"mulhi": true, "half4": true, "select": true, "mix": true, "clamp": true, "min": true,
	"max": true,
	"dot": true, "abs": true, "sign": true, "fma": true, "madhi": true, "rotate": true, "popcount": true, "fract": true,
	"step": true}

// lintMSL returns what is wrong with hand-written source as it is given to
// Metal for kernel k.
func lintMSL(source string, k *Kernel) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	text := mslDirective.ReplaceAllString(mslComment.ReplaceAllString(source, ""), "")

	types := `(?:u?int|u?short|u?char|u?long|float|half|bool)[234]?|simdgroup_\w+|atomic_\w+`
	for _, m := range mslStruct.FindAllStringSubmatch(text, -1) {
		types += "|" + m[1]
	}
	// Every pointer and reference, in parameters, declarations and casts.
	pointers := regexp.MustCompile(`((?:\b(?:const|device|constant|threadgroup|thread)\s+)*)\b(` + types +
		`)\s*(?:const\s*)?[*&]+\s*(\w*)\s*[,)=;\[]`)
	space := regexp.MustCompile(`\b(?:device|constant|threadgroup|thread)\b`)
	for _, m := range pointers.FindAllStringSubmatch(text, -1) {
		if len(space.FindAllString(m[1], -1)) != 1 {
			fault("%q has not one address space", strings.TrimSpace(m[0]))
		}
	}

	kernels, end := 0, 0
	for _, m := range mslFunction.FindAllStringSubmatchIndex(text, -1) {
		part := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return text[m[2*i]:m[2*i+1]]
		}
		name := part(3)
		if mslTaken[name] {
			fault("function %s is called like one of Metal's library", name)
		}
		if part(1) == "" {
			if part(4) != "" && strings.Contains(part(4), "[[") {
				fault("function %s has attributes, which only kernels have", name)
			}
			continue
		}
		kernels, end = kernels+1, m[1]
		if name != k.Name || part(2) != "void" {
			fault("the kernel is %s %s, want void %s", part(2), name, k.Name)
		}
		lintArguments(part(4), k, fault)
	}
	if kernels != 1 {
		fault("%d kernels, want one", kernels)
		return faults
	}
	for _, at := range mslShared.FindAllStringIndex(text, -1) {
		if at[0] < end {
			fault("%q lies outside of the kernel", strings.TrimSpace(text[at[0]:at[1]]))
		}
	}
	if regexp.MustCompile(`\bdouble\b`).MatchString(text) {
		fault("Metal has no double")
	}
	return faults
}

// lintArguments compares a kernel's arguments with the bindings of its GLSL.
func lintArguments(list string, k *Kernel, fault func(string, ...any)) {
	depth, from, seen := 0, 0, map[string]bool{}
	split := func(i int) {
		arg := strings.Join(strings.Fields(list[from:i]), " ")
		from = i + 1
		attributes := mslAttribute.FindAllStringSubmatch(arg, -1)
		if len(attributes) != 1 {
			fault("argument %q has %d attributes, want one", arg, len(attributes))
			return
		}
		a := attributes[0]
		if a[1] != "buffer" {
			if strings.ContainsAny(arg, "*&") {
				fault("argument %q is a pointer to a position", arg)
			}
			return
		}
		if seen[a[2]] {
			fault("buffer(%s) is there twice", a[2])
		}
		seen[a[2]] = true
		if a[2] == "0" {
			if !strings.HasPrefix(arg, "constant Params& ") {
				fault("argument %q: the parameters are constant Params&", arg)
			}
			return
		}
		var n int
		if fmt.Sscan(a[2], &n); n > len(k.Bindings) {
			fault("argument %q: the kernel has %d bindings", arg, len(k.Bindings))
			return
		}
		b := k.Bindings[n-1]
		want := "const device "
		if b.Write {
			want = "device "
		}
		if !strings.HasPrefix(arg, want) {
			fault("argument %q: %s is %s*", arg, b.Name, want)
		}
	}
	for i, c := range list {
		switch {
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case c == ',' && depth == 0:
			split(i)
		}
	}
	split(len(list))
	if len(seen) != len(k.Bindings)+1 {
		fault("%d buffers, want %d and the parameters", len(seen), len(k.Bindings))
	}
}

// TestHandWritten reads every kernel of metal/.
func TestHandWritten(t *testing.T) {
	files, err := filepath.Glob("metal/*.metal")
	if err != nil || len(files) == 0 {
		t.Fatalf("no hand-written kernels: %v", err)
	}
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		_, own, _ := strings.Cut(string(body), "using namespace metal;\n")
		some := false
		for i := range Kernels() {
			k := &Kernels()[i]
			source, err := k.MSL()
			if err != nil || !strings.HasSuffix(source, strings.Replace(own, "void KERNEL(", "void "+k.Name+"(", 1)) {
				continue
			}
			some = true
			for _, fault := range lintMSL(source, k) {
				t.Errorf("%s as %s: %s", f, k.Name, fault)
			}
		}
		if !some {
			t.Errorf("%s is the source of no kernel: run make generate", f)
		}
	}
}

// TestLint breaks one, in one place each.
func TestLint(t *testing.T) {
	k := Lookup("gemm_f16_f16")
	source, err := k.MSL()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ part, by, want string }{
		{"thread Next& next", "Next& next", "address space"},
		{"threadgroup half* halves", "half* halves", "address space"},
		{"(threadgroup half*)tile", "(half*)tile", "address space"},
		{"const threadgroup half* a,", "const half* a,", "address space"},
		{"device float* dst [[buffer(1)]]", "float* dst [[buffer(1)]]", "Dst is device"},
		{"const device uint4* src [[buffer(2)]]", "device uint4* src [[buffer(2)]]", "Src is const device"},
		{"live [[buffer(6)]]", "live [[buffer(7)]]", "has 6 bindings"},
		{"live [[buffer(6)]]", "live [[buffer(5)]]", "twice"},
		{"live [[buffer(6)]]", "live", "has 0 attributes"},
		{"constant Params& p [[buffer(0)]]", "device Params& p [[buffer(0)]]", "the parameters are constant"},
		{"kernel void gemm_f16_f16(", "kernel void gemm(", "want void gemm_f16_f16"},
		{"static uint2 pack4(", "static uint2 mix(", "called like one"},
		{"static uint2 pack4(", "threadgroup uint4 all[2];\nstatic uint2 pack4(", "outside of the kernel"},
		{"float v = *sum;", "double v = *sum;", "no double"},
	} {
		if !strings.Contains(source, c.part) {
			t.Errorf("no %q to change", c.part)
			continue
		}
		faults := strings.Join(lintMSL(strings.Replace(source, c.part, c.by, 1), k), "; ")
		if !strings.Contains(faults, c.want) {
			t.Errorf("%q for %q: %q, want %q", c.by, c.part, faults, c.want)
		}
	}
}
