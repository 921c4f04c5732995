package shaders

import (
	"strings"
	"testing"
)

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
