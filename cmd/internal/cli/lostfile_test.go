//go:build cgo && linux

package cli

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// A program whose mapped file is truncated says so in a line, and no dump.
func TestSayLostFiles(t *testing.T) {
	if name := os.Getenv("FM_TEST_LOST_FILE"); name != "" {
		SayLostFiles("some", "leave it alone")
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		data, err := syscall.Mmap(int(f.Fd()), 0, 1<<16, syscall.PROT_READ, syscall.MAP_SHARED)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Truncate(0); err != nil {
			t.Fatal(err)
		}
		sum := byte(0)
		for _, b := range data {
			sum += b
		}
		t.Fatalf("the sum of a truncated file is %d", sum)
	}
	name := filepath.Join(t.TempDir(), "model")
	if err := os.WriteFile(name, make([]byte, 1<<16), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestSayLostFiles$")
	cmd.Env = append(os.Environ(), "FM_TEST_LOST_FILE="+name)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	want := "some: " + lostFile + "leave it alone\n"
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 || stderr.String() != want {
		t.Errorf("%v, stderr %q", err, &stderr)
	}
}
