// Fmgen writes text with a FalconMamba model.
//
//	fmgen -p "ROMEO:"
//	fmgen -m falcon-mamba-7b-instruct -p "Once upon a time" -n 100 --temp 0.7
//	fmgen -m falcon-mamba-7b -f story.txt --state-save story.state
//	fmgen -m falcon-mamba-7b --state-load story.state -p "And then"
//	fmgen -m falcon-mamba-7b -f story.txt --cache ~/.cache/states
//	fmgen -m falcon-mamba-7b -f a.txt -f b.txt --n 4
//	fmgen -m tiiuae/falcon-mamba-7b-instruct --chat
//	fmgen doctor
//	fmgen models
//	fmgen inspect -m falcon-mamba-7b
//	fmgen tokenize "Hello, world"
//	fmgen convert -m falcon-mamba-7b -o falcon-mamba-7b-q4_K.gguf --quant q4_K
//
// Without -m it runs a small model that is part of the program. Sampling is
// what the checkpoint's generation_config.json asks for, or a GGUF file's keys
// general.sampling, changed by the flags; where it asks for nothing, it is greedy.
//
// With --cache a text that begins like an earlier one goes on from a state that was kept, be it
// of another run, and is not read again. A conversation keeps states in memory.
//
// Text goes to stdout as it is made, everything else to stderr. The exit status
// is 0; 1 when something could not be done; 2 for a wrong command line; 130
// when it was interrupted before any text was made. An interrupt after that
// ends the text there, which is no failure; a second one ends the program.
//
// With --json every token is a line {"id":…,"text":…} on stdout, and the last
// line sums up: {"done":true,"reason":…,"text":…,"tokens":…,"timings":…}.
//
// Several prompts, and several answers to each (--n), are written together. docs/fmgen.md says how they are told apart.
//
// A word before all flags does something else: doctor says what devices are there, what each may run, whether it
// computes as it should and how fast, and what to do about what is not as expected; convert writes a model as a GGUF
// file, quantised if that is asked for, and says on stdout what became of it; models lists what was downloaded, shows
// or removes it; inspect says what a model is and what of it fits where; tokenize says the tokens of a text.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"falconmamba/cmd/internal/cli"

	_ "falconmamba/backend/all"
)

const program = "fmgen"

func main() {
	cli.SayLostFiles(program, "leave it alone, or read it whole with --no-mmap")
	ctx, stop := cli.Interruptible()
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run is the program: it returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) > 1 && args[0] == "help" { // as many programs have it
		args = []string{args[1], "--help"}
	}
	for _, w := range words() {
		if len(args) > 0 && args[0] == w.name {
			return cli.Status(program, program+" "+w.name, stderr, w.run(ctx, args[1:], stdin, stdout, stderr))
		}
	}
	o, help, err := parse(args)
	switch {
	case help != "":
		fmt.Fprint(stdout, help)
	case err == nil && o.ListDevices:
		err = cli.ListDevices(program, stdout, stderr)
	case err == nil && o.chat && !o.several():
		err = (&job{options: o, stdin: stdin, stdout: stdout, stderr: stderr}).converse(ctx)
	case err == nil:
		err = (&job{options: o, stdin: stdin, stdout: stdout, stderr: stderr}).do(ctx)
	}
	return cli.Status(program, program, stderr, err)
}
