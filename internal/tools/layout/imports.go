package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// An edge is an import of one package of the project by another. Packages are named
// by their folders, the root by ".".
type edge struct {
	from, to string
	test     bool
	file     string // the first that has it
}

// readImports returns the edges in the folder of a module, sorted, and those of modules
// in folders below it. It reads every Go file, whatever platform, tag or compiler the
// file is for: `go list` sees one choice of these at a time, and no two drivers' files
// are built everywhere.
func readImports(dir string) ([]edge, error) {
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return nil, err
	}
	module, err := modulePath(mod)
	if err != nil {
		return nil, err
	}
	var edges []edge
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			if name != dir && (base == "testdata" || base == "vendor" || strings.HasPrefix(base, ".") ||
				strings.HasPrefix(base, "_")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
			return nil
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		from := path.Dir(filepath.ToSlash(rel))
		for _, i := range file.Imports {
			to, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return fmt.Errorf("%s: import %s: %w", rel, i.Path.Value, err)
			}
			if to == module {
				to = "."
			} else if below, ok := strings.CutPrefix(to, module+"/"); ok {
				to = below
			} else {
				continue
			}
			edges = append(edges, edge{from, to, strings.HasSuffix(base, "_test.go"), filepath.ToSlash(rel)})
		}
		return nil
	})
	slices.SortFunc(edges, func(a, b edge) int { return strings.Compare(a.key(), b.key()) })
	return slices.CompactFunc(edges, func(a, b edge) bool {
		return a.from == b.from && a.to == b.to && a.test == b.test
	}), err
}

func (e edge) key() string { return fmt.Sprintf("%s\t%s\t%t\t%s", e.from, e.to, e.test, e.file) }

// modulePath returns what go.mod calls the module.
func modulePath(mod []byte) (string, error) {
	for line := range strings.Lines(string(mod)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "module" {
			return strings.Trim(f[1], `"`), nil
		}
	}
	return "", fmt.Errorf("go.mod names no module")
}
