package main

import (
	"context"
	"io"

	"falconmamba/cmd/internal/cli"
)

// A word is a command of the program that stands before all flags.
type word struct {
	name, about string
	run         func(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error
	page        func() cli.Page // but for name and about; nil for the words of the manual
}

// words are in the order of the help.
func words() []word {
	all := []word{
		{"doctor", "say what this machine can run, whether it computes as it should, and how fast", examine,
			func() cli.Page { return new(examination).page() }},
		{"convert", "write a model as a GGUF file", convert, func() cli.Page { return new(conversion).page() }},
		{"models", "list, show and remove the models that were downloaded", models,
			func() cli.Page { return new(cachedModels).page() }},
		{"inspect", "say what a model is and what of it fits where, without loading it", inspect,
			func() cli.Page { return new(inspection).page() }},
		{"tokenize", "say the tokens of a text, without loading the weights", tokenize,
			func() cli.Page { return new(tokenization).page() }},
	}
	for _, w := range cli.ManualWords {
		all = append(all, word{name: w[0], about: w[1], run: writeManual(w[0])})
	}
	return all
}

// wordNames are what may stand before all flags.
func wordNames() []string {
	names := []string{"help"}
	for _, w := range words() {
		names = append(names, w.name)
	}
	return names
}

const examples = `  fmgen -p "ROMEO:"                                        the small model that is part of the program
  fmgen -m tiiuae/falcon-mamba-7b-instruct --chat          talk to a model of the hub
  fmgen -m model.gguf -f story.txt -n 200 --temp 0.8       go on from a file
  fmgen -m DIR -p "Once" -p "Twice" --n 3                  three answers to each of two prompts
  fmgen -m DIR --prompts list.jsonl --json > out.jsonl     a prompt a line, for programs
  fmgen -m DIR --quant q4_K --verbose -p "Once"            in a quarter of the memory
  fmgen -m DIR -f book.txt --state-save book.state         read once, and go on later`

// page is what the program is beside its words.
func (o *options) page() cli.Page {
	p := cli.Page{Program: program, About: "write text with a FalconMamba model", Usage: "[flags]",
		Long:  "Writes text with a FalconMamba model. Each command has a --help of its own.",
		Flags: o.flags, Examples: examples}
	for _, w := range words() {
		p.Words = append(p.Words, [2]string{w.name, w.about})
	}
	return p
}
