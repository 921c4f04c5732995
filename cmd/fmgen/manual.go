package main

import (
	"context"
	"io"
	"strings"

	"falconmamba/cmd/internal/cli"
)

// pages are what manual pages and shells are told: of the program, and of its words.
func pages() []cli.Page {
	all := []cli.Page{{Program: program, About: "write text with a FalconMamba model", Flags: declare().flags,
		Usage: "[flags]", Examples: examples}}
	for _, w := range words() {
		p := cli.Page{Program: program, Word: w.name, About: w.about, Flags: cli.NewFlags(program + " " + w.name),
			Usage: w.name + " [flags]"}
		switch w.name {
		case "doctor":
			c := &examination{}
			c.declare()
			p.Flags, p.Examples = c.flags, doctorExamples
		case "convert":
			p.Flags, p.Examples = (&conversion{}).declare(), convertExamples
		case "models":
			c := &cachedModels{}
			c.declare()
			p.Flags, p.Examples = c.flags, modelsExamples
		case "inspect":
			c := &inspection{}
			c.declare()
			p.Flags, p.Examples = c.flags, inspectExamples
		case "tokenize":
			c := &tokenization{}
			c.declare()
			p.Flags, p.Examples = c.flags, tokenizeExamples
		case "man":
			p.Examples, p.Usage = manExamples, "man [COMMAND]"
		case "completion":
			p.Examples, p.Usage = completionExamples, "completion bash|zsh|fish"
		}
		all = append(all, p)
	}
	return all
}

const manExamples = `  fmgen man | man -l -              read it
  fmgen man convert > fmgen-convert.1`

// statuses is the end of a manual page.
const statuses = `.SH EXIT STATUS
0; 1 when something could not be done; 2 for a wrong command line; 130 when it was interrupted before any text was
made, or of several texts before each had some.
.SH JSON
With \-\-json every token is a line {"id":…,"text":…}, and the last line sums up:
{"done":true,"reason":…,"text":…,"tokens":…,"timings":…}. Of several texts every line has an "index": the number of the
prompt, from 0 on, times that of \-\-n, and the number of the answer.
`

// man is the program with that word.
func man(_ context.Context, args []string, _ io.Reader, stdout, _ io.Writer) error {
	fs := cli.NewFlags(program + " man")
	if done, err := parseWord(fs, "man [COMMAND]", "Writes the manual page of the program, or of one of its commands.",
		manExamples, args, stdout); done || err != nil {
		return err
	}
	for _, p := range pages() {
		if fs.NArg() <= 1 && p.Word == fs.Arg(0) {
			return cli.Man(stdout, p, statuses)
		}
	}
	return cli.Usagef("man %s: there is no such command", strings.Join(fs.Args(), " "))
}

const completionExamples = `  source <(fmgen completion bash)
  fmgen completion fish > ~/.config/fish/completions/fmgen.fish`

// completion is the program with that word.
func completion(_ context.Context, args []string, _ io.Reader, stdout, _ io.Writer) error {
	fs := cli.NewFlags(program + " completion")
	if done, err := parseWord(fs, "completion bash|zsh|fish", "Writes a script by which a shell completes the command "+
		"line.", completionExamples, args, stdout); done || err != nil {
		return err
	}
	if fs.NArg() != 1 {
		return cli.Usagef("completion for which shell? Want one of %s", strings.Join(cli.Shells, ", "))
	}
	return cli.Completion(stdout, fs.Arg(0), pages())
}
