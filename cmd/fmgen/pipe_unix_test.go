//go:build unix

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"falconmamba/cmd/internal/cli"
)

// A signal ends the program though nobody writes to the pipe that its prompt is to come from.
func TestPromptFromPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	ended := make(chan int, 1)
	var stdout, stderr bytes.Buffer
	go func() {
		ended <- run(ctx, []string{"-f", path, "-n", "1", "--backend", "cpu"}, strings.NewReader(""), &stdout, &stderr)
	}()
	select {
	case status := <-ended:
		if status != cli.Interrupted {
			t.Errorf("status %d, want %d: %s", status, cli.Interrupted, &stderr)
		}
	case <-time.After(time.Minute):
		t.Fatal("the program waits for the pipe after its context has ended")
	}
	path += "2" // the first is still waited for
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	written := make(chan error, 1)
	go func() { written <- os.WriteFile(path, []byte("a text"), 0o600) }()
	if got := fmgen(t, "", "-f", path, "-n", "0", "--echo", "--backend", "cpu"); got.status != cli.OK ||
		!strings.Contains(got.stdout, "a text") {
		t.Errorf("of a pipe with a writer: %+v", got)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}
