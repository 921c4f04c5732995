package metal

import (
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestDarwin looks at the package as a Mac's go build does: every file of the
// driver is in it, nothing of the fake is, and it is all of the right types,
// tests too, as far as these do not come from C.
func TestDarwin(t *testing.T) {
	mac := build.Default
	mac.GOOS, mac.GOARCH, mac.CgoEnabled = "darwin", "arm64", true
	p, err := mac.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	in := slices.Concat(p.GoFiles, p.CgoFiles, p.MFiles, p.HFiles)
	for _, f := range files {
		name := f.Name()
		driver := !f.IsDir() && !strings.HasSuffix(name, "_test.go") && name != "cgo_fake.go"
		if driver != slices.Contains(in, name) {
			t.Errorf("%s is in a Mac's build: %t", name, !driver)
		}
	}
	for _, i := range p.Imports {
		if strings.Contains(i, "fakemetal") {
			t.Errorf("a Mac's build imports %s", i)
		}
	}

	set := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range slices.Concat(p.GoFiles, p.CgoFiles, p.TestGoFiles) {
		f, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	build.Default.CgoEnabled = false // of what it imports
	defer func() { build.Default.CgoEnabled = mac.CgoEnabled }()
	c := types.Config{FakeImportC: true, Importer: importer.ForCompiler(set, "source", nil), Error: func(err error) {
		if !strings.Contains(err.Error(), "invalid type") { // a field of a type of C's
			t.Error(err)
		}
	}}
	c.Check("falconmamba/backend/metal", set, parsed, nil)
}
