package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const small = `
.
	imports model/... backend coming

model/...
	imports backend/other backend
	tests   backend/null
backend/vulkan
	imports backend
	tests   backend/null
backend/null
	imports coming backend
backend/other
	imports coming
	tests   backend
coming
	imports backend

backend
`

// TestCheck has one module with one import of every kind that counts.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":       "module example.com/m // a comment\n",
		"root.go":      "package m\nimport _ \"example.com/m/model\"\n",
		"root_test.go": "package m_test\nimport _ \"example.com/m\"\n",
		"model/model.go": "package model\nimport " +
			"(\n\t\"fmt\"\n\t\"example.com/m/backend\"\n\t\"example.com/other\"\n)\n",
		"model/model_test.go":             "package model\nimport _ \"example.com/m/backend/null\"\n",
		"model/deep/deep.go":              "package deep\nimport _ \"example.com/m/model\"\n",
		"model/deep/deep_test.go":         "package deep\nimport _ \"example.com/m/backend/vulkan\"\n",
		"model/apple_darwin.go":           "package model\nimport _ \"example.com/m/backend/vulkan\"\n",
		"model/tagged.go":                 "//go:build never\n\npackage model\nimport _ \"example.com/m/backend/null\"\n",
		"model/testdata/ignored.go":       "package ignored\nimport _ \"example.com/m\"\n",
		"backend/backend.go":              "package backend\nimport _ \"example.com/m/model/deep\"\n",
		"backend/vulkan/vulkan.go":        "package vulkan\nimport _ \"example.com/m/backend\"\n",
		"backend/another/other.go":        "package another\nimport _ \"example.com/m/backend\"\n",
		"backend/other/other_test.go":     "package other\nimport _ \"example.com/m/backend\"\n",
		"backend/vulkan/vendor/a/main.go": "package main\nimport _ \"example.com/m\"\n",
	} {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	edges, err := readImports(dir)
	if err != nil {
		t.Fatal(err)
	}
	table, err := parseTable(small)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"backend imports model/deep: backend may import nothing of the project (backend/backend.go)",
		"backend/another imports backend: backend/another has no line in internal/tools/layout/layout.txt " +
			"(backend/another/other.go)",
		"model imports backend/null: model may import only backend/other, backend (model/tagged.go)",
		"model imports backend/vulkan: model may import only backend/other, backend (model/apple_darwin.go)",
		"model/deep imports backend/vulkan: a test of model may import only backend/null, backend/other, backend " +
			"(model/deep/deep_test.go)",
		"layout.txt lets model/... import backend/other: at most its tests do",
		"layout.txt lets tests of backend/vulkan import backend/null: none does",
	}
	err = table.check(edges)
	if err == nil || err.Error() != strings.Join(want, "\n") {
		t.Errorf("the check says\n%v\nnot\n%s", err, strings.Join(want, "\n"))
	}
}

func TestParseTable(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a\n\timports b\nb\n", ""},
		{"a\nb\n\ttests a\n", ""},
		{"a\nb\n\timports a\n", "line 3: a does not stand below b"},
		{"a\n\timports a\n", "line 2: a does not stand below a"},
		{"a\n\timports c\n", "line 2: no room is called c"},
		{"a\na\n", `line 2: "a" is not the name of one more room`},
		{"a b\n", `line 1: "a b" is not the name of one more room`},
		{"a\n\timport b\nb\n", `line 2: "import" is none of wide, is, imports and tests`},
		{"\tis nothing\n", `line 1: "is" is none of wide, is, imports and tests`},
	} {
		_, err := parseTable(c.text)
		if err == nil && c.want != "" || err != nil && err.Error() != c.want {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
}
