// Fmserve answers the clients of language models over HTTP with a FalconMamba model.
//
//	fmserve
//	fmserve -m tiiuae/falcon-mamba-7b-instruct --backend vulkan
//	fmserve -m falcon-mamba-7b-instruct --host 0.0.0.0 --api-key-file keys --cert server.pem --key server.key
//
// Without -m it serves a small model that is part of the program. It listens on 127.0.0.1:11435. Its APIs are
// those of OpenAI, Anthropic and Ollama, and what clients of llama.cpp's server ask for; docs/server.md has all of it.
//
// An interrupt or SIGTERM ends it: it takes no more requests, and those that are being answered have --drain to end. A
// second one ends it at once. The exit status is 0 after that; 1 when something could not be done, and 2 for a
// wrong command line. It logs to stderr, and prompts and texts only with --log-texts.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"falconmamba/cmd/internal/cli"

	_ "falconmamba/backend/all"
)

const program = "fmserve"

func main() {
	cli.SayLostFiles(program, "leave it alone, or read it whole with --no-mmap")
	ctx, stop := cli.Interruptible()
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run is the program: it returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) > 1 && args[0] == "help" && cli.IsManual(args[1:]) { // as many programs have it
		args = []string{args[1], "--help"}
	}
	if cli.IsManual(args) {
		return cli.Status(program, program+" "+args[0], stderr, manual().Write(args, stdout))
	}
	o, help, err := parse(args)
	switch {
	case help != "":
		fmt.Fprint(stdout, help)
	case err == nil && o.ListDevices:
		err = cli.ListDevices(program, stdout, stderr)
	case err == nil:
		err = o.serve(ctx, stderr)
	}
	return cli.Status(program, program, stderr, err)
}
