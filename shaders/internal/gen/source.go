package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A variant is one kernel that a source is compiled to.
type variant struct {
	name    string
	file    string   // path of the .comp
	defines []string // DEFINE=VALUE
	target  string   // --target-env
	metal   bool
}

// variants reads the generator's directives in a source: comments of the form
// "// variant: NAME DEFINE=VALUE …", "// target: vulkan1.3" and
// "// metal: none, REASON", or "// metal: none with DEFINE, REASON" of some.
func variants(file string) ([]variant, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()

	target, metal := "vulkan1.2", true
	var without []string // Metal
	var vs []variant
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		comment, ok := strings.CutPrefix(lines.Text(), "// ")
		if !ok {
			continue
		}
		key, value, _ := strings.Cut(comment, ": ")
		words := strings.Fields(value)
		fail := func(want string) error {
			return fmt.Errorf("%s:%d: %q: want %s", file, n, comment, want)
		}
		switch key {
		case "variant":
			if len(words) == 0 || !identifier(words[0]) {
				return nil, fail("variant: NAME DEFINE=VALUE …")
			}
			for _, d := range words[1:] {
				if name, _, ok := strings.Cut(d, "="); !ok || !identifier(name) {
					return nil, fail("variant: NAME DEFINE=VALUE …")
				}
			}
			vs = append(vs, variant{name: words[0], file: file, defines: words[1:]})
		case "target":
			if len(words) != 1 || words[0] != "vulkan1.2" && words[0] != "vulkan1.3" {
				return nil, fail("target: vulkan1.2 or vulkan1.3")
			}
			target = words[0]
		case "metal":
			which, reason, _ := strings.Cut(value, ",")
			define, some := strings.CutPrefix(which, "none with ")
			if which != "none" && !(some && identifier(define)) || strings.TrimSpace(reason) == "" {
				return nil, fail("metal: none, REASON or metal: none with DEFINE, REASON")
			}
			if metal = metal && some; some {
				without = append(without, define)
			}
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(vs) == 0 {
		vs = []variant{{name: strings.TrimSuffix(filepath.Base(file), ".comp"), file: file}}
	}
	for i := range vs {
		vs[i].target, vs[i].metal = target, metal && !slices.ContainsFunc(without, vs[i].defined)
	}
	return vs, nil
}

// defined reports whether the variant defines name.
func (v *variant) defined(name string) bool {
	return slices.ContainsFunc(v.defines, func(d string) bool { return strings.HasPrefix(d, name+"=") })
}

// identifier reports whether s can name a kernel in GLSL, MSL and a file.
func identifier(s string) bool {
	for i, c := range s {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
