//go:build cgo && !darwin

package vulkan

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every struct and number of abi.h must be what the headers say that come with
// the binding. Those newer than these headers are listed in newer.
func TestABI(t *testing.T) {
	cc := os.Getenv("CC")
	if cc == "" {
		cc = "gcc"
	}
	if _, err := exec.LookPath(cc); err != nil {
		t.Skipf("no C compiler: %v", err)
	}
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/goki/vulkan").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	headers := strings.TrimSpace(string(dir))
	theirs, err := os.ReadFile(filepath.Join(headers, "vulkan", "vulkan_core.h"))
	if err != nil {
		t.Fatal(err)
	}
	ours, err := os.ReadFile("abi.h")
	if err != nil {
		t.Fatal(err)
	}

	newer := map[string]bool{
		"VkPhysicalDeviceCooperativeMatrixFeaturesKHR": true, "VkPhysicalDeviceShaderBfloat16FeaturesKHR": true,
		"VkCooperativeMatrixPropertiesKHR":                                  true,
		"VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR": true,
		"VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR":               true,
		"VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_BFLOAT16_FEATURES_KHR":    true,
	}
	var body strings.Builder
	count := 0
	print := func(format, expr string) {
		fmt.Fprintf(&body, "\tprintf(\"%s %%llu\\n\", (unsigned long long)(%s));\n", format, expr)
		count++
	}
	for _, m := range regexp.MustCompile(`(?s)typedef struct (Vk\w+) \{(.*?)\n\}`).FindAllStringSubmatch(string(ours),
		-1) {
		name := m[1]
		if newer[name] {
			continue
		}
		print(name, "sizeof("+name+")")
		for _, line := range strings.Split(m[2], ";") {
			for _, member := range regexp.MustCompile(`(\w+)(?:\[\w+\])?\s*(?:,|$)`).FindAllStringSubmatch(strings.TrimSpace(line), -1) {
				if f := member[1]; !strings.HasPrefix(f, "skip") {
					print(name+"."+f, "offsetof("+name+", "+f+")")
				}
			}
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^\t(VK_\w+) = `).FindAllStringSubmatch(string(ours), -1) {
		if name := m[1]; !newer[name] {
			print(name, "(long long)"+name)
		}
	}
	if count < 300 {
		t.Fatalf("only %d facts found in abi.h", count)
	}
	for name := range newer {
		if regexp.MustCompile(`\b` + name + `\b`).Match(theirs) {
			t.Errorf("the binding's headers have %s: compare it", name)
		}
	}

	run := func(include string) string {
		tmp := t.TempDir()
		src := fmt.Sprintf("#include <stddef.h>\n#include <stdio.h>\n#include \"%s\"\nint main(void) {\n%s\treturn "+
			"0;\n}\n", include, body.String())
		file, prog := filepath.Join(tmp, "abi.c"), filepath.Join(tmp, "abi")
		if err := os.WriteFile(file, []byte(src), 0o644); err != nil {
			t.Fatal(err)
		}
		// The headers use this type without declaring it.
		const undeclared = "-DVkAccelerationStructureCaptureDescriptorDataInfoEXT=void"
		if out, err := exec.Command(cc, undeclared, "-I"+headers, "-o", prog, file).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", cc, err, out)
		}
		out, err := exec.Command(prog).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	here, err := filepath.Abs("abi.h")
	if err != nil {
		t.Fatal(err)
	}
	got, want := strings.Split(run(here), "\n"), strings.Split(run("vulkan/vulkan_core.h"), "\n")
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("abi.h has %s, the headers have %s", got[i], want[i])
		}
	}
}
