package main

import (
	"testing"

	"falconmamba/cmd/internal/cli/clitest"
)

func TestManual(t *testing.T) {
	program := func(args ...string) (int, string) {
		o := fmbench(t, "", args...)
		return o.status, o.stdout
	}
	clitest.Manual(t, manual, program)
	clitest.Completion(t, "fmbench", program, map[string]string{"fmbench comp": "compare, completion", "fmbench load --ra": "--rate",
		"fmbench --basel": "--baseline"})
}
