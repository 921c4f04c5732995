package main

import (
	"os"
	"path/filepath"
	"testing"
)

// A tree in which the module's path stands wherever it may, and its last word where it
// is no path.
func tree(module string) map[string]string {
	return map[string]string{
		"go.mod": "module " + module + "\n\ngo 1.25.0\n",
		"root.go": "// Package falconmamba, as in import _ \"" + module + "/backend/all\".\npackage falconmamba\n\n" +
			"var dir = \"falconmamba\"\nvar key = \"falconmamba.eos\"\nvar agent = \"falconmamba-go\"\n" +
			"var list = []string{\n\t\"falconmamba/cache-1\",\n\t\"falconmamba\", \"\",\n}\n",
		"backend/all/all.go": "package all\n\nimport (\n\t\"fmt\"\n\n\t\"" + module + "/backend\"\n)\n\n" +
			"var _ = fmt.Sprint(backend.A, \"import " + module + "/backend/all\")\n",
		"backend/a.go": "package backend\n\nimport . \"" + module +
			"\"\n\n// See example.com/falconmamba/backend and ./falconmamba/backend.\nvar A = B\n",
		"README.md": "`go doc " + module + "`, `go doc " + module +
			"/backend`, falconmamba.Open\n\n\timport \"" + module + "\"\n",
		"Makefile":      "build:\n\tgo build -ldflags '-X " + module + "/backend.A=1' ./falconmamba\n",
		"testdata/a.go": "package a\n\nimport _ \"falconmamba/backend\"\n",
		"data.bin":      "\x00\"falconmamba/backend\"",
		".tools/x.txt":  "falconmamba/backend\n",
		".github/w.yml": "run: go vet " + module + "/backend\n",
		"examples/own/go.mod": "module " + module + "/examples/own\n\nreplace " + module + " => ../..\n\n" +
			required(module),
		"examples/own/main.go": "package main\n\nimport (\n" + imports(module) + ")\n\nfunc main() {}\n",
	}
}

// required and imports have an order that depends on the path.
func required(module string) string {
	if module < "github.com/a/b" {
		return "require (\n\t" + module + " v0.0.0\n\tgithub.com/a/b v1.0.0\n)\n"
	}
	return "require (\n\tgithub.com/a/b v1.0.0\n\t" + module + " v0.0.0\n)\n"
}

func imports(module string) string {
	if module < "github.com/a/b" {
		return "\t_ \"" + module + "/backend\" // the seam\n\t_ \"github.com/a/b\"\n"
	}
	return "\t_ \"github.com/a/b\"\n\t_ \"" + module + "/backend\" // the seam\n"
}

func TestRename(t *testing.T) {
	dir := t.TempDir()
	for name, text := range tree("falconmamba") {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, to := range []string{"github.com/you/falconmamba", "example.org/fm", "falconmamba"} {
		if _, err := run(dir, []string{to}); err != nil {
			t.Fatal(err)
		}
		for name, want := range tree(to) {
			got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != want {
				t.Errorf("as %s, %s is\n%s\nnot\n%s", to, name, got, want)
			}
		}
	}
}

func TestValid(t *testing.T) {
	for path, ok := range map[string]bool{
		"github.com/you/falconmamba": true, "falconmamba": true, "example.org/a.b/c-d": true,
		"": false, "/a": false, "a/": false, "a//b": false, "../a": false, "a b": false,
		"https://github.com/you/a": false, "github.com/you/a/v2": false, "a.": false,
	} {
		if err := valid(path); (err == nil) != ok {
			t.Errorf("%q: %v", path, err)
		}
	}
}
