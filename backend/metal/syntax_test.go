//go:build cgo && metalfake

package metal

import (
	"os/exec"
	"testing"
)

// TestAppleSyntax has clang read the host code for a Mac, with all warnings.
func TestAppleSyntax(t *testing.T) {
	const include = "internal/fakemetal/include"
	cmd := exec.Command("clang-16", "-target", "arm64-apple-macos13", "-fsyntax-only", "-nostdlibinc",
		"-Wall", "-Wextra", "-Werror", "-x", "objective-c", "-I", include+"/apple", "-I", include, "host.m")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
