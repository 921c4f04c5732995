package main

import (
	"bytes"
	"context"
	"io"
	"testing"

	"falconmamba/cmd/internal/cli/clitest"
)

func TestManual(t *testing.T) {
	program := func(args ...string) (int, string) {
		var stdout bytes.Buffer
		status := run(context.Background(), args, &stdout, io.Discard)
		return status, stdout.String()
	}
	clitest.Manual(t, manual, program)
	clitest.Completion(t, "fmserve", program, map[string]string{"fmserve --chat-te": "--chat-template-file", "fmserve compl": "completion"})
}
