package main

import (
	"bytes"
	"go/format"
	"regexp"
	"slices"
	"strings"
)

// A renaming knows where a module's path stands. Its last word alone is no path: it is
// the root package's name, a folder of caches, a prefix of keys in files.
type renaming struct {
	to     string
	quoted *regexp.Regexp // the whole path in quotes, alone on its line: an import of the root
	below  *regexp.Regexp // the path of a package in one of the folders
	alone  *regexp.Regexp // the path behind a command
	mod    *regexp.Regexp // a word of go.mod
}

func newRenaming(from, to string, folders []string) *renaming {
	old := regexp.QuoteMeta(from)
	in := make([]string, len(folders))
	for i, f := range folders {
		in[i] = regexp.QuoteMeta(f)
	}
	return &renaming{
		to:     to,
		quoted: regexp.MustCompile(`(?m)^(\s*(?:import\s+)?(?:[\w.]+\s+)?")` + old + `("[ \t]*(?://.*)?$)`),
		below:  regexp.MustCompile(`(^|[^\w./-])` + old + `(/(?:` + strings.Join(in, "|") + `)\b)`),
		alone: regexp.MustCompile(`(\bgo (?:doc|get|install|test|vet|build|run|list)(?: -\S+)* )` + old +
			`($|[^\w./-])`),
		mod: regexp.MustCompile(`(?m)(^|\s)` + old + `(/|\s|$)`),
	}
}

// file returns what a file of that name becomes.
func (r *renaming) file(name string, data []byte) ([]byte, error) {
	old := data
	with := []byte("${1}" + strings.ReplaceAll(r.to, "$", "$$") + "${2}")
	if name == "go.mod" {
		return sortRequired(r.mod.ReplaceAll(data, with)), nil
	}
	data = r.below.ReplaceAll(data, with)
	data = r.alone.ReplaceAll(data, with)
	if strings.HasSuffix(name, ".go") || strings.HasSuffix(name, ".md") {
		data = r.quoted.ReplaceAll(data, with)
	}
	if strings.HasSuffix(name, ".go") && !bytes.Equal(old, data) {
		return format.Source(data) // which sorts imports
	}
	return data, nil
}

// sortRequired puts the lines of go.mod's blocks in order, as `go mod tidy` does.
func sortRequired(mod []byte) []byte {
	lines := strings.SplitAfter(string(mod), "\n")
	begin := -1
	for i, line := range lines {
		switch {
		case strings.HasPrefix(line, "require ("):
			begin = i + 1
		case strings.HasPrefix(line, ")") && begin >= 0:
			slices.Sort(lines[begin:i])
			begin = -1
		}
	}
	return []byte(strings.Join(lines, ""))
}
