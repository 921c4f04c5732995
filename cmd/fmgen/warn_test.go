package main

import (
	"io"
	"os"
	"testing"

	"falconmamba/backend"
	"falconmamba/cmd/internal/cli"
)

// TestMain has the warnings of devices behind it, which come once: a build
// without cgo has one, and stderr is to be empty where all goes well. For tests of memory it is the program.
func TestMain(m *testing.M) {
	if os.Getenv(measuredEnv) != "" {
		os.Exit(measured())
	}
	infos, _ := backend.Devices()
	for _, i := range infos {
		cli.Warn(program, io.Discard, i)
	}
	os.Exit(m.Run())
}
