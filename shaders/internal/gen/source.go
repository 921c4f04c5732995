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
	source  string   // whose kernel it is: the .comp's name, or that of another
	defines []string // DEFINE=VALUE
	target  string   // --target-env
	metal   bool
	byHand  string // path of the MSL, where none is generated
}

// variants reads the generator's directives in a source: comments of the form
// "// variant: NAME DEFINE=VALUE …", "// source: NAME" where these are kernels of NAME.comp too,
// "// target: vulkan1.3" and "// metal: none, REASON", or "// metal: none with DEFINE, REASON" of
// some, or "// metal: FILE, REASON" of what is written by hand.
func variants(file string) ([]variant, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()

	source := strings.TrimSuffix(filepath.Base(file), ".comp")
	target, metal, byHand := "vulkan1.2", true, ""
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
		case "source":
			if len(words) != 1 || !identifier(words[0]) {
				return nil, fail("source: NAME")
			}
			source = words[0]
		case "target":
			if len(words) != 1 || words[0] != "vulkan1.2" && words[0] != "vulkan1.3" {
				return nil, fail("target: vulkan1.2 or vulkan1.3")
			}
			target = words[0]
		case "metal":
			which, reason, _ := strings.Cut(value, ",")
			define, some := strings.CutPrefix(which, "none with ")
			hand := filepath.Ext(which) == ".metal"
			if which != "none" && !hand && !(some && identifier(define)) || strings.TrimSpace(reason) == "" {
				return nil, fail("metal: none, REASON, metal: none with DEFINE, REASON or metal: FILE.metal, REASON")
			}
			switch {
			case hand:
				byHand = filepath.Join(filepath.Dir(file), which)
			case some:
				without = append(without, define)
			default:
				metal = false
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
		vs[i].source = source
		vs[i].target, vs[i].metal = target, metal && !slices.ContainsFunc(without, vs[i].defined)
		if vs[i].metal {
			vs[i].byHand = byHand
		}
	}
	return vs, nil
}

// defined reports whether the variant defines name.
func (v *variant) defined(name string) bool {
	return slices.ContainsFunc(v.defines, func(d string) bool { return strings.HasPrefix(d, name+"=") })
}

// filesOf returns the files in dir that declare what a source has: those that are compiled to its
// kernels, and NAME.glsl, which these share.
func filesOf(dir, source string) ([]string, error) {
	all, err := filepath.Glob(filepath.Join(dir, "*.comp"))
	if err != nil {
		return nil, err
	}
	var files []string
	for _, f := range all {
		vs, err := variants(f)
		if err != nil {
			return nil, err
		}
		if vs[0].source == source {
			files = append(files, f)
		}
	}
	shared := filepath.Join(dir, source+".glsl")
	if _, err := os.Stat(shared); err == nil {
		files = append(files, shared)
	}
	return files, nil
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
