// Package clitest checks what the programs say of themselves.
package clitest

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"falconmamba/cmd/internal/cli"
)

// Manual checks a program's manual pages and the examples in them: each page has some, of which every flag is one of
// the page's. run runs the program, and returns its exit status and what it wrote to stdout.
func Manual(t *testing.T, manual func() cli.Manual, run func(args ...string) (int, string)) {
	t.Helper()
	for i, page := range manual().Pages {
		for line := range strings.Lines(page.Examples) {
			args := command(line)
			if len(args) == 0 || args[0] != page.Program {
				t.Errorf("the example %q is not of %s", line, page.Program)
				continue
			}
			args = args[1:]
			flags := manual().Pages[i].Flags // fresh ones: each is given once
			if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
				word := args[0]
				args = args[1:]
				for _, p := range manual().Pages {
					if p.Word == word {
						flags, word = p.Flags, ""
					}
				}
				if word != "" {
					t.Errorf("the example %q is of no command", line)
				}
			}
			if err := cli.Parse(flags, args); err != nil {
				t.Errorf("the example %q: %v", line, err)
			}
		}
		help := strings.Fields(page.Word + " --help")
		status, text := run(help...)
		if usage := "Usage: " + page.Program + " " + page.Usage + "\n"; status != cli.OK ||
			!strings.HasPrefix(text, usage) || !strings.HasSuffix(text, "\nExamples:\n"+page.Examples+"\n") {
			t.Errorf("%s %q: status %d, %q", page.Program, help, status, text)
		}
	}
	for _, w := range append([][2]string{{}}, manualWords(manual)...) {
		status, text := run(strings.Fields("man " + w[0])...)
		roffPage(t, manual().Pages[0].Program, w, status, text)
	}
	if status, _ := run("man", "nothing"); status != cli.WrongUsage {
		t.Errorf("man nothing: status %d", status)
	}
	if status, _ := run("man", "--no-such-flag"); status != cli.WrongUsage {
		t.Errorf("man with a flag that is not there: status %d", status)
	}
}

// command is what is typed of an example: up to a comment, a pipe or a redirection.
func command(line string) []string {
	line, _, _ = strings.Cut(strings.TrimSpace(line), "   ")
	var args []string
	for _, arg := range strings.Fields(strings.ReplaceAll(line, `"`, "")) {
		if arg == "|" || arg == ">" || arg == "<" {
			break
		}
		args = append(args, arg)
	}
	return args
}

// manualWords are all words with what they are about, those of cli.ManualWords among them.
func manualWords(manual func() cli.Manual) (words [][2]string) {
	for _, p := range manual().Pages[1:] {
		words = append(words, [2]string{p.Word, p.About})
	}
	return append(words, cli.ManualWords[:]...)
}

// roffPage checks a page of a word.
func roffPage(t *testing.T, program string, w [2]string, status int, page string) {
	t.Helper()
	name := program
	if w[0] != "" {
		name += `\-` + w[0]
	}
	for _, want := range []string{".TH " + strings.ToUpper(name) + " 1\n", ".SH NAME\n" + name + ` \- `,
		".SH SYNOPSIS\n.B " + program + "\n", ".SH DESCRIPTION\n", ".SH OPTIONS\n",
		".SH EXAMPLES\n.nf\n  ", ".SH EXIT STATUS\n"} {
		if status != cli.OK || !strings.Contains(page, want) {
			t.Errorf("the page of %q, status %d, has no %q", w[0], status, want)
		}
	}
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, ".") && !strings.Contains(".TH .SH .TP .B .nf .fi", strings.Fields(line)[0]) {
			t.Errorf("the page of %q has the request %q", w[0], line)
		}
	}
}

// Completion checks what shells make of the script that they are given: bash of what was typed. What it becomes has a
// comma between one and the next.
func Completion(t *testing.T, program string, run func(args ...string) (int, string), typed map[string]string) {
	t.Helper()
	for _, shell := range cli.Shells {
		if status, text := run("completion", shell); status != cli.OK || !strings.Contains(text, program) {
			t.Errorf("completion %s: status %d, %q", shell, status, text)
		}
	}
	for _, args := range [][]string{{"completion"}, {"completion", "tcsh"}} {
		if status, _ := run(args...); status != cli.WrongUsage {
			t.Errorf("%q: status %d", args, status)
		}
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	_, script := run("completion", "bash")
	dir := t.TempDir() // files are completed too
	if err := os.WriteFile(filepath.Join(dir, "zwei Wörter.gguf"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{program + " -m zw": "zwei Wörter.gguf", program + " completion f": "fish",
		program + " completion zs": "zsh", program + " man complet": "completion"}
	maps.Copy(all, typed)
	for typed, want := range all {
		words := strings.Fields(typed)
		ask := "\nCOMP_WORDS=(" + typed + "); COMP_CWORD=" + string(rune('0'+len(words)-1)) + "; _" + program +
			"; printf '%s\n' \"${COMPREPLY[@]}\""
		c := exec.Command(bash, "-c", script+ask)
		c.Dir = dir
		got, err := c.CombinedOutput()
		if err != nil || string(bytes.TrimSpace(got)) != strings.ReplaceAll(want, ", ", "\n") {
			t.Errorf("%s becomes %q, %v, want %q", typed, got, err, want)
		}
	}
}
