// Module gives the project another module path, everywhere in one go: in go.mod files,
// imports, commands, messages and documents. `make module` runs it in the project's root:
//
//	go run ./internal/tools/module github.com/you/falconmamba
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	dir := flag.String("dir", ".", "the project's root")
	flag.Parse()
	changed, err := run(*dir, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "module:", err)
		os.Exit(1)
	}
	fmt.Printf("%d files changed; gofmt, go.mod files and imports are in order\n", changed)
}

// run returns how many files it has changed. It writes only once all could be read.
func run(dir string, args []string) (changed int, err error) {
	if len(args) != 1 {
		return 0, errors.New("want one path, as github.com/you/falconmamba")
	}
	if err := valid(args[0]); err != nil {
		return 0, err
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return 0, err
	}
	m := regexp.MustCompile(`(?m)^module\s+(\S+)`).FindSubmatch(mod)
	if m == nil {
		return 0, errors.New("go.mod names no module")
	}
	folders, files, err := list(dir)
	if err != nil {
		return 0, err
	}
	r := newRenaming(string(m[1]), args[0], folders)
	renamed := map[string][]byte{}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			return 0, err
		}
		if bytes.IndexByte(data, 0) >= 0 {
			continue
		}
		out, err := r.file(filepath.Base(name), data)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
		if !bytes.Equal(data, out) {
			renamed[name] = out
		}
	}
	for name, data := range renamed {
		if err := os.WriteFile(name, data, 0o666); err != nil {
			return 0, err
		}
	}
	return len(renamed), nil
}

// valid reports what `go` would not take as a module's path. Paths of a later major
// version would want tags of that version.
func valid(path string) error {
	for element := range strings.SplitSeq(path, "/") {
		if !regexp.MustCompile(`^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$`).MatchString(element) ||
			strings.HasSuffix(element, ".") {
			return fmt.Errorf("%q is no module path: want one like github.com/you/falconmamba", path)
		}
	}
	if regexp.MustCompile(`/v[0-9]+$`).MatchString(path) {
		return fmt.Errorf("%q ends in a version: this is version 0 or 1", path)
	}
	return nil
}

// list returns the folders at the top, and the files that may name the module.
func list(dir string) (folders, files []string, err error) {
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == dir {
			return err
		}
		base := d.Name()
		top := filepath.Dir(name) == filepath.Clean(dir)
		if d.IsDir() {
			hidden := strings.HasPrefix(base, ".") && base != ".github" && base != ".ci"
			if hidden || base == "testdata" || base == "vendor" || top && base == "bin" {
				return filepath.SkipDir
			}
			if top {
				folders = append(folders, base)
			}
			return nil
		}
		if d.Type().IsRegular() && base != "go.sum" {
			files = append(files, name)
		}
		return nil
	})
	return folders, files, err
}
