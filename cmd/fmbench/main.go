// Fmbench measures FalconMamba on the devices of this machine and checks that
// they compute what they should.
//
//	fmbench                      speed and numerics of the backends present
//	fmbench report               a page with plots of speed, numerics and memory, and a file
//	fmbench compare FILE…        such files, or those of speed -o json, side by side
//	fmbench devices              what backends see
//	fmbench ops                  the conformance suite, operation by operation
//	fmbench profile              where the time of a pass goes on the device
//	fmbench verify DIR…          checkpoints against the goldens beside them
//	fmbench logits --ids 1,2,3   what the model makes of tokens
//	fmbench ppl -f FILE          loss and perplexity of a text; of several formats
//	                             of weights, how far they are from the original
//	fmbench long -p 100000       a long prompt in constant memory
//	fmbench states               what states of 16 bits cost over 100,000 tokens
//	fmbench open -m DIR          time and memory that loading takes
//	fmbench cache                tokens that are read again, and waiting times, with the cache
//	fmbench sessions             what moves of states cost where more sessions are open than
//	                             the device has room for
//	fmbench draft                speed of texts that are guessed
//	fmbench load -c 1,8,32       speed and waiting times of many clients at once
//	fmbench load --url URL       the same of a server
//
// speed --baseline FILE fails where a test is slower than in a saved run.
//
// Without -m the model is a small one that is part of the program. Lists of -m
// and --quant, with commas between, are multiplied by speed and ppl. Reports go
// to stdout in the format of -o (md, csv, json, jsonl), everything else to
// stderr. The exit status is 1 when something could not be done or a check
// failed, 2 for a wrong command line, 130 after an interrupt.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/pflag"

	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/report"
	"falconmamba/internal/nearest"

	_ "falconmamba/backend/all"
)

const program = "fmbench"

func main() {
	cli.SayLostFiles(program, "leave it alone while it is measured")
	ctx, stop := cli.Interruptible()
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// A command is one of the program's.
type command struct {
	name  string
	args  string // behind the flags, for people
	about string
	flags func(*call) // declares the command's own flags
	run   func(context.Context, *call) error
}

// commands lists them; the first is what runs without a name.
func commands() []command {
	return []command{
		{"speed", "", "measure speed and compare numerics; the word may be left out", speedFlags, runSpeed},
		{"report", "", "measure everything within a minute: a page with plots, and a file", reportFlags, runReport},
		{"compare", "FILE…", "put the files of several runs side by side", compareFlags, runCompare},
		{"devices", "", "list the devices of every backend", devicesFlags, runDevices},
		{"ops", "", "run the conformance suite over the operations of a backend", opsFlags, runOps},
		{"profile", "", "time the operations of a pass on the device", profileFlags, runProfile},
		{"verify", "DIR…", "compare checkpoints, or tokenizers, with the goldens beside them", verifyFlags, runVerify},
		{"logits", "", "print what the model makes of tokens", logitsFlags, runLogits},
		{"ppl", "", "compute loss and perplexity of a text", pplFlags, runPPL},
		{"long", "", "read a long prompt and print the memory it takes", longFlags, runLong},
		{"states", "", "compare states of 16 bits with float32", statesFlags, runStates},
		{"open", "", "load a model and check the memory that takes", openFlags, runOpen},
		{"cache", "", "come back to what was read before, as clients do", cacheFlags, runCache},
		{"sessions", "", "keep more sessions open than the device has room for", sessionsFlags, runSessions},
		{"draft", "", "write texts by guesses that are verified, and one token at a time", draftFlags, runDraft},
		{"load", "", "write for many clients at once, as a server would", loadFlags, runLoad},
	}
}

// A call is one run of a command.
type call struct {
	fs             *pflag.FlagSet
	o              options
	command        string // its name
	line           string // the whole command line
	report         *report.Report
	stdin          io.Reader
	stdout, stderr io.Writer
	columns        int // of the terminal that stdout is; 0: it is none
}

// run is the program: it returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := &call{line: commandLine(args), stdin: stdin, stdout: stdout, stderr: stderr,
		columns: cli.Columns(stdout)}
	err := c.do(ctx, args)
	return cli.Status(program, strings.TrimSpace(program+" "+c.command), stderr, err)
}

// commandLine is what a person would type for the program's arguments.
func commandLine(args []string) string {
	words := []string{program}
	for _, a := range args {
		if a == "" || strings.ContainsFunc(a, unicode.IsSpace) {
			a = strconv.Quote(a)
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}

func (c *call) do(ctx context.Context, args []string) error {
	all := commands()
	cmd := all[0]
	if len(args) > 1 && args[0] == "help" {
		args = []string{args[1], "--help"}
	}
	switch {
	case cli.IsManual(args):
		c.command = args[0]
		return manual().Write(args, c.stdout)
	case len(args) == 1 && args[0] == "version":
		_, err := fmt.Fprint(c.stdout, cli.Version(program))
		return err
	case len(args) > 0 && (args[0] == "help" || args[0] == "--help" || args[0] == "-h"):
		_, err := fmt.Fprint(c.stdout, overview().Help())
		return err
	case len(args) > 0 && !strings.HasPrefix(args[0], "-"):
		i := slices.IndexFunc(all, func(k command) bool { return k.name == args[0] })
		if i < 0 {
			var names []string
			for _, w := range overview().Words {
				names = append(names, w[0])
			}
			return cli.Usagef("%q is no command%s", args[0], nearest.Did("", args[0], names))
		}
		cmd, args = all[i], args[1:]
	}
	c.command = cmd.name
	if done, err := cli.ParseWord(c.page(cmd), args, c.stdout); done || err != nil {
		return err
	}
	if cmd.args == "" && c.fs.NArg() > 0 {
		return cli.Usagef("%q is not a flag", c.fs.Arg(0))
	}
	format, err := report.ParseFormat(c.o.format)
	if err != nil {
		return cli.Usagef("-o: %w", err)
	}
	if err := c.check(); err != nil {
		return err
	}
	c.report = report.New(c.stdout, format)
	c.report.Fit(c.columns)
	err = errors.Join(cmd.run(ctx, c), c.report.Close())
	if c.report.Skipped() {
		c.warn("CSV has the first table alone: -o json has all")
	}
	return err
}
