package main

import (
	"os"
	"path/filepath"
	"strings"

	"falconmamba/cmd/internal/cli"
)

// complete returns what Tab makes of the beginning of a line: a command, the name of a setting, or a file, as far as
// it is certain.
func complete(line string) string {
	name, arg, inside := strings.Cut(line, " ")
	switch {
	case !strings.HasPrefix(line, "/") || strings.HasPrefix(line, "//"):
		return line
	case !inside:
		done, whole := longest(name, commands)
		if whole && (done == "/set" || done == "/switch" || done == "/save" || done == "/load") {
			done += " "
		}
		return done
	case name == "/set" && !strings.Contains(arg, " "):
		done, whole := longest(arg, settable)
		if whole {
			done += " "
		}
		return name + " " + done
	case name == "/save" || name == "/load":
		return name + " " + completeFile(arg)
	}
	return line
}

// longest returns what all of the words have in common that begin so, and whether that is one of them alone.
func longest(begin string, words []string) (common string, whole bool) {
	n := 0
	for _, w := range words {
		if !strings.HasPrefix(w, begin) {
			continue
		}
		if n++; n == 1 {
			common = w
		}
		for !strings.HasPrefix(w, common) {
			common = common[:len(common)-1]
		}
	}
	if n == 0 {
		return begin, false
	}
	return common, n == 1
}

// completeFile completes the name of a file, of which a folder ends with a slash.
func completeFile(begin string) string {
	dir, base := filepath.Split(cli.ExpandHome(begin))
	entries, _ := os.ReadDir(filepath.Join(dir, "."))
	var names []string
	folders := map[string]bool{}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") || strings.HasPrefix(base, ".") {
			names = append(names, e.Name())
			folders[e.Name()] = e.IsDir()
		}
	}
	done, whole := longest(base, names)
	if whole && folders[done] {
		done += string(filepath.Separator)
	}
	return strings.TrimSuffix(begin, base) + done
}
