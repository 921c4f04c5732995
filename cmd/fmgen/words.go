package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"falconmamba/cmd/internal/cli"
)

// A word is a command of the program that stands before all flags.
type word struct {
	name, about string
	run         func(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error
}

// words are in the order of the help.
func words() []word {
	return []word{
		{"doctor", "say what this machine can run, whether it computes as it should, and how fast", examine},
		{"convert", "write a model as a GGUF file", convert},
		{"models", "list, show and remove the models that were downloaded", models},
		{"inspect", "say what a model is and what of it fits where, without loading it", inspect},
		{"tokenize", "say the tokens of a text, without loading the weights", tokenize},
		{"man", "write a manual page", man},
		{"completion", "write what a shell completes the command line by", completion},
	}
}

// wordNames are what may stand before all flags.
func wordNames() []string {
	names := []string{"help"}
	for _, w := range words() {
		names = append(names, w.name)
	}
	return names
}

// parseWord parses the flags of a word. done says that help or the version was asked for, and written.
func parseWord(fs *pflag.FlagSet, usage, about, examples string, args []string,
	stdout io.Writer) (done bool, err error) {
	switch err := cli.Parse(fs, args); {
	case errors.Is(err, pflag.ErrHelp):
		fmt.Fprintf(stdout, "Usage: %s %s\n\n%s\n\n%s\nExamples:\n%s\n", program, usage, about, fs.FlagUsages(),
			examples)
		return true, nil
	case errors.Is(err, cli.ErrVersion):
		fmt.Fprint(stdout, cli.Version(program))
		return true, nil
	default:
		return false, err
	}
}

const examples = `  fmgen -p "ROMEO:"                                        the small model that is part of the program
  fmgen -m tiiuae/falcon-mamba-7b-instruct --chat          talk to a model of the hub
  fmgen -m model.gguf -f story.txt -n 200 --temp 0.8       go on from a file
  fmgen -m DIR -p "Once" -p "Twice" --n 3                  three answers to each of two prompts
  fmgen -m DIR --prompts list.jsonl --json > out.jsonl     a prompt a line, for programs
  fmgen -m DIR --quant q4_K --verbose -p "Once"            in a quarter of the memory
  fmgen -m DIR -f book.txt --state-save book.state         read once, and go on later`

// usage is the beginning of the help.
func usage() string {
	text := "Usage: fmgen [flags]\n"
	for _, w := range words() {
		text += fmt.Sprintf("       fmgen %-10s %s\n", w.name, w.about)
	}
	return text + "\nWrites text with a FalconMamba model. Each command has a --help of its own.\n\n"
}
